"""Orders within that of a neighbour: they leave, and leave again, while the neighbour has one."""

import pytest
from django.urls import reverse
from django.utils.translation import override

from eligibility.models import Cell, Sensor
from requests_app.arbitration import services as arbitration
from requests_app.intake import services as intake
from requests_app.intake.services import deliveries
from requests_app.models import Acquisition, ImageryRequest
from requests_app.supply import services as supply
from requests_app.supply.services import disputes
from tests.requests_app import world
from tests.requests_app.books import last_record, refused
from tests.requests_app.near import box, joining

pytestmark = pytest.mark.django_db

BESIDE = box(1.45, 43.5, 1.53, 43.58)


def joined(programme, neighbour, **wanted) -> ImageryRequest:
    request = joining(programme, **wanted)
    return arbitration.approve(
        request_id=request.pk, user=programme.arbitrator, ordered_with=neighbour.number
    )


def order(programme, request) -> ImageryRequest:
    return supply.order(request_id=request.pk, user=programme.supply_officer)


def disputed(programme, neighbour, **wanted) -> ImageryRequest:
    request = order(programme, joined(programme, neighbour, **wanted))
    supply.register_delivery(
        request_id=request.pk,
        user=programme.supply_officer,
        products=[world.product(world.square())],
        complete=True,
    )
    return deliveries.dispute(request_id=request.pk, user=programme.requester, reason="Clouds.")


def retask(programme, request) -> ImageryRequest:
    disputes.retask(
        request_id=request.pk, user=programme.arbitrator, window_ends_on=None, reason="Clouds."
    )
    return ImageryRequest.objects.get(pk=request.pk)


def refused_in_words(caught) -> str:
    (refusal,) = caught.value.refusals
    return refusal.message


def test_order_leaves_with_a_neighbour_that_is_approved(programme):
    request = joined(programme, world.approved(programme, aoi=BESIDE))

    assert order(programme, request).state == "ordered"


def test_order_leaves_with_a_neighbour_that_is_with_the_operator(programme):
    neighbour = world.approved(programme, aoi=BESIDE)
    request = joined(programme, neighbour)
    order(programme, neighbour)

    assert order(programme, request).state == "ordered"


def test_order_does_not_leave_with_a_neighbour_that_is_not_decided(programme):
    neighbour = world.submitted(programme, aoi=BESIDE)
    request = joined(programme, neighbour)

    with override("en"), refused("neighbour_ended") as caught:
        order(programme, request)

    assert refused_in_words(caught) == (
        f"It is to be ordered together with {neighbour.number}, which is now in state “submitted”"
        " and has no order open: wait until that one is approved, or have this decision rescinded."
    )


def test_order_does_not_leave_with_a_neighbour_that_has_ended(programme):
    neighbour = world.approved(programme, aoi=BESIDE)
    request = joined(programme, neighbour)
    intake.cancel(request_id=neighbour.pk, user=programme.requester)

    with refused("neighbour_ended"):
        order(programme, request)


def test_order_does_not_leave_with_a_neighbour_that_joins_another(programme):
    other = world.approved(programme, aoi=BESIDE)
    neighbour = joined(programme, other)
    request = joined(programme, other, west=1.36)
    ImageryRequest.objects.filter(pk=request.pk).update(ordered_with=neighbour.number)

    with refused("neighbour_ended"):
        order(programme, request)


def moved_away(neighbour):
    ImageryRequest.objects.filter(pk=neighbour.pk).update(aoi=box(5.45, 43.5, 5.53, 43.58))


def for_another_sensor(neighbour):
    other = Sensor.objects.exclude(pk=neighbour.sensor_id).first()
    ImageryRequest.objects.filter(pk=neighbour.pk).update(sensor=other)


def of_another_cell(neighbour):
    other = Cell.objects.exclude(pk=neighbour.cell_id).first()
    ImageryRequest.objects.filter(pk=neighbour.pk).update(cell=other)


@pytest.mark.parametrize("become", [moved_away, for_another_sensor, of_another_cell])
def test_order_does_not_leave_with_a_neighbour_that_has_changed_since(programme, become):
    neighbour = world.approved(programme, aoi=BESIDE)
    request = joined(programme, neighbour)
    become(neighbour)

    with override("en"), refused("neighbour_changed") as caught:
        order(programme, request)

    assert refused_in_words(caught) == (
        f"It is to be ordered together with {neighbour.number}, which is now for other images,"
        " elsewhere or of another cell: have this decision rescinded."
    )


def test_order_that_cannot_leave_yet_is_not_offered_and_the_cell_is_told(programme, client):
    neighbour = world.in_arbitration(programme, aoi=BESIDE)
    request = joined(programme, neighbour)
    to_order = reverse("requests:move", args=[request.number, "order"])
    told = {}

    for person in (programme.supply_officer, programme.requester):
        client.force_login(person)
        page = client.get(request.get_absolute_url(), headers={"accept-language": "en"}).text
        told[person] = "It is to be ordered together with" in page
        assert to_order not in page

    assert told == {programme.supply_officer: True, programme.requester: False}
    arbitration.approve(request_id=neighbour.pk, user=programme.arbitrator)
    client.force_login(programme.supply_officer)
    assert to_order in client.get(request.get_absolute_url()).text


def test_page_says_who_is_ordered_with_it_where_it_can_join_nobody(programme, client):
    world.submitted(programme, aoi=BESIDE)
    second = joining(programme, west=1.36)
    first = joined(programme, second)
    client.force_login(programme.arbitrator)

    page = client.get(second.get_absolute_url(), headers={"accept-language": "en"}).text

    assert "is to be ordered together with this request" in page
    assert first.get_absolute_url() in page


def test_retask_joins_the_neighbour_that_is_with_the_operator(programme):
    neighbour = world.approved(programme, aoi=BESIDE)
    request = disputed(programme, neighbour)
    order(programme, neighbour)

    again = retask(programme, request)

    assert (again.state, again.ordered_with) == ("ordered", neighbour.number)
    assert again.operator_area_km2 == again.area_km2


def test_retask_without_the_neighbour_leaves_enlarged_where_somebody_agreed(programme):
    neighbour = world.approved(programme, aoi=BESIDE)
    request = disputed(programme, neighbour, agrees_to_enlargement=True)
    intake.cancel(request_id=neighbour.pk, user=programme.requester)

    again = retask(programme, request)

    assert (again.state, again.ordered_with, again.order_is_enlarged) == ("ordered", "", True)
    assert Acquisition.objects.latest("pk").area_km2 == again.operator_area_km2 > again.area_km2
    assert last_record(again).changes == {
        "left_neighbour": neighbour.number,
        "operator_area_km2": str(again.operator_area_km2),
    }


def test_retask_without_the_neighbour_is_refused_where_nobody_agreed(programme):
    neighbour = world.approved(programme, aoi=BESIDE)
    request = disputed(programme, neighbour)
    intake.cancel(request_id=neighbour.pk, user=programme.requester)

    with override("en"), refused("neighbour_ended") as caught:
        retask(programme, request)

    assert refused_in_words(caught) == (
        f"It is ordered together with {neighbour.number}, which is now in state “cancelled” and has"
        " no order open: refund these images or uphold the delivery."
    )

"""An offer of other images: the kind, the mode, the sensor or the window, beside the area."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from eligibility.models import Sensor
from licences.models import Licence
from quotas.models import Envelope, QuotaPolicy
from requests_app.arbitration import services as arbitration
from requests_app.conversion import Conversion
from requests_app.intake.services import offers
from requests_app.models import Acquisition, ImageryRequest, Offer
from requests_app.review import services as review
from requests_app.states import State
from requests_app.supply import services as supply
from tests.requests_app import world
from tests.requests_app.arbitration.conversions import ARCHIVE, accept, convert
from tests.requests_app.books import (
    ASKED_KM2,
    balances,
    consumed,
    demand,
    held,
    last_record,
    postings,
    refused,
)

pytestmark = pytest.mark.django_db

MONO = Conversion(acquisition_mode="mono", processing_level="ortho")
STEREO = {
    "acquisition_mode": "stereo", "processing_level": "primary",
    "base_to_height_minimum": Decimal("0.25"),
}  # fmt: skip


@pytest.fixture
def stereo_counts_twice(programme):
    return QuotaPolicy.objects.create(
        sensor=programme.sensor,
        measure="quota_multiplier",
        acquisition_mode="stereo",
        amount=2,
        valid_from=timezone.localdate(),
        source="test",
    )


def revision_of(request):
    return request.revisions.latest("pk").content.content


def parameters():
    """Of the only licence, in English."""
    return {row["label_en"]: row["value_en"] for row in Licence.objects.get().record["parameters"]}


# -- tasking to archive ----------------------------------------------------------------------------


def test_tasking_offered_as_archive_holds_the_same_and_asks_for_no_window(programme):
    request = world.in_arbitration(programme, **world.tasking(), on_shortfall="ask")

    offered = convert(programme, request, ARCHIVE)

    offer = Offer.objects.get()
    assert (offered.state, offered.request_kind) == (State.OFFERED, "tasking")
    assert (offer.request_kind, offer.window_starts_on, offer.window_ends_on) == (
        "archive", None, None,
    )  # fmt: skip
    assert balances(request.number) == held(entity=ASKED_KM2, programme=ASKED_KM2)
    assert last_record(request).changes["choices"] == {
        "request_kind": ["tasking", "archive"],
        "window_starts_on": [request.window_starts_on.isoformat(), None],
        "window_ends_on": [request.window_ends_on.isoformat(), None],
        "on_shortfall": ["ask", "release"],
    }


def test_accepted_archive_is_what_revision_licence_and_order_say(programme):
    request = world.in_arbitration(programme, **world.tasking())
    convert(programme, request, ARCHIVE)

    accept(programme, request)
    ordered = supply.order(request_id=request.pk, user=programme.supply_officer)

    stored = ImageryRequest.objects.get(pk=request.pk)
    acquisition = Acquisition.objects.get()
    assert (stored.request_kind, stored.acquisition_ends_on) == ("archive", None)
    assert revision_of(request)["request_kind"] == ["tasking", "archive"]
    assert Licence.objects.get().record["request_kind"] == "archive"
    assert "Acquisition window" not in parameters()
    assert acquisition.request_kind == "archive"
    assert ordered.due_on != request.window_ends_on
    assert balances(request.number) == consumed(entity=ASKED_KM2, programme=ASKED_KM2)


def test_order_area_follows_the_minimum_of_the_kind_offered(programme):
    """22.45 km² are less than the 25 km² of an archive order, and than the 100 of a tasking."""
    request = world.in_arbitration(programme, **world.tasking(), aoi=world.square(size_deg=0.05))
    before = request.operator_area_km2

    offered = convert(programme, request, ARCHIVE)

    assert before >= 100
    assert 25 <= offered.operator_area_km2 < Decimal("25.5")


def test_archive_offered_as_tasking_needs_a_window(programme):
    request = world.in_arbitration(programme)

    with refused("window_missing"):
        convert(programme, request, Conversion(request_kind="tasking"))


def test_archive_offered_as_tasking_with_its_window(programme):
    request = world.in_arbitration(programme)
    window = {"window_starts_on": world.in_days(10), "window_ends_on": world.in_days(60)}
    convert(programme, request, Conversion(request_kind="tasking", **window))

    accepted = accept(programme, request)

    assert (accepted.request_kind, accepted.acquisition_ends_on) == ("tasking", world.in_days(60))


def test_window_alone_may_be_offered(programme):
    request = world.in_arbitration(programme, **world.tasking())

    convert(programme, request, Conversion(window_ends_on=world.in_days(200)))
    accepted = accept(programme, request)

    assert (accepted.window_starts_on, accepted.window_ends_on) == (
        request.window_starts_on, world.in_days(200),
    )  # fmt: skip


# -- stereo to mono --------------------------------------------------------------------------------


def test_stereo_offered_as_mono_counts_once(programme, stereo_counts_twice):
    request = world.in_arbitration(
        programme, **STEREO, aoi=world.square(size_deg=0.05), agrees_to_enlargement=True
    )
    whole = balances(request.number)

    convert(programme, request, MONO)
    accepted = accept(programme, request)

    single = Decimal("22.454826")
    assert whole == held(entity=2 * single)
    assert balances(request.number) == held(entity=single, programme=single)
    assert postings(request.number, "accept_offer") == [("adjust", "entity km2", -single)]
    assert (accepted.acquisition_mode, accepted.processing_level) == ("mono", "ortho")
    assert accepted.base_to_height_minimum is None
    assert revision_of(request) == {
        "acquisition_mode": ["stereo", "mono"],
        "base_to_height_minimum": ["0.25", None],
        "processing_level": ["primary", "ortho"],
    }
    assert parameters()["Acquisition mode"] == "Mono"


def test_stereo_that_is_orthorectified_is_refused(programme):
    request = world.in_arbitration(programme, **STEREO)

    with refused("stereo_not_ortho"):
        convert(programme, request, Conversion(processing_level="ortho"))


# -- another sensor --------------------------------------------------------------------------------


def spot():
    return Conversion(sensor_id=Sensor.objects.get(code="spot67").pk)


def test_sensor_of_the_same_cell_moves_the_holds_to_its_envelopes(institution):
    request = world.in_arbitration(institution)

    convert(institution, request, spot())
    between = balances_by_sensor(request)
    accept(institution, request)

    assert between == {
        ("entity", "pleiades"): ASKED_KM2,
        ("entity", "spot67"): ASKED_KM2,
        ("programme", "spot67"): ASKED_KM2,
    }
    assert balances_by_sensor(request) == {
        ("entity", "spot67"): ASKED_KM2,
        ("programme", "spot67"): ASKED_KM2,
    }


def balances_by_sensor(request):
    found = Envelope.objects.filter(entries__request_number=request.number).distinct()
    rows = {}
    for envelope in found:
        amount = sum(
            entry.d_held for entry in envelope.entries.filter(request_number=request.number)
        )
        if amount:
            rows[envelope.scope, envelope.sensor.code] = amount
    return rows


def test_accepted_sensor_is_what_request_licence_and_order_say(institution):
    request = world.in_arbitration(institution)
    convert(institution, request, spot())
    accept(institution, request)

    supply.order(request_id=request.pk, user=institution.supply_officer)

    stored = ImageryRequest.objects.select_related("sensor").get(pk=request.pk)
    assert stored.sensor.code == "spot67"
    assert revision_of(request)["sensor"] == ["Pléiades", stored.sensor.name]
    assert Licence.objects.get().record["sensor_code"] == "spot67"
    assert Acquisition.objects.get().sensor == stored.sensor


def test_declined_sensor_gives_everything_back(institution):
    request = world.in_arbitration(institution)
    convert(institution, request, spot())

    offers.decline_offer(request_id=request.pk, user=institution.requester)

    assert balances(request.number) == {}


def test_withdrawn_sensor_leaves_the_file_as_it_was_asked(institution):
    request = world.in_arbitration(institution)
    before = balances_by_sensor(request), demand(request.number)
    convert(institution, request, spot())

    arbitration.withdraw_offer(request_id=request.pk, user=institution.chair, reason="An error.")

    stored = ImageryRequest.objects.get(pk=request.pk)
    assert (balances_by_sensor(request), demand(request.number)) == before
    assert (stored.sensor_id, stored.operator_area_km2) == (
        request.sensor_id, request.operator_area_km2,
    )  # fmt: skip


def test_sensor_of_another_cell_is_refused(programme):
    request = world.in_arbitration(programme)

    with refused("sensor_of_another_cell"):
        convert(programme, request, spot())


def test_sensor_whose_review_of_nationality_is_open_is_refused(programme):
    """That of SPOT 6/7 asks for none, that of Pléiades does."""
    spot_users = world.programme(sensor="spot67", category="institutional", cell="institutional")
    request = world.in_review(spot_users, agrees_to_enlargement=True)
    review.recommend(
        request_id=request.pk,
        user=spot_users.reviewer,
        opinion="Useful.",
        nationality_reviewed=False,
    )

    with refused("nationality_review_open"):
        convert(spot_users, request, Conversion(sensor_id=programme.sensor.pk))


# -- refusals and constraints ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "conversion", [Conversion(), Conversion(request_kind="archive", acquisition_mode="mono")]
)
def test_conversion_to_what_was_asked_is_refused(programme, conversion):
    request = world.in_arbitration(programme)

    with refused("offer_changes_nothing"):
        convert(programme, request, conversion)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("offer_tasking_has_a_window", {"request_kind": "tasking"}),
        ("offer_tasking_has_a_window", {"request_kind": "open"}),
        (
            "offer_stereo_not_ortho",
            {"acquisition_mode": "stereo", "processing_level": "ortho"},
        ),
        ("offer_choices_known", {"acquisition_mode": "quad"}),
        (
            "offer_window_ordered",
            {"window_starts_on": "2026-02-01", "window_ends_on": "2026-01-01"},
        ),
    ],
)
def test_database_keeps_no_offer_that_cannot_be_ordered(programme, name, wrong):
    world.offered(programme)

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Offer.objects.update(**wrong)

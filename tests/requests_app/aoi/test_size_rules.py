from decimal import Decimal

from django.utils.translation import override

from requests_app.aoi.size_rules import SizeLimits, size_refusals

LIMITS = SizeLimits(
    minimum_area_km2=Decimal("100.000000"), minimum_width_km=Decimal(20), maximum_vertices=999
)


def refusals_of(*, limits: SizeLimits = LIMITS, **changes: object):
    given = {"area_km2": Decimal(60), "width_km": Decimal(5), "vertices": 1_200} | changes
    with override("en"):
        return size_refusals(limits=limits, **given)


def test_every_rule_that_is_broken_is_told_with_its_numbers():
    found = refusals_of()

    assert [refusal.code for refusal in found] == [
        "below_minimum_order",
        "below_minimum_width",
        "too_many_vertices",
    ]
    assert found[0].message == (
        "The area is 60.00 km²; the operator takes 100 km² at least, 40.00 km² more."
    )


def test_limits_themselves_are_kept():
    found = refusals_of(area_km2=Decimal(100), width_km=Decimal(20), vertices=999)

    assert found == []


def test_what_the_requester_agrees_to_is_no_refusal():
    enlarged = refusals_of(agrees_to_enlarge=True)
    both = refusals_of(agrees_to_enlarge=True, agrees_to_simplify=True)

    assert [refusal.code for refusal in enlarged] == ["too_many_vertices"]
    assert both == []


def test_sensor_without_limits_refuses_nothing():
    assert refusals_of(limits=SizeLimits()) == []

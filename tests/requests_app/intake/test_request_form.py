"""What the form says of what was typed, before any service is called."""

import pytest

from requests_app.intake.forms.answers import AcceptOfferForm, RequestForm
from tests.requests_app import world

pytestmark = pytest.mark.django_db


def errors(programme, **typed):
    data = world.ANSWERS | {"sensor": programme.sensor.pk} | typed
    form = RequestForm(data, area=world.area_of(programme.requester))
    return {
        field: [error.code for error in found] for field, found in form.errors.as_data().items()
    }


def test_whole_form_is_accepted(programme):
    assert errors(programme) == {}


def test_window_reversed_is_an_error_of_the_form(programme):
    """The database refuses it too: it must not come to that."""
    reversed_window = {
        "window_starts_on": world.in_days(30),
        "window_ends_on": world.in_days(20),
    }

    assert errors(programme, **reversed_window) == {"window_ends_on": ["window_reversed"]}


def test_area_is_asked_for(programme):
    form = RequestForm(world.ANSWERS | {"sensor": programme.sensor.pk})

    assert [error.code for error in form.errors.as_data()["area_file"]] == ["area_missing"]


def test_purchase_reference_is_of_one_line():
    form = AcceptOfferForm({"purchase_reference": "PO 7\nand more"})

    assert [error.code for error in form.errors.as_data()["purchase_reference"]] == ["not_one_line"]


def test_volume_that_has_ended_stays_ticked_on_a_request_that_draws_on_it(programme):
    area = world.area_of(programme.requester)
    mine = {"entity_ids": [programme.entity.pk], "area": area}

    fresh = RequestForm(**mine)
    drawing = RequestForm(
        world.ANSWERS | {"sensor": programme.sensor.pk, "uses_prefunded": "on"},
        initial={"uses_prefunded": True},
        **mine,
    )

    assert "uses_prefunded" not in fresh.fields
    assert drawing.is_valid()
    assert drawing.answers["uses_prefunded"] is True

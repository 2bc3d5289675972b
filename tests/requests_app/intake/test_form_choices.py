"""All the choices of the form: each is kept, shown and refused at its field."""

import pytest

from tests.requests_app import world
from tests.requests_app.area_posts import errors
from tests.requests_app.form_posts import drafted, expert_answers, post, preset

pytestmark = pytest.mark.django_db


def every_choice(programme):
    return expert_answers(
        programme,
        **{name: str(value) for name, value in world.tasking_window().items()},
        agrees_to_enlargement="on",
        acquisition_mode="tri_stereo",
        base_to_height_minimum="0.2",
        base_to_height_maximum="0.4",
        acquisition_dates="3",
        interval_days="20",
        radiometry="display",
        bit_depth="8",
        file_format="jpeg2000",
        project="Coasts 2030",
        partners="LEGOS\nIRD",
        contractors="Geomatics SARL; 2027-05-31; C-12",
    )


KEPT = {
    "acquisition_mode": "tri_stereo",
    "base_to_height_minimum": "0.20",
    "base_to_height_maximum": "0.40",
    "acquisition_dates": "3",
    "interval_days": "20",
    "processing_level": "primary",
    "radiometry": "display",
    "bit_depth": "8",
    "file_format": "jpeg2000",
    "project": "Coasts 2030",
    "partners": "LEGOS\nIRD",
    "contractors": "Geomatics SARL; 2027-05-31; C-12",
}


def test_every_choice_is_kept(requester, programme):
    post(requester, every_choice(programme))

    draft = drafted()
    assert {name: str(getattr(draft, name)) for name in KEPT} == KEPT


@pytest.mark.parametrize(
    "words",
    [
        "Coasts 2030", "IRD", "Geomatics SARL; 2027-05-31; C-12", "3 dates, 20 days apart at least",
        "Display, for looking, 8 bits, JPEG 2000", "≥ 0.20",
    ],
)  # fmt: skip
def test_every_choice_is_shown(requester, programme, words):
    response = post(requester, every_choice(programme))

    page = requester.get(response.url, headers={"accept-language": "en"}).text

    assert words in page


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"request_kind": "tasking", "acquisition_dates": "3"}, {"interval_days": ["interval_missing"]}),
        (
            {"acquisition_mode": "stereo", "base_to_height_minimum": "1", "base_to_height_maximum": ".5"},
            {"base_to_height_maximum": ["ratio_reversed"]},
        ),
        ({"contractors": "Geomatics SARL"}, {"contractors": ["contractor_not_understood"]}),
        ({"pasted_scenes": "nothing"}, {"pasted_scenes": ["scene_not_understood"]}),
        ({"archive_scenes": ["nothing"]}, {"archive_scenes": ["scene_not_understood"]}),
        ({"co_requesters": "nobody"}, {"co_requesters": ["invalid"]}),
        ({"window_ends_on": "3000-01-01"}, {"window_ends_on": ["max_value"]}),
    ],
)  # fmt: skip
def test_choice_that_cannot_be_meant_is_refused_at_its_field(requester, programme, typed, wrong):
    assert errors(post(requester, expert_answers(programme, **typed))) == wrong


@pytest.mark.parametrize(
    "idle",
    [
        {"acquisition_dates": "x", "interval_days": "-1", "on_shortfall": ""},
        {"base_to_height_minimum": "9", "base_to_height_maximum": "x"},
        {"radiometry": "reflectance", "bit_depth": "99"},
        {"request_kind": "tasking", "archive_scenes": ["nothing"], "pasted_scenes": "nothing"},
    ],
)
def test_idle_answers_are_neither_required_nor_looked_at(requester, programme, idle):
    assert post(requester, expert_answers(programme, **idle)).status_code == 302


def test_nothing_is_asked_of_an_order_of_open_data(requester, programme):
    order = dict.fromkeys(
        ("acquisition_mode", "spectral_mode", "processing_level", "maximum_incidence_deg",
         "on_shortfall", "request_kind"),
    )  # fmt: skip
    typed = expert_answers(programme, **order) | {
        "sensor": preset("often-and-wide").sensor_id,
        "request_kind": "archive",
    }

    assert post(requester, typed).status_code == 302
    assert drafted().request_kind == "open"

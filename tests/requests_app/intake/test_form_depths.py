"""One form in two depths: few questions, or all that can be chosen."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from requests_app.intake.forms.new_request import QUESTIONS, NewRequestForm
from requests_app.models import ImageryRequest
from tests.eligibility.factories import AffiliationFactory, EntityFactory
from tests.requests_app import world
from tests.requests_app.archive import HERE
from tests.requests_app.area_posts import errors
from tests.requests_app.form_posts import (
    NEW,
    drafted,
    expert_answers,
    keep,
    opened,
    post,
    preset,
    simple_answers,
)

pytestmark = pytest.mark.django_db


# --- A few questions ------------------------------------------------------------------------------


def test_form_opens_with_a_few_questions(requester):
    form = requester.get(reverse(NEW)).context["form"]

    assert form.is_simple
    assert requester.get(reverse(NEW), {"depth": "expert"}).context["form"].is_simple is False


def test_simple_form_asks_eight_answers_at_most(requester, programme):
    """The area is one; on whose behalf is asked of who has a choice."""
    assert len(QUESTIONS) + 1 == 8
    page = requester.get(reverse(NEW)).text
    form = page[page.index('id="request-form"') : page.index("</form>", page.index("request-form"))]
    controls = re.findall(r'<(?:input|select|textarea)[^>]*type="hidden"[^>]*>', form)
    for hidden in controls:
        form = form.replace(hidden, "")
    asked = set(re.findall(r'<(?:input|select|textarea)[^>]*name="(\w+)"', form))
    of_area = {name for name in asked if name.startswith(("area_", "place_", "layer"))}

    assert asked - of_area == set(QUESTIONS) - {"on_behalf"}


def test_who_may_ask_for_several_chooses_one(requester, programme):
    one = requester.get(reverse(NEW)).context["form"]
    AffiliationFactory(user=programme.requester, entity=EntityFactory())

    several = requester.get(reverse(NEW))

    assert (one.asks_on_whose_behalf, several.context["form"].asks_on_whose_behalf) == (False, True)
    assert several.text.count('type="radio" name="on_behalf"') == 2


def test_few_answers_make_a_whole_draft(requester, programme):
    post(requester, simple_answers(programme))

    draft, chosen = drafted(), preset("small-objects")
    assert draft.title == f"area, {chosen.name_en}"
    assert (draft.sensor, draft.request_kind) == (chosen.sensor, "archive")
    assert (draft.acquisition_mode, draft.spectral_mode) == ("mono", "pansharpened")
    assert (draft.processing_level, draft.maximum_incidence_deg) == ("ortho", 30)
    assert (draft.maximum_cloud_percent, draft.purpose) == (10, "Retreat of the coastline.")


def test_days_to_come_ask_for_a_new_acquisition_from_today(requester, programme):
    ends_on = world.in_days(90)

    post(requester, simple_answers(programme, window_ends_on=ends_on.isoformat()))

    draft = drafted()
    assert (draft.request_kind, draft.window_starts_on, draft.window_ends_on) == (
        "tasking", timezone.localdate(), ends_on,
    )  # fmt: skip


def test_preset_decides_how_it_is_seen(requester, programme):
    post(requester, simple_answers(programme, preset="relief"))

    draft = drafted()
    assert (draft.acquisition_mode, draft.spectral_mode, draft.processing_level) == (
        "stereo", "panchromatic", "primary",
    )  # fmt: skip


def test_rest_is_said_in_one_sentence_that_follows_the_preset(requester, programme):
    typed = simple_answers(programme, preset="relief")

    told = post(requester, typed, reverse("requests:choices")).text

    assert (
        "Pléiades, archive image, stereo; panchromatic, sensor geometry; seen at 30° at most."
        in told
    )


def test_area_below_the_operators_minimum_asks_for_agreement(requester, programme):
    typed = simple_answers(programme, window_ends_on=world.in_days(90).isoformat())

    told = post(requester, typed, reverse("requests:choices")).text
    archive = post(requester, typed | {"window_ends_on": ""}, reverse("requests:choices")).text

    assert 'name="agrees_to_enlargement"' in told
    assert 'name="agrees_to_enlargement"' not in archive


def test_missing_answers_are_asked_for_and_nothing_typed_is_lost(requester, programme):
    response = post(requester, simple_answers(programme, purpose="", maximum_cloud_percent="35"))

    form = response.context["form"]
    assert errors(response) == {"purpose": ["required"]}
    assert (form.is_simple, form["maximum_cloud_percent"].value()) == (True, "35")
    assert response.context["area"].file_name == "area.geojson"


def test_advice_for_the_climate_stands_beside_the_clouds(requester, programme):
    told = post(requester, simple_answers(programme), reverse("requests:choices"))

    assert told.context["beside"].advice.code == "dry"
    assert "less than 10 % is seldom had" in told.text


# --- From one depth to the other ------------------------------------------------------------------


def switched(client, typed, depth):
    return post(client, typed | {"to_depth": depth}).context["form"]


def test_simple_answers_are_found_again_among_all_the_choices(requester, programme):
    typed = simple_answers(programme, preset="relief", window_ends_on="2031-05-01")

    form = switched(requester, typed, "expert")

    assert not form.is_simple
    assert {name: form[name].value() for name in ("purpose", "window_ends_on")} == {
        "purpose": "Retreat of the coastline.",
        "window_ends_on": "2031-05-01",
    }
    assert (form["request_kind"].value(), form["acquisition_mode"].value()) == ("tasking", "stereo")
    assert form.errors == {}
    assert ImageryRequest.objects.count() == 0


CHOSEN = {
    "maximum_incidence_deg": "17", "radiometry": "display", "bit_depth": "8",
    "partners": "LEGOS", "title": "Coast", "archive_scenes": [HERE], "on_shortfall": "ask",
}  # fmt: skip


def test_choices_of_ones_own_are_no_preset(requester, programme):
    simple = switched(requester, expert_answers(programme, **CHOSEN), "simple")

    assert simple["preset"].value() == "own"


def test_all_the_choices_come_along_unseen(requester, programme):
    simple = switched(requester, expert_answers(programme, **CHOSEN), "simple")
    sent = simple_answers(programme, preset=simple["preset"].value())
    sent |= {name: [text] if name == "archive_scenes" else text for name, text in simple.carried}

    back = switched(requester, sent, "expert")

    assert {name: back[name].value() for name in CHOSEN} == CHOSEN


def test_choices_that_a_preset_makes_are_known_again(requester, programme):
    typed = simple_answers(programme, preset="analysis")
    expert = switched(requester, typed, "expert")
    sent = expert_answers(
        programme,
        **{name: expert[name].value() for name in expert.fields if expert[name].value()},
    )

    simple = switched(requester, sent | {"depth": "expert"}, "simple")

    assert simple["preset"].value() == "analysis"
    assert dict(simple.carried)["title"] == ""


def test_own_choices_are_taken_from_the_simple_form(requester, programme):
    typed = expert_answers(programme, maximum_incidence_deg="17", partners="LEGOS")
    simple = switched(requester, typed, "simple")
    carried = dict(simple.carried)

    response = post(requester, carried | simple_answers(programme, preset="own"))

    assert response.status_code == 302
    assert (drafted().maximum_incidence_deg, drafted().partners) == (17, "LEGOS")


def test_what_else_was_chosen_is_named(requester, programme):
    simple = switched(requester, expert_answers(programme, partners="LEGOS"), "simple")

    with override("en"):
        assert simple.also_chosen == ["Partners who will use the images"]


def test_what_is_wrong_among_all_the_choices_is_shown_there(requester, programme):
    wrong = {"depth": "simple", "preset": "own", "maximum_incidence_deg": "-3"}

    response = post(requester, expert_answers(programme, **wrong))

    assert errors(response) == {"maximum_incidence_deg": ["min_value"]}
    assert response.context["form"].is_simple is False


def test_refused_area_is_told_when_the_depth_changes(requester, programme):
    typed = simple_answers(programme, area_id=None, area_way="tile", area_tile="31TXX")

    response = post(requester, typed | {"to_depth": "expert"})

    assert 'data-code="tile_unknown"' in response.text
    assert response.context["form"]["area_tile"].value() == "31TXX"


# --- The page -------------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", ["simple", "expert"])
def test_page_asks_the_database_as_often_whatever_was_begun(requester, depth):
    counts = []
    for title in ("Coast", "Dunes"):
        keep(requester, title=title)
        keep(requester, title=f"{title} again")
        with CaptureQueriesContext(connection) as asked:
            requester.get(reverse(NEW), {"depth": depth})
        counts.append(len(asked))

    assert counts[0] == counts[1]


def test_opened_forms_are_apart(requester):
    assert opened(requester).key != opened(requester).key


def test_programs_have_all_the_choices(programme):
    form = NewRequestForm({"title": "Coast"}, user=programme.requester)

    assert not form.is_simple

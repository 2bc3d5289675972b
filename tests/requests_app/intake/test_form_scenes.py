"""Scenes of the archive are offered on the form, chosen and refused."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalogue.models import ArchiveScene
from catalogue.selectors import SCENES_SHOWN
from catalogue.services import keep_scenes
from tests.catalogue.oneatlas import answer
from tests.requests_app.archive import HERE, over_the_area
from tests.requests_app.area_posts import errors
from tests.requests_app.form_posts import drafted, expert_answers, post

pytestmark = pytest.mark.django_db


# --- Scenes of the archive ------------------------------------------------------------------------


def test_recorded_scenes_over_the_area_are_offered(requester, programme):
    cloudy = HERE.replace("0720", "0721")
    oblique = HERE.replace("0720", "0722")
    keep_scenes(
        data=answer(
            over_the_area(),
            over_the_area(cloudy, cloudCover=60),
            over_the_area(oblique, incidenceAngle=-31),
        )
    )

    told = post(requester, expert_answers(programme), reverse("requests:choices"))

    (offered,) = told.context["beside"].scenes
    assert (offered.name, offered.is_chosen, offered.covered_percent) == (HERE, False, 100)


def test_scene_within_the_limits_is_offered_however_many_are_not(requester, programme):
    oblique = [HERE.replace("0720", f"{number:04}") for number in range(1000, 1000 + SCENES_SHOWN)]
    keep_scenes(data=answer(*(over_the_area(name, incidenceAngle=31) for name in oblique)))
    keep_scenes(data=answer(over_the_area()))

    told = post(requester, expert_answers(programme), reverse("requests:choices"))

    assert [each.name for each in told.context["beside"].scenes] == [HERE]


def test_scene_that_was_chosen_stays_whatever_the_limits(requester, programme):
    keep_scenes(data=answer(over_the_area(cloudCover=60)))
    typed = expert_answers(programme, archive_scenes=[HERE])

    told = post(requester, typed, reverse("requests:choices"))

    (kept,) = told.context["beside"].scenes
    assert (kept.name, kept.is_chosen, kept.scene) == (HERE, True, None)


def test_ticked_and_pasted_scenes_are_asked_for_once_each(requester, programme):
    other = HERE.replace("0720", "0721")
    pasted = f"{HERE.lower()}, {other}"

    post(requester, expert_answers(programme, archive_scenes=[HERE], pasted_scenes=pasted))

    assert drafted().archive_scenes == [HERE, other]


def test_every_scene_that_cannot_be_meant_has_its_own_refusal(requester, programme):
    elsewhere = HERE.replace("E001N43", "E101N43")
    keep_scenes(data=answer(over_the_area(west=1.6)))
    pasted = f"{HERE} {elsewhere} no-scene"

    response = post(requester, expert_answers(programme, pasted_scenes=pasted))

    assert errors(response) == {
        "pasted_scenes": ["scene_not_understood", "scene_far_from_area", "scene_beside_area"]
    }
    assert response.context["form"]["pasted_scenes"].value() == pasted
    assert ArchiveScene.objects.count() == 1


# --- The page -------------------------------------------------------------------------------------


def test_list_of_scenes_asks_the_database_as_often_for_one_as_for_three(requester, programme):
    typed, counts = expert_answers(programme), []
    for number in range(3):
        keep_scenes(data=answer(over_the_area(HERE.replace("0720", f"07{number}0"))))
        with CaptureQueriesContext(connection) as asked:
            told = post(requester, typed, reverse("requests:choices"))
        counts.append(len(asked))

    assert len(told.context["beside"].scenes) == 3
    assert len(set(counts)) == 1

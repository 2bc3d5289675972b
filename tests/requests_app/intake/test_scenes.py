import datetime as dt

import pytest

from orbitrage.shared.errors import Refusal
from requests_app.intake.rules.scenes import SceneChecks, pasted_scenes, scene_refusals

pytestmark = pytest.mark.usefixtures("in_english")

SAN_FRANCISCO = "DS_PHR1B_201704181857160_FR1_PX_W123N37_0720_04750"
SECOND = "DS_PHR1A_202004011856264_FR1_PX_W123N37_0815_00596"
SPOT = "DS_SPOT6_201408161838475_FR1_FR1_FR1_FR1_W122N38_03414"
AROUND_IT = (-122.6, 37.5, -122.2, 37.9)


def checks(**changes):
    facts = {
        "mission_codes": ["PHR1A", "PHR1B"],
        "sensor_name": "Pléiades",
        "bounds": AROUND_IT,
        "now": dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC),
    }
    return SceneChecks(**(facts | changes))


def refusals(text, **changes):
    return scene_refusals(pasted_scenes(text).scenes, checks(**changes))


@pytest.mark.parametrize("between", [" ", "\n", "\r\n", ", ", ";", "\t", '", "'])
def test_names_are_read_between_whatever_was_pasted_with_them(between):
    pasted = pasted_scenes(f"{SAN_FRANCISCO}{between}{SECOND}\n")

    assert [scene.text for scene in pasted.scenes] == [SAN_FRANCISCO, SECOND]
    assert pasted.refusals == ()


def test_a_name_pasted_twice_is_asked_for_once():
    pasted = pasted_scenes(f"{SAN_FRANCISCO} {SECOND} {SAN_FRANCISCO.lower()}")

    assert [scene.text for scene in pasted.scenes] == [SAN_FRANCISCO, SECOND]


def test_every_word_that_is_no_name_is_shown_with_one_that_is():
    pasted = pasted_scenes(f"{SAN_FRANCISCO} PHR-42 {'X' * 90}")

    assert pasted.refusals == (
        Refusal(
            "scene_not_understood",
            "“PHR-42” is not the name of a scene: it is written like"
            " DS_PHR1B_201704181857160_FR1_PX_W123N37_0720_04750.",
        ),
        Refusal(
            "scene_not_understood",
            f"“{'X' * 60}” is not the name of a scene: it is written like"
            " DS_PHR1B_201704181857160_FR1_PX_W123N37_0720_04750.",
        ),
    )


def test_more_scenes_than_a_request_may_name_are_refused_with_their_number():
    names = [f"DS_PHR1B_201704181857160_FR1_PX_W123N37_0720_{number:05}" for number in range(51)]

    assert pasted_scenes(" ".join(names)).refusals == (
        Refusal("too_many_scenes", "51 scenes; 50 at most in one request."),
    )
    assert pasted_scenes(" ".join(names[:50])).refusals == ()


def test_nothing_pasted_is_no_scene():
    pasted = pasted_scenes(" \n ")

    assert (pasted.scenes, pasted.refusals) == ((), ())


def test_scenes_of_the_sensor_over_the_area_are_not_refused():
    assert refusals(f"{SAN_FRANCISCO} {SECOND}") == []


def test_scene_of_another_sensor_is_refused():
    assert refusals(SPOT) == [
        Refusal(
            "scene_of_other_sensor",
            f"{SPOT} was taken by SPOT6, which is not a satellite of Pléiades.",
        )
    ]


def test_scene_of_a_day_to_come_is_refused():
    name = "DS_PHR1B_202704181857160_FR1_PX_W123N37_0720_04750"

    assert refusals(name) == [
        Refusal("scene_in_the_future", f"{name} names a day to come: 2027-04-18.")
    ]


def test_scene_elsewhere_is_refused_with_its_distance():
    assert refusals(SAN_FRANCISCO, bounds=(3.8, 43.5, 4.0, 43.7)) == [
        Refusal(
            "scene_far_from_area",
            f"{SAN_FRANCISCO} lies elsewhere: its name says -123°, 37°, which is 127° from the"
            " area.",
        )
    ]


def test_scene_on_the_other_side_of_180_degrees_is_near():
    name = "DS_PHR1B_201704181857160_FR1_PX_W180S18_0720_04750"

    assert refusals(name, bounds=(178.5, -18.5, 179.9, -17.0)) == []
    assert refusals(name, bounds=(177.0, -18.5, -179.5, -17.0)) == []


def test_without_an_area_a_scene_may_lie_anywhere():
    assert refusals(SAN_FRANCISCO, bounds=None) == []

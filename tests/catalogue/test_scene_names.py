import datetime as dt
import json

import pytest
from shapely.geometry import shape

from catalogue.scene_names import SceneName, scene_name


def test_pleiades_scene_is_read():
    assert scene_name("DS_PHR1B_201704181857160_FR1_PX_W123N37_0720_04750") == SceneName(
        text="DS_PHR1B_201704181857160_FR1_PX_W123N37_0720_04750",
        mission="PHR1B",
        acquired_at=dt.datetime(2017, 4, 18, 18, 57, 16, tzinfo=dt.UTC),
        longitude_deg=-123,
        latitude_deg=37,
    )


def test_spot_scene_is_read_to_a_tenth_of_a_second_south_of_the_equator():
    name = scene_name("DS_SPOT6_202012141415246_FR1_FR1_SV1_SV1_W070S34_03414")

    assert name == SceneName(
        text="DS_SPOT6_202012141415246_FR1_FR1_SV1_SV1_W070S34_03414",
        mission="SPOT6",
        acquired_at=dt.datetime(2020, 12, 14, 14, 15, 24, 600_000, tzinfo=dt.UTC),
        longitude_deg=-70,
        latitude_deg=-34,
    )


def test_small_letters_and_blanks_around_are_the_same_name():
    name = scene_name("  ds_phr1b_201704181857160_fr1_px_w123n37_0720_04750\n")

    assert name is not None
    assert name.text == "DS_PHR1B_201704181857160_FR1_PX_W123N37_0720_04750"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PHR1B_201704181857160_FR1_PX_W123N37_0720_04750",
        "DS_PHR1B_201704181857160_FR1_PX_W123N37_0720",
        "DS_PHR1B_201702301857160_FR1_PX_W123N37_0720_04750",
        "DS_PHR1B_201704182557160_FR1_PX_W123N37_0720_04750",
        "DS_PHR1B_201704181857160_FR1_PX_W181N37_0720_04750",
        "DS_PHR1B_201704181857160_FR1_PX_W123N91_0720_04750",
        "DS_PHR1B_201704181857160_FR1_PX_W123N37_0720_04750_X",
        "S2A_MSIL1C_20170105T013442_N0204_R031_T53NMJ_20170105T013443",
    ],
    ids=[
        "empty", "without its beginning", "cut", "no such day", "no such hour", "beyond 180",
        "beyond the pole", "with an end", "of another programme",
    ],
)  # fmt: skip
def test_anything_else_is_no_name(text):
    assert scene_name(text) is None


def test_every_name_of_a_recorded_answer_is_read_and_lies_where_it_says(shared_data):
    file = shared_data / "providers" / "oneatlas" / "go-oneatlas__search.json"
    answer = json.loads(file.read_bytes())

    for feature in answer["features"]:
        name = scene_name(feature["properties"]["acquisitionIdentifier"])
        west, south, east, north = shape(feature["geometry"]).bounds
        assert name is not None
        assert name.mission == feature["properties"]["platform"]
        assert abs((west + east) / 2 - name.longitude_deg) <= 1
        assert abs((south + north) / 2 - name.latitude_deg) <= 1

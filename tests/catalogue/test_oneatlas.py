"""Answers of the operator's archive search: what is read of them, and what is refused."""

import datetime as dt
import io
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.utils.translation import override

from catalogue import services
from catalogue.metadata import MetadataRefused
from catalogue.models import ArchiveScene
from catalogue.selectors import CoverageCriteria, scenes_over
from catalogue.services import IngestRefused
from catalogue.sources.oneatlas import BYTES_MAXIMUM, read_search
from tests.catalogue.factories import box
from tests.catalogue.oneatlas import NAME, answer, feature
from tests.eligibility.factories import SensorFactory, SpotFactory


@pytest.fixture(autouse=True)
def in_english():
    with override("en"):
        yield


def refusal(data) -> tuple[str, str]:
    with pytest.raises(MetadataRefused) as refused:
        read_search(data)
    (only,) = refused.value.refusals
    return only.code, only.message


# --- What is read ---------------------------------------------------------------------------------


def test_scene_has_the_instant_of_its_name():
    (scene,) = read_search(answer(feature()))

    assert scene.name.acquired_at == dt.datetime(2017, 4, 18, 18, 57, 16, tzinfo=dt.UTC)
    assert (scene.cloud_cover_percent, scene.incidence_angle_deg) == (84.8, 17.19)
    assert (scene.resolution_m, scene.acquisition_mode) == (0.7, "mono")
    assert scene.footprint.bounds == (-122.6, 37.5, -122.2, 37.9)


def test_figures_that_an_answer_does_not_give_are_unknown():
    (scene,) = read_search(answer(feature(cloudCover=None, incidenceAngle=None)))

    assert (scene.cloud_cover_percent, scene.incidence_angle_deg) == (None, None)


def test_scene_listed_twice_is_read_once():
    scenes = read_search(answer(feature(), feature(cloudCover=1)))

    assert [scene.cloud_cover_percent for scene in scenes] == [84.8]


def test_footprint_across_180_degrees_is_in_two_parts():
    crossing = feature()
    crossing["geometry"]["coordinates"] = [
        [[179.8, -18], [-179.8, -18], [-179.8, -17.5], [179.8, -17.5], [179.8, -18]]
    ]

    (scene,) = read_search(answer(crossing))

    assert len(scene.footprint.geoms) == 2


def test_recorded_answer_is_read_whole(shared_data):
    data = (shared_data / "providers" / "oneatlas" / "go-oneatlas__search.json").read_bytes()

    scenes = read_search(data)

    assert len(scenes) == 48
    assert {scene.name.mission for scene in scenes} == {"PHR1A", "PHR1B", "SPOT6", "SPOT7"}


# --- What is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not_json"),
        (b"<html>", "not_json"),
        (b"[" * 100_000, "not_json"),
        (b"[]", "not_a_search"),
        (b'{"features": {}}', "not_a_search"),
        (b" " * (BYTES_MAXIMUM + 1), "too_large"),
        (answer(*[feature()] * 5_001), "too_many_scenes"),
        (answer("scene"), "no_name"),
        (answer(feature(name=None)), "no_name"),
        (answer(feature(name="DS_1")), "no_name"),
        (answer(feature(cloudCover=101)), "invalid_value"),
        (answer(feature(cloudCover=True)), "invalid_value"),
        (answer(feature(incidenceAngle="steep")), "invalid_value"),
    ],
)
def test_answer_that_is_none_is_refused(data, code):
    assert refusal(data)[0] == code


@pytest.mark.parametrize(
    ("geometry", "code"),
    [
        (None, "no_footprint"),
        ({"type": "Point", "coordinates": [1, 2]}, "invalid_footprint"),
        ({"type": "Polygon", "coordinates": []}, "invalid_footprint"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 0]]]}, "invalid_footprint"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [0, 99], [1, 0], [0, 0]]]}, "invalid_footprint"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}, "invalid_footprint"),
    ],
)  # fmt: skip
def test_footprint_that_encloses_nothing_is_refused(geometry, code):
    assert refusal(answer(feature() | {"geometry": geometry}))[0] == code


def test_refusal_names_the_feature_and_the_figure():
    code, message = refusal(answer(feature(), feature(cloudCover=-3)))

    assert (code, message) == (
        "invalid_value",
        "Feature 2: cloudCover is “-3”, which is not between 0 and 100.",
    )


@pytest.mark.parametrize("sensor", ["pleiades", "spot"])
def test_broken_recorded_answers_are_refused(shared_data, sensor):
    file = (
        shared_data / "providers" / "oneatlas" / f"up42-docs__{sensor}-reflectance-download__1.json"
    )

    assert refusal(file.read_bytes())[0] == "not_json"


# --- What is kept ---------------------------------------------------------------------------------


@pytest.mark.django_db
def test_scenes_are_kept_once_and_brought_up_to_date():
    sensor = SensorFactory()
    services.keep_scenes(data=answer(feature()))

    count = services.keep_scenes(data=answer(feature(cloudCover=12)))

    (kept,) = ArchiveScene.objects.all()
    assert (count, kept.identifier, kept.sensor) == (1, NAME, sensor)
    assert kept.cloud_cover_percent == 12


@pytest.mark.django_db
def test_scene_of_no_sensor_is_refused_and_nothing_kept():
    SensorFactory()
    spot = feature("DS_SPOT6_201408161838475_FR1_FR1_FR1_FR1_W122N38_03414")

    with pytest.raises(IngestRefused) as refused:
        services.keep_scenes(data=answer(feature(), spot))

    assert refused.value.codes == ("unknown_mission",)
    assert not ArchiveScene.objects.exists()


@pytest.mark.django_db
def test_command_keeps_what_it_can_and_names_the_rest(tmp_path):
    SensorFactory()
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_bytes(answer(feature()))
    bad.write_text("nothing")
    out, err = io.StringIO(), io.StringIO()

    with pytest.raises(CommandError, match="1 files were refused"):
        call_command("import_scenes", str(bad), str(good), stdout=out, stderr=err)

    assert (out.getvalue(), ArchiveScene.objects.count()) == (f"{good}: 1\n", 1)
    assert f"{bad}: not_json" in err.getvalue()


# --- What is found --------------------------------------------------------------------------------


@pytest.mark.django_db
def test_scenes_over_an_area_say_how_much_of_it_they_cover():
    SensorFactory()
    half = feature("DS_PHR1A_202004011856264_FR1_PX_W123N37_0815_00596", cloudCover=3)
    half["geometry"]["coordinates"] = [
        [[-122.4, 37.5], [-122.2, 37.5], [-122.2, 37.9], [-122.4, 37.9], [-122.4, 37.5]]
    ]
    services.keep_scenes(data=answer(half, feature()))
    area = box(-122.5, 37.6, -122.3, 37.8)

    found = scenes_over(area, CoverageCriteria())

    assert [(each.scene.identifier, each.covered_percent) for each in found] == [
        (NAME, Decimal(100)),
        (half["properties"]["acquisitionIdentifier"], Decimal("50.00")),
    ]


@pytest.mark.django_db
def test_scenes_are_found_by_sensor_days_and_clouds():
    pleiades, spot = SensorFactory(), SpotFactory()
    clear = feature("DS_PHR1A_202004011856264_FR1_PX_W123N37_0815_00596", cloudCover=3)
    other = feature("DS_SPOT6_201408161838475_FR1_FR1_FR1_FR1_W122N38_03414", cloudCover=3)
    services.keep_scenes(data=answer(feature(), clear, other))
    area = box(-122.5, 37.6, -122.3, 37.8)

    def found(**criteria):
        scenes = scenes_over(area, CoverageCriteria(**criteria))
        return {each.scene.mission for each in scenes}

    assert found(sensor_id=spot.pk) == {"SPOT6"}
    assert found(sensor_id=pleiades.pk, maximum_cloud_percent=10) == {"PHR1A"}
    assert found(acquired_from=dt.date(2020, 1, 1)) == {"PHR1A"}
    assert found(acquired_to=dt.date(2014, 12, 31)) == {"SPOT6"}


@pytest.mark.django_db
def test_scenes_are_found_by_their_incidence_to_either_side():
    SensorFactory()
    incidences = {"0001": -20, "0002": -20.01, "0003": 20, "0004": 20.01, "0005": None}
    names = {NAME.replace("0720", suffix): deg for suffix, deg in incidences.items()}
    services.keep_scenes(
        data=answer(*(feature(name, incidenceAngle=deg) for name, deg in names.items()))
    )
    area = box(-122.5, 37.6, -122.3, 37.8)

    found = scenes_over(area, CoverageCriteria(maximum_incidence_deg=20))

    assert {each.scene.incidence_angle_deg for each in found} == {-20, 20, None}

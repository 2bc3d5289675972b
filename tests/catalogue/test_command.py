import io

import pytest
from django.core.management import CommandError, call_command

from catalogue.models import Item
from tests.catalogue.dimap_text import dimap
from tests.eligibility.factories import SensorFactory, SpotFactory

pytestmark = pytest.mark.django_db


def run(*arguments) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("ingest", *map(str, arguments), stdout=out, stderr=err)
    except CommandError as error:
        err.write(str(error))
    return out.getvalue(), err.getvalue()


@pytest.fixture
def product(tmp_path):
    SensorFactory()
    file = tmp_path / "product" / "DIM_PHR1A.XML"
    file.parent.mkdir()
    file.write_bytes(dimap())
    return file


def test_named_file_is_catalogued_for_the_named_audience(product):
    _out, err = run(product, "--audience", "entity:7", "licence:spot_member")

    (item,) = Item.objects.all()
    assert (item.audience, item.source_name, err) == (
        ["entity:7@pleiades", "licence:spot_member@pleiades"],
        "DIM_PHR1A.XML",
        "",
    )


def test_folder_is_searched_and_what_is_no_image_is_passed_over(product):
    product.with_name("VOL_PHR.XML").write_bytes(dimap(profile="VOLUME", part="SINGLE_VOLUME"))
    product.with_name("README.txt").write_text("not metadata")

    _out, err = run(product.parent)

    assert (Item.objects.count(), err) == (1, "")


def test_named_file_that_is_no_image_is_refused_and_the_others_are_kept(product):
    volume = product.with_name("VOL_PHR.XML")
    volume.write_bytes(dimap(profile="VOLUME", part="SINGLE_VOLUME"))

    _out, err = run(volume, product)

    assert Item.objects.count() == 1
    assert "unsupported_profile" in err


def test_refused_file_of_a_folder_fails_the_command(product):
    product.with_name("DIM_BROKEN.XML").write_bytes(b"<Dimap_Document>")

    with pytest.raises(CommandError):
        call_command("ingest", str(product.parent), stdout=io.StringIO(), stderr=io.StringIO())

    assert Item.objects.count() == 1


def test_missing_path_is_said():
    with pytest.raises(CommandError, match="/nowhere"):
        call_command("ingest", "/nowhere")


def test_real_folder_twice_gives_each_image_once(shared_data):
    SensorFactory()
    SpotFactory()
    folder = shared_data / "dimap" / "airbus_dimap"

    _out, first_err = run(folder)
    _out, second_err = run(folder)

    missions = list(Item.objects.order_by("mission").values_list("mission", flat=True))
    assert missions == ["PHR1A"] * 5 + ["PHR1B"] * 3 + ["SPOT6"]
    # Two of PeruSat and two of Pléiades Neo, which the sensors of this test do not have.
    assert first_err.count("unknown_mission") == second_err.count("unknown_mission") == 4
    assert set(Item.objects.values_list("attribution", flat=True)) == {
        "© CNES 2015, distribution Airbus DS",
        "© CNES 2019, distribution Airbus DS",
        "© CNES 2021, distribution Airbus DS",
        "© Airbus DS 2020",
    }

import hashlib
import tomllib
from pathlib import Path

import pytest

from licences.kinds import LAYOUTS, KindUnknown, all_versions, get_kind, kind_for


@pytest.mark.parametrize(
    ("sensor", "is_scientific", "kind"),
    [
        ("pleiades", False, "pleiades_institutional"),
        ("pleiades", True, "pleiades_scientific"),
        ("pleiades-neo", False, "pleiades_institutional"),
        ("pleiades-neo", True, "pleiades_scientific"),
        ("spot67", False, "spot_member"),
        ("spot67", True, "spot_member"),
        ("sentinel1", False, "sentinel_notice"),
        ("sentinel2", True, "sentinel_notice"),
        ("sentinel3", False, "sentinel_notice"),
        ("sentinel5p", True, "sentinel_notice"),
    ],
)
def test_each_sensor_and_purpose_has_its_kind(sensor, is_scientific, kind):
    assert kind_for(sensor, is_scientific=is_scientific) == kind


def test_sensor_of_no_kind_is_refused():
    with pytest.raises(KindUnknown) as refused:
        kind_for("landsat", is_scientific=False)

    assert refused.value.codes == ("licence_kind_unknown",)


def test_unknown_kind_is_refused():
    with pytest.raises(KindUnknown):
        get_kind("../base")


def test_kinds_say_the_same_things_in_both_languages():
    for kind in all_versions():
        french, english = kind.words["fr"], kind.words["en"]
        assert french.keys() == english.keys()
        for name in ("allowed", "forbidden", "classes", "articles"):
            assert len(french[name]) == len(english[name])
        assert french["articles"]
        assert (
            bool(french["allowed"]) == bool(french["forbidden"]) == (kind.subject != "membership")
        )


def test_prefixes_are_unlike():
    prefixes = [kind.prefix for kind in all_versions()]

    licences = ["PLE-DSP", "PLE-SCI", "SEN-NOT", "SPOT-MBR", "SPOT-OPN"]
    assert sorted(prefixes) == ["ADH", "CER", "CHA", *licences]


def test_elevation_models_are_never_derivatives():
    for kind in all_versions():
        if kind.words["en"]["classes"]:
            assert "never a derivative work" in kind.words["en"]["dem_rule"]


def test_labels_have_the_same_names_in_both_languages():
    labels = tomllib.loads((LAYOUTS / "1" / "labels.toml").read_text(encoding="utf-8"))

    assert labels["fr"].keys() == labels["en"].keys()


def content_of(folder: Path) -> str:
    """One hash for the names and the bytes of all that is in it."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    said = [
        f"{path.relative_to(folder)} {hashlib.sha256(path.read_bytes()).hexdigest()}\n"
        for path in files
    ]
    return hashlib.sha256("".join(said).encode()).hexdigest()


def test_published_versions_are_never_edited():
    """What licences were issued in stays; other words, or another look, are the next version."""
    published = tomllib.loads((Path(__file__).parent / "published.toml").read_text("utf-8"))

    folders = sorted(path.parent for path in LAYOUTS.parent.glob("*/*/document.html"))

    assert published == {
        str(folder.relative_to(LAYOUTS.parent)): content_of(folder) for folder in folders
    }

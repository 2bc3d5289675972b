import time
import tracemalloc

import pytest

from catalogue.metadata import MetadataRefused
from catalogue.sources import dimap as reader
from catalogue.sources.dimap import read_dimap
from tests.catalogue.dimap_text import dimap

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


def code_of(data: bytes) -> str:
    with pytest.raises(MetadataRefused) as refused:
        read_dimap(data)
    (refusal,) = refused.value.refusals
    assert refusal.message
    return refusal.code


def test_the_unspoilt_file_is_read():
    metadata = read_dimap(dimap())

    assert metadata.identifier == (
        "DS_PHR1A_202406011030000_FR1_PX_E003N43_0101_00001_PMS_ORT_1234567890-1"
    )


@pytest.mark.parametrize(
    "head",
    [
        "<!DOCTYPE Dimap_Document>",
        f'<!DOCTYPE d [<!ENTITY l0 "lol">{LAUGHS}]>',
        '<!DOCTYPE d [<!ENTITY file SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE d SYSTEM "http://192.0.2.1/evil.dtd">',
        '<!DOCTYPE d [<!ENTITY % remote SYSTEM "http://192.0.2.1/x">%remote;]>',
    ],
    ids=["doctype", "billion laughs", "local file", "remote dtd", "parameter entity"],
)
def test_document_type_is_refused(head):
    assert code_of(dimap(head=head)) == "forbidden_xml"


def test_undeclared_entity_is_malformed():
    assert code_of(dimap(body="&boom;")) == "malformed_xml"


def test_file_beyond_the_size_is_refused_unread():
    assert code_of(b"<" * (reader.BYTES_MAXIMUM + 1)) == "too_large"


def test_deep_nesting_is_refused():
    depth = 100_000

    assert code_of(dimap(body="<a>" * depth + "</a>" * depth)) == "too_complex"


def test_many_elements_are_refused_in_bounded_memory_and_time():
    data = dimap(body="<a/>" * 3_000_000)
    began = time.monotonic()
    tracemalloc.start()

    code = code_of(data)

    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert code == "too_complex"
    assert peak < 300 * 1024 * 1024
    assert time.monotonic() - began < 30


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "malformed_xml"),
        (b"\x00\x01\x02", "malformed_xml"),
        (b"PK\x03\x04", "malformed_xml"),
        (dimap()[:-20], "malformed_xml"),
        (b'<?xml version="1.0" encoding="utf-7"?><a/>', "malformed_xml"),
        (b'<?xml version="1.0" encoding="no-such"?><a/>', "malformed_xml"),
        (dimap().replace(b"UTF-8", b"ascii").replace(b"ORTHO", "é".encode()), "malformed_xml"),
        (b"<Dimap_Document/>", "not_dimap"),
        (b"<kml><Document/></kml>", "not_dimap"),
        (dimap(profile="DEIMOS_ORTHO"), "unsupported_profile"),
        (dimap(profile=""), "unsupported_profile"),
        (dimap(part="RPC"), "unsupported_profile"),
        (dimap(corners=()), "no_footprint"),
        (dimap(corners=((3, 44), (3.2, 44))), "no_footprint"),
        (dimap(corners=((3, 44), (3.2, 44), ("", 43))), "invalid_footprint"),
        (dimap(corners=((3, 44), (3, 44), (3.2, 44), (3, 44))), "invalid_footprint"),
        (dimap(corners=((3, 44), (3.1, 44), (3.2, 44))), "invalid_footprint"),
        (dimap(corners=((3, 44), (3.2, 43.8), (3.2, 44), (3, 43.8))), "invalid_footprint"),
        (dimap(corners=((0, 80), (90, 80), (180, 80), (-90, 80))), "invalid_footprint"),
        (dimap(corners=tuple((n, 1) for n in range(5_001))), "invalid_footprint"),
        (dimap(corners=((3, 44), (3.2, 44), (3.2, 91))), "invalid_value"),
        (dimap(corners=((3, 44), (3.2, 44), (3.2, "NaN"))), "invalid_value"),
        (dimap(corners=((3, 44), (3.2, 44), ("1e999", 43))), "invalid_value"),
        (dimap(corners=((3, 44), (3.2, 44), ("east", 43))), "invalid_value"),
        (dimap(day="2024-02-30"), "no_acquisition_date"),
        (dimap(day=""), "no_acquisition_date"),
        (dimap(time="25:00:00"), "no_acquisition_date"),
        (dimap(time="noon"), "no_acquisition_date"),
        (dimap().replace(b"Strip_Source", b"Ground_Source"), "no_acquisition_date"),
        (dimap(mission="", index=""), "no_mission"),
        (dimap(mission="P/../H"), "no_mission"),
        (dimap(name=" "), "no_name"),
        (dimap(name="N" * 300), "invalid_value"),
        (dimap(cloud=101), "invalid_value"),
        (dimap(cloud="inf"), "invalid_value"),
        (dimap(cloud="cloudy"), "invalid_value"),
        (dimap(mode="P" * 31), "invalid_value"),
    ],
)
def test_spoilt_file_is_refused_with_its_code(data, code):
    assert code_of(data) == code


def test_name_with_markup_becomes_a_plain_identifier():
    metadata = read_dimap(dimap(name="DS &lt;script&gt; /../ é", job="a/b c"))

    assert metadata.identifier == "DS_script_.._PMS_ORT_a_b_c"


def test_cloud_that_nobody_measured_is_unknown():
    assert read_dimap(dimap(cloud="")).cloud_cover_percent is None


def test_mosaic_bears_the_instant_of_its_first_strip():
    later = dimap(day="2024-06-03")
    earlier = (
        b"<Source_Identification><Strip_Source><MISSION>PHR</MISSION><MISSION_INDEX>1B</MISSION_INDEX>"
        b"<IMAGING_DATE>2024-05-30</IMAGING_DATE><IMAGING_TIME>10:00:00</IMAGING_TIME>"
        b"</Strip_Source></Source_Identification></Dataset_Sources>"
    )

    metadata = read_dimap(later.replace(b"</Dataset_Sources>", earlier))

    assert (metadata.mission, metadata.acquired_at.isoformat()) == (
        "PHR1B",
        "2024-05-30T10:00:00+00:00",
    )

import threading

import pytest
from django.db import connection, transaction

from catalogue import services
from catalogue.models import Item
from catalogue.services import IngestRefused
from catalogue.sources.dimap import read_dimap
from tests.catalogue.dimap_text import dimap
from tests.eligibility.factories import OpenSensorFactory, SensorFactory, SpotFactory

pytestmark = pytest.mark.django_db


def ingest(data: bytes | None = None, audience=("entity:7",), sensor=None, **more) -> Item:
    return services.ingest(
        metadata=read_dimap(data or dimap()),
        audience=audience,
        sensor_id=(sensor or SensorFactory()).pk,
        **more,
    )


def test_item_holds_what_the_file_says():
    item = ingest(request_number="R2026-000123", source_name="DIM_PHR1A.XML")

    item.refresh_from_db()
    assert (item.identifier, item.mission, item.acquired_at.isoformat()) == (
        "DS_PHR1A_202406011030000_FR1_PX_E003N43_0101_00001_PMS_ORT_1234567890-1",
        "PHR1A",
        "2024-06-01T10:30:00.500000+00:00",
    )
    assert item.footprint.extent == (3.0, 43.8, 3.2, 44.0)
    assert (item.cloud_cover_percent, item.processing_level, item.spectral_mode) == (
        2.5,
        "ORTHO",
        "PMS",
    )
    assert (item.audience, item.request_numbers) == (["entity:7@pleiades"], ["R2026-000123"])


def test_attribution_bears_the_year_of_the_acquisition_in_utc():
    item = ingest(dimap(day="2023-12-31", time="23:30:00"))

    assert item.attribution == "© CNES 2023, distribution Airbus DS"


def test_same_file_again_gives_the_same_row():
    first = ingest()

    second = ingest()

    assert (second.pk, Item.objects.count()) == (first.pk, 1)


def test_same_file_for_others_widens_the_audience_and_never_narrows_it():
    ingest(audience=["entity:7", "entity:8"])

    again = ingest(audience=["entity:9"])

    again.refresh_from_db()
    assert again.audience == ["entity:7@pleiades", "entity:8@pleiades", "entity:9@pleiades"]


def test_same_identifier_with_other_bytes_is_refused_and_changes_nothing():
    item = ingest()

    with pytest.raises(IngestRefused) as refused:
        ingest(dimap(cloud=3), audience=["open"])

    assert refused.value.codes == ("identifier_conflict",)
    assert list(Item.objects.values_list("pk", "cloud_cover_percent", "audience")) == [
        (item.pk, 2.5, ["entity:7@pleiades"])
    ]


def test_every_reason_is_given_at_once_and_nothing_is_written():
    with pytest.raises(IngestRefused) as refused:
        ingest(audience=["everybody", "entity:0", "open"], sensor=SpotFactory())

    assert refused.value.codes == ("audience_unknown", "audience_unknown", "sensor_mismatch")
    assert not Item.objects.exists()


def test_empty_audience_is_refused():
    with pytest.raises(IngestRefused) as refused:
        ingest(audience=[])

    assert refused.value.codes == ("audience_empty",)
    assert not Item.objects.exists()


def test_a_refusal_inside_a_transaction_leaves_it_usable():
    ingest()

    with transaction.atomic():
        with pytest.raises(IngestRefused):
            ingest(dimap(cloud=3))
        ingest(dimap(name="ANOTHER"))

    assert Item.objects.count() == 2


def test_file_alone_finds_its_sensor_and_default_audience():
    SensorFactory()
    OpenSensorFactory(mission_codes=["S2A"])

    managed = services.ingest_dimap(data=dimap())
    free = services.ingest_dimap(data=dimap(name="S2", mission="S2", index="A"))

    assert (managed.sensor.code, managed.audience) == ("pleiades", ["member@pleiades"])
    assert (free.sensor.code, free.audience) == ("sentinel2", ["open"])


def test_satellite_of_no_sensor_is_refused():
    SensorFactory()

    with pytest.raises(IngestRefused) as refused:
        services.ingest_dimap(data=dimap(mission="PER", index="1"))

    assert refused.value.codes == ("unknown_mission",)
    assert not Item.objects.exists()


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_two_who_bring_the_same_image_get_the_same_row():
    sensor = SensorFactory()
    backend = {}
    found = {}

    def bring_second():
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                backend["second"] = cursor.fetchone()[0]
            started.set()
            found["second"] = ingest(audience=["entity:8"], sensor=sensor).pk
        finally:
            connection.close()

    started = threading.Event()
    second = threading.Thread(target=bring_second)
    with transaction.atomic():
        first = ingest(sensor=sensor)
        second.start()
        assert started.wait(10)
        wait_until_blocked_by_us(lambda: backend["second"])
    second.join(10)

    assert found["second"] == first.pk
    assert list(Item.objects.values_list("pk", "audience")) == [
        (first.pk, ["entity:7@pleiades", "entity:8@pleiades"])
    ]


def wait_until_blocked_by_us(pid) -> None:
    """Until the database says that the other waits for this very connection."""
    for _ in range(2_000):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid() = ANY(pg_blocking_pids(%s))", [pid()])
            if cursor.fetchone()[0]:
                return
            cursor.execute("SELECT pg_sleep(0.005)")
    pytest.fail("the second ingest never waited")

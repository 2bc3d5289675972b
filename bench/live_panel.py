"""The panel beside a form while it is filled in, with images over part of the area, beside the bare
statements that it sends.

.venv/bin/python bench/live_panel.py --calls 200
"""

import argparse

from website import client_of, programme, send_bare, statements_of, times_of

from tests.catalogue.factories import ItemFactory
from tests.requests_app import world

PATH = "/requests/panel/"
WIDTHS_DEG = (0.01, 0.02, 0.03)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=200)
    calls = parser.parse_args().calls
    with programme() as found:
        client = client_of(found.requester)
        typed = {
            "on_behalf": f"{found.entity.pk}-0",
            "sensor": found.sensor.pk,
            "request_kind": "archive",
            "acquisition_mode": "mono",
            "maximum_cloud_percent": 10,
            "area_id": world.area_of(found.requester, world.square(size_deg=0.12)).pk,
        }
        for width_deg in WIDTHS_DEG:
            ItemFactory(sensor=found.sensor, footprint=world.strip(width_deg=width_deg))
        assert client.post(PATH, typed).text.count("DS_PHR1A") == len(WIDTHS_DEG)
        statements = statements_of(lambda: client.post(PATH, typed))
        panel = times_of(lambda: client.post(PATH, typed), calls)
        bare = times_of(lambda: send_bare(statements), calls)
    print(f"bare SQL, {len(statements)} statements: {bare}")
    print(f"live panel: {panel}, x{panel.p95_ms / bare.p95_ms:.1f} at p95")


if __name__ == "__main__":
    main()

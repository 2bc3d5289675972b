"""The price that a form shows while it is filled in, beside the bare statements that it sends.

.venv/bin/python bench/live_panel.py --calls 200
"""

import argparse

from website import client_of, programme, send_bare, statements_of, times_of

from tests.requests_app import world

PATH = "/requests/panel/"


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
            "area_id": world.area_of(found.requester, world.square(size_deg=0.12)).pk,
        }
        assert "100,00" in client.post(PATH, typed).text
        statements = statements_of(lambda: client.post(PATH, typed))
        panel = times_of(lambda: client.post(PATH, typed), calls)
        bare = times_of(lambda: send_bare(statements), calls)
    print(f"bare SQL, {len(statements)} statements: {bare}")
    print(f"live panel: {panel}, x{panel.p95_ms / bare.p95_ms:.1f} at p95")


if __name__ == "__main__":
    main()

"""How long the list of requests takes to show as one entity comes to have a hundred thousand.

Each line is a page as a browser gets it (session, rights, rows, counts, HTML), beside the bare
statements that it sends, on the same connection and in the same minute: milliseconds, and the pages
of tables and indexes that those statements touch. A plan that reads the whole table ends the
benchmark; so does, all being printed, a page that is to stay flat and touches more than twice the
pages at the largest size that it touched at ten thousand, where its counts have reached their end.

    .venv/bin/python bench/requests_list.py --sizes 100 10000
"""

import argparse
from typing import Any

from django.db import connection
from website import Statement, client_of, programme, send_bare, statements_of, times_of

from requests_app.models import ImageryRequest
from tests.requests_app import world
from tests.requests_app.lists.many import add_copies
from tests.requests_app.lists.plans import pages_touched, plan_of, scanned

SIZES = (100, 1_000, 10_000, 100_000)
FLAT_FROM = 10_000
PAGES_AT_MOST_TIMES = 2
CALLS = 60
TABLE = "requests_app_imageryrequest"
PATH = "/requests/"


def addresses() -> dict[str, str]:
    middle = ImageryRequest.objects.order_by("pk")[ImageryRequest.objects.count() // 2]
    return {
        "first page": PATH,
        "page in the middle": f"{PATH}?after={middle.number}",
        "largest first": f"{PATH}?sort=-area",
        "one number": f"{PATH}?q={middle.number}",
        "one state": f"{PATH}?state=refused",
        "with its map": f"{PATH}?map=1",
    }


def pages_of(name: str, statements: list[Statement], size: int) -> int:
    """Raises SystemExit: a plan reads the whole table, which is more than a hundred rows."""
    plans = [plan_of(*each) for each in statements]
    ends_early = [plan for plan in plans if TABLE in scanned(plan) and not is_bounded(plan)]
    if size >= FLAT_FROM and ends_early:
        raise SystemExit(f"{name} reads the whole table: {ends_early[0]}")
    return sum(pages_touched(plan) for plan in plans)


def is_bounded(plan: dict[str, Any]) -> bool:
    """A count that ends at its thousandth row."""
    return pages_touched(plan) < 2_000


def measure(size: int, found: world.Programme) -> dict[str, tuple[str, int]]:
    first = world.submitted(found)
    add_copies(first, size - 1)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")  # no page waits for this
        cursor.execute(f"VACUUM ANALYZE {TABLE}")
        cursor.execute("RESET statement_timeout")
    client, seen = client_of(found.requester), {}
    for name, address in addresses().items():
        statements = statements_of(lambda to=address: client.get(to))
        page = times_of(lambda to=address: client.get(to), CALLS)
        bare = times_of(lambda sent=statements: send_bare(sent), CALLS)
        ratio = page.median_ms / bare.median_ms
        line = f"page {page}; its {len(statements)} statements bare {bare}; x{ratio:.1f}"
        seen[name] = (line, pages_of(name, statements, size))
    return seen


def not_flat(seen: dict[str, dict[int, int]]) -> list[str]:
    grown = []
    for name, pages in seen.items():
        sizes = [size for size in pages if size >= FLAT_FROM]
        if sizes and pages[sizes[-1]] > PAGES_AT_MOST_TIMES * pages[sizes[0]]:
            grown.append(name)
    return grown


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    lines: dict[str, list[str]] = {}
    pages: dict[str, dict[int, int]] = {}
    for size in parser.parse_args().sizes:
        with programme() as found:
            for name, (line, touched) in measure(size, found).items():
                lines.setdefault(name, []).append(f"  {size:7,} requests: {line}, {touched} pages")
                pages.setdefault(name, {})[size] = touched
    for name, told in lines.items():
        print(f"{name}:", *told, sep="\n", flush=True)
    print(f"flat in pages from {FLAT_FROM:,} requests on, x{PAGES_AT_MOST_TIMES} at most")
    if grown := not_flat(pages):
        raise SystemExit(f"Not flat: {', '.join(grown)}.")


if __name__ == "__main__":
    main()

"""A list of many requests is read by its indexes, whoever reads it, in whatever order."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.db import transaction

from eligibility.selectors import actor_of
from requests_app.lists.ordering import NEWEST_FIRST, SORT_COLUMNS, Ordering
from requests_app.lists.selectors import Criteria, ListScope, Wanted, list_page, requests_wanted
from tests.eligibility.factories import AffiliationFactory
from tests.requests_app import world
from tests.requests_app.lists.many import add_copies
from tests.requests_app.lists.plans import plans_of, rows_passed_over, scanned

pytestmark = pytest.mark.django_db

TABLE = "requests_app_imageryrequest"
HOW_MANY = 6_000
ORDERINGS = [Ordering(key, is_falling) for key in SORT_COLUMNS for is_falling in (True, False)]
BOX = MultiPolygon(Polygon.from_bbox((1.0, 43.0, 1.6, 44.0)), srid=4326)


@pytest.fixture(scope="module")
def crowd(settled_programme, django_db_blocker) -> Iterator[dict]:
    """One entity with thousands of requests, and one person elsewhere with three."""
    with django_db_blocker.unblock(), transaction.atomic():
        first = world.submitted(settled_programme)
        add_copies(first, HOW_MANY)
        other = AffiliationFactory().user
        for each in range(3):
            mine = world.draft(settled_programme, aoi=world.square(west=1.5 + each))
            mine.requester = other
            mine.save(update_fields=["requester"])
        shared = world.draft(settled_programme, aoi=world.square(west=6.5))
        shared.co_requesters.add(other)
        yield {"other": other, **settled_programme.people}
        transaction.set_rollback(True)


def plan_of(crowd, role, wanted):
    """Of the rows of the page; its count ends by itself."""
    actor = actor_of(crowd[role])
    rows, *_count = plans_of(lambda: list_page(wanted, actor), of_table=TABLE)
    return rows


@pytest.mark.parametrize("ordering", ORDERINGS, ids=lambda each: f"{each.key} {each.is_falling}")
@pytest.mark.parametrize("role", ["requester", "chair", "secretariat"])
def test_page_of_many_is_read_in_its_order(crowd, role, ordering):
    plan = plan_of(crowd, role, Wanted(ListScope.ALL, ordering=ordering))

    assert TABLE not in scanned(plan)
    assert rows_passed_over(plan) < 200


@pytest.mark.parametrize("ordering", ORDERINGS, ids=lambda each: f"{each.key} {each.is_falling}")
def test_page_deep_in_the_list_is_read_from_where_it_begins(crowd, ordering):
    actor = actor_of(crowd["requester"])
    every = requests_wanted(Wanted(ListScope.ALL, ordering=ordering), actor)
    after = every.exclude(submitted_at=None).exclude(due_on=None)[HOW_MANY // 4]

    plan = plan_of(crowd, "requester", Wanted(ListScope.ALL, ordering=ordering, after=after))

    assert TABLE not in scanned(plan)
    is_nullable = ordering.key in ("submitted", "due") and not ordering.is_falling
    assert is_nullable or rows_passed_over(plan) < 200


@pytest.mark.parametrize("scope", [ListScope.ALL, ListScope.MINE, ListScope.ENTITY])
def test_few_requests_among_many_are_found_without_reading_the_others(crowd, scope):
    plan = plan_of(crowd, "other", Wanted(scope))

    assert TABLE not in scanned(plan)
    assert rows_passed_over(plan) < 50


@pytest.mark.parametrize(
    "criteria",
    [
        Criteria(text="R2025-899"),
        Criteria(text="c0ffee"),
        Criteria(states=("closed",)),
        Criteria(states=("ordered",)),
        Criteria(who_must_act="operator"),
        Criteria(submitted_from=date(2030, 1, 1)),
        Criteria(submitted_to=date(2024, 12, 31)),
        Criteria(box=BOX),
    ],
    ids=["number", "words", "over", "ordered", "awaits", "from", "until", "box"],
)
def test_filter_is_answered_by_an_index(crowd, criteria):
    plan = plan_of(crowd, "secretariat", Wanted(ListScope.ALL, criteria))

    assert TABLE not in scanned(plan)
    assert rows_passed_over(plan) < HOW_MANY / 4


def test_rows_that_an_index_would_find_are_otherwise_read_one_by_one(crowd):
    """So that the tests above are about indexes: by a part of two letters there is none."""
    plan = plan_of(crowd, "secretariat", Wanted(ListScope.ALL, Criteria(text="zz"), NEWEST_FIRST))

    assert rows_passed_over(plan) >= HOW_MANY

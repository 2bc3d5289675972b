"""What everybody reads of revisions, and at the price of how many queries."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from quotas import selectors, services
from tests.eligibility.factories import (
    AffiliationFactory,
    EntityFactory,
    ProgrammeRoleFactory,
    UserFactory,
)
from tests.quotas.revision_pages import new, page_of, text_of
from tests.quotas.revisions import NEXT_QUARTER, ONE_DAY, STARTS_ON, TODAY, Office, office

pytestmark = pytest.mark.django_db


@pytest.fixture
def programme(client) -> Office:
    made = office()
    client.force_login(made.secretary)
    client.cookies["django_language"] = "en"
    return made


# --- Everybody ------------------------------------------------------------------------------------


def test_published_revision_is_announced_to_everybody_until_its_day(client, programme):
    programme.publish(programme.draft(cap=120))
    client.force_login(UserFactory())
    told = [text_of(client.get(reverse(name))) for name in ("quotas:list", "quotas:revisions")]
    in_words = f"{STARTS_ON.day} {STARTS_ON:%B %Y}"

    announced = f"Free volume of one request: 120 km² from {in_words}, instead of 100 km²"
    assert [announced in each for each in told] == [True, True]
    assert str(programme.colleague) not in told[1]


def test_draft_is_not_announced(client, programme):
    programme.draft(cap=120)

    told = text_of(client.get(reverse("quotas:list")))

    assert "instead of" not in told


def test_revision_in_force_is_announced_no_more(client, programme, monkeypatch):
    programme.publish(programme.draft(cap=120))
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *of: STARTS_ON)

    told = text_of(client.get(reverse("quotas:revisions")))

    assert "instead of" not in told
    assert "in force" in told


def test_amount_of_a_period_is_announced_until_the_period_begins(programme):
    """From the tenth day of the next quarter: the limit at once, the allowance a quarter later."""
    tenth = STARTS_ON + dt.timedelta(days=9)
    programme.publish(programme.draft(valid_from=tenth, cap=120, allowance=600))
    days = (tenth - ONE_DAY, tenth, NEXT_QUARTER.ends_on, NEXT_QUARTER.ends_on + ONE_DAY)

    announced = [
        [line.amount for each in selectors.announced(day) for line in each.lines] for day in days
    ]

    assert announced == [[120, 600], [600], [600], []]


def test_reader_sees_what_was_done_to_the_envelopes_of_his_own_entity(client, programme):
    mine = programme.allowance_of(STARTS_ON)
    other = EntityFactory(name="Another body", category=programme.entity.category)
    services.ensure_envelopes(
        entity_id=other.pk, sensor_id=programme.sensor.pk, request_kind="archive", on=STARTS_ON
    )
    revision = programme.publish(programme.draft(allowance=450))
    client.force_login(AffiliationFactory(entity=programme.entity).user)

    response = client.get(page_of(revision))

    assert [each.envelope for each in response.context["adjustments"]] == [mine]
    assert "−50 km²" in text_of(response)
    assert "Another body" not in response.text


def test_draft_is_not_there_for_a_stranger(client, programme):
    draft = programme.draft(cap=120)
    client.force_login(UserFactory())

    answers = [
        client.get(page_of(draft)).status_code,
        client.get(reverse("quotas:revision_edit", args=[draft.pk])).status_code,
        client.post(reverse("quotas:publish_revision", args=[draft.pk])).status_code,
        client.get(new(programme)).status_code,
    ]

    assert answers == [404, 404, 404, 404]


def test_observer_reads_drafts_and_prepares_none(client, programme):
    draft = programme.draft(cap=120)
    client.force_login(ProgrammeRoleFactory(role="observer").user)

    read = client.get(page_of(draft))

    assert read.status_code == 200
    assert reverse("quotas:revision_edit", args=[draft.pk]) not in read.text
    assert client.get(new(programme)).status_code == 403


def test_sensor_without_figures_has_no_form(client, programme):
    assert client.get(reverse("quotas:revision_new", args=["sentinel2"])).status_code == 404


# --- As many queries for three as for one ---------------------------------------------------------


def queries(client, address) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


def test_list_of_revisions_asks_as_much_for_three_as_for_one(client, programme):
    def publish(on: int):
        day = STARTS_ON + dt.timedelta(days=on)
        programme.publish(programme.draft(valid_from=day, cap=120 + on, allowance=300 + on))

    address = reverse("quotas:revisions")
    publish(0)
    queries(client, address)
    one = queries(client, address)
    publish(1)
    publish(2)

    assert queries(client, address) == one


def test_announcement_asks_as_much_for_three_as_for_one(client, programme):
    address = reverse("quotas:list")
    programme.publish(programme.draft(cap=120))
    queries(client, address)
    one = queries(client, address)
    for on in (1, 2):
        day = STARTS_ON + dt.timedelta(days=on)
        programme.publish(programme.draft(valid_from=day, cap=120 + on, allowance=300 + on))

    assert queries(client, address) == one


@pytest.mark.parametrize("is_published", [False, True])
def test_side_by_side_asks_as_much_for_three_envelopes_as_for_one(client, programme, is_published):
    def address(bodies: int) -> str:
        for _ in range(bodies):
            body = EntityFactory(category=programme.entity.category)
            services.ensure_envelopes(
                entity_id=body.pk, sensor_id=programme.sensor.pk, request_kind="archive",
                on=STARTS_ON,
            )  # fmt: skip
        draft = programme.draft(
            allowance=450 + bodies, valid_from=TODAY + dt.timedelta(days=bodies)
        )
        return page_of(programme.publish(draft) if is_published else draft)

    first = address(1)
    queries(client, first)
    one = queries(client, first)

    assert queries(client, address(3)) == one

"""The list of notices: whose, what is left of it when a right is lost, and what it costs."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from eligibility.selectors import actor_of
from notices.models import Notice
from notices.selectors import MANY, unread_count
from notices.services import choose_deliveries, deliver
from requests_app.intake import services as intake
from requests_app.models import ImageryRequest
from tests.eligibility.factories import AffiliationFactory, UserFactory
from tests.eligibility.pages import queries_of
from tests.notices.telling import letter, tell
from tests.requests_app import world
from tests.requests_app.pages import text_of

pytestmark = pytest.mark.django_db

LIST = "notices:list"


@pytest.fixture
def visit(client):
    def get(person, **query):
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return client.get(reverse(LIST), query, headers={"accept-language": "en"})

    return get


def shown(response):
    return [notice.subject for notice in response.context["page_obj"]]


def test_each_reads_what_they_were_told(programme, visit):
    request = world.submitted(programme)
    tell()

    requester = visit(programme.requester)
    reviewer = visit(programme.reviewer)
    colleague = visit(programme.colleague)

    assert shown(requester) == ["Your request is submitted"]
    assert shown(reviewer) == ["A new file to review"]
    assert shown(colleague) == []
    assert request.number in text_of(requester)
    assert request.get_absolute_url() in requester.text


def test_newest_is_first_and_unread_are_counted_in_the_header(programme, visit):
    world.approved(programme)
    tell()

    response = visit(programme.requester)

    assert shown(response) == ["Your request is approved", "Your request is submitted"]
    assert response.context["site_navigation"].unread == 2
    assert "Notices 2 unread" in text_of(response)


def test_notice_of_a_file_that_left_the_cell_is_gone(programme, visit):
    request = world.submitted(programme)
    tell()
    assert len(shown(visit(programme.reviewer))) == 1

    intake.recall(request_id=request.pk, user=programme.requester)

    response = visit(programme.reviewer)
    assert (shown(response), response.context["site_navigation"].unread) == ([], 0)
    assert request.number not in text_of(response)


def test_notice_comes_back_with_the_right(programme, visit):
    request = world.submitted(programme)
    tell()
    cells = type(programme.cell).objects
    other = cells.exclude(pk=programme.cell.pk).first()
    ImageryRequest.objects.filter(pk=request.pk).update(cell=other)
    assert shown(visit(programme.reviewer)) == []

    ImageryRequest.objects.filter(pk=request.pk).update(cell=programme.cell)

    assert len(shown(visit(programme.reviewer))) == 1


def test_who_is_no_longer_the_contact_reads_no_more_who_asks_to_join(visit):
    contact = AffiliationFactory(role="entity_contact")
    pending = AffiliationFactory(entity=contact.entity, since=None)
    deliver(letter(contact.user, about=("affiliation", pending.pk)))
    assert len(shown(visit(contact.user))) == 1

    contact.until = world.in_days(0)
    contact.save(update_fields=["until"])

    assert shown(visit(contact.user)) == []


def test_low_envelope_is_in_the_list_of_its_contact_alone(programme, visit):
    world.submitted(programme)
    envelope = programme.entity.envelopes.order_by("pk").first()

    deliver(letter(programme.entity_contact, about=("envelope", envelope.pk)))

    assert shown(visit(programme.entity_contact)) == ["Subject"]
    programme.entity_contact.affiliations.update(until=world.in_days(0))
    assert shown(visit(programme.entity_contact)) == []


def test_filters(programme, visit):
    world.approved(programme)
    tell()
    Notice.objects.filter(kind="receipt").update(read_at=timezone.now())

    found = {
        query: shown(visit(programme.requester, **dict([query])))
        for query in [("unread", "1"), ("kind", "receipt"), ("kind", "quota"), ("kind", "x")]
    }

    receipt, decision = "Your request is submitted", "Your request is approved"
    assert found == {
        ("unread", "1"): [decision],
        ("kind", "receipt"): [receipt],
        ("kind", "quota"): [],
        ("kind", "x"): [decision, receipt],
    }


def test_one_is_marked_as_read_and_the_filter_is_kept(programme, client):
    world.approved(programme)
    tell()
    client.force_login(programme.requester)
    notice = Notice.objects.get(reader=programme.requester, kind="receipt")

    response = client.post(f"{reverse('notices:read', args=[notice.pk])}?unread=1")

    assert response["Location"] == f"{reverse(LIST)}?unread=1"
    unread = Notice.objects.filter(reader=programme.requester).unread()
    assert [each.kind for each in unread] == ["decision"]


def test_day_of_reading_stays_that_of_the_first_time(client):
    reader = UserFactory()
    deliver(letter(reader))
    then = timezone.now() - timedelta(days=3)
    Notice.objects.update(read_at=then)
    client.force_login(reader)

    client.post(reverse("notices:read", args=[Notice.objects.get().pk]))

    assert Notice.objects.get().read_at == then


def test_all_are_marked_as_read_but_for_those_of_others(programme, client):
    world.approved(programme)
    tell()
    client.force_login(programme.requester)

    client.post(reverse("notices:read_all"))

    unread = Notice.objects.unread().values_list("reader__full_name", flat=True)
    assert programme.requester.full_name not in set(unread)
    assert unread.count() == Notice.objects.exclude(reader=programme.requester).count() > 0


def test_somebody_elses_notice_is_not_there(programme, client):
    world.submitted(programme)
    tell()
    client.force_login(programme.colleague)
    notice = Notice.objects.get(reader=programme.requester)

    response = client.post(reverse("notices:read", args=[notice.pk]))

    assert (response.status_code, Notice.objects.get(pk=notice.pk).read_at) == (404, None)


def test_looking_marks_nothing_as_read(programme, visit):
    world.submitted(programme)
    tell()

    visit(programme.requester)

    assert Notice.objects.filter(read_at__isnull=False).count() == 0


def test_list_costs_the_same_with_one_row_and_with_three(programme, client):
    client.force_login(programme.requester)
    world.submitted(programme)
    tell()
    queries_of(client, reverse(LIST))
    one = queries_of(client, reverse(LIST))
    for west in (2, 3):
        world.submitted(programme, aoi=world.square(west=west))
    tell()

    assert queries_of(client, reverse(LIST)) == one
    assert Notice.objects.filter(reader=programme.requester).count() == 3


def test_unread_are_counted_in_one_query_and_no_further_than_many(django_assert_num_queries):
    reader = UserFactory()
    affiliation = AffiliationFactory(user=reader)
    Notice.objects.bulk_create(
        Notice(
            key=str(n), reader=reader, kind="progress", subjects={}, delivery="here",
            affiliation=affiliation,
        )
        for n in range(MANY + 5)
    )  # fmt: skip
    actor = actor_of(reader)

    with django_assert_num_queries(1):
        assert unread_count(reader, actor) == MANY


def test_choices_are_those_of_ones_roles_and_say_what_cannot_be_chosen(programme, read):
    reviewer = read(programme.reviewer, reverse("notices:preferences"))
    requester = read(programme.requester, reverse("notices:preferences"))

    of_cell = "Files that come to a cell"
    assert (of_cell in reviewer, of_cell in requester) == (True, False)
    assert "Decisions" in requester
    assert "they cannot be put off or silenced" in requester


def test_choice_is_saved_from_the_page(client):
    user = UserFactory()
    client.force_login(user)

    response = client.post(
        reverse("notices:preferences"), {"progress": "weekly", "message": "here"}
    )

    assert response.status_code == 302
    deliver(letter(user))
    assert Notice.objects.get().delivery == "weekly"


@pytest.mark.parametrize("typed", [{}, {"progress": "never"}, {"progress": ""}])
def test_choice_that_is_none_is_refused(client, typed):
    user = UserFactory()
    choose_deliveries(user_id=user.pk, deliveries={"progress": "daily"})
    client.force_login(user)

    response = client.post(reverse("notices:preferences"), {"message": "here", **typed})

    assert response.context["form"].errors.keys() == {"progress"}
    deliver(letter(user))
    assert Notice.objects.get().delivery == "daily"


def test_decisions_cannot_be_silenced_by_a_forged_field(client):
    user = UserFactory()
    client.force_login(user)

    client.post(
        reverse("notices:preferences"), {"progress": "daily", "message": "here", "decision": "here"}
    )

    deliver(letter(user, kind="decision"))
    assert Notice.objects.get().delivery == "at_once"

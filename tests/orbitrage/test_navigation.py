import pytest
from django.urls import reverse
from django.utils import translation

from eligibility.permissions import NOBODY, Actor
from orbitrage.context import actor_of_request, main_entries
from tests.eligibility.factories import (
    AffiliationFactory,
    CellMemberFactory,
    ProgrammeRoleFactory,
    UserFactory,
)

VISITOR = ["catalogue:list", "eligibility:rules", "licences:verify_form"]
REQUESTER = [
    "requests:list",
    "catalogue:list",
    "quotas:list",
    "licences:list",
    "eligibility:rules",
    "notices:list",
]
OFFICER = ["requests:list", "queue:list", *REQUESTER[1:]]


def urls_of(actor):
    return [url_name for _label, url_name in main_entries(actor)]


def test_navigation_by_role():
    reviewer = frozenset({(1, "reviewer")})

    assert urls_of(NOBODY) == VISITOR
    assert urls_of(Actor(user_id=1)) == REQUESTER
    assert urls_of(Actor(user_id=1, cells=reviewer)) == OFFICER
    assert urls_of(Actor(user_id=1, is_secretariat=True)) == OFFICER
    assert urls_of(Actor(user_id=1, is_observer=True)) == OFFICER


@pytest.mark.django_db
def test_navigation_costs_four_queries(client, django_assert_num_queries):
    client.force_login(AffiliationFactory().user)

    # The session, the account, its posts, its unread notices.
    with django_assert_num_queries(4):
        client.get(reverse("emergency"))


@pytest.mark.django_db
def test_navigation_costs_the_same_with_more_posts(client, django_assert_num_queries):
    user = UserFactory()
    AffiliationFactory.create_batch(3, user=user)
    CellMemberFactory(user=user, role="reviewer")
    ProgrammeRoleFactory(user=user, role="observer")
    client.force_login(user)

    with django_assert_num_queries(4):
        client.get(reverse("emergency"))


@pytest.mark.django_db
def test_navigation_of_a_visitor_costs_nothing(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get(reverse("emergency"))


@pytest.mark.django_db
def test_actor_is_computed_once_for_a_request(rf, django_assert_num_queries):
    request = rf.get("/")
    request.user = AffiliationFactory().user

    with django_assert_num_queries(1):
        first = actor_of_request(request)
        second = actor_of_request(request)

    assert first is second


@pytest.mark.django_db
def test_current_page_is_marked(client):
    response = client.get(reverse("eligibility:rules"))

    with translation.override("fr"):
        current = [
            item.url for item in response.context["site_navigation"].items if item.is_current
        ]

    assert current == [reverse("eligibility:rules")]


@pytest.mark.django_db
def test_administration_is_offered_to_staff_only(client):
    client.force_login(UserFactory(is_staff=False))
    without = client.get(reverse("emergency")).text
    client.force_login(UserFactory(is_staff=True))
    within = client.get(reverse("emergency")).text

    assert reverse("admin:index") not in without
    assert reverse("admin:index") in within

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from eligibility.models import User
from tests.eligibility.factories import (
    AffiliationFactory,
    ProgrammeRoleFactory,
    SensorFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def english(client):
    client.cookies["django_language"] = "en"


def test_administration_shows_policy_in_force_and_lets_nobody_change_it(client):
    sensor = SensorFactory()
    user = ProgrammeRoleFactory(user__is_staff=True).user
    client.force_login(user)
    url = reverse("admin:eligibility_sensor_change", args=[sensor.pk])

    shown = client.get(url)
    written = client.post(url, {"name": "Changed"})

    assert (shown.status_code, written.status_code) == (200, 403)
    sensor.refresh_from_db()
    assert sensor.name == "Pléiades"


def test_secretariat_prepares_a_parameter_to_come_and_none_of_today(client):
    import datetime as dt

    from django.utils import timezone

    from eligibility.models import Parameter

    client.force_login(ProgrammeRoleFactory(user__is_staff=True).user)
    typed = {
        "code": "offer-validity-days",
        "name_fr": "Validité",
        "name_en": "Validity",
        "unit": "days",
        "amount": "45",
        "source": "Decision",
    }
    url = reverse("admin:eligibility_parameter_add")
    today = timezone.localdate()

    client.post(url, {**typed, "valid_from": today.isoformat()})
    now = Parameter.objects.count()
    client.post(url, {**typed, "valid_from": (today + dt.timedelta(days=1)).isoformat()})

    assert (now, Parameter.objects.count()) == (0, 1)


def test_staff_outside_the_secretariat_only_look(client):
    client.force_login(UserFactory(is_staff=True))

    added = client.get(reverse("admin:eligibility_parameter_add"))
    listed = client.get(reverse("admin:eligibility_parameter_changelist"))

    assert (added.status_code, listed.status_code) == (403, 200)


@pytest.mark.parametrize("model", ["user", "entity", "affiliation", "membership", "terms"])
def test_administration_pages_open(client, model):
    AffiliationFactory()
    client.force_login(UserFactory(is_staff=True))

    response = client.get(reverse(f"admin:eligibility_{model}_changelist"))

    assert response.status_code == 200


def test_superuser_may_everything_django_asks():
    user = User.objects.create_superuser("root@example.org", PASSWORD, full_name="Root")

    assert (user.is_staff, user.is_superuser, user.is_authenticated) == (True, True, True)
    assert not AnonymousUser().is_authenticated

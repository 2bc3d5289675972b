import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.urls import reverse

from eligibility.models import Entity, User
from tests.eligibility.factories import (
    AffiliationFactory,
    ParameterFactory,
    ProgrammeRoleFactory,
    SensorFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

PASSWORD = "correct horse battery staple"


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


@pytest.mark.parametrize(
    ("unit", "amount", "is_taken"),
    [
        ("days", "-99999", False),
        ("days", "0", False),
        ("days", "3660", True),
        ("days", "3661", False),
        ("requests", "0", False),
        ("requests", "1", True),
        ("km", "-1", False),
        ("km", "0.5", True),
    ],
)
def test_parameter_to_come_keeps_within_the_range_of_its_unit(unit, amount, is_taken):
    parameter = ParameterFactory.build(unit=unit, amount=amount)

    try:
        parameter.full_clean()
    except ValidationError as refused:
        found = [error.code for error in refused.error_dict["amount"]]
    else:
        found = []

    assert found == ([] if is_taken else ["out_of_range"])


@pytest.mark.parametrize(
    ("model", "field"),
    [(User, "full_name"), (Entity, "name"), (Entity, "acronym"), (Entity, "city")],
)
def test_names_are_of_one_line_in_the_administration_too(model, field):
    with pytest.raises(ValidationError) as refused:
        model._meta.get_field(field).clean("Two\nlines", None)

    assert [error.code for error in refused.value.error_list] == ["not_one_line"]

"""Renewed, revoked, expired: what becomes of a licence, who decides it, and who is told."""

import shutil
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from catalogue.models import Item
from licences import kinds, life, services
from licences.models import Licence
from licences.selectors import audience_of
from licences.verification import verification
from orbitrage.outbox_handlers import HANDLERS
from orbitrage.shared import outbox
from tests.catalogue.factories import ItemFactory
from tests.concurrency import in_parallel
from tests.eligibility.factories import (
    AffiliationFactory,
    CellFactory,
    CellMemberFactory,
    EntityFactory,
    InstitutionalCategoryFactory,
    MandateFactory,
    MembershipFactory,
    ProgrammeRoleFactory,
    SensorFactory,
    UserFactory,
)
from tests.licences.factories import annexed, issued

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("storage")]


@pytest.fixture
def cell():
    return CellFactory(code="institutional")


@pytest.fixture
def chair(cell):
    return CellMemberFactory(cell=cell, role="chair").user


@pytest.fixture
def entity():
    return EntityFactory(category=InstitutionalCategoryFactory())


@pytest.fixture
def contact(entity):
    user = UserFactory(language="en")
    AffiliationFactory(user=user, entity=entity, role="entity_contact")
    return user


@pytest.fixture
def ending(entity, cell, contact):
    """A licence whose last day is in ten days."""
    return issued(entity=entity, cell=cell, valid_until=localdate() + timedelta(days=10))


def revoke(licence, user, reason="Images were passed on."):
    return life.revoke(licence_id=licence.pk, user=user, reason=reason, decision=uuid4())


# --- Revoked --------------------------------------------------------------------------------------


def test_chair_revokes_with_a_reason_and_those_it_concerns_are_told(ending, chair, contact):
    revoked = revoke(ending, chair)

    assert (revoked.state, revoked.revoked_by) == ("revoked", chair)
    outbox.drain(HANDLERS)
    (message,) = [each for each in mail.outbox if contact.email in each.to]
    assert "Images were passed on." in message.body


@pytest.mark.parametrize("role", ["reviewer", "arbitrator", "supply_officer"])
def test_nobody_else_of_the_cell_revokes(ending, cell, role):
    with pytest.raises(life.DecisionRefused) as refused:
        revoke(ending, CellMemberFactory(cell=cell, role=role).user)

    assert refused.value.codes == ("licence_not_to_revoke",)


def test_chair_of_another_cell_does_not_revoke(ending):
    other = CellMemberFactory(cell=CellFactory(code="spot-science"), role="chair").user

    with pytest.raises(life.DecisionRefused):
        revoke(ending, other)


def test_reason_is_needed(ending, chair):
    with pytest.raises(life.DecisionRefused) as refused:
        revoke(ending, chair, reason="  ")

    assert refused.value.codes == ("reason_missing",)


def test_of_two_who_revoke_at_once_one_does(ending, chair):
    secretary = ProgrammeRoleFactory(role="secretariat").user

    futures = in_parallel([lambda: revoke(ending, chair), lambda: revoke(ending, secretary)])

    errors = [future.exception() for future in futures if future.exception()]
    assert [error.codes for error in errors] == [("licence_not_to_revoke",)]


# --- What may be done with an image ---------------------------------------------------------------


@pytest.fixture
def member(entity, contact):
    MembershipFactory(entity=entity, sensors=[SensorFactory()])
    return contact


def image_for(licence, *keys):
    audience = keys or (
        f"entity:{licence.entity_id}@pleiades",
        "licence:pleiades_institutional@pleiades",
    )
    return ItemFactory(request_numbers=[licence.request_number], audience=list(audience))


def sees(user, item):
    return Item.objects.visible_to(audience_of(user)).filter(pk=item.pk).exists()


def test_revocation_closes_the_images_at_once(ending, member, chair):
    item = image_for(ending)
    assert sees(member, item)

    revoke(ending, chair)

    assert not sees(member, item)


def test_revocation_closes_them_to_the_contractor_too(ending, member, chair, entity):
    contractor = AffiliationFactory()
    MandateFactory(contractor=contractor.entity, principal=entity, sensors=[SensorFactory()])
    item = image_for(ending)
    assert sees(contractor.user, item)

    revoke(ending, chair)

    assert not sees(contractor.user, item)


def test_end_closes_the_images_the_day_after(entity, cell, member, monkeypatch):
    licence = issued(entity=entity, cell=cell, valid_until=localdate())
    item = image_for(licence)
    assert sees(member, item)

    monkeypatch.setattr(timezone, "localdate", lambda *_args: localdate() + timedelta(days=1))

    assert not sees(member, item)


def test_other_images_of_the_entity_stay_open(ending, member, chair, entity, cell):
    other = image_for(issued(entity=entity, cell=cell))

    revoke(ending, chair)

    assert sees(member, other)


def test_image_that_came_for_two_requests_is_open_as_long_as_one_licence_stands(
    ending, member, chair, entity, cell
):
    second = issued(entity=entity, cell=cell)
    item = image_for(ending)
    Item.objects.update(request_numbers=[ending.request_number, second.request_number])

    revoke(ending, chair)
    assert sees(member, item)
    revoke(second, chair)

    assert not sees(member, item)


def test_licence_of_another_entity_opens_nothing_to_this_one(ending, member, chair):
    other = issued(entity=EntityFactory(category=InstitutionalCategoryFactory()))
    item = image_for(ending)
    Item.objects.update(request_numbers=[ending.request_number, other.request_number])

    revoke(ending, chair)

    assert not sees(member, item)


def test_image_open_to_all_stays_open(ending, member, chair):
    item = image_for(ending, "open", f"entity:{ending.entity_id}@pleiades")

    revoke(ending, chair)

    assert sees(member, item)


def test_another_member_keeps_what_its_own_licence_opens(ending, chair):
    other = AffiliationFactory(entity=EntityFactory(category=InstitutionalCategoryFactory()))
    MembershipFactory(entity=other.entity, sensors=[SensorFactory()])
    item = image_for(ending)

    revoke(ending, chair)

    assert sees(other.user, item)


def test_renewal_keeps_the_images_open(ending, member, chair):
    item = image_for(ending)

    life.renew(licence_id=ending.pk, user=chair, decision=uuid4())

    assert sees(member, item)


def test_image_of_no_licence_is_not_touched(ending, member, chair):
    item = ItemFactory(audience=["member@pleiades"])

    revoke(ending, chair)

    assert sees(member, item)


# --- Renewed --------------------------------------------------------------------------------------


@pytest.fixture
def five_years(settings, tmp_path):
    """The institutional licence ends after five years."""
    folder = tmp_path / "kinds"
    shutil.copytree(kinds.folder(), folder)
    path = folder / "pleiades_institutional" / "1" / "kind.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("validity_years = 0", "validity_years = 5"), encoding="utf-8")
    settings.ORBITRAGE_LICENCE_KINDS = folder


@pytest.mark.usefixtures("five_years")
def test_renewal_gives_the_same_right_anew_from_today_on(ending, chair, contact):
    renewed = life.renew(licence_id=ending.pk, user=chair, decision=uuid4())

    ending.refresh_from_db()
    assert (ending.state, ending.superseded_by) == ("superseded", renewed)
    assert renewed.state == "issued"
    assert renewed.record["renews"] == ending.number
    assert (renewed.record["purpose"], renewed.area_km2) == (
        ending.record["purpose"],
        ending.area_km2,
    )
    assert renewed.valid_from == localdate()
    assert renewed.valid_until >= date(localdate().year + 5, 1, 1)
    assert renewed.check_code != ending.check_code
    outbox.drain(HANDLERS)
    assert renewed.number in next(each.body for each in mail.outbox if contact.email in each.to)


def test_superseded_licence_says_so_to_whoever_checks_it(ending, chair):
    renewed = life.renew(licence_id=ending.pk, user=chair, decision=uuid4())

    assert verification(ending.number).state == "superseded"
    assert verification(ending.number, ending.check_code).facts.superseded_by == renewed.number


def test_renewal_sent_twice_gives_one(ending, chair):
    decision = uuid4()

    futures = in_parallel(
        [lambda: life.renew(licence_id=ending.pk, user=chair, decision=decision)] * 2
    )

    assert len({future.result().pk for future in futures}) == 1
    assert Licence.objects.count() == 2


def test_renewal_of_an_entity_that_is_suspended_is_refused(ending, member, chair, entity):
    entity.memberships.update(suspended_on=localdate(), suspension_reason="Unpaid.")

    with pytest.raises(life.DecisionRefused) as refused:
        life.renew(licence_id=ending.pk, user=chair, decision=uuid4())

    assert refused.value.codes == ("entity_does_not_stand",)


def test_renewal_names_who_represents_the_entity_today(ending, chair, entity):
    AffiliationFactory(
        entity=entity, user__full_name="Anne Le Goff the younger", role="legal_representative"
    )

    renewed = life.renew(licence_id=ending.pk, user=chair, decision=uuid4())

    assert renewed.record["representative"]["name"] == "Anne Le Goff the younger"
    assert renewed.record["licensee"]["name"] == entity.name
    assert (renewed.record["funding_lines"], renewed.record["total_eur"]) == ([], "0")


def test_annex_stays_with_what_renews_its_licence(client, ending, chair, contact):
    annex = annexed(ending)
    outbox.drain(HANDLERS)
    renewed = life.renew(licence_id=ending.pk, user=chair, decision=uuid4())
    client.force_login(contact)

    own = client.get(reverse("licences:download", args=[ending.number, "fr"]))
    of_annex = client.get(reverse("licences:download", args=[annex.number, "fr"]))

    assert (own.status_code, of_annex.status_code) == (410, 200)
    assert annex.number in client.get(renewed.get_absolute_url()).text
    assert verification(annex.number, annex.check_code).state == "valid"


def test_delivery_during_a_renewal_is_annexed_to_what_renews_it(ending, chair):
    def renew():
        life.renew(licence_id=ending.pk, user=chair, decision=uuid4())

    futures = in_parallel([renew, lambda: annexed(ending)])

    assert [future.exception() for future in futures] == [None, None]


def test_licence_without_an_end_or_over_is_not_renewed(entity, cell, chair, ending):
    lasting = issued(entity=entity, cell=cell)
    revoke(ending, chair)

    for licence in (lasting, ending):
        with pytest.raises(life.DecisionRefused) as refused:
            life.renew(licence_id=licence.pk, user=chair, decision=uuid4())
        assert refused.value.codes == ("licence_not_to_renew",)


# --- Reminders ------------------------------------------------------------------------------------


def reminded():
    life.remind_of_ends()
    outbox.drain(HANDLERS)
    return len(mail.outbox)


def test_end_is_told_once_for_each_number_of_days(entity, cell, contact, monkeypatch):
    issued(entity=entity, cell=cell, valid_until=localdate() + timedelta(days=61))
    told = []
    for day in (0, 1, 2, 31, 40, 54, 60, 61, 62):
        monkeypatch.setattr(
            timezone, "localdate", lambda *_args, day=day: localdate() + timedelta(days=day)
        )
        told.append(reminded())

    assert told == [0, 1, 1, 2, 2, 3, 3, 3, 3]


def test_end_is_told_after_an_outage(ending, contact):
    assert reminded() == 1
    assert "last day" in mail.outbox[0].body


def test_revoked_licence_is_not_reminded_of(ending, chair):
    with transaction.atomic():
        services.revoke(request_number=ending.request_number, reason="rescind", decision=uuid4())

    assert reminded() == 0


# --- Pages ----------------------------------------------------------------------------------------


def test_chair_revokes_on_the_page(client, ending, chair):
    client.force_login(chair)
    address = reverse("licences:revoke", args=[ending.number])
    assert address in client.get(ending.get_absolute_url()).text

    empty = client.post(address, {"decision": uuid4(), "reason": ""})
    done = client.post(address, {"decision": uuid4(), "reason": "Images were passed on."})

    assert empty.status_code == 200
    assert done.url == ending.get_absolute_url()
    assert Licence.objects.get().state == "revoked"
    assert client.get(address).url == ending.get_absolute_url()


def test_chair_renews_on_the_page(client, ending, chair):
    client.force_login(chair)
    address = reverse("licences:renew", args=[ending.number])
    assert address in client.get(ending.get_absolute_url()).text
    assert client.get(address).status_code == 200

    client.post(address, {"decision": uuid4()})

    assert sorted(Licence.objects.values_list("state", flat=True)) == ["issued", "superseded"]


@pytest.mark.parametrize("name", ["revoke", "renew"])
def test_who_only_reads_a_licence_finds_no_such_page(client, ending, contact, cell, name):
    address = reverse(f"licences:{name}", args=[ending.number])
    for user in (contact, CellMemberFactory(cell=cell, role="reviewer").user, UserFactory()):
        client.force_login(user)
        assert client.get(address).status_code == 404
        assert client.post(address, {"decision": uuid4(), "reason": "x"}).status_code == 404
    assert Licence.objects.get().state == "issued"

"""Where the kind asks, a licence waits for its signature; its link opens it to its signatory."""

import time
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from licences import rendering, services, signatories, signing
from licences.models import Licence, LicenceFile, Signature
from licences.verification import verification, verification_of_file
from orbitrage.outbox_handlers import HANDLERS
from orbitrage.shared import outbox
from tests.concurrency import in_parallel
from tests.eligibility.factories import (
    AffiliationFactory,
    EntityFactory,
    MembershipFactory,
    SensorFactory,
    UserFactory,
)
from tests.licences.factories import annexed, image_of, issued, record_of
from tests.shared.printed import words_of

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("signed_kind", "storage"),
]


@pytest.fixture
def entity():
    return EntityFactory()


@pytest.fixture
def signatory(entity):
    user = UserFactory(full_name="Anne Le Goff", language="en")
    AffiliationFactory(user=user, entity=entity, role="legal_representative")
    return user


@pytest.fixture
def licence(entity, signatory):
    return issued(entity=entity)


def sign(licence, user):
    return signing.sign(licence_id=licence.pk, user=user, text_sha256=licence.record_sha256)


def codes_of(refused):
    return refused.value.codes


# --- Waiting --------------------------------------------------------------------------------------


def test_licence_waits_with_its_number_and_without_a_document(licence):
    outbox.drain(HANDLERS)
    rendering.render(licence.pk)

    assert (licence.state, licence.number[:8]) == ("awaiting", "PLE-DSP-")
    assert not LicenceFile.objects.exists()


def test_licence_that_waits_is_unknown_to_strangers(licence):
    told = [
        verification(number, code)
        for number in (licence.number.lower(), "PLE-DSP-2026-9999")
        for code in ("", "0" * 32)
    ]

    assert {(each.state, each.has_wrong_code, each.facts) for each in told} == {
        ("unknown", False, None)
    }
    assert all(each.number.isupper() for each in told)
    assert verification_of_file(licence.number.encode()).state == "not_ours"


def test_nothing_is_annexed_to_a_licence_that_waits(licence):
    with transaction.atomic():
        annex = services.add_annex(
            request_number=licence.request_number, images=[image_of()], decision=uuid4()
        )

    assert annex is None


def test_licence_that_waits_is_taken_back(licence, signatory):
    with transaction.atomic():
        services.revoke(request_number=licence.request_number, reason="cancel", decision=uuid4())

    with pytest.raises(signing.SignatureRefused) as refused:
        sign(licence, signatory)
    assert codes_of(refused) == ("signature_not_awaited",)


def test_licence_is_not_in_force_without_a_signature(licence):
    with pytest.raises(IntegrityError, match="licence_is_signed_first"), transaction.atomic():
        Licence.objects.filter(pk=licence.pk).update(state="issued")


# --- The link -------------------------------------------------------------------------------------


def link_in(message):
    return next(word for word in message.body.split() if "/licences/sign/" in word)


def path_of(message):
    return "/" + link_in(message).split("/", maxsplit=3)[3]


def test_signatory_is_mailed_a_link_to_what_is_to_be_signed(client, licence, signatory):
    outbox.drain(HANDLERS)

    (message,) = mail.outbox
    assert message.to == [signatory.email]
    assert licence.number in message.subject
    client.force_login(signatory)
    page = client.get(path_of(message)).text
    assert licence.record["licensee"]["name"] in page
    assert licence.record_sha256 in page


def test_link_opens_nothing_to_anybody_else(client, licence, signatory, entity):
    path = signatories.path_to_sign(licence, signatory)
    colleague = AffiliationFactory(entity=entity).user

    assert client.get(path).status_code == 302
    for user in (colleague, UserFactory()):
        client.force_login(user)
        assert client.get(path).status_code == 404


@pytest.mark.parametrize("change", ["password", "letter", "time"])
def test_link_that_is_wrong_old_or_from_before_a_new_password_is_not_found(
    client, licence, signatory, change, monkeypatch
):
    path = signatories.path_to_sign(licence, signatory)
    if change == "password":
        signatory.set_password("another one entirely")
        signatory.save()
    elif change == "letter":
        path = path[:-3] + ("a" if path[-3] != "a" else "b") + path[-2:]
    else:
        too_late_s = time.time() + signatories.LINK_LASTS.total_seconds() + 60
        monkeypatch.setattr("django.core.signing.time.time", lambda: too_late_s)
    client.force_login(signatory)

    assert client.get(path).status_code == 404


def test_signature_on_the_page_puts_the_licence_in_force(client, licence, signatory):
    path = signatories.path_to_sign(licence, signatory)
    client.force_login(signatory)

    response = client.post(path, {"is_read": "on", "text_sha256": licence.record_sha256})

    assert response.url == licence.get_absolute_url()
    licence.refresh_from_db()
    assert licence.state == "issued"
    assert client.get(path).url == licence.get_absolute_url()


def test_signature_without_the_tick_says_what_is_missing(client, licence, signatory):
    path = signatories.path_to_sign(licence, signatory)
    client.force_login(signatory)

    page = client.post(
        path, {"text_sha256": licence.record_sha256}, headers={"accept-language": "en"}
    )

    assert page.status_code == 200
    assert "Tick the box to sign." in page.text
    assert not Signature.objects.exists()


def test_signatory_has_the_link_sent_again(client, licence, signatory, entity):
    address = reverse("licences:send_link", args=[licence.number])
    for user, mails in ((AffiliationFactory(entity=entity).user, 0), (signatory, 2)):
        client.force_login(user)
        assert client.post(address).url == licence.get_absolute_url()
        if mails:
            outbox.drain(HANDLERS)
        assert len(mail.outbox) == mails


def test_signatory_is_asked_again_once_after_each_number_of_days(licence, monkeypatch):
    today, localdate = timezone.localdate(), timezone.localdate
    outbox.drain(HANDLERS)
    told = []
    for day in (0, 6, 7, 8, 20, 25, 40):
        on = today + timedelta(days=day)
        with monkeypatch.context() as patch:
            patch.setattr(timezone, "localdate", lambda *at, on=on: localdate(*at) if at else on)
            signing.remind_signatories()
        outbox.drain(HANDLERS)
        told.append(len(mail.outbox))

    assert told == [1, 1, 2, 2, 2, 3, 3]


def test_nobody_is_asked_again_for_what_is_signed(licence, signatory, monkeypatch):
    sign(licence, signatory)
    later = timezone.localdate() + timedelta(days=10)
    monkeypatch.setattr(timezone, "localdate", lambda *_at: later)

    assert signing.remind_signatories() == 0


def test_link_is_not_sent_once_somebody_has_signed(licence, signatory):
    sign(licence, signatory)

    outbox.drain(HANDLERS)

    assert mail.outbox == []


# --- Signing --------------------------------------------------------------------------------------


def test_signature_is_kept_with_who_when_as_what_and_what(licence, signatory):
    sign(licence, signatory)

    signature = Signature.objects.get()
    assert (signature.licence, signature.user) == (licence, signatory)
    assert (signature.name, signature.role) == ("Anne Le Goff", "legal_representative")
    assert signature.text_sha256 == licence.record_sha256
    assert abs(timezone.now() - signature.signed_at) < timedelta(minutes=1)


@pytest.mark.parametrize("change", [{"name": "Another"}, {"text_sha256": "0" * 64}])
def test_signature_never_changes(licence, signatory, change):
    sign(licence, signatory)

    with pytest.raises(IntegrityError, match="signature_is_append_only"), transaction.atomic():
        Signature.objects.update(**change)
    with pytest.raises(IntegrityError, match="signature_is_append_only"), transaction.atomic():
        Signature.objects.get().delete()


def test_who_holds_no_post_that_signs_is_refused(licence, entity):
    member = AffiliationFactory(entity=entity).user

    with pytest.raises(signing.SignatureRefused) as refused:
        sign(licence, member)

    assert codes_of(refused) == ("signatory_without_right",)


def test_requester_signs_where_the_kind_says_so(entity):
    requester = AffiliationFactory(entity=entity).user
    with transaction.atomic():
        licence = services.issue(
            record=record_of(),
            decision=uuid4(),
            entity_id=entity.pk,
            requester_id=requester.pk,
        )

    sign(licence, requester)

    assert Signature.objects.get().role == "requester"


def test_post_that_ended_since_signs_nothing(licence, signatory):
    signatory.affiliations.update(until=timezone.localdate() - timedelta(days=1))

    with pytest.raises(signing.SignatureRefused) as refused:
        sign(licence, signatory)

    assert codes_of(refused) == ("signatory_without_right",)


def test_nothing_is_signed_for_an_entity_that_is_suspended(licence, signatory, entity):
    MembershipFactory(
        entity=entity,
        sensors=[SensorFactory()],
        suspended_on=timezone.localdate(),
        suspension_reason="Unpaid.",
    )

    with pytest.raises(signing.SignatureRefused) as refused:
        sign(licence, signatory)

    assert codes_of(refused) == ("entity_does_not_stand",)


def test_another_text_is_not_signed(licence, signatory):
    with pytest.raises(signing.SignatureRefused) as refused:
        signing.sign(licence_id=licence.pk, user=signatory, text_sha256="0" * 64)

    assert codes_of(refused) == ("signature_of_another_text",)


def test_of_two_who_sign_at_once_one_has(licence, signatory, entity):
    other = AffiliationFactory(entity=entity, role="legal_representative").user

    futures = in_parallel([lambda: sign(licence, signatory), lambda: sign(licence, other)])

    errors = [future.exception() for future in futures if future.exception()]
    assert [error.codes for error in errors] == [("signature_not_awaited",)]
    assert Signature.objects.count() == 1


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", "Signé en ligne par Anne Le Goff, représentant légal"),
        ("en", "Signed on line by Anne Le Goff, legal representative"),
    ],
)
def test_document_follows_the_signature_and_says_it(licence, signatory, language, said):
    sign(licence, signatory)
    outbox.drain(HANDLERS)

    assert LicenceFile.objects.filter(licence=licence).count() == 2
    licence.refresh_from_db()
    text = " ".join(words_of(rendering.print_again(licence, language)))
    assert said in text
    assert text.count(licence.record_sha256) >= 3


def test_images_are_annexed_once_it_is_signed(licence, signatory):
    sign(licence, signatory)

    assert annexed(licence).number == f"{licence.number}-A1"

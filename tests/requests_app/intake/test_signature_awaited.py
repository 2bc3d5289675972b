"""What is granted under a licence that is signed for each request waits for that signature."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from licences import signing
from licences.models import Licence
from orbitrage.outbox_handlers import HANDLERS
from orbitrage.shared import outbox
from requests_app.intake import services as intake
from requests_app.lists import forms
from requests_app.models import ImageryRequest
from requests_app.periodic import advance_calendar
from requests_app.states import WhoActs
from requests_app.story import TO_SIGN
from requests_app.supply import services as supply
from requests_app.transitions import TransitionRefused
from tests.concurrency import in_parallel
from tests.requests_app import world
from tests.requests_app.books import again, balances, last_record, transitions

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("signed_kind", "storage"),
]


@pytest.fixture
def programme(committed_programme):
    return committed_programme


@pytest.fixture
def request_to_sign(programme):
    return world.approved(programme)


def licence_of(request):
    return Licence.objects.get(number=request.licence_number)


def sign(request, programme):
    licence = licence_of(request)
    return signing.sign(
        licence_id=licence.pk, user=programme.requester, text_sha256=licence.record_sha256
    )


def let_the_day_pass(request):
    ImageryRequest.objects.filter(pk=request.pk).update(due_on=world.in_days(-1), reminders_sent=2)


def test_it_waits_for_its_signatory_until_a_day(programme, request_to_sign):
    found = ImageryRequest.objects

    assert request_to_sign.due_on == timezone.localdate() + timedelta(days=30)
    assert (request_to_sign.who_must_act, request_to_sign.is_late) == ("signatory", False)
    assert list(found.awaiting(WhoActs.SIGNATORY)) == [request_to_sign]
    assert not found.awaiting_cell().exists()
    assert WhoActs.SIGNATORY in dict(forms.AWAITED)
    with pytest.raises(TransitionRefused) as refused:
        supply.order(request_id=request_to_sign.pk, user=programme.supply_officer)
    assert refused.value.codes == ("licence_unsigned",)


def test_signature_gives_it_to_the_supply_officer_who_orders(programme, request_to_sign):
    sign(request_to_sign, programme)
    outbox.drain(HANDLERS)

    signed, record = again(request_to_sign), last_record(request_to_sign)
    assert (signed.state, signed.due_on, signed.who_must_act) == ("approved", None, "cell")
    assert (record.transition, record.author) == ("sign_licence", programme.requester)
    assert record.changes == {"licence_number": signed.licence_number}
    assert signed.came_to_cell_at == record.at
    assert list(ImageryRequest.objects.awaiting_cell()) == [signed]
    ordered = supply.order(request_id=signed.pk, user=programme.supply_officer)
    assert ordered.state == "ordered"


def test_signature_is_recorded_once(programme, request_to_sign):
    licence = sign(request_to_sign, programme)

    for _ in range(2):
        intake.follow_signature({"licence_id": licence.pk})

    assert transitions(request_to_sign).count("sign_licence") == 1


def test_signature_of_a_decision_that_was_rescinded_moves_nothing(programme, request_to_sign):
    licence = sign(request_to_sign, programme)
    world.rescind(programme, request_to_sign.pk)

    intake.follow_signature({"licence_id": licence.pk})

    assert "sign_licence" not in transitions(request_to_sign)


def test_without_a_signature_it_expires_and_gives_everything_back(programme, request_to_sign):
    assert balances(request_to_sign.number)
    let_the_day_pass(request_to_sign)

    assert advance_calendar() == {"moved": 1, "reminded": 0}

    assert not balances(request_to_sign.number)
    assert again(request_to_sign).state == "expired"
    assert licence_of(request_to_sign).state == "revoked"
    with pytest.raises(signing.SignatureRefused) as refused:
        sign(request_to_sign, programme)
    assert refused.value.codes == ("signature_not_awaited",)


def test_signed_on_the_last_day_it_does_not_expire(programme, request_to_sign):
    """The worker may be late with what follows from the signature."""
    sign(request_to_sign, programme)
    let_the_day_pass(request_to_sign)

    assert advance_calendar() == {"moved": 0, "reminded": 0}
    assert (again(request_to_sign).state, licence_of(request_to_sign).state) == (
        "approved",
        "issued",
    )


def test_signature_and_end_at_once_agree(programme, request_to_sign):
    let_the_day_pass(request_to_sign)

    signed, lapsed = in_parallel(
        [
            lambda: sign(request_to_sign, programme),
            lambda: intake.lapse(request_id=request_to_sign.pk),
        ]
    )

    outcomes = (signed.exception() is None, lapsed.exception() is None)
    expected = {
        (True, False): ("approved", "issued"),
        (False, True): ("expired", "revoked"),
    }
    state = again(request_to_sign).state
    assert (state, licence_of(request_to_sign).state) == expected[outcomes]


def test_story_and_letters_say_what_is_awaited(programme, request_to_sign, client, in_english):
    outbox.drain(HANDLERS)
    client.force_login(programme.requester)

    page = client.get(f"/requests/{request_to_sign.number}/", headers={"accept-language": "en"})

    bodies = [message.body for message in mail.outbox]
    number = request_to_sign.licence_number
    assert str(TO_SIGN) in page.content.decode()
    assert sum(f"icence {number} est à signer au plus tard" in body for body in bodies) >= 2

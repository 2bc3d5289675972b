"""A letter is entered in a list once, and mailed as its reader has chosen."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from eligibility.permissions import NOBODY, Actor
from notices.models import DeliveryChoice, Notice
from notices.rules import FIXED_KINDS, kinds_to_choose
from notices.services import choose_deliveries, deliver, forget_old_notices
from orbitrage.shared.letters import LetterKind
from tests.eligibility.factories import UserFactory
from tests.notices.telling import letter, tell
from tests.requests_app import after, world

pytestmark = pytest.mark.django_db


def test_letter_is_mailed_and_entered():
    reader = UserFactory(language="en")

    deliver(letter(reader))

    (message,) = mail.outbox
    assert (message.to, message.subject, message.body) == ([reader.email], "Subject", "Text.\n")
    notice = Notice.objects.get()
    assert (notice.reader, notice.kind, notice.delivery, notice.path, notice.read_at) == (
        reader, "progress", "at_once", "/there/", None,
    )  # fmt: skip


def test_letter_delivered_twice_is_entered_once_and_is_the_same_mail():
    reader = UserFactory()

    deliver(letter(reader))
    deliver(letter(reader))

    first, again = (message.extra_headers["Message-ID"] for message in mail.outbox)
    assert first == again
    assert Notice.objects.count() == 1


@pytest.mark.parametrize("delivery", ["daily", "weekly", "here"])
def test_letter_that_is_not_wanted_at_once_is_only_entered(delivery):
    reader = UserFactory()
    choose_deliveries(user_id=reader.pk, deliveries={"progress": delivery})

    deliver(letter(reader))

    assert mail.outbox == []
    assert Notice.objects.get().delivery == delivery


def test_second_delivery_follows_the_choice_of_the_first():
    """Else a mail that failed once would be lost, or one in a digest sent besides."""
    reader = UserFactory()
    deliver(letter(reader))
    choose_deliveries(user_id=reader.pk, deliveries={"progress": "here"})

    deliver(letter(reader))

    assert len(mail.outbox) == 2


def test_choice_is_of_its_kind_and_its_reader_alone():
    reader, other = UserFactory(), UserFactory()
    choose_deliveries(user_id=reader.pk, deliveries={"progress": "here"})

    deliver(letter(reader, key="1", kind=LetterKind.QUOTA))
    deliver(letter(other, key="2"))

    assert [message.to for message in mail.outbox] == [[reader.email], [other.email]]


@pytest.mark.parametrize("kind", sorted(FIXED_KINDS))
def test_database_refuses_a_choice_for_what_is_always_told(kind):
    user = UserFactory()

    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        DeliveryChoice.objects.create(user=user, kind=kind, delivery="here")

    constraint = refusal.value.__cause__.diag.constraint_name
    assert constraint == "delivery_of_fixed_kinds_not_chosen"


def test_choosing_again_changes_the_choice():
    user = UserFactory()

    choose_deliveries(user_id=user.pk, deliveries={"progress": "here", "cell": "daily"})
    choose_deliveries(user_id=user.pk, deliveries={"progress": "weekly"})

    chosen = DeliveryChoice.objects.order_by("kind").values_list("kind", "delivery")
    assert list(chosen) == [("cell", "daily"), ("progress", "weekly")]


@pytest.mark.parametrize("field", ["suspended_at", "erased_at"])
def test_somebody_suspended_or_erased_is_told_nothing(field):
    reader = UserFactory(is_active=False, **{field: timezone.now()})
    wanted = letter(reader)

    deliver(wanted)

    assert (mail.outbox, Notice.objects.count()) == ([], 0)


def test_mail_that_is_refused_leaves_the_notice(settings):
    settings.EMAIL_BACKEND = "tests.notices.test_delivering.NoMail"
    reader = UserFactory()

    with pytest.raises(ConnectionRefusedError):
        deliver(letter(reader))

    assert Notice.objects.get().reader == reader


class NoMail:
    def __init__(self, **_options):
        pass

    def send_messages(self, _messages):
        raise ConnectionRefusedError


def test_notice_is_read_in_the_language_of_the_page():
    deliver(letter(UserFactory(language="fr")))
    notice = Notice.objects.get()

    with translation.override("en"):
        english = notice.subject
    with translation.override("fr"):
        french = notice.subject

    assert (english, french) == ("Subject", "Sujet")


@pytest.mark.parametrize("about", [{}, {"affiliation": 1, "membership": 1}], ids=["none", "two"])
def test_database_refuses_a_notice_about_none_or_two_things(about):
    reader = UserFactory()
    fields = {f"{name}_id": key for name, key in about.items()}

    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        Notice.objects.create(
            key="1", reader=reader, kind="progress", subjects={}, delivery="here", **fields
        )

    assert refusal.value.__cause__.diag.constraint_name == "notice_is_about_one_thing"


def test_database_refuses_a_digest_that_was_not_chosen():
    deliver(letter(UserFactory()))

    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        Notice.objects.update(digest_on=world.in_days(0))

    assert refusal.value.__cause__.diag.constraint_name == "notice_digest_was_chosen"


@pytest.mark.parametrize(
    ("actor", "kinds"),
    [
        (NOBODY, ["progress", "message"]),
        (Actor(user_id=1, cells=frozenset({(1, "reviewer")})), ["progress", "message", "cell"]),
        (
            Actor(user_id=1, cells=frozenset({(1, "chair")})),
            ["progress", "message", "cell", "quota"],
        ),
        (Actor(user_id=1, contact_of=frozenset({1})), ["progress", "message", "people", "quota"]),
        (
            Actor(user_id=1, legal_representative_of=frozenset({1})),
            ["progress", "message", "people"],
        ),
    ],
)
def test_kinds_to_choose(actor, kinds):
    assert list(kinds_to_choose(actor)) == kinds


KINDS = [
    (world.submitted, "requester", "receipt"),
    (world.submitted, "reviewer", "cell"),
    (after.asked, "requester", "deadline"),
    (world.offered, "requester", "deadline"),
    (world.approved, "requester", "decision"),
    (world.approved, "supply_officer", "cell"),
    (after.refused, "requester", "decision"),
    (world.ordered, "requester", "progress"),
    (world.partly_delivered, "requester", "progress"),
    (world.delivered, "requester", "deadline"),
    (after.lapsed, "requester", "decision"),
    (after.reminded, "requester", "deadline"),
    (after.cancelled_by_chair, "requester", "decision"),
    (after.disputed, "arbitrator", "cell"),
]


@pytest.mark.parametrize(
    ("reach", "role", "kind"), KINDS, ids=[f"{reach.__name__} {role}" for reach, role, _ in KINDS]
)
def test_kind_of_the_last_notice_after(programme, reach, role, kind):
    reach(programme)

    tell()

    assert Notice.objects.filter(reader=programme.people[role]).latest("pk").kind == kind


def test_each_mail_about_a_request_has_its_notice(programme):
    request = world.ordered(programme)

    mails = tell()

    to_requester = [mail for mail in mails if mail.to == [programme.requester.email]]
    notices = Notice.objects.filter(reader=programme.requester).order_by("pk")
    assert [f"[{request.number}] {notice.subjects['fr']}" for notice in notices] == [
        message.subject for message in to_requester
    ]
    assert {notice.request_id for notice in notices} == {request.pk}
    assert {notice.path for notice in notices} == {request.get_absolute_url()}


def test_notices_are_forgotten_after_a_year_and_more():
    deliver(letter(UserFactory(), key="old"))
    deliver(letter(UserFactory(), key="new"))
    Notice.objects.filter(key="old").update(told_at=timezone.now() - timedelta(days=402))

    assert forget_old_notices(on=world.in_days(0)) == 1
    assert Notice.objects.get().key == "new"

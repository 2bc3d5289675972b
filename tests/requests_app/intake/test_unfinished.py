"""A form that is being filled in is kept as typed."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from orbitrage.shared.days import instant_in_words
from orbitrage.shared.errors import Refusal
from requests_app.intake import services as intake
from requests_app.intake.services import FormRefused, Typed
from requests_app.models import UnfinishedForm, UploadedArea
from requests_app.periodic import forget_uploaded_areas
from tests.eligibility.factories import UserFactory
from tests.requests_app import world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

TITLE = {"title": ["Coastline"]}


def keep(user, key, *, answers=TITLE, version=0, **more):
    typed = Typed(answers=answers, version=version, **more)
    return intake.keep_form(key=key, user=user, typed=typed)


def refusals_of(user, key, **typed):
    before = list(UnfinishedForm.objects.values())
    with pytest.raises(FormRefused) as refused:
        keep(user, key, **typed)
    assert list(UnfinishedForm.objects.values()) == before
    return list(refused.value.refusals)


# --- Kept -----------------------------------------------------------------------------------------


def test_first_words_are_kept_with_their_area(programme):
    user, key = programme.requester, uuid4()
    area = world.area_of(user)

    form = keep(user, key, area_id=area.pk)

    assert (form.key, form.owner, form.answers, form.area) == (key, user, TITLE, area)
    assert (form.version, form.title, form.request) == (1, "Coastline", None)


def test_what_is_typed_next_takes_the_place_of_what_stood_there(programme):
    user, key = programme.requester, uuid4()
    keep(user, key, area_id=world.area_of(user).pk)

    form = keep(user, key, answers={"title": ["Coast"], "purpose": ["Waves"]}, version=1)

    assert (form.version, form.area) == (2, None)
    assert UnfinishedForm.objects.get().answers == {"title": ["Coast"], "purpose": ["Waves"]}


def test_answers_are_kept_right_or_wrong(programme):
    odd = {"maximum_cloud_percent": ["-3"], "window_ends_on": ["tomorrow"], "title": ["a\0b\n"]}

    form = keep(programme.requester, uuid4(), answers=odd)

    form.refresh_from_db()
    assert form.answers == odd | {"title": ["ab\n"]}


def test_area_of_somebody_else_is_not_taken(programme):
    area = world.area_of(programme.colleague)

    form = keep(programme.requester, uuid4(), area_id=area.pk)

    assert form.area is None


def test_form_of_a_request_leads_back_to_it(programme):
    draft = world.draft(programme)

    form = keep(programme.requester, uuid4(), request_id=draft.pk)

    assert form.request == draft
    assert form.get_absolute_url() == f"/requests/{draft.number}/edit/?form={form.key}"


def test_request_of_somebody_else_is_not_named(programme):
    draft = world.draft(programme)

    form = keep(UserFactory(), uuid4(), request_id=draft.pk)

    assert form.request is None


def test_same_words_again_are_no_change(programme):
    user, key = programme.requester, uuid4()
    keep(user, key)

    form = keep(user, key, version=0)

    assert (form.version, form.answers) == (1, TITLE)


# --- Refused --------------------------------------------------------------------------------------


def test_second_window_does_not_overwrite_the_first(programme):
    user, key = programme.requester, uuid4()
    keep(user, key)
    first = keep(user, key, answers={"title": ["Of the first"]}, version=1)

    (refusal,) = refusals_of(user, key, answers={"title": ["Of the second"]}, version=1)

    assert refusal.code == "form_changed_elsewhere"
    assert instant_in_words(first.saved_at) in refusal.message


def test_form_beyond_its_size_is_refused_with_the_figures(programme):
    answers = {"purpose": ["x" * 200_000], "title": ["y" * 50_001]}

    assert refusals_of(programme.requester, uuid4(), answers=answers) == [
        Refusal("form_too_large", "The form has 250001 characters; 250000 at most are kept.")
    ]


def test_forms_without_end_are_refused_and_those_there_are_still_kept(programme):
    user = programme.requester
    keys = [uuid4() for _number in range(20)]
    for key in keys:
        keep(user, key)

    assert refusals_of(user, uuid4()) == [
        Refusal(
            "too_many_forms",
            "20 forms are kept unfinished: finish or give up one of them first.",
        )
    ]
    assert keep(user, keys[0], answers={"title": ["Coast"]}, version=1).version == 2


def test_key_of_somebody_else_is_no_key(programme):
    key = uuid4()
    keep(programme.requester, key)

    with pytest.raises(UnfinishedForm.DoesNotExist):
        keep(programme.colleague, key, answers={"title": ["Mine now"]}, version=1)

    assert UnfinishedForm.objects.get().answers == TITLE


# --- Forgotten ------------------------------------------------------------------------------------


def test_form_that_was_sent_is_forgotten_by_its_owner_only(programme):
    key = uuid4()
    keep(programme.requester, key)

    intake.forget_form(key=key, user=programme.colleague)
    assert UnfinishedForm.objects.exists()
    intake.forget_form(key=key, user=programme.requester)

    assert not UnfinishedForm.objects.exists()


def test_form_lives_as_long_as_a_draft(programme):
    old, young = uuid4(), uuid4()
    keep(programme.requester, old)
    keep(programme.requester, young)
    now = timezone.now()
    UnfinishedForm.objects.filter(key=old).update(saved_at=now - timedelta(days=90, minutes=1))
    UnfinishedForm.objects.filter(key=young).update(saved_at=now - timedelta(days=89))

    assert intake.forget_old_forms() == 1

    assert UnfinishedForm.objects.get().key == young


def test_area_of_a_form_stays_as_long_as_the_form(programme):
    user = programme.requester
    kept, other = world.area_of(user), world.area_of(user)
    keep(user, uuid4(), area_id=kept.pk)
    UploadedArea.objects.update(uploaded_at=timezone.now() - timedelta(days=8))

    assert forget_uploaded_areas() == 1

    assert (UploadedArea.objects.get(), other.pk) == (kept, other.pk)

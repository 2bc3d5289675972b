"""Nothing typed is lost: not by an error, a second window, a dead sign-in or an emergency."""

from uuid import uuid4

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from eligibility.services import change_password
from requests_app.models import ImageryRequest, UnfinishedForm
from requests_app.views.unfinished import OWNER_SALT
from tests.requests_app import world
from tests.requests_app.area_posts import errors
from tests.requests_app.form_posts import (
    NEW,
    expert_answers,
    keep,
    of_page,
    opened,
    post,
    simple_answers,
)

pytestmark = pytest.mark.django_db


def browser_of(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


# --- While it is typed ----------------------------------------------------------------------------


def test_what_is_typed_is_kept_and_the_page_is_told_when(requester, programme):
    page = opened(requester)

    response = keep(requester, **of_page(page, title="Coast", depth="expert"))

    kept = UnfinishedForm.objects.get()
    at = timezone.localtime(kept.saved_at)
    assert (kept.key, kept.owner) == (page.key, programme.requester)
    assert kept.answers == {"title": ["Coast"], "depth": ["expert"]}
    assert response.json() == {
        "version": 1,
        "said": f"Kept at {at:%H:%M}.",
        "address": f"/requests/new/?form={page.key}",
    }


def test_form_opens_again_as_it_was_left(requester, programme):
    area = world.area_of(programme.requester)
    typed = {"title": "Coast", "maximum_cloud_percent": "-3", "area_id": area.pk, "depth": "expert"}
    page = opened(requester)
    keep(requester, **of_page(page, **typed, area_given_by="upload", archive_scenes=["A", "B"]))

    response = requester.get(reverse(NEW), {"form": page.key})

    form = response.context["form"]
    assert (form["title"].value(), form["maximum_cloud_percent"].value()) == ("Coast", "-3")
    assert (form["archive_scenes"].value(), form.is_simple) == (["A", "B"], False)
    assert (response.context["area"], response.context["given_by"]) == (area, "upload")
    assert response.context["form_page"].version == 1


def test_second_window_is_refused_and_told(requester):
    page = opened(requester)
    keep(requester, **of_page(page, title="First"))
    keep(requester, **of_page(page, title="First again", form_version=1))

    response = keep(requester, **of_page(page, title="Second", form_version=1))

    told = response.json()
    assert (response.status_code, told["code"]) == (409, "form_changed_elsewhere")
    assert "still on this page" in told["said"]
    assert UnfinishedForm.objects.get().answers == {"title": ["First again"]}


def test_second_window_that_is_sent_goes_on_apart(requester, programme):
    page = opened(requester)
    keep(requester, **of_page(page, title="First"))
    keep(requester, **of_page(page, title="First again", form_version=1))
    second = of_page(page, form_version=1) | expert_answers(programme, title="Second")

    refused = post(requester, second)
    apart = refused.context["form_page"]
    post(requester, second | of_page(apart))

    assert errors(refused) == {"__all__": ["form_changed_elsewhere"]}
    assert refused.context["form"]["title"].value() == "Second"
    assert apart.key != page.key
    assert ImageryRequest.objects.get().title == "Second"
    assert UnfinishedForm.objects.get().title == "First again"


@pytest.mark.parametrize("sent", [{"form_key": "x"}, {"form_version": "-1"}, {"form_key": ""}])
def test_form_of_no_page_is_not_kept(requester, sent):
    response = keep(requester, title="Coast", **sent)

    assert (response.status_code, UnfinishedForm.objects.count()) == (400, 0)


def test_form_of_somebody_else_is_neither_changed_nor_shown(requester, programme):
    page = opened(requester)
    keep(requester, **of_page(page, title="Coast"))
    colleague = browser_of(programme.colleague)

    response = keep(colleague, **of_page(page, title="Mine", form_version=1))
    opened_there = colleague.get(reverse(NEW), {"form": page.key})

    assert response.status_code == 404
    assert "Coast" not in opened_there.text
    assert UnfinishedForm.objects.get().title == "Coast"


def test_too_long_a_form_is_sent_all_the_same(requester, programme):
    typed = expert_answers(programme, area_typed="1" * 200_000, area_drawn="2" * 100_000)

    response = post(requester, of_page(opened(requester)) | typed)

    assert (response.status_code, UnfinishedForm.objects.count()) == (302, 0)


# --- Without scripts ------------------------------------------------------------------------------


def test_form_that_is_sent_with_an_error_is_kept(requester, programme):
    page = opened(requester)

    response = post(requester, of_page(page) | simple_answers(programme, purpose=""))

    assert UnfinishedForm.objects.get().key == page.key
    assert response.context["form_page"].version == 1


def test_form_is_kept_when_its_depth_changes(requester, programme):
    page = opened(requester)

    post(requester, of_page(page) | simple_answers(programme, to_depth="expert"))

    assert UnfinishedForm.objects.get().answers["purpose"] == ["Retreat of the coastline."]


def test_form_that_became_a_draft_is_kept_no_longer(requester, programme):
    page = opened(requester)
    keep(requester, **of_page(page, title="Coast"))

    post(requester, of_page(page, form_version=1) | simple_answers(programme))

    assert (ImageryRequest.objects.count(), UnfinishedForm.objects.count()) == (1, 0)


# --- Gone on with, or given up --------------------------------------------------------------------


def test_new_request_offers_what_was_begun(requester, programme):
    page = opened(requester)
    keep(requester, **of_page(page, title="Coast"))
    keep(browser_of(programme.colleague), title="Dunes")

    told = requester.get(reverse(NEW)).text

    assert f'href="/requests/new/?form={page.key}"' in told
    assert ("Coast" in told, "Dunes" in told) == (True, False)


def test_form_is_given_up(requester):
    page = opened(requester)
    keep(requester, **of_page(page, title="Coast"))

    response = requester.post(reverse("requests:give_up_form", args=[page.key]))

    assert (response.url, UnfinishedForm.objects.count()) == (reverse(NEW), 0)


def test_changes_to_a_request_are_offered_on_its_own_page(requester, programme):
    draft = world.draft(programme)
    address = reverse("requests:edit", args=[draft.number])
    page = opened(requester, address)
    keep(requester, **of_page(page, title="Dunes", form_request=draft.number))

    offered = requester.get(address)
    again = requester.get(address, {"form": page.key})

    assert f'href="{address}?form={page.key}"' in offered.text
    assert offered.context["form"]["title"].value() == "Cover of the commune"
    assert again.context["form"]["title"].value() == "Dunes"
    assert requester.get(reverse(NEW)).context["unfinished"] == ()


def test_changes_that_were_saved_are_kept_no_longer(requester, programme):
    draft = world.draft(programme)
    address = reverse("requests:edit", args=[draft.number])
    page = opened(requester, address)
    sent = of_page(page, form_request=draft.number)
    keep(requester, **sent, title="Dunes")

    post(requester, sent | {"form_version": 1} | expert_answers(programme, title="Dunes"), address)

    draft.refresh_from_db()
    assert (draft.title, UnfinishedForm.objects.count()) == ("Dunes", 0)


# --- Signed out -----------------------------------------------------------------------------------


def test_what_is_sent_after_the_sign_in_ran_out_comes_back_after_signing_in(requester, programme):
    page = opened(requester)
    typed = of_page(page) | simple_answers(programme)
    requester.logout()

    sent = post(requester, typed)
    requester.force_login(programme.requester)
    form = requester.get(reverse(NEW), {"form": page.key}).context["form"]

    assert sent.url == f"/accounts/login/?next=/requests/new/%3Fform%3D{page.key}"
    assert form["purpose"].value() == "Retreat of the coastline."
    assert ImageryRequest.objects.count() == 0


def test_who_signs_in_instead_sees_nothing_of_it(requester, programme):
    page = opened(requester)
    requester.logout()
    post(requester, of_page(page) | simple_answers(programme))

    there = browser_of(programme.colleague).get(reverse(NEW), {"form": page.key})

    assert "Retreat of the coastline." not in there.text
    assert there.context["unfinished"] == ()


def test_typing_goes_on_after_the_sign_in_ran_out(requester):
    page = opened(requester)
    requester.logout()

    first = keep(requester, **of_page(page, title="Coast"))
    second = keep(requester, **of_page(page, title="Coasts", form_version=1))

    assert "You have been signed out" in first.json()["said"]
    assert second.json()["version"] == 2
    assert UnfinishedForm.objects.get().title == "Coasts"


def test_page_writes_nothing_in_the_name_of_whoever_changed_their_password(requester, programme):
    page = opened(requester)
    requester.logout()
    assert keep(requester, **of_page(page, title="Coast")).json()["version"] == 1

    change_password(user=programme.requester, password="a quite new password")
    told = keep(requester, **of_page(page, title="Else", form_version=1))

    assert told.url == "/accounts/login/?next=/requests/forms/"
    assert UnfinishedForm.objects.get().title == "Coast"


def test_nobody_writes_in_anothers_name_without_a_page_made_for_them(client, programme):
    key = uuid4()
    of_other_form = signing.dumps(
        {"form": str(uuid4()), "user": programme.requester.pk}, salt=OWNER_SALT
    )
    of_other_use = signing.dumps({"form": str(key), "user": programme.requester.pk}, salt="else")

    for owner in ("", "forged", of_other_form, of_other_use):
        told = keep(client, form_key=key, form_owner=owner, title="Coast")
        sent = post(client, {"form_key": key, "form_version": 0, "form_owner": owner, "title": "x"})
        assert told.url == "/accounts/login/?next=/requests/forms/"
        assert sent.url == "/accounts/login/?next=/requests/new/"

    assert UnfinishedForm.objects.count() == 0


def test_nothing_is_kept_for_whoever_may_not_sign_in(requester, programme):
    page = opened(requester)
    requester.logout()
    type(programme.requester).objects.filter(pk=programme.requester.pk).update(is_active=False)

    response = keep(requester, **of_page(page, title="Coast"))

    assert (response.status_code, UnfinishedForm.objects.count()) == (302, 0)


# --- An emergency ---------------------------------------------------------------------------------


def test_emergency_leads_elsewhere_and_keeps_what_was_typed(requester, programme):
    page = opened(requester)
    typed = {"is_emergency": "yes", "purpose": "A flood."}

    response = post(requester, of_page(page, **typed, depth="simple"))

    assert response.url == f"/emergency/?form={page.key}"
    assert ImageryRequest.objects.count() == 0
    told = requester.get(response.url)
    assert f'href="/requests/new/?form={page.key}"' in told.text
    form = requester.get(reverse(NEW), {"form": page.key}).context["form"]
    assert (form["purpose"].value(), form["is_emergency"].value()) == ("A flood.", "no")


def test_emergency_page_names_no_form_of_somebody_else(requester, programme):
    page = opened(requester)
    post(requester, of_page(page, is_emergency="yes", purpose="A flood."))

    for reader in (browser_of(programme.colleague), Client()):
        told = reader.get(reverse("emergency"), {"form": page.key})
        assert (told.status_code, told.context["kept"]) == (200, None)

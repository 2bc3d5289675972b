"""The forms of moves: what they ask, offer to choose from and say before one confirms."""

from dataclasses import replace

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from eligibility.models import Cell
from requests_app.actions import ACTIONS
from requests_app.arbitration import services as arbitration
from requests_app.arbitration.services import deciding
from requests_app.intake.services import deliveries
from requests_app.models import ImageryRequest
from tests.eligibility.factories import CellMemberFactory
from tests.requests_app import after, world
from tests.requests_app.move_pages import address

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("wanted", "has_window"), [({}, False), (world.tasking(), True)])
def test_form_of_a_new_acquisition_asks_an_archive_for_no_window(
    programme, client, wanted, has_window
):
    request = world.delivered(programme, **wanted)
    deliveries.dispute(request_id=request.pk, user=programme.requester, reason="Clouds.")
    client.force_login(programme.arbitrator)

    form = client.get(address(request, "retask")).context["form"]

    assert ("window_ends_on" in form.fields) is has_window


def test_archive_is_ordered_again_from_its_form(programme, client):
    request = after.disputed(programme)
    client.force_login(programme.arbitrator)

    response = client.post(address(request, "retask"), {"reason": "Clouds."})

    assert response.status_code == 302
    assert ImageryRequest.objects.get(pk=request.pk).state == "ordered"


def reasons(client, request):
    form = client.get(address(request, "refuse")).context["form"]
    return [value for value, _label in form.fields["reason"].choices]


def test_no_reason_of_a_refusal_is_chosen_by_default_but_the_one_of_a_file_in_review(
    programme, client
):
    client.force_login(programme.arbitrator)

    assert reasons(client, after.proposed(programme)) == ["inadmissible"]
    undecided = world.in_arbitration(programme, aoi=world.square(west=3))
    assert reasons(client, undecided) == [
        "", "not_eligible", "inadmissible", "already_available", "quota_exhausted", "competition",
        "not_feasible", "emergency_out_of_scope", "licence_incompatible", "invalid_geometry",
        "cloud_cover", "other",
    ]  # fmt: skip


def test_reviewers_to_choose_from_are_those_of_the_cell_without_the_holder(programme, client):
    other = CellMemberFactory(cell=programme.cell, role="reviewer").user
    request = world.in_review(programme)
    client.force_login(programme.chair)

    form = client.get(address(request, "assign")).context["form"]

    nobody, *reviewers = form.fields["reviewer_id"].choices
    assert (nobody[0], reviewers) == ("", [(other.pk, other.full_name)])


def test_whoever_may_take_over_are_the_entitys_people(programme, client):
    request = world.submitted(programme)
    client.force_login(programme.entity_contact)

    form = client.get(address(request, "transfer_request")).context["form"]

    names = [name for _pk, name in form.fields["to_id"].choices]
    assert names == ["Choisir…", "Colleague", "Entity Contact", "Legal Representative"]


def test_chair_who_moves_a_file_away_lands_on_the_queue(programme, client):
    request = world.submitted(programme)
    cell_id = Cell.objects.get(code="institutional").pk
    client.force_login(programme.chair)

    response = client.post(
        address(request, "reroute"), {"cell_id": cell_id, "reason": "Its mission."}
    )

    assert response.url == reverse("queue:list")
    assert client.get(request.get_absolute_url()).status_code == 404


@pytest.mark.parametrize(
    ("move", "role", "field"),
    [
        ("assign", "chair", "reviewer_id"),
        ("reroute", "chair", "cell_id"),
        ("transfer_request", "entity_contact", "to_id"),
    ],
)
@pytest.mark.parametrize("typed", ["", "0", "x"])
def test_nobody_is_chosen_by_default_nor_from_outside_the_list(
    programme, client, move, role, field, typed
):
    request = world.submitted(programme)
    client.force_login(programme.people[role])

    response = client.post(address(request, move), {field: typed, "reason": "Why not."})

    assert set(response.context["form"].errors) == {field}
    assert request.records.count() == 1


def test_reason_of_a_proposal_is_read_before_it_is_confirmed(programme, read):
    request = after.rescission_proposed(programme)

    text = read(programme.arbitrator, address(request, "rescind"))

    told = text.index(f"Proposed by {programme.chair.full_name}")
    assert told < text.index("An error.") < text.index("Back to the request")


def test_change_of_the_order_is_read_before_it_is_agreed_to(programme, read):
    request = after.amendment_proposed(programme)

    text = read(programme.requester, address(request, "amend_order"))

    assert "15 % of clouds." in text
    assert "Confirmed by the operator under OP-17" in text


def test_co_requesters_are_named_on_the_page(programme, read):
    request = after.joined(programme)

    assert "Co-requesters Colleague" in read(programme.reviewer, request.get_absolute_url())


def test_refused_request_says_how_and_until_when_to_appeal(programme, read):
    request = after.refused(programme)

    text = read(programme.requester, request.get_absolute_url())

    assert "This refusal may be appealed against until" in text
    assert f"write to {programme.cell.email} with the number {request.number}" in text


@pytest.fixture
def meanwhile_closed(programme, client):
    """Posts a move of a file that another arbitrator has just refused; the page, in English."""

    def post(person, move, typed):
        request = world.in_arbitration(programme)
        other = CellMemberFactory(cell=programme.cell, role="arbitrator").user
        arbitration.refuse(request_id=request.pk, user=other, reason="other", text="Ask again.")
        client.force_login(person)
        return client.post(address(request, move), typed, headers={"accept-language": "en"})

    return post


KEPT = "What you typed is kept here so that you can copy it."


def test_what_was_typed_is_kept_when_somebody_else_moves_the_request_first(
    programme, meanwhile_closed
):
    typed = {"text": "  Long reasons <b>\nof two lines.", "reason": "competition"}

    response = meanwhile_closed(programme.arbitrator, "refuse", typed)

    kept = [("Explanation to the requester", "Long reasons <b>\nof two lines.")]
    assert (response.status_code, response.context["typed"]) == (409, kept)
    assert KEPT in response.text
    assert " readonly>Long reasons &lt;b&gt;\nof two lines.</textarea>" in response.text


def test_what_was_typed_is_kept_where_the_file_went_to_somebody_else(programme, client):
    request = world.in_review(programme)
    other = CellMemberFactory(cell=programme.cell, role="reviewer").user
    ImageryRequest.objects.filter(pk=request.pk).update(reviewer=other)
    client.force_login(programme.reviewer)

    response = client.post(address(request, "recommend"), {"opinion": "A long opinion."})

    assert (response.status_code, response.context["typed"][0][1]) == (403, "A long opinion.")
    assert "A long opinion.</textarea>" in response.text


def test_what_was_typed_is_kept_where_it_is_refused_whatever_is_typed(programme, client):
    request = world.in_arbitration(programme, **world.tasking())
    ImageryRequest.objects.filter(pk=request.pk).update(
        window_starts_on=world.in_days(-9), window_ends_on=world.in_days(-2)
    )
    client.force_login(programme.arbitrator)

    response = client.post(address(request, "approve"), {"note": "A long note."})

    assert response.status_code == 409
    assert "A long note.</textarea>" in response.text
    assert 'class="form-errors"' in response.text


@pytest.mark.parametrize("typed", [{}, {"until": "2030-01-01"}, {"reason": "  "}])
def test_nothing_is_said_to_be_kept_where_nothing_was_typed(programme, meanwhile_closed, typed):
    response = meanwhile_closed(programme.arbitrator, "defer", typed)

    assert (response.status_code, response.context["typed"]) == (409, [])
    assert KEPT not in response.text


def test_only_visible_words_are_kept(monkeypatch, programme, meanwhile_closed):
    class Form(forms.Form):
        words = forms.CharField()
        hidden = forms.CharField(widget=forms.HiddenInput)
        secret = forms.CharField(widget=forms.PasswordInput)
        file = forms.FileField()
        day = forms.DateField()

    monkeypatch.setitem(ACTIONS, "defer", replace(ACTIONS["defer"], form=Form))
    typed = dict.fromkeys(("words", "hidden", "secret", "day"), "typed") | {
        "file": SimpleUploadedFile("a.txt", b"typed")
    }

    response = meanwhile_closed(programme.arbitrator, "defer", typed)

    assert response.context["typed"] == [("Words", "typed")]


def test_appeal_is_not_shown_after_its_day(programme, read, monkeypatch):
    request = world.in_arbitration(programme)
    monkeypatch.setattr(deciding, "days_from_today", lambda _code: world.in_days(-1))
    arbitration.refuse(
        request_id=request.pk, user=programme.arbitrator, reason="other", text="Ask again."
    )

    text = read(programme.requester, request.get_absolute_url())

    assert "appealed" not in text

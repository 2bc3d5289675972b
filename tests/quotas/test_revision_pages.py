"""The pages of revisions: what the secretariat types, compares and publishes."""

from decimal import Decimal

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils.timezone import localdate

from quotas import services
from quotas.models import PolicyRevision
from quotas.services import Amount
from tests.quotas.factories import cause
from tests.quotas.revision_pages import new, page_of, text_of
from tests.quotas.revisions import ONE_DAY, STARTS_ON, TODAY, Office, office

pytestmark = pytest.mark.django_db


@pytest.fixture
def programme(client) -> Office:
    made = office()
    client.force_login(made.secretary)
    client.cookies["django_language"] = "en"
    return made


def typed(office, /, *, valid_from=STARTS_ON, reason="The committee of the quarter.", **amounts):
    """A whole form: cap, allowance and envelope in the order of the page."""
    fields = {"valid_from": valid_from, "reason": reason, "figure-TOTAL_FORMS": 3, "figure-INITIAL_FORMS": 3}  # fmt: skip
    for place, name in enumerate(("cap", "allowance", "programme")):
        row = getattr(office, name)
        fields |= {
            f"figure-{place}-revises": row.pk,
            f"figure-{place}-amount": amounts.get(name, row.amount),
            f"figure-{place}-source": row.source,
        }
        if row.opens_envelopes:
            fields[f"figure-{place}-late_return"] = row.late_return
    return fields


def test_form_proposes_the_first_day_of_the_next_quarter_and_the_present_figures(client, programme):
    form = client.get(new(programme)).context["form"]

    assert form["valid_from"].value() == STARTS_ON
    assert [each["amount"].value() for each in form.figures] == ["100", "500", "10000"]
    assert [each.row for each in form.figures] == [
        programme.cap,
        programme.allowance,
        programme.programme,
    ]


def test_draft_is_shown_side_by_side(client, programme):
    response = client.post(new(programme), typed(programme, cap="120", allowance="450.5"), follow=True)  # fmt: skip

    draft = PolicyRevision.objects.get()
    assert response.redirect_chain == [(page_of(draft), 302)]
    told = text_of(response)
    assert "The draft is kept. Somebody else publishes it." in told
    assert [(c.amount, c.difference, c.percent) for c in response.context["changes"]] == [
        (120, 20, Decimal("20.0")),
        (Decimal("450.5"), Decimal("-49.5"), Decimal("-9.9")),
        (10_000, 0, Decimal(0)),
    ]
    assert "+20 km²" in told
    assert "−49.5 km²" in told
    assert "−9.9%" in told


def test_draft_says_what_it_would_do_and_publishing_is_not_offered_to_who_changed_it(
    client, programme
):
    envelope = programme.allowance_of(STARTS_ON)
    with transaction.atomic():
        services.hold(amounts=[Amount(envelope.pk, Decimal(450))], cause=cause("R2026-000009"))
    draft = programme.draft(allowance=300)

    mine = text_of(client.get(page_of(draft)))
    client.force_login(programme.colleague)
    theirs = text_of(client.get(page_of(draft)))

    publishing = reverse("quotas:publish_revision", args=[draft.pk])
    assert "changed this draft last: somebody else of the secretariat publishes it." in mine
    assert (publishing in mine, publishing in theirs) == (False, True)
    assert "used by R2026-000009" in theirs
    assert "−50 km²" in theirs
    assert "150 km²" in theirs
    assert ">1</span>" in theirs  # one request that holds


def test_colleague_publishes_and_is_told(client, programme):
    draft = programme.draft(cap=120)
    client.force_login(programme.colleague)

    response = client.post(
        reverse("quotas:publish_revision", args=[draft.pk]), {"version": 1}, follow=True
    )

    assert "The revision is published." in text_of(response)
    assert PolicyRevision.objects.get().published_by == programme.colleague


@pytest.mark.parametrize(
    ("version", "told"), [(1, "changed this draft on"), ("", "changed this draft on")]
)
def test_version_that_is_not_the_latest_is_not_published(client, programme, version, told):
    draft = programme.draft(cap=120)
    programme.change(draft, programme.secretary, cap=130)
    client.force_login(programme.colleague)

    response = client.post(
        reverse("quotas:publish_revision", args=[draft.pk]), {"version": version}, follow=True
    )

    assert told in text_of(response)
    assert PolicyRevision.objects.get().is_draft


def test_withdrawn_draft_says_so(client, programme):
    draft = programme.draft(cap=120)

    response = client.post(reverse("quotas:withdraw_revision", args=[draft.pk]), follow=True)

    assert "The draft is withdrawn." in text_of(response)
    assert "Withdrawn by" in text_of(response)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("valid_from", TODAY.isoformat(), "revision_not_ahead"),
        ("valid_from", "3000-01-01", "max_value"),
        ("valid_from", "tomorrow", "invalid"),
        ("reason", "", "required"),
        ("reason", "x" * 2001, "max_length"),
    ],
)
def test_wrong_day_or_reason_is_said_and_nothing_typed_is_lost(
    client, programme, field, value, code
):
    response = client.post(new(programme), typed(programme, cap="123.25") | {field: value})

    form = response.context["form"]
    assert response.status_code == 200
    assert [error.code for error in form.errors.as_data()[field]] == [code]
    assert form[field].value() == value
    assert form.figures[0]["amount"].value() == "123.25"
    assert not PolicyRevision.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("amount", "-1", "min_value"),
        ("amount", "", "required"),
        ("amount", "many", "invalid"),
        ("amount", "1e9", "max_whole_digits"),
        ("amount", "0.0000001", "max_decimal_places"),
        ("source", "", "required"),
        ("source", "x" * 301, "max_length"),
    ],
)
def test_wrong_figure_is_said_beside_it_and_counted_above(client, programme, field, value, code):
    wrong = {f"figure-0-{field}": value}

    response = client.post(new(programme), typed(programme) | wrong)

    form = response.context["form"]
    assert [error.code for error in form.figures[0].errors.as_data()[field]] == [code]
    assert "1 figure below must be mended." in text_of(response)
    assert form.figures[0][field].value() == value


@pytest.mark.parametrize(
    ("fields", "amount", "code"),
    [
        ({"unit": "attempts", "measure": "programme_envelope"}, "1.5", "amount_too_precise"),
        ({"unit": "eur", "measure": "programme_envelope"}, "1.234", "amount_too_precise"),
        ({"unit": "", "measure": "price_multiplier", "period_kind": ""}, "0", "not_positive"),
    ],
)
def test_attempts_are_whole_and_multipliers_more_than_nothing(
    client, programme, fields, amount, code
):
    row = programme.programme
    type(row).objects.filter(pk=row.pk).update(**fields)

    response = client.post(new(programme), typed(programme, programme=amount))

    errors = response.context["form"].figures[2].errors.as_data()["amount"]
    assert [error.code for error in errors] == [code]


def test_figure_that_was_revised_meanwhile_is_compared_again(client, programme):
    stale = typed(programme, cap="120")
    programme.publish(programme.draft(valid_from=localdate() + ONE_DAY, cap=110))
    draft = programme.draft(cap=130)
    address = reverse("quotas:revision_edit", args=[draft.pk])

    refused = client.post(address, stale | {"version": 1})
    row = refused.context["form"].figures[0].row
    again = stale | {"figure-0-revises": row.pk, "version": 1}
    client.post(address, again)

    assert "This figure was revised meanwhile" in text_of(refused)
    assert f'name="figure-0-revises" value="{row.pk}"' in refused.text
    assert draft.lines.get().amount == 120


@pytest.mark.parametrize("sent", [{}, {"figure-TOTAL_FORMS": "99"}, {"figure-TOTAL_FORMS": "x"}])
def test_form_that_is_not_whole_is_refused_and_breaks_nothing(client, programme, sent):
    response = client.post(new(programme), {"reason": "Why."} | sent)

    assert response.status_code == 200
    assert response.context["form"].errors
    assert not PolicyRevision.objects.exists()


def test_change_of_a_draft_that_was_changed_meanwhile_keeps_what_was_typed(client, programme):
    draft = programme.draft(cap=120)
    programme.change(draft, programme.colleague, cap=130)
    address = reverse("quotas:revision_edit", args=[draft.pk])

    response = client.post(address, typed(programme, cap="140") | {"version": 1})
    client.post(address, typed(programme, cap="140") | {"version": 2})

    assert "changed this draft on" in text_of(response)
    assert 'name="version" value="2"' in response.text
    assert response.context["form"].figures[0]["amount"].value() == "140"
    assert draft.lines.get().amount == 140


def test_form_of_a_draft_shows_what_it_proposes(client, programme):
    draft = programme.draft(cap=120)

    form = client.get(reverse("quotas:revision_edit", args=[draft.pk])).context["form"]

    assert [each["amount"].value() for each in form.figures] == ["120", "500", "10000"]
    assert form["reason"].value() == "The committee of the quarter."


def test_draft_that_is_published_is_not_changed(client, programme):
    revision = programme.publish(programme.draft(cap=120))
    address = reverse("quotas:revision_edit", args=[revision.pk])

    seen = client.get(address)
    sent = client.post(address, typed(programme, cap="140") | {"version": 1}, follow=True)

    assert seen["Location"] == page_of(revision)
    assert sent.redirect_chain == [(page_of(revision), 302)]
    assert "published this revision already, on" in text_of(sent)

import hashlib
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import transaction
from django.urls import reverse

from licences import rendering, services
from licences.models import Licence, LicenceFile
from licences.selectors import found_licences
from tests.eligibility.factories import (
    AffiliationFactory,
    CellMemberFactory,
    EntityFactory,
    UserFactory,
)
from tests.licences.factories import issued, revoked

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_earlier_checks():
    cache.clear()


@pytest.fixture
def affiliation():
    return AffiliationFactory()


@pytest.fixture
def signed_in(client, affiliation):
    client.force_login(affiliation.user)
    return client


def superseded(licence):
    """As a renewal will leave it."""
    successor = issued(entity=licence.entity)
    Licence.objects.filter(pk=licence.pk).update(state="superseded", superseded_by=successor)
    return successor


# --- List and detail ------------------------------------------------------------------------------


@pytest.mark.parametrize("how_many", [1, 3])
def test_list_query_count_is_flat(signed_in, affiliation, django_assert_num_queries, how_many):
    for _ in range(how_many):
        issued(entity=affiliation.entity)
    signed_in.get(reverse("licences:list"))

    # The session, the user, their posts and notices for the navigation, the count, the licences,
    # their files, the posts of who looks.
    with django_assert_num_queries(8):
        response = signed_in.get(reverse("licences:list"))

    assert response.content.decode().count('scope="row"') == how_many


def test_list_shows_mine_alone(signed_in, affiliation):
    mine, other = issued(entity=affiliation.entity), issued()

    page = signed_in.get(reverse("licences:list")).content.decode()

    assert mine.number in page
    assert other.number not in page


def test_list_is_of_those_i_asked_for_of_my_entity_or_of_my_cells(signed_in, affiliation):
    of_entity = issued(entity=affiliation.entity)
    mine = issued(entity=affiliation.entity, requester=affiliation.user)
    of_cell = issued(cell=CellMemberFactory(user=affiliation.user).cell)

    def numbers(whose):
        rows = found_licences(affiliation.user, whose=whose)
        page = signed_in.get(reverse("licences:list"), {"whose": whose}).text
        assert [each.number in page for each in (of_entity, mine, of_cell)] == [
            each in rows for each in (of_entity, mine, of_cell)
        ]
        return set(rows)

    assert numbers("") == {of_entity, mine, of_cell}
    assert numbers("mine") == {mine}
    assert numbers("entity") == {of_entity, mine}
    assert numbers("cells") == {of_cell}


def test_empty_list_says_what_to_do(signed_in):
    page = signed_in.get(reverse("licences:list")).content.decode()

    assert reverse("requests:list") in page


def test_list_asks_to_sign_in(client):
    response = client.get(reverse("licences:list"))

    assert response.status_code == 302
    assert reverse("account_login") in response.url


def test_detail_says_the_document_is_being_prepared(signed_in, affiliation):
    licence = issued(entity=affiliation.entity)

    page = signed_in.get(licence.get_absolute_url(), headers={"accept-language": "en"})

    assert "The document is being prepared" in page.content.decode()
    assert reverse("licences:download", args=[licence.number, "fr"]) not in page.content.decode()


def test_detail_links_both_documents(signed_in, affiliation):
    licence = issued(entity=affiliation.entity)
    rendering.render(licence.pk)

    page = signed_in.get(licence.get_absolute_url(), headers={"accept-language": "en"})

    text = page.content.decode()
    assert "The document is being prepared" not in text
    for language in ("fr", "en"):
        assert reverse("licences:download", args=[licence.number, language]) in text
    assert "Use the images for your public-service mission" in text


def test_detail_of_a_stranger_is_not_found(signed_in):
    assert signed_in.get(issued().get_absolute_url()).status_code == 404


def test_detail_escapes_free_text(signed_in, affiliation):
    licence = issued(entity=affiliation.entity, purpose="<img src=file:///etc/passwd>")

    text = signed_in.get(licence.get_absolute_url()).content.decode()

    assert "<img src=file" not in text
    assert "&lt;img src=file:///etc/passwd&gt;" in text


@pytest.mark.parametrize("make", [issued, revoked])
def test_detail_is_shown_in_every_state(signed_in, affiliation, make):
    licence = make(entity=affiliation.entity)

    assert signed_in.get(licence.get_absolute_url()).status_code == 200


@pytest.mark.parametrize(
    ("reason", "in_words"),
    [("cancel", "The request was cancelled."), ("Agreed by letter", "Agreed by letter")],
)
def test_detail_says_in_words_why_the_licence_is_revoked(signed_in, affiliation, reason, in_words):
    licence = issued(entity=affiliation.entity)
    with transaction.atomic():
        services.revoke(request_number=licence.request_number, reason=reason, decision=uuid4())

    page = signed_in.get(licence.get_absolute_url(), headers={"accept-language": "en"})

    assert f"<p>{in_words}</p>" in page.text


# --- Download -------------------------------------------------------------------------------------


@pytest.fixture
def prepared(affiliation):
    licence = issued(entity=affiliation.entity)
    rendering.render(licence.pk)
    return licence


def address_of(licence, language="fr"):
    return reverse("licences:download", args=[licence.number, language])


@pytest.mark.parametrize("language", ["fr", "en"])
def test_download_gives_the_file_issued(signed_in, prepared, language):
    response = signed_in.get(address_of(prepared, language))

    kept = LicenceFile.objects.get(licence=prepared, language=language)
    assert hashlib.sha256(response.content).hexdigest() == kept.sha256
    assert response["Content-Type"] == "application/pdf"
    assert (
        response["Content-Disposition"]
        == f'attachment; filename="{prepared.number}-{language}.pdf"'
    )
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox"
    assert "no-store" in response["Cache-Control"]


def test_download_is_not_for_strangers(client, prepared):
    assert client.get(address_of(prepared)).status_code == 302
    client.force_login(UserFactory())
    assert client.get(address_of(prepared)).status_code == 404


def test_download_of_no_language_is_not_found(signed_in, prepared):
    assert signed_in.get(address_of(prepared, "de")).status_code == 404


def test_revocation_stops_the_download(signed_in, prepared):
    assert signed_in.get(address_of(prepared)).status_code == 200

    with transaction.atomic():
        services.revoke(
            request_number=prepared.request_number, reason="Window over.", decision=uuid4()
        )

    response = signed_in.get(address_of(prepared))
    assert response.status_code == 410
    assert b"%PDF" not in response.content
    assert address_of(prepared) not in signed_in.get(prepared.get_absolute_url()).content.decode()


def test_altered_file_is_not_given_out(signed_in, prepared, storage):
    place = storage / LicenceFile.objects.get(language="fr").storage_name
    place.write_bytes(place.read_bytes() + b"\n")

    response = signed_in.get(address_of(prepared))

    assert response.status_code == 503
    assert b"%PDF" not in response.content
    assert signed_in.get(address_of(prepared, "en")).status_code == 200


# --- Public check ---------------------------------------------------------------------------------

SECRETS = ("Laboratoire Secret", "Commune de Plougastel", "3,59", "3.587461", "R2026-000001")


def check(client, licence, code="", **headers):
    query = {"code": code} if code else {}
    return client.get(reverse("licences:verify", args=[licence.number]), query, headers=headers)


def as_json(client, licence, code=""):
    return check(client, licence, code, accept="application/json").json()


def leaks(text, licence):
    known = (*SECRETS, licence.check_code, licence.record_sha256, "Acquisition failed.")
    return [secret for secret in known if secret in text]


@pytest.mark.parametrize(("make", "state"), [(issued, "valid"), (revoked, "revoked")])
@pytest.mark.parametrize("code", ["", "0" * 32])
def test_number_alone_tells_the_state_and_nothing_else(client, make, state, code):
    licence = make(entity=EntityFactory(name="Laboratoire Secret"))

    page = check(client, licence, code)

    assert page.status_code == 200
    assert leaks(page.content.decode(), licence) == []
    assert as_json(client, licence, code) == {"number": licence.number, "state": state}


def test_superseded_number_does_not_tell_its_successor(client):
    licence = issued()
    successor = superseded(licence)

    page = check(client, licence)

    assert as_json(client, licence) == {"number": licence.number, "state": "superseded"}
    assert successor.number not in page.content.decode()
    told = as_json(client, licence, licence.check_code)
    assert told["facts"]["superseded_by"] == successor.number


def test_unknown_number_is_unknown(client):
    response = client.get(
        reverse("licences:verify", args=["PLE-DSP-2026-9999"]),
        headers={"accept": "application/json"},
    )

    assert response.json() == {"number": "PLE-DSP-2026-9999", "state": "unknown"}


def test_check_code_tells_the_facts(client):
    licence = issued()

    told = as_json(client, licence, licence.check_code.upper())

    assert told["state"] == "valid"
    assert told["facts"]["licensee"] == "Commune de Plougastel"
    assert told["facts"]["area_km2"] == "3.587461"
    assert told["facts"]["record_sha256"] == licence.record_sha256
    page = check(client, licence, licence.check_code).content.decode()
    assert "Commune de Plougastel" in page
    assert licence.record_sha256 in page


def test_number_is_read_in_any_case(client):
    licence = issued()

    response = client.get(
        reverse("licences:verify", args=[licence.number.lower()]),
        headers={"accept": "application/json"},
    )

    assert response.json() == {"number": licence.number, "state": "valid"}


def test_revoked_licence_tells_no_reason(client):
    licence = revoked()

    page = check(client, licence, licence.check_code).content.decode()

    assert "Acquisition failed." not in page
    assert as_json(client, licence, licence.check_code)["facts"]["revoked_on"]


def test_too_many_checks_are_refused(client, settings):
    settings.ORBITRAGE_LICENCE_CHECKS_PER_MINUTE = 3
    licence = issued()

    statuses = [check(client, licence).status_code for _ in range(5)]

    assert statuses[:3] == [200] * 3
    assert statuses[-1] == 429
    assert check(client, licence, accept="application/json").headers["Retry-After"] == "60"


def test_form_leads_to_the_check(client):
    address = reverse("licences:verify_form")
    code = "0" * 32

    assert client.get(address).status_code == 200
    assert client.get(address, {"number": "ple-dsp-2026-0001", "code": code}).url == (
        reverse("licences:verify", args=["PLE-DSP-2026-0001"]) + f"?code={code}"
    )
    assert client.get(address, {"number": "PLE-DSP-2026-0001"}).url == reverse(
        "licences:verify", args=["PLE-DSP-2026-0001"]
    )


@pytest.mark.parametrize("typed", [{"number": "../admin"}, {"number": "A", "code": "short"}])
def test_form_refuses_what_cannot_be_a_licence(client, typed):
    response = client.get(reverse("licences:verify_form"), typed)

    assert response.status_code == 200
    assert response.context["form"].errors


def test_qr_code_leads_to_the_facts(client):
    licence = issued()

    assert licence.record["verify_address"].endswith(licence.verify_path.split("?")[0])
    assert "Commune de Plougastel" in client.get(licence.verify_path).content.decode()


# --- Administration -------------------------------------------------------------------------------


def test_administration_looks_and_changes_nothing(client):
    licence = issued()
    client.force_login(UserFactory(is_staff=True, is_superuser=True))

    page = client.get(reverse("admin:licences_licence_change", args=[licence.pk]))

    assert page.status_code == 200
    assert licence.check_code not in page.content.decode()
    assert (
        client.post(
            reverse("admin:licences_licence_change", args=[licence.pk]), {"state": "revoked"}
        ).status_code
        == 403
    )
    assert client.get(reverse("admin:licences_licence_add")).status_code == 403
    assert (
        client.post(
            reverse("admin:licences_licence_delete", args=[licence.pk]), {"post": "yes"}
        ).status_code
        == 403
    )

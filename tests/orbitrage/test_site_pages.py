"""The pages of no app: they answer, in both languages, under the strict content policy."""

import re

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db

PAGES = ["home", "contact", "emergency", "legal", "privacy", "accessibility", "styleguide"]
INLINE_SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)")
INLINE_STYLE = re.compile(r"<style|\sstyle=|\son[a-z]+=|\shx-on")


@pytest.fixture(autouse=True)
def demonstration(settings):
    settings.ORBITRAGE_DEMO = True


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_page_answers_with_one_title_and_nothing_inline(client, name, language):
    response = client.get(reverse(name), headers={"accept-language": language})

    assert response.status_code == 200
    assert f'<html lang="{language}">' in response.text
    assert len(re.findall(r"<h1", response.text)) == 1
    assert INLINE_SCRIPT.findall(response.text) == []
    assert INLINE_STYLE.findall(response.text) == []


def test_pages_forbid_scripts_from_elsewhere(client):
    policy = client.get(reverse("home")).headers["Content-Security-Policy"]

    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_style_guide_is_absent_outside_the_demonstration(client, settings):
    settings.ORBITRAGE_DEMO = False
    settings.DEBUG = False

    assert client.get(reverse("styleguide")).status_code == 404


def test_fields_are_tied_to_their_help_and_errors(client):
    text = client.get(reverse("styleguide")).text

    assert 'aria-describedby="id_title_helptext"' in text
    assert '<div class="field__help" id="id_title_helptext">' in text
    assert 'aria-invalid="true"' in text
    assert 'id="id_sensor_error"' in text

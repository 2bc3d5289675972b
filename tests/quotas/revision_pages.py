"""The pages of a revision, and what tests read of them."""

from django.urls import reverse


def text_of(response) -> str:
    return " ".join(response.text.replace("\N{NO-BREAK SPACE}", " ").split())


def page_of(revision) -> str:
    return reverse("quotas:revision", args=[revision.pk])


def new(programme) -> str:
    return reverse("quotas:revision_new", args=[programme.sensor.code])

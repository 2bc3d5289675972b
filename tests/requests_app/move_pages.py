"""Addresses of moves."""

from django.urls import reverse


def address(request, transition):
    return reverse("requests:move", args=[request.number, transition])

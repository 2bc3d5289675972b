"""A request that `login_required` has let through."""

from django.http import HttpRequest

from eligibility.models import User


class AuthenticatedRequest(HttpRequest):
    user: User

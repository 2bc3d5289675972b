"""How allauth speaks and writes for us (`ACCOUNT_ADAPTER`)."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language, override

from eligibility import services
from eligibility.models import User


def remember_language(response: HttpResponse, language: str) -> HttpResponse:
    """As the language switch of the page does."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        path=settings.LANGUAGE_COOKIE_PATH,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
    )
    return response


class AccountAdapter(DefaultAccountAdapter):
    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """In the language of its reader, not of whoever caused it."""
        reader = context.get("user") or User.objects.filter(email__iexact=email).first()
        with override(reader.language if isinstance(reader, User) else get_language()):
            super().send_mail(template_prefix, email, context)

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        is_confirmed: bool = super().confirm_email(request, email_address)
        if is_confirmed:
            services.tell_of_wishes_to_join(user_id=email_address.user_id)
        return is_confirmed

    def set_password(self, user: User, password: str) -> None:
        services.change_password(user=user, password=password)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        return remember_language(super().post_login(request, user, **kwargs), user.language)

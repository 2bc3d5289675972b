from uuid import UUID

from django.http import HttpRequest


def form_key(request: HttpRequest) -> UUID | None:
    """Of the page that a form was sent from, or that its address names: sent again, it is the same
    request."""
    try:
        return UUID(request.POST.get("form_key") or request.GET.get("form", ""))
    except ValueError:
        return None

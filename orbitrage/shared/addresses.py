"""Who is at the other end of an HTTP request."""

from allauth.account.adapter import get_adapter
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The network address that limits count by: behind ``ORBITRAGE_PROXY_COUNT`` proxies, the one
    that the outermost of them saw.

    Raises:
        PermissionDenied: the connection tells no address.
    """
    return str(get_adapter().get_client_ip(request))

from django.http import HttpResponse
from django.utils.http import content_disposition_header

PDF = "application/pdf"


def attachment_headers(name: str) -> dict[str, str]:
    """Of a file to be kept, which a browser neither guesses at nor lets act."""
    return {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox",
    }


def as_attachment(data: bytes, name: str) -> HttpResponse:
    """A PDF to be kept."""
    headers = attachment_headers(name)
    return HttpResponse(data, content_type="application/pdf", headers=headers)

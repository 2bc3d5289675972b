from django.http import HttpResponse
from django.utils.http import content_disposition_header

PDF = "application/pdf"


def attachment_headers(name: str) -> dict[str, str]:
    """Of a file to be kept, which a browser neither guesses at nor lets act. Any ``name`` will
    do."""
    return {
        "Content-Disposition": content_disposition_header(True, name) or "attachment",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox",
    }


def as_attachment(data: bytes, name: str, media_type: str = PDF) -> HttpResponse:
    headers = attachment_headers(name)
    return HttpResponse(data, content_type=media_type, headers=headers)

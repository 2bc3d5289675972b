from django.http import HttpResponse
from django.utils.http import content_disposition_header

PDF = "application/pdf"


def as_attachment(data: bytes, name: str, media_type: str = PDF) -> HttpResponse:
    """A file to be kept, which a browser neither guesses at nor lets act. Any ``name`` will do."""
    headers = {
        "Content-Disposition": content_disposition_header(True, name) or "attachment",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox",
    }
    return HttpResponse(data, content_type=media_type, headers=headers)

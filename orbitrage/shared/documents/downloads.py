from django.http import HttpResponse


def as_attachment(data: bytes, name: str) -> HttpResponse:
    """A PDF to be kept, which a browser neither guesses at nor lets act."""
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox",
    }
    return HttpResponse(data, content_type="application/pdf", headers=headers)

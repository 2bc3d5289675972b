"""How tests read the list of requests."""

from django.urls import reverse


def rows_of(response):
    """Of a page that lists, or that says what is wrong with its address."""
    page = response.context.get("page")
    return list(response.context.get("page_obj") or []) if page is None else page.rows


def listed(client, user, **query) -> list[str]:
    """Numbers, in the order of the page."""
    client.force_login(user)
    response = client.get(reverse("requests:list"), query)
    assert response.status_code == 200
    assert response.context["form"].errors == {}
    return [row.number for row in rows_of(response)]

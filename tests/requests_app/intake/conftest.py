import pytest

from tests.requests_app.area_posts import send_form


@pytest.fixture
def requester(client, programme):
    client.force_login(programme.requester)
    return client


@pytest.fixture
def ask(client, programme):
    """Post a whole form with the area given so."""

    def post(user=None, **area):
        client.force_login(user or programme.requester)
        return send_form(client, programme, **area)

    return post

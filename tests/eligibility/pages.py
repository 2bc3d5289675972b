"""What tests of pages read of an answer."""

import re

from django.db import connection
from django.test.utils import CaptureQueriesContext


def text(response) -> str:
    return " ".join(response.content.decode().split())


def queries_of(client, url) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def link_in(message) -> str:
    return re.search(r"https?://[^/\s]+(/\S+)", message.body).group(1)

from collections.abc import Iterator

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Refusals are compared word for word: in English, whatever the site's first language."""
    with translation.override("en"):
        yield

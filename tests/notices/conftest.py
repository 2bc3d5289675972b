from tests.requests_app.conftest import (  # noqa: F401 - fixtures
    committed_programme,
    programme,
    read,
    settled_programme,
)

"""What the rights table is about: a person per role, one object per state."""

from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.test import Client
from django.utils import timezone

from eligibility.models import Entity, User
from quotas.grant_files import COLUMNS
from quotas.models import Envelope
from requests_app.models import ImageryRequest
from tests.requests_app import world as path

PASSWORD = "a long password for tests"
ROLES = (
    "anonymous",
    "stranger",
    "requester",
    "co_requester",
    "colleague",
    "entity_contact",
    "legal_representative",
    "contractor",
    "reviewer",
    "reviewer_other",
    "arbitrator",
    "chair",
    "supply_officer",
    "other_cell_officer",
    "secretariat",
    "observer",
    "suspended_member",
    "staff",
    "staff_secretariat",
    "superuser",
)


@dataclass
class World:
    """``programme`` is entity A and the Pléiades science cell; B is another member of another cell.

    ``areas`` are one of each role; half of each of ``areas_half_available`` is in the catalogue.
    ``objects`` maps the name in the table's column ``object`` to what stands in an address;
    ``tokens`` are secrets with every scope.
    """

    programme: path.Programme
    people: dict[str, User]
    clients: dict[str, Client]
    other_entity: Entity
    other_people: dict[str, User] = field(default_factory=dict)
    requests: dict[str, ImageryRequest] = field(default_factory=dict)
    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    areas: dict[str, int] = field(default_factory=dict)
    areas_half_available: dict[str, int] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def first_row(self, admin_url: str) -> Any:
        """The key of some row of the model that an address of the administration is about."""
        app_label, model_name, _page = admin_url.removeprefix("admin:").split("_")
        return apps.get_model(app_label, model_name).objects.order_by("pk").first().pk

    def lines_of_grants(self, amount: int) -> str:
        """A file that grants so much to the envelope of the cell."""
        envelope = envelope_of(cell=self.programme.cell)
        line = (
            "programme", self.programme.cell.code, self.programme.sensor.code,
            envelope.request_kind, "km2", envelope.period_starts_on.isoformat(), str(amount), "Agreed",
        )  # fmt: skip
        return f"{';'.join(COLUMNS)}\n{';'.join(line)}\n"


def envelope_of(**owner: Any) -> Envelope:
    envelopes = Envelope.objects.current(timezone.localdate()).filter(**owner, unit="km2")
    return envelopes.order_by("pk").first()  # type: ignore[return-value]


def signed_in_as(user: Any, **options: Any) -> Client:
    client = Client(headers={"accept-language": "en"}, **options)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client

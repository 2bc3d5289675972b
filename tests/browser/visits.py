"""Which pages are looked at, by whom and how: read from the rights table, so that none is forgotten.

Every address has its rows in ``tests/permissions.csv``; whoever may open it there opens it here.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse

from requests_app.actions import ACTIONS
from tests.browser.inspection import VIEWS, View
from tests.browser.sites import EMPTY_ROLES, Site
from tests.rights.table import MOVE, Row, address, rows
from tests.rights.world import World
from tests.sizes import PROVE

# Of those who may, the first looks.
ROLES_IN_ORDER = (
    "anonymous",
    "requester",
    "reviewer",
    "arbitrator",
    "supply_officer",
    "entity_contact",
    "secretariat",
    "stranger",
    "legal_representative",
    "superuser",
)
# Answers of these are no page: a probe, a file, data for a script, or a change of address.
NOT_PAGES = frozenset(
    {
        "healthz",
        "readyz",
        "set_language",
        "requests:copy",
        "requests:list_file",
        "requests:read_area",
        "requests:places",
        "requests:panel",
        "requests:panel_of_change",
        "requests:rest",
        "requests:rest_of_change",
        "requests:choices",
        "requests:keep_form",
        "requests:give_up_form",
        "requests:explanation",
        "quotas:statement_csv",
        "quotas:statement_file",
        "quotas:entity_file",
        "quotas:cell_file",
        "quotas:apply_grants",
        "quotas:grant_template",
        "quotas:confirm_act",
        "quotas:withdraw_act",
        "quotas:publish_revision",
        "quotas:withdraw_revision",
        "quotas:quotation_pdf",
        "quotas:record_references",
        "quotas:accept_package",
        "licences:download",
        "licences:print_again",
        "licences:send_link",
        "licences:verify_file",
        "licences:list_file",
        "licences:specimen",
        "notices:calendar_end",
        "notices:calendar_feed",
        "notices:copy_end",
        "notices:read",
        "notices:read_all",
        "requests:order_area",
        "requests:attachment",
        "eligibility:affiliation_activate",
        "eligibility:affiliation_end",
        "eligibility:membership_reinstate",
        "eligibility:demo_sign_in",
        "eligibility:token_end",
        "openapi",
        "admin:autocomplete",
        "admin:jsi18n",
        "admin:view_on_site",
    }
)
WITH_NAMES = ("notices", "requests", "queue", "quotas", "licences", "catalogue", "eligibility")
ADMIN_SAMPLE = ("admin:eligibility_entity_", "admin:quotas_ledgerentry_", "admin:index")


@dataclass(frozen=True)
class Visit:
    row: Row
    role: str
    status: int = 200

    def __str__(self) -> str:
        return f"{self.row.url} [{self.row.object_name}] as {self.role}"

    @property
    def template(self) -> str:
        """Pages that look alike; a move's form belongs to its look."""
        if self.row.name != MOVE:
            return self.row.name
        action = ACTIONS[self.row.url.partition(" ")[2]]
        return f"{action.template} {action.form.__name__}"

    def path(self, world: World | None) -> str:
        return reverse(self.row.name) if world is None else address(world, self.row)


def open_rows() -> Iterator[tuple[Row, list[str]]]:
    for row in rows():
        roles = [role for role in ROLES_IN_ORDER if row.expected[role] == "200"]
        is_page = row.name not in NOT_PAGES and not row.is_of_api
        if row.method == "GET" and roles and is_page:
            yield row, roles


def all_visits(kind: str) -> list[Visit]:
    found = []
    for row, roles in open_rows():
        if kind == "long names" and not row.name.startswith(WITH_NAMES):
            continue
        if kind == "beginning":
            roles = [role for role in roles if role in (*EMPTY_ROLES, "anonymous")]
            if row.object_name or row.name.startswith("admin"):
                continue
        found += [Visit(row, role) for role in roles[:1]]
    return found


def is_sampled(visit: Visit) -> bool:
    """The administration is Django's own: two models of ours stand for all of them."""
    return not visit.row.name.startswith("admin:") or visit.row.name.startswith(ADMIN_SAMPLE)


def visits(kind: str, view: View) -> list[Visit]:
    """All pages for `make prove`; otherwise each once, those of a template in the views in turn."""
    if PROVE:
        return all_visits(kind)
    place = VIEWS.index(view)
    chosen, seen = [], dict[str, int]()
    for visit in filter(is_sampled, all_visits(kind)):
        n = seen[visit.template] = seen.get(visit.template, -1) + 1
        if place == (n + len(visit.template)) % len(VIEWS):
            chosen.append(visit)
    return chosen


def by_role(found: list[Visit]) -> dict[str, list[Visit]]:
    groups: dict[str, list[Visit]] = {}
    for visit in found:
        groups.setdefault(visit.role, []).append(visit)
    return groups


def url_of(site: Site, visit: Visit) -> str:
    return site.url + visit.path(site.world)

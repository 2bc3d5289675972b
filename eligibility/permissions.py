"""What an account may do, as a value computed once for a page."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    user_id: int | None = None
    entity_ids: frozenset[int] = frozenset()
    contact_of: frozenset[int] = frozenset()
    legal_representative_of: frozenset[int] = frozenset()
    cells: frozenset[tuple[int, str]] = frozenset()
    is_secretariat: bool = False
    is_observer: bool = False
    mandated_for: frozenset[int] = frozenset()

    @property
    def cell_ids(self) -> frozenset[int]:
        return frozenset(cell_id for cell_id, _role in self.cells)

    @property
    def is_officer(self) -> bool:
        """Serves a cell, or the programme."""
        return bool(self.cells) or self.is_secretariat or self.is_observer

    def has_cell_role(self, cell_id: int | None, *roles: str) -> bool:
        return any((cell_id, role) in self.cells for role in roles)

    def belongs_to(self, entity_id: int) -> bool:
        return entity_id in self.entity_ids

    def manages_people_of(self, entity_id: int) -> bool:
        """Activates and ends affiliations: the contact, the legal representative, the office."""
        return (
            entity_id in self.contact_of
            or entity_id in self.legal_representative_of
            or self.is_secretariat
        )

    def signs_for(self, entity_id: int) -> bool:
        return entity_id in self.legal_representative_of

    @property
    def administers_memberships(self) -> bool:
        return self.is_secretariat


NOBODY = Actor()

"""Which cell takes a request: rows of policy, lowest rank first."""

from datetime import date

from django.db.models import Q

from eligibility.models import Cell, RoutingRule


def cell_for(*, sensor_id: int, is_scientific: bool, on: date) -> Cell | None:
    """The cell that takes this sensor for this community of users; None for open data.

    A contractor's request goes where its principal's would: ``is_scientific`` is the principal's.
    """
    rules = RoutingRule.objects.in_force(on).filter(
        Q(is_scientific=is_scientific) | Q(is_scientific__isnull=True), sensor_id=sensor_id
    )
    rule = rules.select_related("cell").order_by("rank", "pk").first()
    return rule.cell if rule else None

"""Reads that several parts of a request's life share, one module per noun."""

from requests_app.selectors.cells import cell_queue, expedited_this_year
from requests_app.selectors.funding import (
    IfDecidedNow,
    PricedNow,
    coverage_of,
    criteria_of,
    decided_plan,
    funding_question,
    if_decided_now,
    plan_as_asked,
    plan_for,
    plan_of,
    pressures_of,
    pressures_on,
    priced_now,
    related_free_km2,
    related_requests,
)
from requests_app.selectors.orders import (
    ORDER_CHOICES,
    order_area,
    order_area_within,
    order_choices,
)
from requests_app.selectors.page import (
    AvailableTransition,
    attribution_of,
    available_transitions,
    items_open_to,
    open_data_links,
    request_page,
)
from requests_app.selectors.standing import (
    entity_refusals,
    nationality_refusals,
    standing_refusals,
    window_over_refusals,
)

__all__ = [
    "ORDER_CHOICES",
    "AvailableTransition",
    "IfDecidedNow",
    "PricedNow",
    "attribution_of",
    "available_transitions",
    "cell_queue",
    "coverage_of",
    "criteria_of",
    "decided_plan",
    "entity_refusals",
    "expedited_this_year",
    "funding_question",
    "if_decided_now",
    "items_open_to",
    "nationality_refusals",
    "open_data_links",
    "order_area",
    "order_area_within",
    "order_choices",
    "plan_as_asked",
    "plan_for",
    "plan_of",
    "pressures_of",
    "pressures_on",
    "priced_now",
    "related_free_km2",
    "related_requests",
    "request_page",
    "standing_refusals",
    "window_over_refusals",
]

from typing import Any

from django import template

from eligibility import demo

register = template.Library()


@register.inclusion_tag("eligibility/demo_accounts.html", takes_context=True)
def demo_accounts(context: dict[str, Any]) -> dict[str, Any]:
    """Nothing, but in a demonstration on its private database."""
    groups = demo.offers() if demo.is_offered() else []
    return {"groups": groups, "csrf_token": context.get("csrf_token")}

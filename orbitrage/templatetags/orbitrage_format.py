"""Numbers, days and states as people read them, in the language of the page."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from django import template
from django.core.paginator import Page
from django.forms import BaseForm
from django.http import QueryDict
from django.template.context import RequestContext
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from orbitrage.shared.days import day_in_words, instant_in_words
from requests_app.badges import BADGES as OF_REQUESTS

register = template.Library()

Number = Decimal | int | float | str

NOTHING = "—"
NARROW_SPACE = "\u202f"
NO_BREAK_SPACE = "\u00a0"
MINUS = "\u2212"
DAYS_TOLD_IN_WORDS = 7
PAGES_AROUND = 2

_OF_OTHER_THINGS = {
    "draft": ("planned",),
    "waiting": ("placed", "in_progress", "pending", "requested"),
    "action": ("awaiting",),
    "positive": ("issued", "valid", "active", "accepted"),
    "negative": ("revoked", "suspended", "blocked", "late"),
    "neutral": ("superseded", "expired", "unknown", "ended"),
}
BADGES = {
    badge: (*map(str, states), *_OF_OTHER_THINGS[badge]) for badge, states in OF_REQUESTS.items()
}
BADGE_OF_STATE = {state: badge for badge, states in BADGES.items() for state in states}


def is_french() -> bool:
    return (get_language() or "").startswith("fr")


def grouped(value: Number, decimals: int) -> str:
    """``value`` half-up to ``decimals``, with the separators of the language."""
    step = Decimal(1).scaleb(-decimals)
    rounded = Decimal(str(value)).quantize(step, rounding=ROUND_HALF_UP)
    text = f"{abs(rounded):,.{decimals}f}"
    if is_french():
        text = text.translate({ord(","): NARROW_SPACE, ord("."): ","})
    return f"{MINUS}{text}" if rounded < 0 else text


@register.filter
def number(value: Number | None, decimals: int | None = None) -> str:
    """As many decimals as asked; by default those that ``value`` carries."""
    if value is None or value == "":
        return NOTHING
    if decimals is None:
        exponent = Decimal(str(value)).as_tuple().exponent
        decimals = max(0, -exponent) if isinstance(exponent, int) else 0
    return grouped(value, decimals)


@register.filter
def area_km2(value: Number | None) -> str:
    return NOTHING if value in (None, "") else f"{area_km2_number(value)}{NO_BREAK_SPACE}km²"


@register.filter
def area_km2_number(value: Number | None) -> str:
    """The figure alone, for a column whose heading names the unit."""
    return NOTHING if value is None or value == "" else grouped(value, 2)


@register.filter
def euros(value: Number | None) -> str:
    if value is None or value == "":
        return NOTHING
    text = grouped(value, 2)
    if is_french():
        return f"{text}{NO_BREAK_SPACE}€"
    return text.replace(MINUS, f"{MINUS}€") if text.startswith(MINUS) else f"€{text}"


@register.filter
def rate_eur(value: Number | None) -> str:
    """A price per km²: to the cent at least, and every decimal that counts, so that the product
    can be worked out again from the page."""
    if value is None or value == "":
        return NOTHING
    exponent = Decimal(str(value)).normalize().as_tuple().exponent
    text = grouped(value, max(2, -int(exponent)))
    return f"{text}{NO_BREAK_SPACE}€" if is_french() else f"€{text}"


@register.filter
def percent(value: Number | None, decimals: int = 0) -> str:
    """``value`` counts from 0 to 100."""
    if value is None or value == "":
        return NOTHING
    return grouped(value, decimals) + (f"{NARROW_SPACE}%" if is_french() else "%")


@register.filter
def day(value: date | None) -> str:
    return NOTHING if value is None else day_in_words(local_day(value))


@register.filter
def instant(value: datetime | None) -> str:
    return NOTHING if value is None else instant_in_words(value)


@register.filter
def relative_day(value: date | None) -> str:
    """Today, in 3 days, 2 days ago; beyond a week, the date."""
    if value is None:
        return NOTHING
    on = local_day(value)
    ahead = (on - timezone.localdate()).days
    near = {0: _("today"), 1: _("tomorrow"), -1: _("yesterday")}
    if ahead in near:
        return near[ahead]
    if abs(ahead) > DAYS_TOLD_IN_WORDS:
        return day(on)
    count = abs(ahead)
    if ahead > 0:
        return ngettext("in %(count)d day", "in %(count)d days", count) % {"count": count}
    return ngettext("%(count)d day ago", "%(count)d days ago", count) % {"count": count}


def local_day(value: date) -> date:
    return timezone.localdate(value) if isinstance(value, datetime) else value


@register.filter
def state_badge_class(state: str) -> str:
    return f"badge--{BADGE_OF_STATE.get(str(state), 'neutral')}"


@register.filter
def has_required_field(form: BaseForm) -> bool:
    return any(field.required for field in form.fields.values())


@register.simple_tag(takes_context=True)
def page_address(context: RequestContext, page: int) -> str:
    """The address of another page of this list, its filters kept."""
    query: QueryDict = context["request"].GET.copy()
    query["page"] = str(page)
    return f"?{query.urlencode()}"


@register.filter
def page_numbers(page: Page) -> Iterator[int | None]:
    """The first, the last and the neighbours; None stands for a gap."""
    last = page.paginator.num_pages
    shown = [
        n for n in range(1, last + 1) if n in (1, last) or abs(n - page.number) <= PAGES_AROUND
    ]
    previous = 0
    for n in shown:
        if n - previous > 1:
            yield None
        yield n
        previous = n

import json
from typing import Any

from django.contrib.gis.geos import MultiPolygon
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from catalogue import selectors
from catalogue.forms import SearchForm, text_of
from catalogue.models import Item
from licences.selectors import audience_of

FILTERS = ("sensor", "acquired_from", "acquired_to", "cloud", "bbox", "area")


@require_safe
def item_list(request: HttpRequest) -> HttpResponse:
    form = SearchForm(request.GET)
    context: dict[str, Any] = {"form": form, "is_filtered": any(map(request.GET.get, FILTERS))}
    if form.is_valid():
        context |= _found(request, form)
    return render(request, "catalogue/list.html", context)


@require_safe
def item_detail(request: HttpRequest, pk: int) -> HttpResponse:
    item = get_object_or_404(selectors.shown_to(audience_of(request.user)), pk=pk)
    return render(
        request,
        "catalogue/detail.html",
        {
            "item": item,
            "access": selectors.access_to(item, get_language() or "fr"),
            "map_data": _collection([_item_feature(item)]),
        },
    )


def _found(request: HttpRequest, form: SearchForm) -> dict[str, Any]:
    audience = audience_of(request.user)
    criteria, area = form.criteria(), form.searched_area()
    page = selectors.item_page(
        audience=audience, criteria=criteria, area=area, after=form.cleaned_data["after"]
    )
    features = [_item_feature(item) for item in page.items]
    found: dict[str, Any] = {"items": page.items}
    if area is not None:
        found["coverage"] = selectors.coverage(aoi=area, criteria=criteria, audience=audience)
        features = [*_area_features(area, found["coverage"].remaining), *features]
    query = request.GET.copy()
    query.pop("after", None)
    found["first_page"] = f"?{query.urlencode()}" if form.cleaned_data["after"] else ""
    if page.next is not None:
        query["after"] = text_of(page.next)
        found["next_page"] = f"?{query.urlencode()}"
    return found | {"map_data": _collection(features)}


def _collection(features: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": features}


def _item_feature(item: Item) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": json.loads(item.geojson),  # type: ignore[attr-defined]  # annotated
        "properties": {
            "role": "item",
            "label": f"{item.sensor.name} · {item.acquired_at:%Y-%m-%d}",
            "href": item.get_absolute_url(),
        },
    }


def _area_features(area: MultiPolygon, remaining: MultiPolygon | None) -> list[dict[str, Any]]:
    shapes = [("aoi", area)] if remaining is None else [("aoi", area), ("remaining", remaining)]
    return [
        {
            "type": "Feature",
            "geometry": {"type": "MultiPolygon", "coordinates": shape.coords},
            "properties": {"role": role},
        }
        for role, shape in shapes
    ]

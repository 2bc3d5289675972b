"""What the scripts of the map need to know: addresses of files, and words."""

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import json_script
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

register = template.Library()


@register.simple_tag
def map_settings() -> SafeString:
    return json_script(
        {
            "language": get_language(),
            "files": {
                name: static(f"orbitrage/map/{name}")
                for name in ("land.geojson", "borders.geojson", "rivers.geojson", "places.json")
            },
            "tiles": {
                "url": getattr(settings, "ORBITRAGE_MAP_TILE_URL", ""),
                "attribution": getattr(settings, "ORBITRAGE_MAP_TILE_ATTRIBUTION", ""),
            },
            "words": words(),
        },
        "map-settings",
    )


def words() -> dict[str, str]:
    return {
        "map": _("Map. Arrow keys move it, plus and minus change the scale."),
        "zoomIn": _("Zoom in"),
        "zoomOut": _("Zoom out"),
        "legend": _("Legend"),
        "source": _("Natural Earth"),
        "aoi": _("Area asked for"),
        "drawn": _("Outline as drawn"),
        "fault": _("The outline crosses itself here"),
        "outside": _("Outside the visibility circle"),
        "offer": _("Area offered"),
        "granted": _("Area granted"),
        "before": _("Area before"),
        "after": _("Area after"),
        "operator": _("Area sent to the operator"),
        "item": _("Image of the catalogue"),
        "remaining": _("Not covered yet"),
        "drawing": _("Polygon being drawn"),
        "request-draft": _("Draft"),
        "request-waiting": _("With the cell, the operator or a date"),
        "request-action": _("The requester must act"),
        "request-positive": _("Granted or delivered"),
        "request-negative": _("Refused or failed"),
        "request-neutral": _("Ended"),
        "drawPolygon": _("Draw a polygon"),
        "drawRectangle": _("Draw a rectangle"),
        "drawCircle": _("Draw a circle"),
        "drawHole": _("Make it a hole"),
        "hole": _("hole"),
        "addHere": _("Add a point at the cross"),
        "undo": _("Undo"),
        "finish": _("Finish"),
        "clear": _("Clear"),
        "copyArea": _("Start from the area asked for"),
        "copyRead": _("Start from the area read"),
        "nothingToCopy": _("No area has been read yet."),
        "tooManyCorners": _("The area has more than %s corners: it cannot be edited here."),
        "vertex": _(
            "Corner. Arrow keys move it, Delete removes it, Insert adds one after it, Page up and"
            " Page down go to the others."
        ),
        "between": _("Drag it to add a corner"),
        "idle": _("Draw a polygon, a rectangle or a circle, or type its coordinates below."),
        "polygonHelp": _("Click the corners one after the other, then Finish."),
        "rectangleHelp": _(
            "Drag from one corner to the opposite one, or click both. With the keyboard: arrows"
            " move the map, Enter puts a corner under the cross."
        ),
        "circleHelp": _(
            "Drag from the centre outwards, or click the centre, then the edge. With the keyboard:"
            " arrows move the map, Enter puts the point under the cross."
        ),
        "holeHelp": _("What you draw next, inside a part, is cut out of it."),
        "holeOutside": _("A hole lies inside one part: draw it again."),
        "unfinished": _(
            "The drawing is not finished: finish it, or leave the tool by pressing its button"
            " again."
        ),
        "done": _("About %s km². The exact figure is worked out when the form is sent."),
        "crossed": _("The outline crosses itself: move or remove a corner."),
    }

"""The API: every app's operations under one address, described once, and its page."""

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext, override
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from eligibility.api import router as account
from eligibility.models import Scope
from licences.api import router as licences
from notices.api import router as notices
from orbitrage.shared.api.bodies import JsonParser
from orbitrage.shared.api.problems import MEDIA_TYPE, ProblemOut, install
from quotas.api import router as quotas
from requests_app.api import ROUTERS as REQUESTS

TITLE = _("Orbitrage API")
# What any operation may answer, beside what it is for.
PROBLEMS = {
    "400": _("The request cannot be read."),
    "401": _("No token in use was shown."),
    "403": _("The token lacks the scope, or its person the right."),
    "404": _("There is nothing of yours here."),
    "409": _("The state of things, or a rule, says no."),
    "412": _("What If-Match names was changed meanwhile: read it again."),
    "413": _("The body is longer than this service takes."),
    "415": _("The body is not of a kind that is read."),
    "422": _("What was sent is not right; each refusal names its field."),
    "429": _("The token has made its calls of this minute."),
    "503": _("Others are at work on this: try again."),
}
# Texts of a description, which are translated for who reads it.
TEXTS = ("title", "description", "summary")


class Api(NinjaAPI):
    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """In English; `described` translates it."""
        schema = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        shapes = ProblemOut.model_json_schema(ref_template="#/components/schemas/{model}")
        schema["components"]["schemas"] |= shapes.pop("$defs")
        schema["components"]["schemas"]["Problem"] = shapes
        for operations in schema["paths"].values():
            for operation in operations.values():
                _complete(operation)
        return schema


def _complete(operation: dict[str, Any]) -> None:
    reference = {"$ref": "#/components/schemas/Problem"}
    for status, description in PROBLEMS.items():
        operation["responses"].setdefault(
            status,
            {"description": description, "content": {MEDIA_TYPE: {"schema": reference}}},
        )
    # ninja keys them by number where it made them, which JSON does not know.
    operation["responses"] = {str(key): told for key, told in operation["responses"].items()}


api = Api(
    title=TITLE,
    version="1",
    urls_namespace="api-1",
    parser=JsonParser(),
    openapi_url=None,
    docs_url=None,
)
install(api)
for router in (account, *REQUESTS, licences, quotas, notices):
    api.add_router("", router)


# --- Its description ------------------------------------------------------------------------------


@cache
def described(language: str) -> dict[str, Any]:
    """The OpenAPI document, its texts in that language."""
    with override("en"):
        schema = api.get_openapi_schema()
    with override(language):
        translated: dict[str, Any] = _translated(schema)
    return translated


def _translated(part: Any) -> Any:
    if isinstance(part, list):
        return [_translated(each) for each in part]
    if not isinstance(part, dict):
        return part
    return {
        key: gettext(value)
        if key in TEXTS and isinstance(value, str) and value
        else _translated(value)
        for key, value in part.items()
    }


@require_safe
def openapi(_request: HttpRequest) -> JsonResponse:
    return JsonResponse(
        described(get_language() or "en"), json_dumps_params={"ensure_ascii": False}
    )


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The same, to be read; without scripts, and with nothing from elsewhere."""
    schema = described(get_language() or "en")
    context = {
        "groups": groups_of(schema),
        "problems": [(status, gettext(text)) for status, text in PROBLEMS.items()],
        "scopes": Scope.choices,
        "version": schema["info"]["version"],
    }
    return render(request, "site/api.html", context)


def groups_of(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Operations by tag, in the order in which they are mounted."""
    found: dict[str, list[dict[str, Any]]] = {}
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            told = operation_of(path, method, operation, schema)
            found.setdefault(operation["tags"][0], []).append(told)
    return [{"name": gettext(GROUPS[tag]), "operations": told} for tag, told in found.items()]


GROUPS = {
    "account": _("Account and sensors"),
    "areas": _("Areas"),
    "requests": _("Requests"),
    "moves": _("What can be done with a request"),
    "messages": _("Messages and revisions"),
    "notices": _("Notices"),
    "licences": _("Licences"),
    "quotas": _("Quotas"),
}


def operation_of(
    path: str, method: str, operation: dict[str, Any], schema: dict[str, Any]
) -> dict[str, Any]:
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": operation["summary"],
        "description": operation.get("description", ""),
        "fields": [*_parameters(operation), *_body_fields(operation, schema)],
    }


def _parameters(operation: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        _field(parameter["name"], parameter["schema"], is_required=parameter["required"])
        | {"where": parameter["in"], "description": parameter.get("description", "")}
        for parameter in operation["parameters"]
    ]


def _body_fields(operation: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    content = operation.get("requestBody", {}).get("content", {})
    for kind in content.values():
        model = _resolved(kind["schema"], schema)
        required = model.get("required", [])
        return [
            _field(name, shape, is_required=name in required) | {"where": "body"}
            for name, shape in model.get("properties", {}).items()
        ]
    return []


def _resolved(shape: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The model behind a reference, or behind one that may be left out."""
    for each in (shape, *shape.get("anyOf", [])):
        if "$ref" in each:
            name = each["$ref"].rpartition("/")[2]
            resolved: dict[str, Any] = schema["components"]["schemas"][name]
            return resolved
    return shape


def _field(name: str, shape: dict[str, Any], *, is_required: bool) -> dict[str, Any]:
    parts = [shape, *shape.get("anyOf", [])]
    values = [str(value) for part in parts for value in part.get("enum", [])]
    kinds = [part.get("format") or part["type"] for part in parts if "type" in part]
    words = (shape.get("title", ""), shape.get("description", ""))
    # A field without words of its own is titled after its name.
    told = [text for text in words if text and text.lower().replace(" ", "_") != name.lower()]
    return {
        "name": name,
        "kind": " / ".join(kind for kind in dict.fromkeys(kinds) if kind != "null"),
        "values": values,
        "is_required": is_required,
        "description": " ".join(told),
    }

"""The JSON that an operation takes, made of the form that a page shows: no rule stands twice.

What a field is called, its type, its limits and its choices are described to programs and checked
when a body comes in; then the form judges it, as it judges what a person typed.
"""

import base64
import binascii
import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal, Self, cast

from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from ninja import Schema
from ninja.parser import Parser
from pydantic import ConfigDict, Field, StringConstraints, create_model, model_validator
from pydantic_core import PydanticCustomError, PydanticUndefined

from orbitrage.shared.api.problems import Problem

TEXT_MAXIMUM_CHARACTERS = 1_000_000
FILES_MAXIMUM = 50
FILE_MAXIMUM_CHARACTERS = 24 * 2**20


FILE_CONTENT = "Send either content or content_base64."
BASE64 = "This is not base 64."


class Body(Schema):
    """Refuses what it does not know, and takes no text for a number."""

    model_config = ConfigDict(extra="forbid")


class SentFile(Body):
    """A file within a JSON body: text as it is, anything else in base 64."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    content: Annotated[str, StringConstraints(max_length=FILE_MAXIMUM_CHARACTERS)] | None = None
    content_base64: (
        Annotated[
            str, StringConstraints(max_length=FILE_MAXIMUM_CHARACTERS, pattern="^[A-Za-z0-9+/]*=*$")
        ]
        | None
    ) = None

    @model_validator(mode="after")
    def _has_one_content(self) -> Self:
        if (self.content is None) == (self.content_base64 is None):
            raise PydanticCustomError("file_content", FILE_CONTENT)
        self.data  # noqa: B018 — refused now, at its field
        return self

    @property
    def data(self) -> bytes:
        if self.content is not None:
            return self.content.encode()
        try:
            return base64.b64decode(self.content_base64 or "", validate=True)
        except binascii.Error as error:
            raise PydanticCustomError("base64", BASE64) from error


def body_of(
    name: str,
    form: type[forms.Form],
    *,
    leave_out: Iterable[str] = (),
    defaults: Mapping[str, Any] | None = None,
    others: Mapping[str, Any] | None = None,
    is_partial: bool = False,
) -> type[Body]:
    """``others`` are fields that the API names or types in its own way; ``is_partial``: nothing is
    required, what is not sent stays as it is."""
    fields: dict[str, Any] = {}
    for field_name, field in form.base_fields.items():
        if field_name in set(leave_out):
            continue
        default = (defaults or {}).get(field_name, _default_of(field))
        if is_partial:
            default = None
        fields[field_name] = (_type_of(field), _described(field, default))
    fields |= others or {}
    model: type[Body] = create_model(name, __base__=Body, **fields)
    return model


def _default_of(field: forms.Field) -> Any:
    """Undefined where it must be sent. A box to tick is not ticked unless sent: whether it must be
    is for the form to say."""
    if isinstance(field, forms.BooleanField):
        return bool(field.initial)
    if field.initial is not None and not callable(field.initial):
        return field.initial
    return PydanticUndefined if field.required else None


def _described(field: forms.Field, default: Any) -> Any:
    words = {"title": str(field.label or ""), "description": str(field.help_text or "")}
    known: dict[str, Any] = {name: text for name, text in words.items() if text}
    return Field(default, **known)


def _type_of(field: forms.Field) -> Any:
    kind = _bare_type_of(field)
    is_required = field.required and not isinstance(field, forms.BooleanField)
    return kind if is_required else kind | None


def _bare_type_of(field: forms.Field) -> Any:
    match field:
        case forms.FileField():
            return Annotated[list[SentFile], Field(max_length=FILES_MAXIMUM)]
        case forms.NullBooleanField() | forms.BooleanField():
            return Annotated[bool, Field(strict=True)]
        case forms.ModelMultipleChoiceField():
            return list[int | str]
        case forms.ModelChoiceField():
            return int | str
        case forms.TypedChoiceField(coerce=kind) if kind is int and not _values_of(field):
            return int | str  # choices are of the request at hand: the form knows them
        case forms.MultipleChoiceField():
            return list[str]
        case forms.ChoiceField():
            return _choice_type(field)
        case forms.IntegerField():  # and what Django derives from it
            return _number_type(field)
        case forms.DateField():
            return dt.date
    return _text_type(field)


def _number_type(field: forms.IntegerField) -> Any:
    limits: dict[str, Any] = {"ge": field.min_value, "le": field.max_value}
    match field:
        case forms.DecimalField():
            return Annotated[Decimal, Field(**limits)]
        case forms.FloatField():
            return Annotated[float, Field(**limits)]
    return Annotated[int, Field(strict=True, **limits)]


def _choice_type(field: forms.ChoiceField) -> Any:
    values: list[Any] = _values_of(field)
    if isinstance(field, forms.TypedChoiceField) and field.coerce is int:
        values = [int(value) for value in values]
    return Literal[tuple(values)] if values else str


def _values_of(field: forms.ChoiceField) -> list[str]:
    choices = cast("Iterable[tuple[Any, Any]]", field.choices)
    return [str(value) for value, _label in choices if value != ""]


def _text_type(field: forms.Field) -> Any:
    maximum = getattr(field, "max_length", None) or TEXT_MAXIMUM_CHARACTERS
    least = 1 if field.required else None
    return Annotated[str, StringConstraints(min_length=least, max_length=maximum)]


def query_of(
    name: str,
    form: type[forms.Form],
    *,
    leave_out: Iterable[str] = (),
    values: Mapping[str, Iterable[str]] | None = None,
    others: Mapping[str, Any] | None = None,
) -> type[Schema]:
    """What stands in an address: each left out keeps all. ``values`` are of the fields whose
    choices the form finds for its reader."""
    fields: dict[str, Any] = {}
    for field_name, field in form.base_fields.items():
        if field_name in set(leave_out):
            continue
        known = (values or {}).get(field_name)
        kind, default = _query_type_of(field, known)
        fields[field_name] = (kind, _described(field, default))
    model: type[Schema] = create_model(name, __base__=Schema, **fields, **(others or {}))
    return model


def _query_type_of(field: forms.Field, known: Iterable[str] | None) -> tuple[Any, Any]:
    match field:
        case forms.MultipleChoiceField():
            return list[_choice_type(field)], []  # type: ignore[misc]
        case forms.BooleanField():
            return bool, False
        case forms.DateField():
            return dt.date | None, None
        case forms.ModelChoiceField():
            return Annotated[str, StringConstraints(max_length=100)], ""
        case forms.ChoiceField():
            return Literal[("", *(known or _values_of(field)))], ""
    return Annotated[str, StringConstraints(max_length=getattr(field, "max_length", 100))], ""


# --- From a body to what a form takes -------------------------------------------------------------


def form_input(values: Mapping[str, Any]) -> tuple[dict[str, Any], MultiValueDict[str, Any]]:
    """Data and files, as a browser would send them."""
    data: dict[str, Any] = {}
    files: MultiValueDict[str, Any] = MultiValueDict()
    for name, value in values.items():
        if _is_files(value):
            files.setlist(name, [_upload(each) for each in value])
        elif value is not None and value is not False:
            data[name] = _typed(value)
    return data, files


def _is_files(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], SentFile | dict)


def _upload(file: Any) -> SimpleUploadedFile:
    told = file if isinstance(file, SentFile) else SentFile(**file)
    return SimpleUploadedFile(told.name, told.data)


def _typed(value: Any) -> Any:
    match value:
        case True:
            return "on"
        case list():
            return [str(each) for each in value]
        case dt.date():
            return value.isoformat()
    return str(value)


class JsonParser(Parser):
    """Reads JSON that says it is JSON."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        kind = getattr(request, "content_type", "application/json")
        if kind != "application/json":
            detail = f"Content-Type: application/json, not {kind or 'none'}."
            raise Problem(415, "unsupported_media_type", detail)
        return super().parse_body(request)

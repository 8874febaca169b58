"""The form of a description: what was typed as values for the action, and the scheme's fields as lines of the form."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from yidang.catalogue import schemes
from yidang.catalogue.models import Record

SCHEME = "m-"  # stands before the keys of the scheme's fields, so that none takes the name of a field of every record
_TEXTS = ("title", "document_number", "creator", "date")


@dataclass(frozen=True, slots=True)
class Line:
    """One field of the scheme with its value and what is wrong with it."""

    spec: schemes.FieldSpec
    value: str
    error: str


def typed_values(typed: Mapping[str, str], *, locked: bool) -> dict[str, Any]:
    """What was typed, for :func:`yidang.catalogue.actions.describe_record`; fields that were not sent stay as they are."""
    values: dict[str, Any] = {}
    if "keywords" in typed:
        values["keywords"] = _words(typed["keywords"])
    if "description" in typed:
        values["description"] = typed["description"]
    if locked:
        return values
    values |= {name: typed[name].strip() for name in _TEXTS if name in typed}
    if "parties" in typed:
        values["parties"] = _words(typed["parties"])
    metadata = {key.removeprefix(SCHEME): value.strip() for key, value in typed.items() if key.startswith(SCHEME)}
    if metadata:
        values["metadata"] = {key: value for key, value in metadata.items() if value}
    return values


def _words(text: str) -> list[str]:
    return [word.strip() for word in re.split(r"[;；、,，\n]", text) if word.strip()]


def scheme_lines(
    record: Record, *, metadata: Mapping[str, Any], language: str, errors: Mapping[str, str]
) -> list[Line]:
    """The scheme's fields of a record as lines of the form, holding these values."""
    return [
        Line(spec, _as_typed(metadata.get(spec.key, ""), spec), errors.get(spec.key, ""))
        for spec in schemes.form_fields(record.record_class, language=language)
    ]


def _as_typed(value: Any, spec: schemes.FieldSpec) -> str:
    if isinstance(value, list):
        return "、".join(map(str, value))
    # A choice may have been typed as its word; the form knows choices by their values.
    return next((key for key, word in spec.choices if value in (key, word)), str(value))

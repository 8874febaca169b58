"""Metadata schemes at work: they check values, draw the form and name what is shown."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from yidang.catalogue.models import MetadataScheme, Record, RecordClass
from yidang.common.dates import parse_civil_date
from yidang.common.errors import InvalidInput

LONGEST_PART = 200


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field as a form draws it."""

    key: str
    label: str
    type: str
    required: bool
    choices: Sequence[tuple[str, str]] = ()
    placeholder: str = ""


@dataclass(frozen=True, slots=True)
class ShownField:
    """One field as a page shows it."""

    key: str
    label: str
    value: str


class _Wrong(Exception):
    """A value does not fit its field; carries the reason and the remedy."""


def check_values(
    scheme: MetadataScheme | None, values: Mapping[str, Any], *, title: str = ""
) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """Values cleaned by the scheme, and every fault: field, label, reason, remedy."""
    fields = {item["key"]: item for item in scheme.fields} if scheme else {}
    cleaned: dict[str, Any] = {}
    faults = [
        _fault(key, key, _("this class has no such field"), _("Leave it out, or choose another class."))
        for key in values
        if key not in fields
    ]
    for key, item in fields.items():
        label = _label(item["labels"])
        value = values.get(key)
        if value is None or value == "" or value == []:
            if item.get("required"):
                faults.append(_fault(key, label, _("it is missing"), _("Fill it in.")))
            continue
        try:
            cleaned[key] = _clean(item, value)
        except _Wrong as wrong:
            reason, remedy = wrong.args
            faults.append(_fault(key, label, reason, remedy))
    first, last = cleaned.get("first_number"), cleaned.get("last_number")
    if isinstance(first, int) and isinstance(last, int) and last < first:
        faults.append(
            _fault(
                "last_number",
                _label(fields["last_number"]["labels"]),
                _("it is below the first number"),
                _("Exchange the two."),
            )
        )
    return cleaned, faults


def _fault(key: str, label: str, reason: str, remedy: str) -> dict[str, str]:
    return {"field": key, "label": label, "reason": reason, "remedy": remedy}


def _label(labels: Mapping[str, str], language: str | None = None) -> str:
    english = (language or get_language() or "zh-hans").startswith("en")
    return labels.get("en" if english else "zh") or labels["zh"]


def _clean(item: Mapping[str, Any], value: Any) -> Any:
    match item["type"]:
        case "number":
            return _number(item, value)
        case "date":
            return _date(value)
        case "choice":
            return _choice(item, value)
        case "boolean":
            return _boolean(value)
        case "list":
            return _list(item, value)
    return _text(item, value)


def _text(item: Mapping[str, Any], value: Any) -> str:
    if not isinstance(value, str):
        raise _Wrong(_("it must be text"), _("Send it as text."))
    text = value.strip()
    most = item.get("most", 500)
    if len(text) > most:
        raise _Wrong(_("it has more than %(most)d characters") % {"most": most}, _("Shorten it."))
    _writable(text)
    if item.get("pattern") and not re.fullmatch(item["pattern"], text):
        raise _Wrong(
            _("«%(value)s» does not have the form that this field has") % {"value": text[:40]},
            _("Check it against the paper."),
        )
    return text


def _number(item: Mapping[str, Any], value: Any) -> int | float:
    try:
        number = float(str(value).replace(",", "")) if not isinstance(value, bool) else None
    except ValueError:
        number = None
    if number is None or number != number or number in (float("inf"), float("-inf")):
        raise _Wrong(
            _("«%(value)s» is not a number") % {"value": str(value)[:40]}, _("Enter digits, with a point if needed.")
        )
    if not item.get("least", number) <= number <= item.get("most", number):
        raise _Wrong(
            _("%(number)s lies outside %(least)s to %(most)s")
            % {"number": value, "least": item.get("least", "…"), "most": item.get("most", "…")},
            _("Check the figure."),
        )
    return int(number) if number.is_integer() else number


def _date(value: Any) -> str:
    try:
        return parse_civil_date(str(value)).text
    except InvalidInput as error:
        raise _Wrong(str(error), str(error.remedy)) from error


def _choice(item: Mapping[str, Any], value: Any) -> str:
    for choice in item["choices"]:
        # People type the word, systems send the value; both mean the same.
        if value in (choice["value"], *choice["labels"].values()):
            return str(choice["value"])
    words = "、".join(choice["value"] for choice in item["choices"])
    raise _Wrong(
        _("«%(value)s» is not in the list") % {"value": str(value)[:40]}, _("Use one of: %(words)s.") % {"words": words}
    )


def _boolean(value: Any) -> bool:
    known = {"true": True, "1": True, "是": True, "false": False, "0": False, "否": False}
    found = known.get(str(value).strip().lower())
    if found is None:
        raise _Wrong(_("«%(value)s» is neither yes nor no") % {"value": str(value)[:20]}, _("Use true or false."))
    return found


def _list(item: Mapping[str, Any], value: Any) -> list[str]:
    parts = re.split(r"[;；、,，]", value) if isinstance(value, str) else value
    if (
        not isinstance(parts, list)
        or not all(isinstance(part, str) for part in parts)
        or len(parts) > item.get("most", 50)
    ):
        raise _Wrong(_("it must be a list of texts"), _("Separate the parts by a semicolon."))
    if any(len(part) > LONGEST_PART for part in parts):
        raise _Wrong(_("a part has more than %(most)d characters") % {"most": LONGEST_PART}, _("Shorten it."))
    for part in parts:
        _writable(part)
    return [part.strip() for part in parts if part.strip()]


def _writable(text: str) -> None:
    if any(ord(sign) < 32 and sign not in "\t\n\r" for sign in text):
        raise _Wrong(_("it holds control characters"), _("Type it anew instead of pasting it."))


def form_fields(record_class: RecordClass, *, language: str) -> list[FieldSpec]:
    """The fields of a class as its form draws them."""
    scheme = record_class.scheme
    return [
        FieldSpec(
            key=item["key"],
            label=_label(item["labels"], language),
            type=item["type"],
            required=bool(item.get("required")),
            choices=[(choice["value"], _label(choice["labels"], language)) for choice in item.get("choices", [])],
            placeholder="2026-03-05" if item["type"] == "date" else "",
        )
        for item in (scheme.fields if scheme else [])
    ]


def shown_fields(record: Record, *, language: str) -> list[ShownField]:
    """The values of a record's scheme in words; values of fields that the scheme no longer has are shown under their key."""
    scheme = record.record_class.scheme
    fields = {item["key"]: item for item in scheme.fields} if scheme else {}
    shown = []
    for key, value in record.metadata.items():
        item = fields.get(key)
        words = {choice["value"]: _label(choice["labels"], language) for choice in (item or {}).get("choices", [])}
        text = (
            "、".join(value)
            if isinstance(value, list)
            else words.get(value, str(value))
            if not isinstance(value, dict)
            else str(value)
        )
        shown.append(ShownField(key, _label(item["labels"], language) if item else key, text))
    return shown

"""Describing a kept record better: checked as at the door, kept as a new version of its object, told in the log."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yidang import audit
from yidang.audit.chain import canonical, hash_body
from yidang.catalogue import covering, package, policy, row_digests, schemes
from yidang.catalogue.actions.announcing import announce
from yidang.catalogue.models import Record, RecordChange
from yidang.common.actor import Actor
from yidang.common.dates import parse_civil_date
from yidang.common.errors import InvalidInput, WrongState

# What an archivist may still improve after acceptance; everything else is locked (GB/T 39784-2021 5.3).
OPEN_FIELDS = frozenset({"keywords", "description"})
TEXTS = {"title": 1000, "document_number": 120, "creator": 300, "description": 20_000}
LISTS = {"keywords": 100, "parties": 200}
LONGEST_PART = 200
EDITABLE = frozenset({*TEXTS, *LISTS, "date", "metadata"})


class RecordLocked(WrongState):
    """An archived record's description is locked."""

    code = "record_locked"
    default_message = gettext_lazy("The record is archived; this part of its description is locked.")
    default_remedy = gettext_lazy(
        "Keywords and the abstract can still be changed; anything else needs an approved correction."
    )


class FieldCovered(WrongState):
    """The field holds blocks instead of what was kept; writing it back would lose that."""

    code = "field_covered"
    default_message = gettext_lazy("Parts of this field are masked.")
    default_remedy = gettext_lazy("Lift the masks of the record first, change it, and mask again.")


def _is_as_shown(record: Record, name: str, value: Any) -> bool:
    """Whether a form hands back what it was given; empty fields of the scheme may be missing."""
    shown = getattr(record, name)
    if isinstance(shown, dict) and isinstance(value, dict):
        filled = {key: one for key, one in value.items() if one not in ("", None, [])}
        return filled == {key: one for key, one in shown.items() if one not in ("", None, [])}
    return bool(value.strip() == shown.strip() if isinstance(value, str) else value == shown)


class InvalidDescription(InvalidInput):
    """Some values do not fit; ``details["errors"]`` holds every one: field, label, reason, remedy."""

    code = "invalid_description"

    def __init__(self, faults: Sequence[Mapping[str, str]]) -> None:
        first = faults[0]
        super().__init__(
            _("«%(label)s»: %(reason)s.") % {"label": first["label"], "reason": first["reason"]},
            field=first["field"], remedy=first["remedy"], errors=[dict(fault) for fault in faults],
        )  # fmt: skip


@transaction.atomic
def describe_record(record: Record, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> Record:
    """Improve a record's description.

    :param values: fields of :data:`EDITABLE`; ``metadata`` holds all fields of the class's scheme anew
    :raises NotAllowed: the actor keeps no branch in which it stands
    :raises RecordLocked: it is archived and the field is not an open one
    :raises InvalidDescription: values that do not fit, all of them named
    """
    policy.require(record.public_id, actor=actor, action="describe")
    locked = Record.objects.select_for_update().get(pk=record.pk)
    changed = changes(locked, values)
    if locked.state == Record.ARCHIVED and not OPEN_FIELDS.issuperset(changed):
        raise RecordLocked(field=min(set(changed) - OPEN_FIELDS))
    if changed:
        store(locked, changed, event="catalogue.record.described", actor=actor, now=now, facts={})
    return locked


def changes(record: Record, values: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that values would change.

    :raises InvalidDescription: some do not fit
    :raises FieldCovered: one of them is masked now
    """
    covered = {name for name in covering.covered_fields(record) if name in values}
    if any(not _is_as_shown(record, name, values[name]) for name in covered):
        raise FieldCovered(field=min(covered))
    cleaned = _cleaned(record, {name: value for name, value in values.items() if name not in covered})
    return {name: value for name, value in cleaned.items() if getattr(record, name) != value}


def store(
    locked: Record, changed: Mapping[str, Any], *, event: str, actor: Actor, now: datetime, facts: Mapping[str, Any]
) -> None:
    """Keep changed columns inside the caller's transaction: the row, a new version of its object, the log."""
    if covered := covering.covered_fields(locked) & set(changed):
        raise FieldCovered(field=min(covered))  # masked after the change was proposed
    before = hash_body(canonical(package.record_json(locked)))
    for name, value in changed.items():
        setattr(locked, name, value)
    locked.updated_at = now
    locked.save(update_fields=[*changed, "updated_at"])
    announce(locked, now)
    if "patient_number" in changed:
        announce(locked, now, kind=RecordChange.PERMISSION)
    after = row_digests.digest_of(locked)
    audit.write(
        event, actor=actor, target_kind="record", target=locked.public_id, now=now,
        facts={"fields": sorted(changed), "before": before, "after": after, **facts}, row=after,
    )  # fmt: skip


def _cleaned(record: Record, values: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that the values mean.

    :raises InvalidDescription: some do not fit
    """
    cleaned: dict[str, Any] = {}
    faults: list[dict[str, str]] = []
    for name, value in values.items():
        try:
            cleaned |= _column(record, name, value)
        except InvalidDescription as error:
            faults += error.details["errors"]
        except InvalidInput as error:
            faults.append(_fault(name, str(error).rstrip(".。"), str(error.remedy)))
    if faults:
        raise InvalidDescription(faults)
    return cleaned


def _column(record: Record, name: str, value: Any) -> dict[str, Any]:
    if name in TEXTS:
        return {name: _text(name, value)}
    if name in LISTS:
        return {name: _list(name, value)}
    if name == "date":
        civil = parse_civil_date(str(value)) if value else None
        return {
            "date": civil.text if civil else "",
            "date_first": civil.first if civil else None,
            "date_last": civil.last if civil else None,
        }
    if name == "metadata":
        return _metadata(record, value)
    raise _wrong(name, _("it cannot be changed here"), _("Leave it out."))


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise _wrong(name, _("it must be text"), _("Send it as text."))
    text = value.strip()
    if len(text) > TEXTS[name]:
        raise _wrong(name, _("it has more than %(most)d characters") % {"most": TEXTS[name]}, _("Shorten it."))
    if name == "title" and not text:
        raise _wrong(name, _("it is missing"), _("Give the record a title."))
    if any(ord(sign) < 32 and sign not in "\t\n\r" for sign in text):
        raise _wrong(name, _("it holds control characters"), _("Type it anew instead of pasting it."))
    return text


def _list(name: str, value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
        raise _wrong(name, _("it must be a list of texts"), _("Separate the parts by a semicolon."))
    parts = list(dict.fromkeys(part.strip() for part in value if part.strip()))
    if len(parts) > LISTS[name]:
        raise _wrong(name, _("it has more than %(most)d parts") % {"most": LISTS[name]}, _("Shorten it."))
    if any(len(part) > LONGEST_PART for part in parts):
        raise _wrong(name, _("a part has more than %(most)d characters") % {"most": LONGEST_PART}, _("Shorten it."))
    return parts


def _metadata(record: Record, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong("metadata", _("it must be an object of fields"), _("Send the fields by their keys."))
    cleaned, faults = schemes.check_values(record.record_class.scheme, value)
    if faults:
        raise InvalidDescription(faults)
    found: dict[str, Any] = {"metadata": cleaned}
    # The treating team reaches a medical record by this number.
    if "patient_number" in cleaned:
        found["patient_number"] = cleaned["patient_number"]
    return found


def _fault(name: str, reason: str, remedy: str) -> dict[str, str]:
    return {"field": name, "label": label_of(name), "reason": reason, "remedy": remedy}


def _wrong(name: str, reason: str, remedy: str) -> InvalidDescription:
    return InvalidDescription([_fault(name, reason, remedy)])


def label_of(name: str) -> str:
    """The word for a field of every record."""
    words = {
        "title": _("Title"), "document_number": _("Document number"), "creator": _("Creator"), "date": _("Date"),
        "keywords": _("Keywords"), "parties": _("Persons"), "description": _("Abstract"),
    }  # fmt: skip
    return words.get(name, name)

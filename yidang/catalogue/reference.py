"""What records refer to, kept as an object of its own: fonds, classes, schemes, schedules, departments.

With it and the records' own objects the catalogue can be rebuilt from one site of the vault.
"""

import json
from datetime import date as Day
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from yidang import vault
from yidang.catalogue.models import CopyRule, Fonds, MetadataScheme, RecordClass, RetentionRule, RetentionSchedule
from yidang.common import clock
from yidang.people.models import Department, DepartmentName, DepartmentSuccession
from yidang.vault.errors import ObjectExists

# One object for the whole archive, under the same name in every vault.
OBJECT_ID = UUID("7f0c1d52-6f4b-5c0e-9d8a-2b7f5f4f8a01")
PATH = "reference.json"
FORMAT = "yidang-reference/1"
CLASS_FIELDS = (
    "code", "labels", "position", "arrangement", "code_template", "numbering", "without_gaps", "visibility",
    "default_level", "default_retention", "takes_records", "is_active",
)  # fmt: skip
RULE_FIELDS = (
    "key", "group", "class_code", "title", "retention", "kind", "years", "trigger", "basis", "confidence", "note",
)  # fmt: skip
NAME_FIELDS = ("zh", "en", "valid_from", "valid_until")


def reference_json() -> dict[str, Any]:
    """Everything that records refer to, as the database holds it now."""
    return {
        "format": FORMAT,
        "departments": [_department(row) for row in Department.objects.select_related("parent").order_by("key")],
        "successions": [
            {"from": row.predecessor.key, "to": row.successor.key, "on": str(row.on)}
            for row in DepartmentSuccession.objects.select_related("predecessor", "successor").order_by("pk")
        ],
        "schemes": [
            {"key": row.key, "version": row.version, "labels": row.labels, "fields": row.fields}
            for row in MetadataScheme.objects.order_by("key", "version")
        ],
        "fonds": [_fonds(row) for row in Fonds.objects.order_by("code")],
    }


def _department(row: Department) -> dict[str, Any]:
    return {
        "id": str(row.public_id), "key": row.key, "parent": row.parent.key if row.parent else "",
        "opened_on": _day(row.opened_on), "closed_on": _day(row.closed_on), "position": row.position,
        "names": [
            {"zh": name.zh, "en": name.en, "valid_from": _day(name.valid_from), "valid_until": _day(name.valid_until)}
            for name in row.names.order_by("valid_from", "pk")
        ],
    }  # fmt: skip


def _day(day: Day | None) -> str | None:
    return day.isoformat() if day else None


def _fonds(row: Fonds) -> dict[str, Any]:
    classes = row.classes.select_related("parent", "scheme", "copy_rule").order_by("code")
    return {
        "id": str(row.public_id), "code": row.code, "labels": row.labels, "time_zone": row.time_zone,
        "classes": [_class(one) for one in classes],
        "schedules": [_schedule(one) for one in row.schedules.order_by("pk")],
    }  # fmt: skip


def _class(row: RecordClass) -> dict[str, Any]:
    rule: CopyRule | None = getattr(row, "copy_rule", None)
    return {
        "id": str(row.public_id), "parent": row.parent.code if row.parent else "",
        "scheme": [row.scheme.key, row.scheme.version] if row.scheme else None,
        **{name: getattr(row, name) for name in CLASS_FIELDS},
        **({"copy_rule": _copy_rule(rule)} if rule else {}),
    }  # fmt: skip


def _copy_rule(rule: CopyRule) -> dict[str, Any]:
    return {
        "id": str(rule.public_id), "copies": rule.copies, "before": rule.before, "set_by": rule.set_by,
        "set_at": rule.set_at.isoformat(),
    }  # fmt: skip


def _schedule(row: RetentionSchedule) -> dict[str, Any]:
    return {
        "version": row.version, "title": row.title, "status": row.status, "approved_on": _day(row.approved_on),
        "approval": row.approval, "rules": list(row.rules.order_by("key").values(*RULE_FIELDS)),
    }  # fmt: skip


def keep_reference() -> bool:
    """Keep what records refer to as it is now, a new version when anything changed; False when there is no fonds yet.

    :raises Unavailable: a required site does not take it
    """
    if not Fonds.objects.exists():
        return False
    content = json.dumps(reference_json(), ensure_ascii=False, indent=1, sort_keys=True).encode()
    file, now = vault.NewFile(PATH, content), clock.now()
    if vault.copies_of(OBJECT_ID):
        vault.add_version(OBJECT_ID, [file], message="reference", user_name="yidang", created_at=now)
        return True
    try:
        kept = vault.keep([vault.NewObject(OBJECT_ID, [file], "reference", "yidang", now, "system")])
    except ObjectExists:
        # Left by a crash between bytes and rows: the sweep removes it, the next call keeps it.
        return False
    with transaction.atomic():
        vault.register(kept)
    return True


def load_reference(told: dict[str, Any]) -> None:
    """Make the rows that a kept reference tells of, inside the caller's transaction; for a rebuild, or for an older database that catches up."""
    departments = {row["key"]: _make_department(row) for row in told["departments"]}
    for row in told["departments"]:
        if row["parent"]:
            Department.objects.filter(pk=departments[row["key"]].pk).update(parent=departments[row["parent"]])
    for row in told["successions"]:
        DepartmentSuccession.objects.get_or_create(
            predecessor=departments[row["from"]], successor=departments[row["to"]], defaults={"on": row["on"]}
        )
    schemes = {
        (row["key"], row["version"]): MetadataScheme.objects.update_or_create(
            key=row["key"], version=row["version"], defaults={"labels": row["labels"], "fields": row["fields"]}
        )[0]
        for row in told["schemes"]
    }
    for row in told["fonds"]:
        _make_fonds(row, schemes)


def _make_department(row: dict[str, Any]) -> Department:
    facts = {"opened_on": row["opened_on"], "closed_on": row["closed_on"], "position": row["position"]}
    department, made = Department.objects.update_or_create(
        key=row["key"], defaults=facts, create_defaults={**facts, "public_id": row["id"]}
    )
    if not made:
        department.names.all().delete()
    DepartmentName.objects.bulk_create(DepartmentName(department=department, **name) for name in row["names"])
    return department


def _make_fonds(told: dict[str, Any], schemes: dict[tuple[str, int], MetadataScheme]) -> None:
    fonds = Fonds.objects.update_or_create(
        code=told["code"], defaults={"labels": told["labels"], "time_zone": told["time_zone"]},
        create_defaults={"public_id": told["id"], "labels": told["labels"], "time_zone": told["time_zone"]},
    )[0]  # fmt: skip
    classes: dict[str, RecordClass] = {}
    # A class's code begins with its parent's, so parents come first.
    for row in sorted(told["classes"], key=lambda row: row["code"]):
        facts = {
            "parent": classes.get(row["parent"]),
            "scheme": schemes[row["scheme"][0], row["scheme"][1]] if row["scheme"] else None,
            **{name: row[name] for name in CLASS_FIELDS},
        }
        classes[row["code"]] = RecordClass.objects.update_or_create(
            fonds=fonds, code=row["code"], defaults=facts, create_defaults={**facts, "public_id": row["id"]}
        )[0]
        _make_copy_rule(classes[row["code"]], row.get("copy_rule"))
    for row in told["schedules"]:
        facts = {name: row[name] for name in ("title", "status", "approved_on", "approval")}
        schedule = RetentionSchedule.objects.update_or_create(fonds=fonds, version=row["version"], defaults=facts)[0]
        for rule in row["rules"]:
            RetentionRule.objects.update_or_create(schedule=schedule, key=rule["key"], defaults=rule)


def _make_copy_rule(record_class: RecordClass, told: dict[str, Any] | None) -> None:
    if told is None:
        CopyRule.objects.filter(record_class=record_class).delete()
        return
    facts = {"copies": told["copies"], "before": told["before"], "set_by": told["set_by"]}
    facts["set_at"] = datetime.fromisoformat(told["set_at"])
    CopyRule.objects.update_or_create(
        record_class=record_class, defaults=facts, create_defaults={**facts, "public_id": told["id"]}
    )

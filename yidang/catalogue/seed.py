"""The reference data of a hospital: fonds, classes, schemes, the draft of the retention schedule."""

from copy import deepcopy
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from yidang import audit
from yidang.catalogue import row_digests
from yidang.catalogue.models import Fonds, MetadataScheme, RecordClass, RetentionRule, RetentionSchedule
from yidang.common.actor import Actor

DATA = Path(__file__).parent / "data"


@cache
def _parsed(name: str) -> Any:
    return yaml.load((DATA / name).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def _read(name: str) -> Any:
    return deepcopy(_parsed(name))  # parts of it become fields of rows, which are changed in place


@transaction.atomic
def load_hospital(*, code: str, name: str, actor: Actor) -> Fonds:
    """Make the fonds with its classes, schemes and schedule; what is there already is left as the hospital changed it."""
    fonds, made = Fonds.objects.get_or_create(code=code, defaults={"labels": {"zh": name, "en": name}})
    if not made:
        return fonds
    schemes = {
        key: MetadataScheme.objects.get_or_create(
            key=key, version=1, defaults={"labels": data["labels"], "fields": data["fields"]}
        )[0]
        for key, data in _read("schemes.yaml").items()
    }
    _load_classes(fonds, schemes)
    _load_schedule(fonds)
    audit.write(
        "catalogue.fonds.opened", actor=actor, target_kind="fonds", target=fonds.public_id,
        facts={"code": code, "classes": fonds.classes.count()}, row=row_digests.digest_of_fonds(fonds),
    )  # fmt: skip
    for schedule in fonds.schedules.all():
        audit.write(
            "catalogue.schedule.loaded", actor=actor, target_kind=row_digests.SCHEDULE, target=schedule.pk,
            facts={"version": schedule.version}, row=row_digests.digest_of_schedule(schedule),
        )  # fmt: skip
    return fonds


def _load_classes(fonds: Fonds, schemes: dict[str, MetadataScheme]) -> None:
    by_code: dict[str, RecordClass] = {}
    for position, row in enumerate(_read("classes.yaml")):
        parent = by_code.get(row["code"].rpartition("·")[0])
        by_code[row["code"]] = RecordClass.objects.create(
            fonds=fonds,
            parent=parent,
            code=row["code"],
            labels={"zh": row["zh"], "en": row["en"]},
            position=position,
            arrangement=row.get("arrangement", RecordClass.BY_ITEM),
            scheme=schemes.get(row.get("scheme", "")),
            code_template=row.get("template", ""),
            numbering=row["numbering"],
            without_gaps=row.get("without_gaps", False),
            visibility=row["visibility"],
            default_level=row.get("level", 1),
            default_retention=row["retention"],
            takes_records=row.get("takes_records", True),
        )


def _classes_of_headings(rows: list[dict[str, Any]]) -> dict[str, str]:
    """The class that a heading of the schedule stands for: the branch that all classes which name it share, else the first."""
    named: dict[str, list[list[str]]] = {}
    for row in rows:
        for heading in row.get("groups", []):
            named.setdefault(heading, []).append(row["code"].split("·"))
    return {heading: "·".join(_shared_beginning(paths) or paths[0]) for heading, paths in named.items()}


def _shared_beginning(paths: list[list[str]]) -> list[str]:
    together = zip(*paths, strict=False)
    return [parts[0] for parts in takewhile(lambda parts: len(set(parts)) == 1, together)]


def _load_schedule(fonds: Fonds) -> None:
    data = _read("retention_schedule.yaml")
    schedule = RetentionSchedule.objects.create(
        fonds=fonds,
        version=data["schedule"]["version"],
        title=data["schedule"]["name"],
        status=data["schedule"]["status"],
    )
    classes = _classes_of_headings(_read("classes.yaml"))
    RetentionRule.objects.bulk_create(
        RetentionRule(
            schedule=schedule,
            key=row["id"],
            group=row["class"],
            class_code=classes.get(row["class"], ""),
            title=row["title"][:200],
            retention=str(row["retention"].get("code", "")),
            kind=row["retention"]["kind"],
            years=row["retention"].get("years"),
            trigger=str(row["trigger"]),
            basis=str(row.get("basis", "")),
            confidence=str(row.get("confidence", "")),
            note=str(row.get("note", ""))[:300],
        )
        for row in data["rows"]
    )

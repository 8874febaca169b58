"""Relations between records: their kinds, how they stand in both objects and in the log, how a rebuild makes them again."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from django.db.models import Q
from django.utils.translation import get_language

from yidang import audit
from yidang.audit.chain import canonical, hash_body
from yidang.audit.rows import RowKind, in_chunks, register
from yidang.catalogue.models import Record, Relation
from yidang.common import clock
from yidang.common.actor import Actor

RELATION = "relation"
FROM, TO = "from", "to"


@dataclass(frozen=True)
class Kind:
    """A kind of relation with its words in both directions."""

    key: str
    words: Mapping[str, Mapping[str, str]]
    symmetric: bool = False

    def label(self, direction: str) -> str:
        """The words of one direction in the reader's language."""
        return self.words[direction]["en" if get_language() == "en" else "zh"]


@dataclass(frozen=True)
class Told:
    """A relation as the page of one of its records shows it."""

    relation: Relation
    direction: str
    word: str
    other: Record


@cache
def kinds() -> dict[str, Kind]:
    """All kinds by their keys, in the order of the list."""
    text = (Path(__file__).parent / "data" / "relation_kinds.yaml").read_text(encoding="utf-8")
    return {
        row["key"]: Kind(row["key"], {FROM: row["from"], TO: row["to"]}, row.get("symmetric", False))
        for row in yaml.safe_load(text)
    }


def choices() -> list[tuple[str, str]]:
    """What a record can be to another, as a form offers it: ``kind.direction`` with its words."""
    return [
        (f"{one.key}.{direction}", one.label(direction))
        for one in kinds().values()
        for direction in ((FROM,) if one.symmetric else (FROM, TO))
    ]


def of_record(record: Record, *, actor: Actor) -> list[Told]:
    """The standing relations of a record to others that the actor sees too, in the order in which they were made."""
    seen = Relation.objects.visible_to(actor).filter(Q(source=record) | Q(target=record), ended_at=None)
    return [
        Told(one, direction, kinds()[one.kind].label(direction), one.target if direction == FROM else one.source)
        for one in seen.select_related("source", "target")
        for direction in [FROM if one.source_id == record.pk else TO]
    ]


def relation_json(one: Relation) -> dict[str, Any]:
    """One relation, the same in the objects of both records."""
    return {
        "id": str(one.public_id), "kind": one.kind, "from": str(one.source.public_id), "to": str(one.target.public_id),
        "made_by": one.made_by, "made_at": one.made_at.isoformat(), "ended_by": one.ended_by,
        "ended_at": one.ended_at.isoformat() if one.ended_at else None,
    }  # fmt: skip


def relations_json(record: Record) -> list[dict[str, Any]]:
    """All that a record's object tells of its relations, the ended ones too."""
    rows = Relation.objects.filter(Q(source=record) | Q(target=record)).select_related("source", "target")
    return [relation_json(one) for one in rows]


def digest_of_relation(one: Relation) -> str:
    """The digest of one relation with the ids of both records."""
    return hash_body(canonical(["relation/1", relation_json(one)]))


def make_relations(told: Mapping[str, Mapping[str, Any]], actor: Actor) -> list[str]:
    """Make the relations that descriptions told of, by id, and bind them to the log; answers those that lack a record.

    One that is there already is brought up to what is told, unless it ended: no relation comes back by itself.
    """
    lacking: list[str] = []
    for ids in in_chunks(told):
        there = dict(Relation.objects.filter(public_id__in=ids).values_list("public_id", "ended_at"))
        rows = [told[key] for key in ids if UUID(key) not in there or (told[key]["ended_at"] and not there[UUID(key)])]
        wanted = {row[end] for row in rows for end in (FROM, TO)}
        records = {str(one.public_id): one for one in Record.objects.filter(public_id__in=wanted)}
        lacking += [row["id"] for row in rows if not {row[FROM], row[TO]} <= records.keys()]
        made = Relation.objects.bulk_create(
            (
                Relation(
                    public_id=UUID(row["id"]), kind=row["kind"], source=records[row[FROM]], target=records[row[TO]],
                    made_by=row["made_by"], made_at=datetime.fromisoformat(row["made_at"]), ended_by=row["ended_by"],
                    ended_at=datetime.fromisoformat(row["ended_at"]) if row["ended_at"] else None,
                )
                for row in rows
                if {row[FROM], row[TO]} <= records.keys()
            ),
            update_conflicts=True, unique_fields=["public_id"], update_fields=["ended_by", "ended_at"],
        )  # fmt: skip
        audit.write_many(
            [
                audit.Event("catalogue.relation.rebuilt", actor, RELATION, str(one.public_id), row=digest_of_relation(one))
                for one in made
            ],
            now=clock.now(),
        )  # fmt: skip
    return lacking


def _digests(keys: Sequence[str]) -> dict[str, str]:
    rows = Relation.objects.filter(public_id__in=[UUID(key) for key in keys]).select_related("source", "target")
    return {str(one.public_id): digest_of_relation(one) for one in rows}


def _keys() -> Iterator[str]:
    for key in Relation.objects.order_by("pk").values_list("public_id", flat=True).iterator(chunk_size=2000):
        yield str(key)


def lend() -> None:
    """Have relations compared with the log."""
    register(RowKind(RELATION, _digests, _keys))

"""Masks and sealed copies in the object of their record, and how a rebuild makes them again.

What a mask was found by stands there too: the object holds the original, which shows it anyway.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from yidang import audit
from yidang.access import masks, row_digests
from yidang.access.mask_models import Mask
from yidang.access.seal_models import SealedCopy
from yidang.catalogue.beside import Part, Told, lend
from yidang.catalogue.models import CoveredDescription, Document, Record
from yidang.common import clock
from yidang.common.actor import Actor

MASK = ("document", "page", "left", "top", "right", "bottom", "finds", "reason")
SEAL = ("manifest", "signature", "key_id", "reason", "present", "opened_present", "opened_reason")
People = Callable[[str], int]


def mask_json(one: Mask) -> dict[str, Any]:
    """One mask, the lifted ones too."""
    return {
        "id": str(one.public_id), **{name: getattr(one, name) for name in MASK},
        "made_by": one.made_by.username, "made_at": one.made_at.isoformat(),
        "lifted_by": one.lifted_by.username if one.lifted_by else "", "lifted_at": _text(one.lifted_at),
    }  # fmt: skip


def seal_json(one: SealedCopy) -> dict[str, Any]:
    """One sealing; the sealed bytes are an object of their own."""
    return {
        "id": str(one.public_id), "object": str(one.object_id), **{name: getattr(one, name) for name in SEAL},
        "sealed_by": one.sealed_by.username, "sealed_at": one.sealed_at.isoformat(),
        "opened_by": one.opened_by.username if one.opened_by else "", "opened_at": _text(one.opened_at),
    }  # fmt: skip


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _masks_of(record: Record) -> Told:
    rows = Mask.objects.filter(record=record).select_related("made_by", "lifted_by").order_by("pk")
    return [mask_json(one) for one in rows]


def _seals_of(record: Record) -> Told:
    rows = SealedCopy.objects.filter(record=record).select_related("sealed_by", "opened_by").order_by("pk")
    return [seal_json(one) for one in rows]


def _make_masks(told: Sequence[tuple[Record, Told]], person: People, actor: Actor) -> None:
    made = [
        Mask(
            public_id=row["id"], record=record, **{name: row[name] for name in MASK},
            made_by_id=person(row["made_by"]), made_at=_moment(row["made_at"]),
            lifted_by_id=person(row["lifted_by"]) if row["lifted_by"] else None, lifted_at=_moment(row["lifted_at"]),
        )
        for record, rows in told for row in rows
    ]  # fmt: skip
    Mask.objects.bulk_create(
        made, update_conflicts=True, unique_fields=["public_id"], update_fields=["lifted_by", "lifted_at"]
    )
    now = clock.now()
    audit.bind(row_digests.MASK, [one.public_id for one in made], actor=actor, now=now)
    # The rows hold the clear description now: what was covered is covered anew.
    CoveredDescription.objects.filter(record__in=[record for record, _rows in told]).delete()
    for record, _rows in told:
        masks.cover_record(record, actor, now)
        live = Mask.objects.filter(record=record, lifted_at=None).values("document")
        for document in Document.objects.filter(record=record, number__in=live).select_related("record"):
            masks.cover_texts(document)


def _make_seals(told: Sequence[tuple[Record, Told]], person: People, actor: Actor) -> None:
    made = [
        SealedCopy(
            public_id=row["id"], record=record, object_id=row["object"], **{name: row[name] for name in SEAL},
            sealed_by_id=person(row["sealed_by"]), sealed_at=_moment(row["sealed_at"]),
            opened_by_id=person(row["opened_by"]) if row["opened_by"] else None, opened_at=_moment(row["opened_at"]),
        )
        for record, rows in told for row in rows
    ]  # fmt: skip
    SealedCopy.objects.bulk_create(
        made, update_conflicts=True, unique_fields=["public_id"],
        update_fields=["opened_by", "opened_at", "opened_present", "opened_reason"],
    )  # fmt: skip
    audit.bind(row_digests.SEAL, [one.public_id for one in made], actor=actor, now=clock.now())


def lend_parts() -> None:
    """Have masks and sealed copies kept in the objects of their records."""
    lend(Part("masks", _masks_of, _make_masks))
    lend(Part("seals", _seals_of, _make_seals))

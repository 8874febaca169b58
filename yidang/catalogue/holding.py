"""Holds as they stand in a record's object and in the log's digests, and how a rebuild makes them again."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from yidang import audit
from yidang.audit.chain import canonical, hash_body
from yidang.audit.rows import RowKind, register
from yidang.catalogue.models import Record, RetentionHold
from yidang.common.actor import Actor

HOLD = "hold"


def hold_json(hold: RetentionHold) -> dict[str, Any]:
    """One hold: why, by whom, from when to when."""
    return {
        "id": str(hold.public_id), "reason": hold.reason, "set_by": hold.set_by, "set_at": hold.set_at.isoformat(),
        "lifted_by": hold.lifted_by, "lifted_at": hold.lifted_at.isoformat() if hold.lifted_at else None,
        "lift_note": hold.lift_note,
    }  # fmt: skip


def digest_of_hold(hold: RetentionHold) -> str:
    """The digest of one hold, with the record that it keeps."""
    return hash_body(canonical(["hold/1", str(hold.record.public_id), hold_json(hold)]))


def make_holds(records: Sequence[Record], told: Sequence[Mapping[str, Any]]) -> None:
    """The holds that descriptions tell of, those that were lifted too; what is there already is brought up to them."""
    of = {str(record.public_id): record.pk for record in records}
    RetentionHold.objects.bulk_create(
        (RetentionHold(
            public_id=hold["id"], record_id=of[one["id"]], set_at=datetime.fromisoformat(hold["set_at"]),
            lifted_at=datetime.fromisoformat(hold["lifted_at"]) if hold["lifted_at"] else None,
            **{name: hold[name] for name in ("reason", "set_by", "lifted_by", "lift_note")},
        )
        for one in told
        for hold in one.get("holds", ())
        ),
        update_conflicts=True, unique_fields=["public_id"],
        update_fields=["reason", "set_by", "set_at", "lifted_by", "lifted_at", "lift_note"],
    )  # fmt: skip


def bind_rebuilt(actor: Actor, record_ids: Sequence[str]) -> None:
    """Bind the holds of rebuilt records to the log."""
    for hold in RetentionHold.objects.filter(record__public_id__in=record_ids).select_related("record"):
        audit.write(
            "catalogue.hold.rebuilt", actor=actor, target_kind=HOLD, target=hold.public_id, row=digest_of_hold(hold)
        )


def _digests(keys: Sequence[str]) -> dict[str, str]:
    rows = RetentionHold.objects.filter(public_id__in=[UUID(key) for key in keys]).select_related("record")
    return {str(hold.public_id): digest_of_hold(hold) for hold in rows}


def _keys() -> Iterator[str]:
    for key in RetentionHold.objects.order_by("pk").values_list("public_id", flat=True).iterator(chunk_size=2000):
        yield str(key)


def lend() -> None:
    """Have holds compared with the log."""
    register(RowKind(HOLD, _digests, _keys))

"""Grants, care relationships and freezes bound to the log: the digest of a row as an act leaves it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Model

from yidang.audit.chain import canonical, hash_body
from yidang.audit.rows import RowKind, register
from yidang.permissions.models import AccessFreeze, CareRelationship, Grant

GRANT, CARE, FREEZE = "grant", "care", "freeze"
# What the digests cover, for ever; a field that a row gains later does not make every row look edited.
_FLAGS = ("may_view", "may_print", "may_copy", "may_borrow", "may_certify")


def digest_of_grant(key: str) -> str:
    """The digest of a grant by its public id, as the database holds it now; its uses count."""
    return _grants([key])[key]


def digest_of_care(key: int) -> str:
    """The digest of a care relationship by its number."""
    return _cares([str(key)])[str(key)]


def digest_of_freeze(key: str) -> str:
    """The digest of a freeze by its public id, with those whom it does not stop."""
    return _freezes([key])[key]


def _grants(keys: Sequence[str]) -> dict[str, str]:
    rows = Grant.objects.filter(public_id__in=[UUID(key) for key in keys]).select_related("subject")
    return {
        str(row.public_id): _digest(
            "grant/1", row.subject.username, row.record_id, *(getattr(row, flag) for flag in _FLAGS), _at(row.until),
            row.times, row.used, row.reason, row.issued_by, _at(row.issued_at), _at(row.revoked_at), *_narrowing(row),
        )
        for row in rows
    }  # fmt: skip


def _narrowing(row: Grant) -> list[Any]:
    """What narrows a grant, where anything does; a grant without it has the digest that it had before."""
    narrowed = row.sheets is not None or row.sheets_used or row.pages or row.address
    return ["narrowed/1", row.sheets, row.sheets_used, row.pages, row.address] if narrowed else []


def _cares(keys: Sequence[str]) -> dict[str, str]:
    rows = CareRelationship.objects.filter(pk__in=[int(key) for key in keys]).select_related("clinician", "team")
    return {
        str(row.pk): _digest(
            "care/1", row.patient_number, row.clinician.username if row.clinician else "",
            row.team.key if row.team else "", _at(row.begins_at), _at(row.ends_at), row.source,
        )
        for row in rows
    }  # fmt: skip


def _freezes(keys: Sequence[str]) -> dict[str, str]:
    rows = AccessFreeze.objects.filter(public_id__in=[UUID(key) for key in keys]).prefetch_related("named")
    return {
        str(row.public_id): _digest(
            "freeze/1", row.record_id, row.patient_number, sorted(user.username for user in row.named.all()),
            row.care_goes_on, row.reason, _at(row.set_at), _at(row.lifted_at), row.lift_note,
        )
        for row in rows
    }  # fmt: skip


def _at(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


def _digest(*parts: Any) -> str:
    return hash_body(canonical(list(parts)))


def _keys_of(model: type[Model], field: str) -> Callable[[], Iterator[str]]:
    def keys() -> Iterator[str]:
        for key in model._default_manager.order_by("pk").values_list(field, flat=True).iterator(chunk_size=2000):
            yield str(key)

    return keys


def lend() -> None:
    """Have these rows compared with the log."""
    register(RowKind(GRANT, _grants, _keys_of(Grant, "public_id")))
    register(RowKind(CARE, _cares, _keys_of(CareRelationship, "pk")))
    register(RowKind(FREEZE, _freezes, _keys_of(AccessFreeze, "public_id")))

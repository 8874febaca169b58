"""Rows that came without their acts, after an upgrade or a rebuild, are told to the log as they are now."""

from django.db import transaction

from yidang.audit import rows
from yidang.audit.models import Entry
from yidang.audit.writer import Event, write_many
from yidang.common.actor import Actor


def adopt_unknown(*, actor: Actor, reason: str) -> int:
    """Tell the log of every row that no entry tells of, as it is now: after an upgrade that brought a kind, after a rebuild.

    An entry for each says who did it and why; whoever uses it to hide a row is seen. Rows that are known are left alone.

    :param reason: ``upgrade`` or ``rebuild``
    :returns: how many there were
    """
    count = 0
    for kind in rows.KINDS.values():
        for keys in rows.in_chunks(kind.keys()):
            known = set(rows.rows_of(kind.kind, keys).values_list("target", flat=True))
            unknown = [key for key in keys if key not in known]
            if not unknown:
                continue
            with transaction.atomic():
                digests = kind.digests(unknown)
                write_many(
                    [
                        Event("audit.row.adopted", actor, kind.kind, key, facts={"reason": reason}, row=digests[key])
                        for key in unknown
                        if key in digests
                    ]
                )
            count += len(unknown)
    return count


def nothing_told() -> bool:
    """Whether the log tells of no row at all, though it has entries: it is of a version before rows were bound to it."""
    return Entry.objects.exists() and not Entry.objects.filter(row__isnull=False).exists()

"""Rows that came without their acts, after an upgrade or a rebuild, are told to the log as they are now."""

from collections.abc import Iterable

from django.db import transaction

from yidang.audit import rows
from yidang.audit.models import Entry
from yidang.audit.writer import Event, write_many
from yidang.common.actor import Actor

KNOWN = "audit.rows.known"


def adopt_new_kinds(*, actor: Actor) -> int:
    """Once for each kind of rows that a version of the program brings: tell the log of those that stood there before.

    That a kind is known stands in the log itself, so that a row put in later behind the program's back is found.
    """
    known = set(Entry.objects.filter(event=KNOWN).values_list("target", flat=True))
    new = [kind for kind in rows.KINDS if kind not in known]
    if not new:
        return 0
    count = adopt_unknown(actor=actor, reason="upgrade", kinds=new)
    with transaction.atomic():
        write_many([Event(KNOWN, actor, "rows", kind) for kind in new])
    return count


def adopt_unknown(*, actor: Actor, reason: str, kinds: Iterable[str] | None = None) -> int:
    """Tell the log of every row that no entry tells of, as it is now: after an upgrade that brought a kind, after a rebuild.

    An entry for each says who did it and why; whoever uses it to hide a row is seen. Rows that are known are left alone.

    :param reason: ``upgrade`` or ``rebuild``
    :param kinds: only these
    :returns: how many there were
    """
    count = 0
    for kind in rows.KINDS.values() if kinds is None else [rows.KINDS[name] for name in kinds]:
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

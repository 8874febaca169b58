"""Checking the whole log as work that people can watch: entries, tree, witnesses, then the rows that the log speaks of."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from itertools import islice

from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _

from yidang.audit import policy, rows, seen, writer
from yidang.audit.later import VERIFY, later
from yidang.audit.models import Head, Verification
from yidang.audit.verify import Fault, Walk
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.errors import WrongState

MOST_FAULTS = 1000
# Lines of SQLite about its file: they follow from each other.
MOST_NAMED = 10
ENTRIES, ROWS = "entries", "rows"


@transaction.atomic
def ask_verification(*, kept: str = "", actor: Actor, now: datetime) -> Verification:
    """Ask for a check of the whole log; one that waits or runs already is answered instead of a second.

    :param kept: a checkpoint that was kept elsewhere, such as on a printed sheet, to be compared with
    :raises NotFound: the actor does not read the log
    :raises CheckpointRefused: the text is no checkpoint of this log
    :raises WrongState: a check without it runs already
    """
    policy.require_reads_log(actor)
    kept = kept.replace("\r\n", "\n").strip() + "\n" if kept.strip() else ""
    if kept:  # here and not in the job alone: what it cannot use would keep the verification open for ever
        seen.read_kept(kept)
    open_one = Verification.objects.filter(finished_at=None).order_by("-asked_at").first()
    if open_one is not None and kept and open_one.kept != kept:
        raise WrongState(
            _("A verification is under way already."), remedy=_("Wait for its end, then give your checkpoint again.")
        )
    found = open_one or Verification.objects.create(asked_at=now, asked_by=actor.username, kept=kept)
    later(VERIFY, key=str(found.pk), verification_id=found.pk)
    writer.write("audit.log.verification_asked", actor=actor, now=now, facts={"verification": found.pk})
    return found


def run_verification(
    verification: Verification, *, beat: Callable[[], None] | None = None, kept: dict[str, str] | None = None
) -> Verification:
    """Check everything and keep the outcome; safe to run again from the start.

    :param beat: called now and then, to keep the lease of a job
    :param kept: notes that were kept elsewhere, by what they are called
    :raises CheckpointRefused: one of these notes is not a checkpoint of this log
    """
    if verification.kept:
        kept = {**(kept or {}), _("the checkpoint you gave"): verification.kept}
    known, changed, silent = seen.gather(kept)
    total = Head.objects.filter(pk=1).values_list("size", flat=True).first() or 0
    _update(verification, started_at=clock.now(), stage=ENTRIES, total=total, done=0)

    def tell(done: int, of: int = 0) -> None:
        _update(verification, done=done)
        if beat is not None:
            beat()

    walk = Walk(known, progress=tell)
    faults = list(islice(walk, MOST_FAULTS))
    faults += [_changed(one) for one in changed]
    _update(verification, stage=ROWS, done=0)
    faults += _rows_and_file(tell)
    compared = [{"who": who, "size": size} for who, size in _furthest(known).items()]
    compared += [{"who": one.who, "silent": one.code, "detail": one.detail} for one in silent]
    with transaction.atomic():
        _update(
            verification, finished_at=clock.now(), entries=walk.entries, rows=verification.done, root=walk.root,
            compared=compared, faults=[asdict(fault) for fault in faults],
        )  # fmt: skip
        writer.write(
            "audit.log.verified", actor=Actor.system("verification"), outcome="failed" if faults else "done",
            facts={
                "verification": verification.pk, "asked_by": verification.asked_by, "entries": walk.entries,
                "root": walk.root, "faults": len(faults), "kinds": sorted({fault.kind for fault in faults}),
            },
        )  # fmt: skip
    return verification


def _rows_and_file(tell: Callable[[int], None]) -> list[Fault]:
    """Rows that differ from the log, and what SQLite says of its own file: of a row that stands in a table and in an index
    it reads whichever is nearer, and damage to the other shows nowhere else."""
    faults: list[Fault] = []
    try:
        for fault in islice(rows.check_rows(tell), MOST_FAULTS):
            faults.append(fault)  # one by one: those before the reading failed count
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute(f"PRAGMA integrity_check({MOST_NAMED})")
                said = [str(row[0]) for row in cursor.fetchall()]
            faults += [
                Fault(0, "file_damaged", _("The database's file is damaged: %(what)s") % {"what": one})
                for one in said
                if one != "ok"
            ]
    except (DatabaseError, ValueError, TypeError, OverflowError) as reason:
        faults.append(Fault(0, "unreadable", _("The database cannot be read: %(why)s") % {"why": reason}))
    return faults


def _update(verification: Verification, **values: object) -> None:
    for name, value in values.items():
        setattr(verification, name, value)
    Verification.objects.filter(pk=verification.pk).update(**values)


def _changed(one: seen.Unseen) -> Fault:
    return Fault(
        one.size, "checkpoint_edited", _("«%(who)s»: the checkpoint of %(size)d entries in the database was changed.") % {
            "who": _(one.who), "size": one.size,
        },
    )  # fmt: skip


def _furthest(known: list[seen.Seen]) -> dict[str, int]:
    """How far each one's sight reaches; our own checkpoints count as one."""
    furthest: dict[str, int] = {}
    for one in known:
        furthest[one.who] = max(one.size, furthest.get(one.who, 0))
    return furthest

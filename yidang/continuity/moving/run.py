"""The move itself, in the order that lets it be killed anywhere: load while the old one works, compare while it is only
read, close it for the seconds of the last rows, put the new one in order, switch."""

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from yidang.audit import checkpoints, tree
from yidang.audit.models import Head
from yidang.common import clock, standstill
from yidang.common.actor import Actor
from yidang.common.standstill import CLOSED, COPYING, MOVED, READ_ONLY, Moving
from yidang.continuity.moving import files, rows, seal, target
from yidang.continuity.moving.errors import CannotMove, NotMoving, NotTheSame
from yidang.continuity.moving.plan import Plan, check
from yidang.continuity.moving.tables import NEW, OLD, tables
from yidang.vault import joining

MOVER = Actor.system("migration")
FEW = 200
# An archive that goes on changing this often while it is only read has a program at it that does not know of the move.
MOST_ROUNDS = 50
Say = Callable[[str], None]


class _NotYet(Exception):
    """Something came while the doors were closed; they open for another round."""


@dataclass
class Report:
    """What was moved, how it was compared, and how long people had to wait. Times in seconds."""

    source: str
    target: str
    began_at: str
    ended_at: str = ""
    rows: int = 0
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    sites: dict[str, dict[str, int]] = field(default_factory=dict)
    files: int = 0
    entries: int = 0
    head: str = ""
    root: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    rows_per_second: float = 0
    arrived: dict[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


class Mover:
    """One call of the command: tells how far it is, to people and in the file that the pages read."""

    def __init__(self, plan: Plan, say: Say) -> None:
        self.plan, self._say = plan, say
        known = standstill.read()
        now = clock.now().isoformat()
        self.moving = known or Moving(
            COPYING, began_at=now, state_since=now, target=str(plan.data), address=plan.address
        )
        kept = self.moving.report
        self.report = Report(**kept) if kept else Report(plan.source, str(plan.data), self.moving.began_at)
        self._told, self._began = 0.0, time.monotonic()

    def step(self, name: str, sentence: str, total: int = 0) -> None:
        """A new step begins."""
        self.moving = self.moving.with_(step=name, done=0, total=total)
        standstill.say(self.moving)
        self._told = time.monotonic()
        self._say(sentence)

    def count(self, more: int) -> None:
        """So much more of the step is done; written down once a second."""
        self.moving = self.moving.with_(done=self.moving.done + more)
        if time.monotonic() - self._told >= 1:
            standstill.say(self.moving)
            self._told = time.monotonic()
            self._say(f"  {self.moving.done} / {self.moving.total}" if self.moving.total else f"  {self.moving.done}")

    def enter(self, state: str) -> None:
        """The old installation does less from now on."""
        self.moving = self.moving.with_(state=state, state_since=clock.now().isoformat())
        standstill.say(self.moving)

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Add what this takes to the report."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.report.seconds[name] = round(self.report.seconds.get(name, 0) + time.monotonic() - began, 2)


def move(plan: Plan, *, arrive: Callable[[dict[str, Any]], dict[str, Any]], say: Say) -> Report:
    """Move this installation to the one of the plan; a move that was killed is taken up where it was.

    :param arrive: puts the new installation in order, with its own settings; answers what it did and its ``faults``
    :raises CannotMove: the two do not fit; nothing was changed
    :raises RowRefused: the new database does not take a row
    :raises NotTheSame: something differs; the old installation is in use again
    """
    with _alone():
        mover = Mover(plan, say)
        if mover.moving.state == MOVED:
            target.forget()
            return Report(**mover.moving.report)
        check(plan)
        if not seal.is_closed():
            mark = target.mark_there()
            if mark is not None and mark[1] == target.WHOLE:
                raise CannotMove(
                    _("This database holds a move that was called off."), remedy=_("Name a new, empty one.")
                )
            try:
                _load(mover)
                _compare_and_close(mover)
            except BaseException:
                if not seal.is_closed():
                    _reopen(mover)
                raise
        _put_in_order(mover, arrive)
        return mover.report


def _reopen(mover: Mover) -> None:
    """Nobody must wait for a move that stopped by itself; one that was killed waits to be taken up or called off."""
    with transaction.atomic(using=OLD):
        seal.remove()
    mover.enter(COPYING)


@contextmanager
def _alone() -> Iterator[None]:
    with (Path(settings.DATA) / "moving.lock").open("a") as holder:
        try:
            fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotMove(_("This archive is being moved by another call of the command.")) from None
        yield


def _load(mover: Mover) -> None:
    """While the old one works: tables, keys, bytes, and a first look at every row."""
    plan = mover.plan
    mover.step("tables", _("Making the tables of the new database"))
    plan.data.mkdir(parents=True, exist_ok=True, mode=0o750)
    with mover.timed("files"):
        files.take_along(Path(settings.DATA), plan.data)  # the keys first: the new settings would make others
    target.begin(plan.source, plan.environment)
    _join(mover)
    if mover.moving.state == COPYING:
        with mover.timed("load"):
            _bring_all(mover, "load", _("Loading rows; the archive is in use"))
        taken = mover.report.seconds["load"]
        mover.report.rows_per_second = round(mover.report.rows / taken, 1) if taken else 0


def _join(mover: Mover) -> None:
    for key in mover.plan.joining:
        mover.step("bytes", _("Copying objects to the site «%(site)s»") % {"site": key}, joining.waiting_for(key))
        before = 0

        def tell(done: joining.Joined) -> None:
            nonlocal before
            mover.count(done.done - before)
            before = done.done

        with mover.timed("bytes"):
            done = joining.join(key, actor=MOVER, progress=tell)
        if done.failed:
            raise NotTheSame(
                _("%(count)d objects could not be copied to «%(site)s», the first: %(first)s") % {
                    "count": len(done.failed), "site": key, "first": ": ".join(done.failed[0]),
                },
                remedy=_("Run «yidang vault repair», or mend the site, then give the same command again."),
            )  # fmt: skip
        told = mover.report.sites.setdefault(key, {"copied": 0, "stood": 0, "bytes": 0})
        told["copied"] += done.copied
        told["stood"] += done.stood
        told["bytes"] += done.bytes


def _bring_all(mover: Mover, name: str, sentence: str) -> None:
    all_tables = tables()
    mover.report.rows = sum(table.count(OLD) for table in all_tables)
    mover.step(name, sentence, mover.report.rows)
    for table in all_tables:
        done = rows.bring(table, tell=mover.count)
        told = mover.report.tables.setdefault(table.name, {"written": 0})
        told |= {"rows": done.rows, "digest": done.digest, "written": told["written"] + done.written}
        if done.different:
            raise NotTheSame(
                _("Rows of «%(table)s» are not as they were after they were written: %(keys)s") % {
                    "table": table.name, "keys": ", ".join(done.different[:10]),
                }
            )  # fmt: skip


def _compare_and_close(mover: Mover) -> None:
    """While people only read: every row and object is compared; then the doors close for what changed meanwhile."""
    if mover.moving.state != READ_ONLY:
        mover.enter(READ_ONLY)
    began = time.monotonic()
    seal.note_changes()
    _join(mover)
    with mover.timed("compare"):
        _bring_all(mover, "compare", _("Comparing every row; the archive can be read and takes nothing new"))
    for _round in range(MOST_ROUNDS):
        _join(mover)
        while changed := seal.take_touched():
            _bring_changed(mover, changed)
            if sum(len(keys) for _table, keys in changed) <= FEW:
                break
        checkpoints.take()
        try:
            _close(mover)
        except _NotYet:
            mover.enter(READ_ONLY)
            continue
        mover.report.seconds["read_only"] = round(time.monotonic() - began, 2)
        return
    raise NotTheSame(_("The archive goes on changing; stop what writes to it and give the same command again."))


def _bring_changed(mover: Mover, changed: list[tuple[Any, list[Any]]]) -> None:
    for table, keys in changed:
        rows.bring_some(table, keys)
        mover.report.tables[table.name]["after"] = mover.report.tables[table.name].get("after", 0) + len(keys)


def _close(mover: Mover) -> None:
    """Nobody can write while this runs, and afterwards nobody will."""
    began = time.monotonic()
    mover.enter(CLOSED)
    mover.step("close", _("The archive is closed for the last rows"))
    with transaction.atomic(using=OLD):
        if any(joining.waiting_for(key) for key in mover.plan.joining):
            raise _NotYet
        head = Head.objects.get(pk=1)
        tree.catch_up(head.size)
        _bring_changed(mover, seal.take_touched())
        for table in tables():
            there, here = table.count(NEW), table.count(OLD)
            if there != here:
                raise NotTheSame(
                    _("«%(table)s»: %(here)d rows here, %(there)d there.")
                    % {"table": table.name, "here": here, "there": there}
                )
            mover.report.tables[table.name]["rows"] = here
        mover.report.entries, mover.report.head, mover.report.root = head.size, head.hash, tree.root(head.size).hex()
        mover.report.seconds["close"] = round(time.monotonic() - began, 2)
        mover.moving = mover.moving.with_(report=asdict(mover.report))
        standstill.say(mover.moving)
        seal.close()


def _put_in_order(mover: Mover, arrive: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    mover.enter(CLOSED)
    mark = target.mark_there()
    if mark is not None and mark[1] == target.LOADING:
        mover.step("order", _("References, unique keys and indexes come back"))
        with mover.timed("order"):
            target.complete()
    with mover.timed("files"):
        mover.report.files = files.take_along(Path(settings.DATA), mover.plan.data).files
    mover.step("arrive", _("The new installation verifies the log and builds its index"))
    with mover.timed("arrive"):
        told = {name: getattr(mover.report, name) for name in ("source", "entries", "head", "root")}
        mover.report.arrived = arrive(told)
    mover.report.faults = list(mover.report.arrived.pop("faults", []))
    if mover.report.faults:
        call_off()
        raise NotTheSame(
            _("What arrived is not what left: %(first)s") % {"first": mover.report.faults[0]},
            remedy=_("The old installation is in use again. Mend what is named and move into a new, empty database."),
        )
    mover.report.ended_at = clock.now().isoformat()
    _keep(mover)
    target.forget()


def _keep(mover: Mover) -> None:
    """The report stays in both data folders; with the old one's last word it has moved."""
    mover.moving = mover.moving.with_(step="", done=0, total=0, report=asdict(mover.report))
    new = standstill.file_of(mover.plan.data, "moved-here.json")
    standstill.write(new, asdict(mover.report))
    mover.enter(MOVED)


def call_off() -> None:
    """The old installation is in use again as if nothing had been; the new one must not be used.

    :raises NotMoving: nobody moves it
    """
    if standstill.read() is None and not seal.is_closed():
        raise NotMoving()
    with transaction.atomic(using=OLD):
        seal.remove()
    standstill.file().unlink(missing_ok=True)

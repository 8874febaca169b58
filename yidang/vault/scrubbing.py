"""The scrub 巡检: read every copy of a site again, compare, and write down what is wrong. Repairs no damage.

Only what a crash left unfinished is taken back, which was never acknowledged (:mod:`yidang.vault.unfinished`).
"""

import logging
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from uuid import UUID

from django.conf import settings
from django.db import transaction

from yidang import audit
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.errors import YidangError
from yidang.vault import sites as configured
from yidang.vault.assembling import find_sources
from yidang.vault.errors import SiteMissing
from yidang.vault.examined import Fault
from yidang.vault.examining import Kind, examine
from yidang.vault.locking import locked
from yidang.vault.models import Copy, ScrubFinding, ScrubRun, Site, StoredObject
from yidang.vault.root import Root
from yidang.vault.unfinished import put_back

logger = logging.getLogger(__name__)

BATCH = 100
STRANGERS_AT_ONCE = 500
BEAT_SECONDS = 30
# Digests are computed outside the interpreter's lock, so threads use all cores of a small machine.
THREADS = min(4, os.cpu_count() or 1)
# A foreign object this young may be one that a filing is about to register.
SETTLED = timedelta(hours=1)
Progress = Callable[["Scrubbed"], None]


@dataclass(slots=True)
class Scrubbed:
    """What one scrub of one site read and found so far."""

    site: str
    objects: int = 0
    left: int = 0
    bytes: int = 0
    finished: bool = False
    resumed: bool = False
    seconds: float = 0.0
    kinds: Counter[str] = field(default_factory=Counter)

    @property
    def findings(self) -> int:
        """How many things are not as they were kept."""
        return self.kinds.total()


def daily_share() -> int:
    """How many objects per site and day are read so that everything is read in ``SCRUB_DAYS``; a small vault whole."""
    return max(1000, -(-StoredObject.objects.count() // settings.SCRUB_DAYS))


class Rate:
    """Sleeps as much as needed to stay below a number of bytes per second; 0 for no limit.

    :param beat: called about twice a minute, so that whoever leases the work to us knows that we live
    """

    def __init__(self, bytes_per_second: int, beat: Callable[[], None]) -> None:
        self.limit = bytes_per_second
        self._beat = beat
        self._beaten = time.monotonic()
        self.total = 0
        self._debt = 0.0
        self._last = time.monotonic()

    def __call__(self, size: int) -> None:
        """Count bytes that were read."""
        self.total += size
        if time.monotonic() - self._beaten > BEAT_SECONDS:
            self._beaten = time.monotonic()
            self._beat()
        if not self.limit:
            return
        moment = time.monotonic()
        self._debt = max(0.0, self._debt - (moment - self._last)) + size / self.limit
        self._last = moment
        if self._debt > 0.05:
            time.sleep(self._debt)


def scrub(
    *,
    actor: Actor,
    site: str = "",
    bytes_per_second: int = 0,
    limit: int = 0,
    anew: bool = False,
    progress: Progress = lambda state: None,
    beat: Callable[[], None] = lambda: None,
    now: datetime | None = None,
) -> list[Scrubbed]:
    """Scrub one site, or all of them, going on where a stopped run stood.

    :param bytes_per_second: spare the day's work; 0 reads as fast as it can
    :param limit: stop after so many objects per site; 0 reads to the end
    :param anew: begin at the start even if a run was stopped half-way
    :param progress: called after every hundred objects; may raise to stop, nothing is lost by it
    :param beat: called about every half minute between files and chunks, outside any transaction
    :raises SiteMissing: the one site that was asked for does not answer
    """
    found = []
    for root in configured.roots():
        if site and root.key != site:
            continue
        if not root.marker_id:
            if site:
                raise SiteMissing(site)
            continue
        found.append(_scrub_site(root, actor, Rate(bytes_per_second, beat), limit, anew, progress, now))
    return found


def _scrub_site(
    root: Root, actor: Actor, rate: Rate, limit: int, anew: bool, progress: Progress, now: datetime | None
) -> Scrubbed:
    site = Site.objects.get(key=root.key)
    run, resumed = _open_run(site, anew, now)
    state = Scrubbed(root.key, objects=run.objects_read, bytes=run.bytes_read, resumed=resumed)
    begun, here = time.monotonic(), 0
    while not limit or here < limit:
        rows = list(
            StoredObject.objects.filter(pk__gt=run.cursor).order_by("pk")[
                : min(BATCH, limit - here) if limit else BATCH
            ]
        )
        if not rows:
            _close(run, root, actor, state, now)
            # A day that only finds the end begins anew, or every thirtieth day would be read by nobody.
            if limit and not here and resumed and StoredObject.objects.exists():
                run, resumed = _open_run(site, anew=False, now=now)
                state = Scrubbed(root.key, kinds=state.kinds)
                continue
            break
        _scrub_batch(run, root, rows, rate, actor, state, now)
        here += len(rows)
        state.left = StoredObject.objects.filter(pk__gt=run.cursor).count()
        state.seconds = time.monotonic() - begun
        progress(state)
    state.seconds = time.monotonic() - begun
    return state


def _open_run(site: Site, anew: bool, now: datetime | None) -> tuple[ScrubRun, bool]:
    stopped = ScrubRun.objects.filter(site=site, finished_at=None).order_by("-pk").first()
    if stopped is not None and not anew:
        return stopped, stopped.cursor > 0
    if stopped is not None:
        ScrubRun.objects.filter(site=site, finished_at=None).delete()
    return ScrubRun.objects.create(site=site, started_at=now or clock.now()), False


def _scrub_batch(
    run: ScrubRun,
    root: Root,
    rows: Sequence[StoredObject],
    rate: Rate,
    actor: Actor,
    state: Scrubbed,
    now: datetime | None,
) -> None:
    """Read first, then write everything about the batch in one transaction: no lock is held while bytes move."""
    before = rate.total
    judged = list(zip(rows, _judge(root, rows, rate), strict=True))
    moment = now or clock.now()
    with transaction.atomic():
        record(run.site, judged, actor, moment)
        run.cursor = rows[-1].pk
        run.objects_read += len(rows)
        run.bytes_read += rate.total - before
        run.findings_made += sum(len(faults) for _, faults in judged)
        run.save()
    state.objects, state.bytes = run.objects_read, run.bytes_read
    for _, faults in judged:
        state.kinds.update(str(fault.kind) for fault in faults)


def _judge(root: Root, rows: Sequence[StoredObject], rate: Rate) -> list[list[Fault]]:
    """What is wrong with each copy; several are read at once when nothing has to be spared."""
    if rate.limit or THREADS == 1:
        return [look(root, row, rate) for row in rows]
    with ThreadPoolExecutor(THREADS, thread_name_prefix="vault-scrub") as pool:
        found = []
        for row, (faults, size) in zip(rows, pool.map(partial(_read_copy, root), rows), strict=True):
            rate(size)
            # What seems bad is looked at again here, where the database may be asked.
            found.append(look(root, row) if faults else [])
    return found


def _read_copy(root: Root, row: StoredObject) -> tuple[list[Fault], int]:
    """Examine one copy without asking the database; the bytes that were read."""
    sizes: list[int] = []
    faults = examine(root, row, find_sources(row), sizes.append)
    return faults, sum(sizes)


def look(root: Root, row: StoredObject, rate: Callable[[int], None] = lambda size: None) -> list[Fault]:
    """Examine a copy; one that seems bad is looked at again under its lock, since a new version may be in the making.

    A version that a crash left unfinished is taken back: it was never acknowledged, and is no damage.
    """
    faults = examine(root, row, find_sources(row), rate)
    if not faults:
        return []
    with locked([row.object_id]):
        fresh = StoredObject.objects.filter(pk=row.pk).first()
        if fresh is None:
            return []
        faults = examine(root, fresh, find_sources(fresh), rate)
        try:
            back = bool(faults) and put_back(root, fresh, faults)
        except YidangError as refusal:  # a full or read-only site is read to its end all the same
            logger.warning("an unfinished version at %s stays for now: %s", root.key, refusal.code)
            back = False
        return examine(root, fresh, find_sources(fresh), rate) if back else faults


def state_for(faults: Sequence[Fault], row: StoredObject) -> str:
    """What a copy with these faults is called."""
    if not faults:
        return Copy.State.OK
    if any(fault.path == "" for fault in faults):
        return Copy.State.MISSING
    return Copy.State.DAMAGED


def record(site: Site, judged: Sequence[tuple[StoredObject, list[Fault]]], actor: Actor, moment: datetime) -> None:
    """Write down what an examination of copies at one site found, inside the caller's transaction."""
    good = [row.pk for row, faults in judged if not faults]
    Copy.objects.filter(site=site, object__in=good).update(state=Copy.State.OK, verified_at=moment)
    healed = [row.object_id for row, faults in judged if not faults]
    ScrubFinding.objects.filter(site=site, object_id__in=healed, healed_at=None).update(healed_at=moment)
    events = []
    for row, faults in judged:
        if not faults:
            continue
        known = Copy.objects.filter(site=site, object=row).values_list("state", flat=True).first()
        state = state_for(faults, row)
        if known == Copy.State.LAGGING and state == Copy.State.MISSING:
            continue
        Copy.objects.update_or_create(site=site, object=row, defaults={"state": state, "verified_at": moment})
        if new := new_findings(site, row.object_id, faults, moment):
            kinds = dict(Counter(str(finding.kind) for finding in new))
            events.append(
                audit.Event(
                    "vault.copy.damaged", actor, "object", str(row.object_id), facts={"site": site.key, "kinds": kinds}
                )
            )
    if events:
        audit.write_many(events, now=moment)


def new_findings(site: Site, object_id: UUID | None, faults: Sequence[Fault], moment: datetime) -> list[ScrubFinding]:
    """Make a finding of each fault that is not written down already."""
    known = set(ScrubFinding.objects.filter(site=site, object_id=object_id, healed_at=None).values_list("path", "kind"))
    return ScrubFinding.objects.bulk_create(
        ScrubFinding(
            site=site, object_id=object_id, path=fault.path[:1024], kind=fault.kind, expected=fault.expected[:160],
            found=fault.found[:160], found_at=moment,
        )
        for fault in faults
        if (fault.path[:1024], str(fault.kind)) not in known
    )  # fmt: skip


def _close(run: ScrubRun, root: Root, actor: Actor, state: Scrubbed, now: datetime | None) -> None:
    """The last step of a run: what stands in the root without being known, then the end in the log."""
    moment = now or clock.now()
    foreign = [Fault(path, Kind.FOREIGN) for path in strangers(root, moment)]
    with transaction.atomic():
        gone = ScrubFinding.objects.filter(site=run.site, object_id=None, healed_at=None)
        gone.exclude(path__in=[fault.path for fault in foreign]).update(healed_at=moment)
        new_findings(run.site, None, foreign, moment)
        state.kinds.update(str(fault.kind) for fault in foreign)
        run.finished_at, run.findings_made = moment, run.findings_made + len(foreign)
        run.save()
        facts = {"objects": run.objects_read, "bytes": run.bytes_read, "findings": run.findings_made}
        audit.write("vault.scrub.finished", actor=actor, target_kind="site", target=root.key, facts=facts, now=moment)
    state.finished, state.left = True, 0


def strangers(root: Root, moment: datetime) -> Iterator[str]:
    """Paths in a root that no row explains: objects nobody registered, and files outside objects."""
    everything = root.standing()
    while some := list(islice(everything, STRANGERS_AT_ONCE)):
        yield from (one.path for one in some if one.object_id is None)
        settled = {
            one.object_id: one.path
            for one in some
            if one.object_id is not None and one.changed_at is not None and one.changed_at <= moment - SETTLED
        }
        known = set(StoredObject.objects.filter(object_id__in=list(settled)).values_list("object_id", flat=True))
        yield from (path for object_id, path in settled.items() if object_id not in known)

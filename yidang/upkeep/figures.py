"""What can be counted about the running program, each with its name: for monitors, the health page and the support bundle.

Nothing here reads a whole table: a monitor asks every few seconds, also of an archive of ten million records.
"""

import shutil
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Count

from yidang import search
from yidang.audit import checkpoints, witnesses
from yidang.audit.models import Head, Sighting
from yidang.common import clock
from yidang.common.db import replica
from yidang.common.request_figures import REQUESTS
from yidang.continuity import measuring
from yidang.continuity.models import BackupRun
from yidang.jobs.machines import program_version
from yidang.jobs.models import Job
from yidang.upkeep import certificates
from yidang.vault import sites
from yidang.vault.models import Copy, ScrubRun, Site

BEHIND = (Copy.State.LAGGING, Copy.State.MISSING, Copy.State.DAMAGED)
OPEN = (Job.WAITING, Job.RUNNING, Job.SET_ASIDE)
STARTED = clock.now()


@dataclass(frozen=True, slots=True)
class Figure:
    """One number: a gauge unless said otherwise.

    :param suffix: what Prometheus appends to the name of a part of a histogram
    """

    name: str
    value: float
    labels: tuple[tuple[str, str], ...] = ()
    suffix: str = ""


# name: (kind, what it tells). A figure without its line here cannot be made.
MEANINGS = {
    "yidang_build_info": ("gauge", "The version, always 1."),
    "yidang_process_start_time_seconds": ("gauge", "When this process started, seconds since 1970."),
    "yidang_part_failed": ("gauge", "1 where the figures of a part could not be read."),
    "yidang_http_requests_total": ("counter", "Answers by route, method and class of status."),
    "yidang_http_request_seconds": ("histogram", "How long answers took, by route."),
    "yidang_jobs": ("gauge", "Jobs that are not done, by state."),
    "yidang_jobs_oldest_due_seconds": ("gauge", "How long the job that is due longest has waited; 0 for none."),
    "yidang_jobs_expired_leases": ("gauge", "Running jobs whose worker has gone silent."),
    "yidang_index_lag_seconds": ("gauge", "Age of the oldest change that cannot be searched yet."),
    "yidang_index_lag_changes": ("gauge", "Changes that cannot be searched yet."),
    "yidang_copies_behind": ("gauge", "Copies that are not good, by site and state."),
    "yidang_site_answers": ("gauge", "1 where a site of the vault answers and takes writes."),
    "yidang_scrub_age_seconds": ("gauge", "Since a site was last read from end to end."),
    "yidang_oldest_reading_seconds": ("gauge", "Since the copy that waits longest was read."),
    "yidang_disk_free_bytes": ("gauge", "Free bytes where the data folder and each site stand."),
    "yidang_disk_total_bytes": ("gauge", "All bytes where the data folder and each site stand."),
    "yidang_database_bytes": ("gauge", "Size of the database."),
    "yidang_replica_near": ("gauge", "1 where the replica of the database is near enough to answer lists and counts."),
    "yidang_replica_lag_seconds": ("gauge", "How far the replica is behind the database, where it says so."),
    "yidang_backup_configured": ("gauge", "1 where a place for backups is named."),
    "yidang_backup_age_seconds": ("gauge", "Since the last backup that was kept began."),
    "yidang_backup_last_failed": ("gauge", "1 when the newest backup failed."),
    "yidang_drill_age_seconds": ("gauge", "Since the last drill began."),
    "yidang_drill_well": ("gauge", "1 when the last drill came back whole."),
    "yidang_log_entries": ("counter", "Entries of the audit log."),
    "yidang_log_checkpoint_age_seconds": ("gauge", "Since the head of the audit log was last signed."),
    "yidang_log_witness_age_seconds": ("gauge", "Since a witness last saw a checkpoint."),
    "yidang_log_witness_trouble": ("gauge", "1 where something is wrong with a witness."),
    "yidang_certificate_end_time_seconds": ("gauge", "When the certificate ends, seconds since 1970."),
}


def _age(moment: datetime | None) -> float | None:
    return None if moment is None else max(0.0, (clock.now() - moment).total_seconds())


def _told(name: str, value: float | None, **labels: str) -> Iterator[Figure]:
    if value is not None:
        yield Figure(name, float(value), tuple(labels.items()))


def process() -> Iterator[Figure]:
    """This process."""
    yield from _told("yidang_build_info", 1, version=program_version())
    yield from _told("yidang_process_start_time_seconds", STARTED.timestamp())


def requests() -> Iterator[Figure]:
    """What this process answered since it started."""
    for (route, method, status), count in sorted(REQUESTS.answers().items()):
        yield from _told("yidang_http_requests_total", count, route=route, method=method, status=status)
    for route, durations in sorted(REQUESTS.durations().items()):
        name, labels = "yidang_http_request_seconds", (("route", route),)
        for end, count in durations.up_to():
            yield Figure(name, count, (*labels, ("le", f"{end:g}")), "_bucket")
        yield Figure(name, durations.count, (*labels, ("le", "+Inf")), "_bucket")
        yield Figure(name, durations.seconds, labels, "_sum")
        yield Figure(name, durations.count, labels, "_count")


def jobs() -> Iterator[Figure]:
    """The queue of jobs."""
    now = clock.now()
    counts = dict(Job.objects.filter(state__in=OPEN).order_by().values_list("state").annotate(Count("pk")))
    for state in OPEN:
        yield from _told("yidang_jobs", counts.get(state, 0), state=state)
    due = Job.objects.filter(state=Job.WAITING, run_after__lte=now).order_by("run_after")
    yield from _told("yidang_jobs_oldest_due_seconds", _age(due.values_list("run_after", flat=True).first()) or 0)
    silent = Job.objects.filter(state=Job.RUNNING, lease_until__lt=now).count()
    yield from _told("yidang_jobs_expired_leases", silent)


def index() -> Iterator[Figure]:
    """How far the search index of this machine is behind."""
    lag = search.lag()
    yield from _told("yidang_index_lag_seconds", lag.seconds)
    yield from _told("yidang_index_lag_changes", lag.changes)


def copies() -> Iterator[Figure]:
    """The vault's sites, their copies and their disks."""
    rows = {site.key: site for site in Site.objects.all()}
    for root in sites.roots():
        site = rows.get(root.key)
        if site is None:
            continue
        yield from _told("yidang_site_answers", _answers(root, site), site=root.key)
        of_site = Copy.objects.filter(site=site)
        counts = dict(of_site.filter(state__in=BEHIND).order_by().values_list("state").annotate(Count("pk")))
        for state in BEHIND:
            yield from _told("yidang_copies_behind", counts.get(state, 0), site=root.key, state=str(state))
        whole = ScrubRun.objects.filter(site=site).exclude(finished_at=None).order_by("-finished_at")
        yield from _told(
            "yidang_scrub_age_seconds", _age(whole.values_list("finished_at", flat=True).first()), site=root.key
        )
        read = of_site.exclude(verified_at=None).order_by("verified_at").values_list("verified_at", flat=True).first()
        yield from _told("yidang_oldest_reading_seconds", _age(read), site=root.key)


def _answers(root: sites.Root, site: Site) -> int:
    try:
        return int(root.marker_id == site.marker_id and root.is_writable and not root.is_full)
    except OSError:
        return 0


@dataclass(frozen=True, slots=True)
class Room:
    """Free and all bytes where something is kept; two places on one disk have one device."""

    place: str
    free: int
    total: int
    device: Hashable


def places() -> list[Room]:
    """Where bytes are kept: the data folder, then sites that are folders."""
    here = shutil.disk_usage(settings.DATA)
    found = [Room("data", here.free, here.total, Path(settings.DATA).stat().st_dev)]
    for root in sites.roots():
        try:
            free, total, device = root.free_bytes, root.total_bytes, root.device
        except OSError:
            continue  # said by yidang_site_answers
        if free is not None and total:
            found.append(Room(f"site:{root.key}", free, total, device))
    return found


def disks() -> Iterator[Figure]:
    """Room."""
    for room in places():
        yield from _told("yidang_disk_free_bytes", room.free, place=room.place)
        yield from _told("yidang_disk_total_bytes", room.total, place=room.place)


def database_bytes() -> int:
    """The size of the database; of SQLite with its log."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            return int(cursor.fetchone()[0])
    file = Path(str(connection.settings_dict["NAME"]))
    return sum(part.stat().st_size for part in (file, file.with_name(f"{file.name}-wal")) if part.is_file())


def database() -> Iterator[Figure]:
    """The database."""
    yield from _told("yidang_database_bytes", database_bytes())
    if replica.is_set_up():
        standing = replica.standing()
        yield from _told("yidang_replica_near", standing.state == replica.NEAR)
        yield from _told("yidang_replica_lag_seconds", standing.seconds)


def way_back() -> Iterator[Figure]:
    """Backups and drills."""
    yield from _told("yidang_backup_configured", int(bool(settings.BACKUP)))
    kept, drill = measuring.last_backup(), measuring.last_drill()
    newest = BackupRun.objects.exclude(outcome=BackupRun.RUNNING).order_by("-started_at").first()
    yield from _told("yidang_backup_age_seconds", _age(kept.started_at if kept else None))
    yield from _told("yidang_backup_last_failed", int(newest is not None and newest.outcome == BackupRun.FAILED))
    yield from _told("yidang_drill_age_seconds", _age(drill.started_at if drill else None))
    yield from _told("yidang_drill_well", int(drill.is_well) if drill else None)


def log() -> Iterator[Figure]:
    """The audit log and who else keeps its checkpoints."""
    size = Head.objects.filter(pk=1).values_list("size", flat=True).first() or 0
    yield from _told("yidang_log_entries", size)
    signed = checkpoints.latest()
    yield from _told("yidang_log_checkpoint_age_seconds", _age(signed.at if signed else None))
    seen = {row.witness: row for row in Sighting.objects.all()}
    for witness in witnesses.configured():
        row = seen.get(witness.name)
        yield from _told("yidang_log_witness_age_seconds", _age(row.seen_at if row else None), witness=witness.name)
        yield from _told("yidang_log_witness_trouble", int(row is None or bool(row.trouble)), witness=witness.name)


def certificate() -> Iterator[Figure]:
    """The certificate that people's browsers see."""
    ends = certificates.ends_at()
    yield from _told("yidang_certificate_end_time_seconds", ends.timestamp() if ends else None)


PARTS: tuple[Callable[[], Iterator[Figure]], ...] = (
    process, requests, jobs, index, copies, disks, database, way_back, log, certificate,
)  # fmt: skip


def gather(parts: tuple[Callable[[], Iterator[Figure]], ...] = PARTS) -> list[Figure]:
    """Every figure; a part that cannot be read is told as such and hides no other."""
    found: list[Figure] = []
    for part in parts:
        failed = 0
        try:
            found += list(part())
        except (DatabaseError, OSError, ValueError, RuntimeError):
            failed = 1
        found += _told("yidang_part_failed", failed, part=part.__name__)
    return found

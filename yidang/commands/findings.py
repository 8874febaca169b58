"""What ``yidang doctor`` looks at; each check answers findings with their remedy and repairs nothing."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count
from django.utils.translation import gettext as _

from yidang import search, vault
from yidang.audit import standing as log_standing
from yidang.audit.models import Entry
from yidang.common import clock
from yidang.continuity import measuring
from yidang.formats import cage, scan
from yidang.formats.findings import describe
from yidang.jobs.models import Job

BAD, WARN = "bad", "warn"
LEAST_FREE = 5_000_000_000
LATE = timedelta(minutes=10)
INDEX_LATE_SECONDS = 60
MOUNTS = Path("/proc/self/mountinfo")
NETWORK_DISKS = frozenset("nfs nfs4 cifs smb3 smbfs ceph glusterfs fuse.sshfs fuse.glusterfs fuse.s3fs".split())


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not well.

    :param level: ``bad`` needs somebody, ``warn`` is told and does not count against the installation
    """

    area: str
    level: str
    sentence: str
    remedy: str


def database() -> Iterator[Finding]:
    """The database answers and its tables are those of this version."""
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        yield Finding(
            "database", BAD, _("%(count)d changes of tables of this version are not made yet.") % {"count": len(waiting)},
            _("Run «yidang migrate», or start «yidang serve», which does it."),
        )  # fmt: skip


def log_protection() -> Iterator[Finding]:
    """The triggers that keep the log's rows from being changed still stand: a remake of a table drops them."""
    if connection.vendor == "postgresql":
        statement = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    else:
        statement = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    with connection.cursor() as cursor:
        cursor.execute(statement)
        standing = {row[0] for row in cursor.fetchall()}
    wanted = {f"{Entry._meta.db_table}_no_{verb}" for verb in ("update", "delete")}
    missing = sorted(wanted - standing)
    if missing:
        yield Finding(
            "audit", BAD, _("The log's protection is gone: %(names)s.") % {"names": ", ".join(missing)},
            _("Run «yidang audit verify» now, and ask who changed the database."),
        )  # fmt: skip


def log_witnesses() -> Iterator[Finding]:
    """Somebody else keeps the log's checkpoints, and none of them saw another log; the last verification was well."""
    states = log_standing.witness_states()
    if not states:
        yield Finding(
            "audit", WARN, _("Nobody else keeps the log's checkpoints: whoever owns this machine could write it anew."),
            _("Name a folder on another machine or another archive in YIDANG_WITNESSES."),
        )  # fmt: skip
    for state in states:
        if state.kind != "ok":
            yield Finding(
                "audit", BAD if state.kind == "bad" else WARN,
                _("Witness «%(name)s»: %(words)s.") % {"name": state.witness.name, "words": state.words},
                _("See «Checkpoints and witnesses» of the audit administrator, and run «yidang audit verify»."),
            )  # fmt: skip
    last = log_standing.last_verification()
    if last is not None and last.faults:
        yield Finding(
            "audit", BAD, _("The last verification of the log found %(count)d faults.") % {"count": len(last.faults)},
            _("Keep the database as it is, and look at «Verification of the log»."),
        )  # fmt: skip


def disk() -> Iterator[Finding]:
    """Room in the data folder."""
    free = shutil.disk_usage(settings.DATA).free
    if free < LEAST_FREE:
        yield Finding(
            "disk", BAD, _("Only %(free).1f GB are free in %(folder)s.") % {"free": free / 1e9, "folder": settings.DATA},
            _("Make room or enlarge the disk; below 1 GB filings are refused."),
        )  # fmt: skip


def keys() -> Iterator[Finding]:
    """Nobody else on the machine reads the keys."""
    for path in sorted((Path(settings.DATA) / "keys").iterdir()):
        if path.is_file() and path.stat().st_mode & 0o077 and not path.name.endswith((".pub", ".pem.pub")):
            yield Finding(
                "configuration", BAD, _("Other accounts of the machine may read %(file)s.") % {"file": path},
                _("Run «chmod 600 %(file)s».") % {"file": path},
            )  # fmt: skip


def configuration() -> Iterator[Finding]:
    """Settings that are fine for a trial and not for a hospital."""
    if "*" in settings.ALLOWED_HOSTS:
        yield Finding(
            "configuration", WARN, _("The program answers to any host name."),
            _("Name the archive's address in YIDANG_HOSTS."),
        )  # fmt: skip
    if not settings.HTTPS:
        yield Finding(
            "configuration", WARN, _("Pages travel without encryption."),
            _("Put a reverse proxy with a certificate in front and set YIDANG_HTTPS=1."),
        )  # fmt: skip


def network_disk() -> Iterator[Finding]:
    """SQLite's file is on a disk of this machine: locks of network file systems do not hold what SQLite needs."""
    if connection.vendor != "sqlite":
        return
    folder, kind, longest = Path(settings.DATA) / "database", "", -1
    for line in MOUNTS.read_text(encoding="utf-8").splitlines():
        before, _dash, after = line.partition(" - ")
        mounted = Path(before.split()[4].replace("\\040", " "))
        if folder.resolve().is_relative_to(mounted) and len(mounted.parts) >= longest:
            kind, longest = after.split()[0], len(mounted.parts)
    if kind in NETWORK_DISKS:
        yield Finding(
            "database", BAD, _("The SQLite database stands on a network file system (%(kind)s), which may damage it.") % {"kind": kind},
            _("Move the data folder to a disk of this machine, or use PostgreSQL."),
        )  # fmt: skip


def versions() -> Iterator[Finding]:
    """Programs that the product leans on."""
    if not (shutil.which("soffice") or shutil.which("libreoffice")):
        yield Finding(
            "versions", WARN, _("LibreOffice is not installed: Office files are kept, but show no pages and no text."),
            _("Install libreoffice-writer, libreoffice-calc and libreoffice-impress, then «Read again» on the page of texts."),
        )  # fmt: skip


def backup_engine() -> Iterator[Finding]:
    """The program that keeps backups, where backups are wanted, and its passphrase."""
    if settings.BACKUP and not shutil.which("restic"):
        yield Finding(
            "backup", BAD, _("Backups are configured, but the program restic is not installed."),
            _("Install it: apt-get install -y restic"),
        )  # fmt: skip
    if settings.BACKUP and not Path(settings.BACKUP_PASSPHRASE_FILE).is_file():
        yield Finding(
            "backup", BAD, _("Backups are configured, but their passphrase is not on this machine."),
            _("Run «yidang backup» once by hand; it makes one and prints it."),
        )  # fmt: skip


def sites() -> Iterator[Finding]:
    """Every site of the vault, its copies, and whether two of them share a disk."""
    shared = set()
    for state in vault.read_state():
        if not state.is_well:
            yield Finding(
                "vault", BAD,
                _("Site %(key)s: %(state)s; %(lagging)d copies lag, %(missing)d are missing, %(damaged)d are damaged.")
                % {"key": state.key, "state": state.state, "lagging": state.lagging, "missing": state.missing, "damaged": state.damaged},
                _("See «yidang vault status»; «yidang vault repair» mends copies from a good one."),
            )  # fmt: skip
        if state.shares_disk_with:
            shared.add(tuple(sorted({state.key, *state.shares_disk_with})))
    for group in sorted(shared):
        yield Finding(
            "vault", WARN, _("Sites %(keys)s stand on one disk: if it breaks, all their copies are lost.") % {"keys": ", ".join(group)},
            _("Put each site on a disk of its own with YIDANG_SITES."),
        )  # fmt: skip


def way_back() -> Iterator[Finding]:
    """Backups are kept and come back: 3-2-1-1-0, each part that is missing."""
    last, drilled = measuring.last_backup(), measuring.last_drill()
    if measuring.backup_is_late(clock.now()):
        yield Finding(
            "backup", BAD,
            _("No backup was kept since %(at)s.") % {"at": f"{last.started_at:%Y-%m-%d %H:%M} UTC" if last else _("never")},
            _("Look at «Backups and drills» for the reason, and run «yidang backup»."),
        )  # fmt: skip
    if drilled is not None and not drilled.is_well:
        yield Finding(
            "backup", BAD, _("The last drill did not come back whole."),
            _("Read its report under «Backups and drills»; take a new backup at another place."),
        )  # fmt: skip
    for part in measuring.measure():
        if not part.is_met:
            yield Finding(
                "backup", WARN, _("The rule 3-2-1-1-0 is not met: %(asks)s (%(found)s).") % {"asks": part.asks, "found": part.found},
                _("See «Backups and drills» and docs/operator/backup.md."),
            )  # fmt: skip


def jobs() -> Iterator[Finding]:
    """Work that was set aside, and work that nobody takes."""
    aside = Job.objects.filter(state=Job.SET_ASIDE).order_by().values_list("name").annotate(count=Count("pk"))
    for name, count in aside:
        yield Finding(
            "jobs", BAD, _("%(count)d tasks «%(name)s» were set aside.") % {"count": count, "name": name},
            _("Their reasons stand on the page of tasks, where they are tried again."),
        )  # fmt: skip
    waiting = Job.objects.filter(state=Job.WAITING, run_after__lt=clock.now() - LATE).count()
    working = Job.objects.filter(state=Job.RUNNING, lease_until__gt=clock.now()).exists()
    if waiting and not working:
        yield Finding(
            "jobs", BAD, _("%(count)d tasks have waited for more than ten minutes, and no worker takes them.") % {"count": waiting},
            _("Start «yidang serve»; if it runs, look into its log."),
        )  # fmt: skip


def time() -> Iterator[Finding]:
    """The clock has not gone back behind what the log already says."""
    newest: datetime | None = Entry.objects.order_by("-pk").values_list("at", flat=True).first()
    if newest is not None and newest > clock.now() + timedelta(seconds=5):
        yield Finding(
            "clock", BAD, _("The machine's clock is behind the last entry of the log (%(at)s).") % {"at": newest.isoformat()},
            _("Set the clock by the hospital's time server (chrony or systemd-timesyncd)."),
        )  # fmt: skip


def index() -> Iterator[Finding]:
    """How far the search index is behind."""
    state = search.status()
    if state.lag.seconds > INDEX_LATE_SECONDS:
        yield Finding(
            "search", BAD,
            _("The search index is %(seconds)d seconds and %(changes)d changes behind.")
            % {"seconds": state.lag.seconds, "changes": state.lag.changes},
            _("Start «yidang serve»; if it runs, build the index anew with «yidang search rebuild»."),
        )  # fmt: skip


def scanner() -> Iterator[Finding]:
    """Whether viruses are looked for."""
    if settings.CLAMD == "off":
        yield Finding(
            "formats", WARN, _("The virus scan is turned off by YIDANG_CLAMD."), _("Remove the setting to scan again.")
        )
        return
    for found in scan.status(settings.CLAMD):
        what, remedy = describe(found)
        yield Finding("formats", WARN, what, remedy)


def walls() -> Iterator[Finding]:
    """How well files of strangers are kept apart while they are opened."""
    for wall, standing in cage.status().items():
        if standing is False:
            yield Finding(
                "formats", WARN, _("Files are opened without the protection «%(wall)s».") % {"wall": wall},
                _("See «docs/developer/formats.md» for what the machine must allow."),
            )  # fmt: skip


CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    database, network_disk, log_protection, log_witnesses, disk, keys, configuration, versions, sites, backup_engine, way_back, jobs, time, index, scanner, walls,
)  # fmt: skip


def examine() -> list[Finding]:
    """Every finding of every check; a check that cannot be made is a finding itself, so that the others are still made."""
    found: list[Finding] = []
    for check in CHECKS:
        try:
            found += check()
        except (DatabaseError, OSError, ImproperlyConfigured, ValueError, RuntimeError) as reason:
            sentence = _("The check «%(name)s» could not be made: %(reason)s") % {
                "name": check.__name__,
                "reason": reason,
            }
            found.append(Finding(check.__name__, BAD, sentence, _("Mend that first, then run «yidang doctor» again.")))
    return found

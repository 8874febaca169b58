"""Whether what is kept is safe: tables, the log's protection and witnesses, copies, backups."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _

from yidang import vault
from yidang.audit import standing as log_standing
from yidang.audit.models import Entry
from yidang.common import clock
from yidang.continuity import measuring
from yidang.upkeep.checks.finding import BAD, WARN, Finding
from yidang.vault import needs

MOUNTS = Path("/proc/self/mountinfo")
NETWORK_DISKS = frozenset("nfs nfs4 cifs smb3 smbfs ceph glusterfs fuse.sshfs fuse.glusterfs fuse.s3fs".split())


def database() -> Iterator[Finding]:
    """The database answers and its tables are those of this version."""
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        yield Finding(
            "database", BAD, _("%(count)d changes of tables of this version are not made yet.") % {"count": len(waiting)},
            _("Run «yidang migrate», or start «yidang serve», which does it."),
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
    for one in needs.short():
        if one.late:
            yield Finding(
                "vault", BAD,
                _("Class %(code)s: a record has %(good)d of the %(needed)d good copies that it needs.")
                % {"code": one.code, "good": one.good, "needed": one.needed},
                _("See «Custody»: bring the site back or name another one, and let «yidang vault repair» copy what is missing."),
            )  # fmt: skip
    for group in sorted(shared):
        yield Finding(
            "vault", WARN, _("Sites %(keys)s stand on one disk: if it breaks, all their copies are lost.") % {"keys": ", ".join(group)},
            _("Put each site on a disk of its own with YIDANG_SITES."),
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


def way_back() -> Iterator[Finding]:
    """Backups are kept and come back: 3-2-1-1-0, each part that is missing."""
    drilled, now = measuring.last_drill(), clock.now()
    if measuring.backup_is_late(now):
        age = measuring.restore_point_age(now)
        said = _("The restore point is %(age)d minutes old; %(most)d are allowed (YIDANG_BACKUP_MINUTES).")
        twice = age is None or age > 2 * timedelta(minutes=settings.BACKUP_MINUTES)
        yield Finding(
            "backup", BAD if twice else WARN,
            said % {"age": age.total_seconds() // 60, "most": settings.BACKUP_MINUTES} if age else _("No backup was ever kept."),
            _("Look at «Backups and drills» for the reason, and run «yidang backup»."),
        )  # fmt: skip
    if drilled is not None and drilled.error:
        yield Finding("backup", BAD, _("The last drill could not be made."), drilled.error)
    elif drilled is not None and not drilled.is_well:
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


def backup_lock() -> Iterator[Finding]:
    """Whether whoever has this account can destroy the backups as well."""
    last, now = measuring.last_backup(), clock.now()
    if last is None:
        return
    if last.locked_until is None and not settings.BACKUP_OFFLINE:
        yield Finding(
            "backup", WARN,
            _("Whoever takes over this account can destroy the backups at %(address)s as well.") % {"address": last.address},
            _("Keep one copy out of its reach: a bucket with Object Lock, or a disk that is put away (YIDANG_BACKUP_OFFLINE); see docs/operator/backup.md."),
        )  # fmt: skip
    if last.locked_until is not None and last.locked_until < now + measuring.SHORT_LOCK:
        yield Finding(
            "backup", BAD,
            _("The lock of the backups at %(address)s ends on %(day)s and was not extended.")
            % {"address": last.address, "day": f"{last.locked_until:%Y-%m-%d}"},
            _("See what the last backup says under «Backups and drills»: the account must be allowed to extend retention."),
        )  # fmt: skip

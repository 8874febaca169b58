"""3-2-1-1-0, measured: three copies on two media, one of them elsewhere, one that cannot be overwritten, no error on the way back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from yidang import vault
from yidang.common import clock
from yidang.continuity.models import BackupRun, DrillRun

# A drill that was due so long ago, as a part of the days between two of them, and somebody must look.
PATIENCE = 0.5
# A lock is extended when a third of its time is gone; with less than this left, nobody did.
SHORT_LOCK = timedelta(days=7)
NIGHT = range(1, 5)
NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "fuse.glusterfs", "ceph", "9p"})


@dataclass(frozen=True)
class Measure:
    """One part of the rule: what it asks, what there is, and whether that was measured or only declared."""

    key: str
    asks: str
    found: str
    is_met: bool
    declared: bool = False


def last_backup() -> BackupRun | None:
    """The newest backup that was kept."""
    return BackupRun.objects.filter(outcome=BackupRun.DONE).order_by("-started_at").first()


def last_drill() -> DrillRun | None:
    """The newest drill that has ended."""
    return DrillRun.objects.exclude(finished_at=None).order_by("-started_at").first()


def restore_point_age(now: datetime) -> timedelta | None:
    """How old the newest moment is to which a restore would lead."""
    last = last_backup()
    return now - last.started_at if last else None


def backup_is_due(now: datetime) -> bool:
    """Whether the next one must begin now to be finished before the restore point is older than settings allow."""
    tried = BackupRun.objects.order_by("-started_at").first()
    if tried is None:
        return True
    most = timedelta(minutes=settings.BACKUP_MINUTES)
    # The calendar looks every minute; the next one may take somewhat longer than the last.
    ahead = timedelta(seconds=90 + 1.5 * (tried.seconds or 0))
    return tried.started_at <= now - most + min(ahead, most / 2)


def backup_is_late(now: datetime) -> bool:
    """Whether backups are configured and the restore point is older than settings allow."""
    age = restore_point_age(now)
    return bool(settings.BACKUP) and (age is None or age > timedelta(minutes=settings.BACKUP_MINUTES))


def drill_is_due(now: datetime) -> bool:
    """Whether a drill is to begin: the first one with the first backup, later ones at night, a late one at once."""
    if not settings.DRILL_DAYS or last_backup() is None:
        return False
    tried = DrillRun.objects.order_by("-started_at").first()
    if tried is None:
        return True
    since, days = now - tried.started_at, timedelta(days=settings.DRILL_DAYS)
    at_night = timezone.localtime(now).hour in NIGHT
    return since >= days * (1 + PATIENCE / 2) or (at_night and since >= days - timedelta(hours=12))


def is_locked(run: BackupRun, now: datetime) -> bool:
    """Whether the place of a backup keeps it against everybody."""
    return run.locked_until is not None and run.locked_until > now


def drill_is_late(now: datetime) -> bool:
    """Whether drills are configured and the last one that was well is too long ago."""
    well = next(
        (run for run in DrillRun.objects.exclude(finished_at=None).order_by("-started_at")[:20] if run.is_well), None
    )
    if not settings.BACKUP or not settings.DRILL_DAYS:
        return False
    return well is None or well.started_at < now - timedelta(days=settings.DRILL_DAYS * (1 + PATIENCE))


def measure() -> list[Measure]:
    """The five parts of the rule, as they stand now."""
    states = vault.read_state()
    good = [state for state in states if state.state == "ok"]
    backup = last_backup()
    copies = len(good) + (1 if backup else 0)
    devices = {_device(Path(state.address)) for state in good} | ({_device_of(backup.address)} if backup else set())
    media = len(devices - {""})
    away = _is_away(backup.address) if backup else ""
    drill = last_drill()
    locked = backup is not None and is_locked(backup, clock.now())
    return [
        Measure("copies", _("3 copies"), _("%(sites)d sites of the vault and %(backups)d backup") % {
            "sites": len(good), "backups": 1 if backup else 0,
        }, copies >= 3),
        Measure("media", _("2 media"), _("%(count)d different disks or services") % {"count": media}, media >= 2),
        Measure(
            "offsite", _("1 elsewhere"), away or settings.BACKUP_OFFSITE or _("none that could be seen"),
            bool(away or settings.BACKUP_OFFSITE), declared=not away and bool(settings.BACKUP_OFFSITE),
        ),
        Measure(
            "offline", _("1 offline or not to be overwritten"),
            _("locked against everybody until %(day)s") % {"day": f"{backup.locked_until:%Y-%m-%d}"}
            if backup and locked else settings.BACKUP_OFFLINE or _("none declared"),
            locked or bool(settings.BACKUP_OFFLINE), declared=not locked and bool(settings.BACKUP_OFFLINE),
        ),
        Measure(
            "errors", _("0 errors on the way back"),
            _("%(count)d differences in the drill of %(day)s") % {
                "count": len(drill.differences) + (1 if drill.error else 0), "day": f"{drill.started_at:%Y-%m-%d}",
            } if drill else _("never tried"),
            drill is not None and drill.is_well and not drill_is_late(clock.now()),
        ),
    ]  # fmt: skip


def _device(path: Path) -> str:
    try:
        return str(path.stat().st_dev)
    except OSError:
        return ""


def _device_of(address: str) -> str:
    if ":" in address.partition("/")[0]:
        return address.partition("/")[0]
    return _device(Path(address))


def _is_away(address: str) -> str:
    """The service or the kind of network mount that holds a backup; empty when it stands on a disk of this machine."""
    service = address.partition("/")[0]
    if ":" in service:
        return service
    best, kind = "", ""
    for line in Path("/proc/mounts").read_text(encoding="utf-8", errors="replace").splitlines():
        _source, point, mounted, *_rest = line.split()
        inside = address.startswith(point.rstrip("/") + "/") or point == "/"
        if inside and len(point) >= len(best):
            best, kind = point, mounted
    return f"{best} ({kind})" if kind in NETWORK else ""

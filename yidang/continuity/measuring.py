"""3-2-1-1-0, measured: three copies on two media, one of them elsewhere, one that cannot be overwritten, no error on the way back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from yidang import vault
from yidang.common import clock
from yidang.continuity.models import BackupRun, DrillRun

# Two intervals without a backup, and five days after a drill was due, somebody must look.
PATIENCE_DAYS = 5
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


def backup_is_late(now: datetime) -> bool:
    """Whether backups are configured and none was kept for two intervals."""
    last = last_backup()
    return bool(settings.BACKUP) and (
        last is None or last.started_at < now - 2 * timedelta(minutes=settings.BACKUP_MINUTES)
    )


def drill_is_late(now: datetime) -> bool:
    """Whether drills are configured and the last one that was well is too long ago."""
    well = next(
        (run for run in DrillRun.objects.exclude(finished_at=None).order_by("-started_at")[:20] if run.is_well), None
    )
    if not settings.BACKUP or not settings.DRILL_DAYS:
        return False
    return well is None or well.started_at < now - timedelta(days=settings.DRILL_DAYS + PATIENCE_DAYS)


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
            "offline", _("1 offline or not to be overwritten"), settings.BACKUP_OFFLINE or _("none declared"),
            bool(settings.BACKUP_OFFLINE), declared=bool(settings.BACKUP_OFFLINE),
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

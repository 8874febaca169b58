"""Taking a backup while the program works: the database of one moment first, then the vault, which only grows."""

import fcntl
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.dateparse import parse_datetime

from yidang import audit
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.errors import YidangError
from yidang.continuity import locking, manifest, policy, reaching, wrapping
from yidang.continuity.beginning import begin
from yidang.continuity.databases import copy_database
from yidang.continuity.engine import Incomplete, Place, Written
from yidang.continuity.errors import BackupFailed, BackupUnderWay
from yidang.continuity.manifest import Manifest
from yidang.continuity.models import BackupRun
from yidang.continuity.passphrases import passphrase_file
from yidang.vault import sharing

# A description that is exchanged while its object is read is at rest a moment later.
TRIES = 3
OTHERS = ("quarantine/submissions", "log")
EXCLUDE = ("extensions/yidang-staging",)


def place_of(address: str, passphrase: str) -> Place:
    """A place for backups, with this data folder's cache."""
    there = str(Path(address).expanduser().absolute()) if reaching.is_folder(address) else address
    return Place(there, passphrase, Path(settings.DATA) / "cache" / "restic")


def back_up(address: str, passphrase: str, *, actor: Actor, beat: Callable[[float], None] | None = None) -> BackupRun:
    """Take one backup; only what is new since the last one is written.

    :param beat: told now and then how much is done, from 0 to 1
    :raises NotFound: the actor keeps no backups
    :raises BackupUnderWay: another one is being taken
    :raises WrongPassphrase, EngineMissing, BackupFailed: nothing was kept; earlier backups are as they were
    """
    policy.require_keeps_backups(actor)
    with _alone():
        now = clock.now()
        BackupRun.objects.filter(outcome=BackupRun.RUNNING).update(
            outcome=BackupRun.FAILED, finished_at=now, error="ended from outside"
        )
        place = place_of(address, passphrase)
        run = BackupRun.objects.create(asked_by=actor.username, started_at=now, address=place.address)
        try:
            begin(place)
            told, written = _take(place, beat)
        except YidangError as error:
            reasons = str(error.details.get("reasons", ""))
            _end(run, actor, outcome=BackupRun.FAILED, error=f"{error} {reasons}".strip()[:500])
            raise
        except BaseException as error:
            _end(run, actor, outcome=BackupRun.FAILED, error=type(error).__name__)
            raise
        error = _protect(place, run)
        newest = parse_datetime(told.newest_record_at) if told.newest_record_at else None
        _end(
            run, actor, outcome=BackupRun.DONE, snapshot=written.snapshot, files=written.files, bytes=written.bytes,
            added=written.added, records=told.records, entries=told.entries, newest_record_at=newest, error=error,
        )  # fmt: skip
    return run


def _protect(place: Place, run: BackupRun) -> str:
    """The backup is kept whatever becomes of its lock; what is wrong with that is told beside it."""
    try:
        locking.protect(place, run, clock.now())
    except YidangError as error:
        return f"{error} {error.details.get('reasons', '')}".strip()[:500]
    return ""


def _take(place: Place, beat: Callable[[float], None] | None) -> tuple[Manifest, Written]:
    sharing.take_folder(Path(settings.DATA) / "quarantine" / "submissions")  # what waits at other machines as well
    for _try in range(TRIES):
        bundle = manifest.bundle_folder()
        bundle.mkdir(parents=True, exist_ok=True, mode=0o700)
        others = {name: Path(settings.DATA) / name for name in OTHERS if (Path(settings.DATA) / name).is_dir()}
        told = manifest.describe(bundle, others)
        told.write(bundle)
        keys = Path(settings.DATA) / "keys"
        without = frozenset({passphrase_file().name})
        (bundle / manifest.KEYS).write_bytes(wrapping.wrap(keys, place.passphrase, without=without))
        copy_database(bundle)
        try:
            written = place.write(
                [bundle, *map(Path, filter(None, [told.site])), *others.values()], exclude=EXCLUDE, beat=beat
            )
        except Incomplete as reason:
            reasons = str(reason)
            continue
        shutil.rmtree(bundle, ignore_errors=True)
        return told, written
    raise BackupFailed(reasons=reasons)


def _end(run: BackupRun, actor: Actor, **values: object) -> None:
    run.finished_at = clock.now()
    for name, value in values.items():
        setattr(run, name, value)
    with transaction.atomic():
        run.save()
        audit.write(
            "continuity.backup.made", actor=actor, target_kind="backup", target=run.pk,
            outcome="done" if run.outcome == BackupRun.DONE else "failed",
            facts={
                "address": run.address, "snapshot": run.snapshot, "bytes": run.bytes, "added": run.added,
                "error": run.error,
            },
        )  # fmt: skip


@contextmanager
def _alone() -> Iterator[None]:
    """One backup of a data folder at a time; the kernel lets go when the process ends, however it ends."""
    path = Path(settings.DATA) / "cache" / "backup.lock"
    with path.open("a", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupUnderWay() from None
        yield

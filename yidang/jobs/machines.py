"""The machines that serve this archive together: who is here, who fell silent, and whether all hold the same secrets."""

import hashlib
import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _

from yidang.common import clock, signing
from yidang.common.errors import WrongState
from yidang.jobs.models import Machine

log = logging.getLogger(__name__)

BEAT = 5.0  # seconds between signs of life
# Who said nothing for so long is taken for dead: what it had reserved is given back, its work is done elsewhere.
SILENT = timedelta(seconds=35)
CHORES_EVERY = 60.0

Chore = Callable[[], None]
_chores: list[Chore] = []


class NameTaken(WrongState):
    """Two machines of one name would take one another's work for their own."""

    code = "machine_name_taken"

    def __init__(self, name: str) -> None:
        super().__init__(
            _("Another machine named «%(name)s» serves this archive.") % {"name": name},
            remedy=_("Give this one a name of its own with YIDANG_MACHINE."),
        )


class KeysDiffer(WrongState):
    """A machine with keys of its own would sign receipts and sessions that the others do not know."""

    code = "machine_keys_differ"

    def __init__(self, other: str, names: list[str]) -> None:
        super().__init__(
            _("This machine and «%(other)s» do not hold the same keys: %(names)s.")
            % {"other": other, "names": ", ".join(names)},
            remedy=_("Copy the folder «keys» of that machine's data folder into this one's, then start again."),
        )


def chore(work: Chore) -> Chore:
    """Register what every machine does for itself once a minute, e.g. clear what its own dead processes left."""
    _chores.append(work)
    return work


def installation() -> str:
    """The name of this data folder, made once; a copied folder must not bring it along."""
    path = Path(settings.DATA) / "machine"
    try:
        with path.open("x", encoding="ascii") as made:
            made.write(uuid4().hex)
    except FileExistsError:
        pass
    return path.read_text(encoding="ascii").strip()


def fingerprints() -> dict[str, str]:
    """A short digest of each secret that all machines must share; nothing leads back from it."""
    found = {"secret": _digest(settings.SECRET_KEY.encode()), signing.NAME: signing.archive_key().key_id}
    for path in sorted((Path(settings.DATA) / "keys").glob("s3-*.json")):
        found[path.name] = _digest(path.read_bytes())
    return found


def _digest(content: bytes) -> str:
    return hashlib.sha256(b"yidang fingerprint\n" + content).hexdigest()[:16]


def differing(mine: dict[str, str], theirs: dict[str, str]) -> list[str]:
    """The names of secrets that are not the same, those that one of both lacks among them."""
    return sorted(name for name in mine.keys() | theirs.keys() if mine.get(name) != theirs.get(name))


def living(now: datetime) -> list[Machine]:
    """The machines that gave a sign of life lately."""
    return list(Machine.objects.filter(stopped_at=None, seen_at__gt=now - SILENT).order_by("name"))


def is_silent(name: str, now: datetime) -> bool:
    """Whether a machine stopped, or has not been heard of lately, or never."""
    return not Machine.objects.filter(name=name, stopped_at=None, seen_at__gt=now - SILENT).exists()


def check_in(now: datetime) -> None:
    """Make sure, before anything is signed or served, that this machine fits the others.

    :raises NameTaken: another data folder serves under this name
    :raises KeysDiffer: its keys are not theirs
    """
    here = installation()
    if any(other.name == settings.MACHINE and other.installation != here for other in living(now)):
        raise NameTaken(settings.MACHINE)
    other = Machine.objects.exclude(installation=here).order_by("-seen_at").first()
    if other is not None and (names := differing(fingerprints(), other.keys)):
        raise KeysDiffer(other.name, names)


def arrive(now: datetime) -> None:
    """Enter this machine, or enter it anew after a start."""
    with transaction.atomic():
        Machine.objects.update_or_create(
            name=settings.MACHINE,
            defaults={
                "installation": installation(), "role": settings.ROLE, "version": program_version(),
                "keys": fingerprints(), "started_at": now, "seen_at": now, "stopped_at": None,
            },
        )  # fmt: skip


def beat(now: datetime) -> None:
    """A sign of life."""
    Machine.objects.filter(name=settings.MACHINE, installation=installation()).update(
        seen_at=now, stopped_at=None, clock_ahead=_clock_ahead(now)
    )


def leave(now: datetime) -> None:
    """Say goodbye, so that nobody waits for this machine."""
    Machine.objects.filter(name=settings.MACHINE, installation=installation()).update(stopped_at=now)


def forget(name: str) -> None:
    """Strike a machine off that is gone for good."""
    Machine.objects.filter(name=name).delete()


def _clock_ahead(now: datetime) -> float:
    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        told: datetime = cursor.fetchone()[0]
    return (now - told).total_seconds()


@lru_cache(maxsize=1)
def program_version() -> str:
    """The version that is installed."""
    try:
        return version("yidang")
    except PackageNotFoundError:
        return "?"


def keep_alive(stop: threading.Event) -> None:
    """Give signs of life and do this machine's own chores until asked to stop; then say goodbye."""
    since_chores = CHORES_EVERY
    arrived = False
    while not stop.is_set():
        try:
            if arrived:
                beat(clock.now())
            else:
                arrive(clock.now())
                arrived = True
            if since_chores >= CHORES_EVERY:
                since_chores = 0.0
                for work in _chores:
                    work()
        except (DatabaseError, OSError):
            log.exception("a sign of life was missed")
            connection.close()
        stop.wait(BEAT)
        since_chores += BEAT
    try:
        leave(clock.now())
    except DatabaseError:
        log.exception("the machine could not say goodbye")
    finally:
        connection.close()

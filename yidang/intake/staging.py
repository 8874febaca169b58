"""Files on their way in: one folder per submission in the quarantine, digested while they are written."""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives import hashes
from django.conf import settings
from django.utils.translation import gettext as _

from yidang.common.digests import Digests
from yidang.common.errors import InvalidInput, Unavailable
from yidang.vault import sharing


@dataclass(frozen=True, slots=True)
class StagedFile:
    """A file as received: where it lies, what it is called, its digests."""

    number: int
    name: str
    path: Path
    digests: Digests


def folder_of(submission_id: UUID) -> Path:
    """The quarantine folder of a submission."""
    return Path(settings.DATA) / "quarantine" / "submissions" / str(submission_id)


def stage(folder: Path, number: int, name: str, chunks: Iterable[bytes]) -> StagedFile:
    """Write one file into a submission's folder and digest it on the way.

    :raises InvalidInput: it is larger than the door takes
    :raises Unavailable: the disk is full or does not write
    """
    most = settings.MAX_FILE_MIB * 1024 * 1024
    path = folder / f"{number:04d}"
    sha256, sha512, sm3 = hashlib.sha256(), hashlib.sha512(), hashes.Hash(hashes.SM3())
    size = 0
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as target:
            for chunk in chunks:
                size += len(chunk)
                if size > most:
                    raise InvalidInput(
                        _("«%(name)s» is larger than %(most)d MiB.") % {"name": name, "most": settings.MAX_FILE_MIB},
                        code="file_too_large",
                        field="documents",
                        remedy=_("Split it, or ask the system administrator to raise the limit."),
                    )
                sha256.update(chunk)
                sha512.update(chunk)
                sm3.update(chunk)
                target.write(chunk)
    except OSError as error:
        raise disk_trouble(error) from error
    return StagedFile(number, name, path, Digests(size, sha256.hexdigest(), sha512.hexdigest(), sm3.finalize().hex()))


def disk_trouble(error: Exception) -> Unavailable:
    """The refusal for a disk or database that does not take bytes: nothing was acknowledged, nothing kept is touched."""
    return Unavailable(
        _("The server's disk did not take the file; nothing was filed."),
        code="disk_trouble",
        remedy=_("Tell the system administrator that the disk may be full, then send the same filing again."),
        errno=getattr(error, "errno", None),
    )


@contextmanager
def held(submission_id: UUID) -> Iterator[None]:
    """Show that a filing is under way for as long as this process lives: the kernel lets go when it dies.

    :raises Unavailable: the folder cannot be opened
    """
    try:
        descriptor = os.open(folder_of(submission_id), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise disk_trouble(error) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def is_held(submission_id: UUID) -> bool:
    """Whether some living process is filing this submission now."""
    try:
        descriptor = os.open(folder_of(submission_id), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def make_durable(folder: Path) -> None:
    """Flush a quarantined submission's files: from here on they are promised to wait.

    :raises Unavailable: the disk did not take them
    """
    try:
        for path in [*folder.iterdir(), folder, folder.parent]:
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        sharing.give(*folder.iterdir())
    except OSError as error:
        raise disk_trouble(error) from error


def share(*paths: Path) -> None:
    """Let other machines have files that wait here.

    :raises Unavailable: the shared place did not take them
    """
    try:
        sharing.give(*paths)
    except OSError as error:
        raise disk_trouble(error) from error


def is_at_hand(path: Path) -> bool:
    """Whether a file that waits is here, or was brought here from another machine now.

    :raises Unavailable: the shared place does not answer
    """
    try:
        return sharing.take(path)
    except OSError as error:
        raise disk_trouble(error) from error


def clear_everywhere(path: Path) -> None:
    """Remove a folder or a file that other machines may have, too; what they took they clear themselves."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
    try:
        sharing.withdraw(path)
    except OSError as error:
        raise disk_trouble(error) from error


def clear(folder: Path) -> None:
    """Remove a submission's folder after its bytes are kept, or refused for good."""
    shutil.rmtree(folder, ignore_errors=True)

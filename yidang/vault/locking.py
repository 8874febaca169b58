"""One writer per object, across the processes of this machine and across machines."""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from django.conf import settings

from yidang.common.db.everywhere import held_everywhere


@contextmanager
def locked(ids: Sequence[UUID]) -> Iterator[None]:
    """Hold the objects for the whole of bytes and rows; a process that dies lets go by itself.

    The locks share 256 files, taken in order, so that groups cannot wait for each other in a circle.
    """
    folder = settings.DATA / "vault" / ".locks"
    folder.mkdir(parents=True, exist_ok=True)
    names = sorted({object_id.hex[:2] for object_id in ids})
    held: list[int] = []
    try:
        for name in names:
            held.append(os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640))
            fcntl.flock(held[-1], fcntl.LOCK_EX)
        with held_everywhere([f"object {name}" for name in names]):
            yield
    finally:
        for descriptor in held:
            os.close(descriptor)

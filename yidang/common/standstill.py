"""An archive on its way to another installation: what it still does here is said in one small file of the data folder.

While the file says «copying» nothing is different. «read_only» refuses new work and lets people read; «closed» and
«moved» refuse everything, because what was written here then would be written into the past.
"""

import json
import os
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from yidang.common.errors import Unavailable

NAME = "moving.json"
COPYING, READ_ONLY, CLOSED, MOVED = "copying", "read_only", "closed", "moved"


class StandsStill(Unavailable):
    """The archive is being moved: people may read, nothing new is taken in."""

    code = "stands_still"
    default_message = _(
        "The archive is being moved to its new installation: it can be read, and takes nothing new just now."
    )
    default_remedy = _("Send it again later; what a program sends again with the same id is filed once.")


class HasMoved(Unavailable):
    """The archive is elsewhere now."""

    code = "has_moved"
    default_message = _("This archive has moved to its new installation; nothing is shown or changed here any more.")
    default_remedy = _("Open the new address, or ask the system administrator for it.")


@dataclass(frozen=True)
class Moving:
    """How far a move is, for the program that makes it, the pages, and whoever looks into the folder."""

    state: str
    step: str = ""
    began_at: str = ""
    state_since: str = ""
    done: int = 0
    total: int = 0
    target: str = ""
    address: str = ""
    report: dict[str, Any] = field(default_factory=dict)

    @property
    def left(self) -> int:
        """What is still to be done of the present step."""
        return max(0, self.total - self.done)

    def with_(self, **changes: Any) -> "Moving":
        """The same with some facts changed."""
        return replace(self, **changes)


def file_of(data: Path, name: str = NAME) -> Path:
    """A small file of a data folder."""
    return data / name


def file() -> Path:
    """Where it is said."""
    return file_of(Path(settings.DATA))


def read() -> Moving | None:
    """How far the move of this archive is; None when nobody moves it, which costs one look at the folder."""
    try:
        text = file().read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    return Moving(**json.loads(text))


def say(moving: Moving) -> None:
    """Write it down."""
    write(file(), asdict(moving))


def write(target: Path, document: dict[str, Any]) -> None:
    """Write a small file in one step, so that a reader never finds half of it."""
    part = target.with_suffix(".part")
    with part.open("w", encoding="utf-8") as stream:
        json.dump(document, stream, ensure_ascii=False, indent=1, default=str)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(target)


def takes_new() -> bool:
    """Whether new work may begin here."""
    moving = read()
    return moving is None or moving.state == COPYING


def require_takes_new() -> None:
    """Called before anything new is taken in.

    :raises StandsStill, HasMoved: not here, not now
    """
    moving = read()
    if moving is not None and moving.state == READ_ONLY:
        raise StandsStill()
    require_here(moving)


def require_here(moving: Moving | None) -> None:
    """Called before anything is shown.

    :raises HasMoved: the archive is elsewhere now
    """
    if moving is not None and moving.state in {CLOSED, MOVED}:
        remedy = _("Open it at %(address)s.") % {"address": moving.address} if moving.address else ""
        raise HasMoved(remedy=remedy)

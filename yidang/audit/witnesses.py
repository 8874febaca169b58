"""Our witnesses: a folder elsewhere, another archive. Each is shown every checkpoint and keeps what it has seen."""

import os
import re
import urllib.error
import urllib.parse
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from yidang.audit import checkpoints, cosignatures, notes, tree
from yidang.audit.models import Checkpoint, Sighting
from yidang.common.errors import YidangError

SECONDS = 10
PAUSE = timedelta(minutes=5)
_NOTE = re.compile(r"[^\n]+\n\d+\n[^\n]+\n\n(?:\u2014 [^\n]+\n)+")
# Why a witness did not take a checkpoint; ``disagrees`` and ``ahead`` mean that one of the two histories is not true.
MISSING, UNWRITABLE, UNREACHABLE, REFUSED, DISAGREES, AHEAD, UNSIGNED = (
    "missing", "unwritable", "unreachable", "refused", "disagrees", "ahead", "unsigned",
)  # fmt: skip
ALARMS = frozenset({DISAGREES, AHEAD})


class NotTaken(Exception):
    """A witness did not take a checkpoint: a code and what else is known."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code, self.detail = code, detail


@dataclass(frozen=True)
class Witness:
    """One witness as settings name it: a folder, or another archive's address with the key that it signs with."""

    name: str
    address: str
    key: notes.VerifierKey | None = None

    @property
    def is_folder(self) -> bool:
        """Whether checkpoints are written into a folder; else they are sent."""
        return self.key is None

    @property
    def is_near(self) -> bool:
        """Whether the folder stands on the disk of the data folder, where whoever owns the one owns the other."""
        if not self.is_folder:
            return False
        try:
            return Path(self.address).stat().st_dev == Path(settings.DATA).stat().st_dev
        except OSError:
            return False


def configured() -> tuple[Witness, ...]:
    """The witnesses of the settings.

    :raises ImproperlyConfigured: one cannot be read
    """
    return _read(tuple(getattr(settings, "WITNESSES", ()) or ()))


@lru_cache(maxsize=16)
def _read(lines: tuple[str, ...]) -> tuple[Witness, ...]:
    found: dict[str, Witness] = {}
    for line in lines:
        name, equals, place = (part.strip() for part in line.partition("="))
        address, _semicolon, key = place.partition(";")
        if not equals or not name.isidentifier() or len(name) > 60 or name in found or not address:
            raise ImproperlyConfigured(f"YIDANG_WITNESSES: «{line}» is not name=folder or name=address;key.")
        if "://" not in address:
            found[name] = Witness(name, str(Path(address).expanduser().absolute()))
            continue
        if not address.startswith(("https://", "http://")):
            raise ImproperlyConfigured(f"YIDANG_WITNESSES: «{address}» is not an address of the web.")
        try:
            found[name] = Witness(name, address, notes.read_key(key))
        except notes.NoteRefused as problem:
            raise ImproperlyConfigured(
                f"YIDANG_WITNESSES: «{name}» needs the other archive's key after a semicolon, as its page shows it."
            ) from problem
    return tuple(found.values())


def show_all(now: datetime) -> list[Sighting]:
    """Show the latest checkpoint to every witness that has not seen it; one that fails is tried again in five minutes."""
    latest = checkpoints.latest()
    shown: list[Sighting] = []
    for witness in configured():
        sighting, _made = Sighting.objects.get_or_create(witness=witness.name)
        rests = sighting.trouble and sighting.tried_at and sighting.tried_at > now - PAUSE
        if latest is None or sighting.size >= latest.size or rests:
            continue
        shown.append(_show(witness, latest, sighting, now))
    return shown


def _show(witness: Witness, checkpoint: Checkpoint, sighting: Sighting, now: datetime) -> Sighting:
    sighting.tried_at = now
    try:
        if witness.is_folder:
            note = _keep(Path(witness.address), checkpoint)
        else:
            note = _send(witness, checkpoint, sighting.size)
    except NotTaken as reason:
        sighting.trouble = f"{reason.code} {reason.detail}".strip()[:500]
    else:
        sighting.size, sighting.note, sighting.seen_at, sighting.trouble = checkpoint.size, note, now, ""
        if not witness.is_folder:
            cosignatures.keep(witness.name, checkpoint.size, note, now)
    sighting.save()
    return sighting


def _keep(folder: Path, checkpoint: Checkpoint) -> str:
    """Add the note to the day's file and flush it; what the folder holds already must fit."""
    if not folder.is_dir():
        raise NotTaken(MISSING, str(folder))
    for head, _note in notes_in(folder, last_only=True):
        _compare(head, checkpoint)
    name = re.sub(r"[^A-Za-z0-9.]+", "-", checkpoint.origin).strip("-")
    path = folder / f"{name}_{checkpoint.at:%Y-%m-%d}.txt"
    try:
        with path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(checkpoint.note + "\n")
            file.flush()
            os.fsync(file.fileno())
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as reason:
        raise NotTaken(UNWRITABLE, reason.strerror or "") from reason
    return checkpoint.note


def _compare(seen: notes.Head, checkpoint: Checkpoint) -> None:
    if seen.size > checkpoint.size:
        raise NotTaken(AHEAD, str(seen.size))
    if tree.root(seen.size) != seen.root:
        raise NotTaken(DISAGREES, str(seen.size))


def notes_in(folder: Path, *, last_only: bool = False) -> Iterator[tuple[notes.Head, str]]:
    """The checkpoints of our log that a folder holds, the oldest first; what is not one of ours is passed over.

    :param last_only: only the newest of them
    """
    paths = sorted(folder.glob("*.txt"), key=lambda path: path.name[-14:])
    for path in reversed(paths) if last_only else paths:
        found = _NOTE.findall(path.read_text(encoding="utf-8", errors="replace"))
        for note in reversed(found) if last_only else found:
            try:
                head = checkpoints.read(note)
            except YidangError:
                continue
            yield head, note
            if last_only:
                return


def _send(witness: Witness, checkpoint: Checkpoint, old: int) -> str:
    """Send the checkpoint with the proof that it continues what the witness saw last."""
    status, answer = _post(witness, checkpoint, old)
    if status == 409 and answer.strip().isdigit():
        # It saw more, or less, than we remember: a restored database. It says how much.
        seen = int(answer)
        if seen > checkpoint.size:
            raise NotTaken(AHEAD, str(seen))
        status, answer = _post(witness, checkpoint, seen)
    if status in {409, 422}:
        raise NotTaken(DISAGREES, str(old))
    if status != 200:
        raise NotTaken(REFUSED, str(status))
    note = checkpoint.note + answer
    try:
        seen_at = notes.parse(note).cosigned_by(witness.key) if witness.key else None
    except notes.NoteRefused:
        seen_at = None
    if seen_at is None:
        raise NotTaken(UNSIGNED)
    return note


def _post(witness: Witness, checkpoint: Checkpoint, old: int) -> tuple[int, str]:
    proof = tree.consistency(old, checkpoint.size) if old else []
    lines = [f"old {old}", *(b64encode(part).decode("ascii") for part in proof)]
    body = "\n".join(lines) + "\n\n" + checkpoint.note
    return _ask(urllib.request.Request(witness.address, data=body.encode(), method="POST"))  # noqa: S310


def _ask(request: urllib.request.Request) -> tuple[int, str]:
    request.add_header("Content-Type", "text/plain; charset=utf-8")
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
            return answer.status, answer.read(20_000).decode("utf-8", "replace")
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read(2000).decode("utf-8", "replace")
    except (OSError, ValueError) as reason:
        raise NotTaken(UNREACHABLE, str(getattr(reason, "reason", reason))) from reason


def what_was_seen(witness: Witness) -> list[tuple[notes.Head, str]]:
    """What a witness says that it has seen: all notes of a folder, the last one of another archive.

    :raises NotTaken: it cannot be asked, or what it answers is not signed by it
    """
    if witness.is_folder:
        folder = Path(witness.address)
        if not folder.is_dir():
            raise NotTaken(MISSING, str(folder))
        return list(notes_in(folder))
    query = urllib.parse.urlencode({"origin": checkpoints.origin()})
    status, answer = _ask(urllib.request.Request(f"{witness.address}?{query}"))  # noqa: S310
    if status == 404:
        return []
    if status != 200 or witness.key is None:
        raise NotTaken(REFUSED, str(status))
    try:
        note = notes.parse(answer)
        if note.cosigned_by(witness.key) is None:
            raise NotTaken(UNSIGNED)
        return [(note.head, answer)]
    except notes.NoteRefused as reason:
        raise NotTaken(UNSIGNED) from reason

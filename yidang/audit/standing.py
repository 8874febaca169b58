"""How the log stands with its witnesses, for the pages, the desk and the doctor."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _

from yidang.audit import checkpoints, witnesses
from yidang.audit.models import Sighting, Verification
from yidang.common import clock

# A witness that has seen nothing new for so long, while the log grew, is late.
LATE = timedelta(minutes=15)


@dataclass(frozen=True)
class Standing:
    """One witness: what it has seen, and how it stands in the reader's words."""

    witness: witnesses.Witness
    row: Sighting | None
    kind: str  # ok, warn, bad
    words: str


def witness_states() -> list[Standing]:
    """Each configured witness with what it has seen and what is wrong with it, in the reader's words."""
    seen = {row.witness: row for row in Sighting.objects.all()}
    latest = checkpoints.latest()
    found = []
    for witness in witnesses.configured():
        row = seen.get(witness.name)
        code, _space, detail = (row.trouble if row else "").partition(" ")
        late = row is None or (latest is not None and row.size < latest.size and latest.at < clock.now() - LATE)
        kind = "bad" if code in witnesses.ALARMS else "warn" if code or late or witness.is_near else "ok"
        found.append(Standing(witness, row, kind, _words(code, detail, late, witness.is_near)))
    return found


def _words(code: str, detail: str, late: bool, near: bool) -> str:
    words = {
        witnesses.MISSING: _("The folder is not there"),
        witnesses.UNWRITABLE: _("The folder cannot be written"),
        witnesses.UNREACHABLE: _("Does not answer"),
        witnesses.REFUSED: _("Refused our checkpoint"),
        witnesses.UNSIGNED: _("Answered without its signature"),
        witnesses.DISAGREES: _("Saw another log than ours is now; verify at once"),
        witnesses.AHEAD: _("Saw more entries than there are now; verify at once"),
    }
    if code:
        return f"{words.get(code, code)} {detail}".strip()
    if late:
        return _("Has not seen the latest checkpoint yet")
    return _("On the same disk as the data") if near else _("Has seen it")


def last_verification() -> Verification | None:
    """The newest check of the whole log that has ended."""
    return Verification.objects.exclude(finished_at=None).order_by("-finished_at").first()

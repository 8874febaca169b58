"""A decision as a text that says everything it decided, and its signature by the archive's key."""

import json
from datetime import datetime
from typing import Any

from yidang.approval.models import Case, Decision, Seat
from yidang.common import signing
from yidang.people.models import User


def canonical(
    case: Case, seat: Seat, by: User, *, choice: str, note: str, days: int | None, decided_at: datetime,
    narrowed: dict[str, Any] | None = None,
) -> str:  # fmt: skip
    """The text that is signed: JSON with sorted keys and no spaces, the same for the same decision."""
    said: dict[str, Any] = {
        "case": str(case.public_id), "kind": case.kind, "subject": case.subject, "facts": case.facts,
        "asker": case.asker.username, "route": f"{case.route.key}/{case.route.version}", "step": seat.step,
        "seat": seat.signer.username, "decided_by": by.username, "choice": choice, "note": note, "days": days,
        "decided_at": decided_at.isoformat(),
    }  # fmt: skip
    if narrowed:
        said["narrowed"] = narrowed
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def verify(decision: Decision) -> bool:
    """Whether the rows still say what was signed, and the signature is the archive's.

    :raises KeyMissing: the key it was signed with is not in the data folder
    """
    seat = decision.seat
    text = canonical(
        seat.case, seat, decision.decided_by, choice=decision.choice, note=decision.note, days=decision.days,
        decided_at=decision.decided_at, narrowed=decision.narrowed,
    )  # fmt: skip
    if text != decision.text:
        return False
    key = signing.archive_key(decision.key_id)
    return signing.verify_text(key.public_raw, decision.text, decision.signature)

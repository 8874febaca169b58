"""A decision as a text that says everything it decided, and its signatures by the archive's keys: Ed25519, and SM2 if set."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from yidang.approval.models import Case, Decision, Seat, TakenBack
from yidang.audit.verify import Fault
from yidang.common import signing
from yidang.common.sm2 import Sm2Key
from yidang.people.models import User


def sign(text: str, sm2: Sm2Key | None) -> dict[str, str]:
    """The signatures over a text, as the fields of the row that keeps it."""
    key = signing.archive_key()
    beside = {"sm2_key": sm2.public.hex(), "sm2_signature": sm2.sign_text(text)} if sm2 else {}
    return {"text": text, "signature": key.sign_text(text), "key_id": key.key_id, **beside}


def canonical(
    case: Case, seat: Seat, by: User, *, choice: str, note: str, days: int | None, decided_at: datetime,
    narrowed: dict[str, Any] | None = None, sm2_key: str = "",
) -> str:  # fmt: skip
    """The text that is signed: JSON with sorted keys and no spaces, the same for the same decision.

    :param sm2_key: the SM2 key that signs it as well; named in the text, so that its signature cannot be left out later
    """
    said: dict[str, Any] = {
        "case": str(case.public_id), "kind": case.kind, "subject": case.subject, "facts": case.facts,
        "asker": case.asker.username, "route": f"{case.route.key}/{case.route.version}", "step": seat.step,
        "seat": seat.signer.username, "decided_by": by.username, "choice": choice, "note": note, "days": days,
        "decided_at": decided_at.isoformat(),
    }  # fmt: skip
    if narrowed:
        said["narrowed"] = narrowed
    if sm2_key:
        said["sm2_key"] = sm2_key
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def verify(decision: Decision) -> bool:
    """Whether the rows still say what was signed, and the signature is the archive's.

    :raises KeyMissing: the key it was signed with is not in the data folder
    """
    seat = decision.seat
    text = canonical(
        seat.case, seat, decision.decided_by, choice=decision.choice, note=decision.note, days=decision.days,
        decided_at=decision.decided_at, narrowed=decision.narrowed, sm2_key=decision.sm2_key,
    )  # fmt: skip
    if text != decision.text:
        return False
    return signatures_fit(decision)


def signatures_fit(signed: Decision | TakenBack) -> bool:
    """Whether the text is signed by the archive, with SM2 as well where it names such a key.

    :raises KeyMissing: a key it was signed with is not in the data folder
    """
    key = signing.archive_key(signed.key_id)
    if not signing.verify_text(key.public_raw, signed.text, signed.signature):
        return False
    named = json.loads(signed.text).get("sm2_key", "")
    if named != signed.sm2_key:
        return False
    return not named or signing.sm2_fits(named, signed.text, signed.sm2_signature)


def check_signatures() -> Iterator[Fault]:
    """Each decision that does not say what was signed, and each taken back whose text is not as it was signed."""
    decisions = Decision.objects.select_related("decided_by", "seat__signer", "seat__case__asker", "seat__case__route")
    checks: list[tuple[QuerySet[Any], Callable[[Any], bool]]] = [
        (decisions, verify), (TakenBack.objects.all(), signatures_fit),
    ]  # fmt: skip
    for rows, fits in checks:
        for row in rows.order_by("pk").iterator(chunk_size=500):
            named = {"row": f"{row._meta.model_name} {row.pk}"}
            try:
                if not fits(row):
                    yield Fault(0, "row_edited", _("%(row)s: it does not say what was signed.") % named)
            except signing.KeyMissing as missing:
                yield Fault(0, "row_unchecked", f"{named['row']}: {missing.message} {missing.remedy}")
            except ValueError:  # the text is no JSON any more
                yield Fault(0, "row_edited", _("%(row)s: it does not say what was signed.") % named)

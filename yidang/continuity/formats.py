"""The watch on formats: which ones the archive holds, how much of each, at what risk, with what plan."""

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.db import transaction
from django.db.models import Count, Sum
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from yidang import audit
from yidang.catalogue.models import Document
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, NotAllowed
from yidang.continuity import policy
from yidang.continuity.models import HeldFormat
from yidang.formats import pronom

OWN_NAMES = {
    "yidang/ofd": "OFD (GB/T 33190)", "yidang/cda": "HL7 CDA", "yidang/ead": "EAD", "yidang/xbrl": "XBRL",
}  # fmt: skip
RISKS = (HeldFormat.LOW, HeldFormat.MEDIUM, HeldFormat.HIGH)


@cache
def _rules() -> list[dict[str, Any]]:
    text = (Path(__file__).parent / "data" / "risks.yaml").read_text(encoding="utf-8")
    rules: list[dict[str, Any]] = yaml.safe_load(text)
    return rules


def rule_for(puid: str, mime: str) -> dict[str, Any]:
    """The rule of the table that fits a format."""
    for rule in _rules():
        if puid in rule.get("puid", ()) or any(puid and mime.startswith(begin) for begin in rule.get("mime", ())):
            return rule
    return _rules()[-1]


def name_of(puid: str) -> str:
    """What PRONOM calls a format, or we do; empty for what nobody recognised."""
    entry = pronom.registry().entries.get(puid)
    return entry.name if entry is not None else OWN_NAMES.get(puid, "")


def plan_of(held: HeldFormat) -> str:
    """The plan in the reader's language: the archivist's own words, else those of the table."""
    if held.judged_by:
        return held.plan
    words: dict[str, str] = rule_for(held.puid, held.mime)["plan"]
    return words["en" if (get_language() or settings.LANGUAGE_CODE).startswith("en") else "zh"]


def count_held(now: datetime) -> int:
    """Count every format anew; answers how many there are. What an archivist judged stays judged."""
    rows = Document.objects.order_by().values("format").annotate(n=Count("pk"), size=Sum("size"))
    mimes = dict(Document.objects.order_by("format", "-pk").values_list("format", "mime").distinct())
    with transaction.atomic():
        HeldFormat.objects.update(count=0, bytes=0, counted_at=now)
        for row in rows:
            puid, mime = row["format"], mimes.get(row["format"], "")
            held, made = HeldFormat.objects.get_or_create(
                puid=puid,
                defaults={
                    "mime": mime, "first_seen_at": now, "counted_at": now, "risk": rule_for(puid, mime)["risk"],
                    "count": row["n"], "bytes": row["size"] or 0,
                },
            )  # fmt: skip
            if not made:
                held.count, held.bytes, held.mime = row["n"], row["size"] or 0, mime
                held.save(update_fields=["count", "bytes", "mime"])
    return len(rows)


@transaction.atomic
def judge_format(held: HeldFormat, *, risk: str, plan: str, actor: Actor, now: datetime) -> HeldFormat:
    """Enter how an archivist judges a format, and what is planned for it.

    :raises NotAllowed: only an archivist judges
    :raises InvalidInput: no such risk, or the plan is missing or longer than 500 characters
    """
    if not policy.judges_formats(actor):
        raise NotAllowed(_("Only an archivist judges formats."))
    words = plan.strip()
    if risk not in RISKS:
        raise InvalidInput(_("This is not a risk."), field="risk", remedy=_("Choose low, medium or high."))
    if not words or len(words) > 500:
        raise InvalidInput(
            _("The plan is missing or longer than 500 characters."), field="plan",
            remedy=_("Say in a sentence what is to be done with files of this format."),
        )  # fmt: skip
    held.risk, held.plan, held.judged_by, held.judged_at = risk, words, actor.username, now
    held.save(update_fields=["risk", "plan", "judged_by", "judged_at"])
    audit.write(
        "continuity.format.judged", actor=actor, target_kind="format", target=held.puid or "unknown", now=now,
        facts={"risk": risk, "plan": words, "count": held.count},
    )  # fmt: skip
    return held

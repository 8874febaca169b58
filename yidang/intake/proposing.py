"""What the form is filled with: proposals from the first file, then class and retention that follow from the title."""

import re
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from yidang.catalogue import proposals
from yidang.catalogue.models import RecordClass
from yidang.common.actor import Actor
from yidang.intake.models import FilingDraft
from yidang.people.models import Department

PLAIN = re.compile(r"Y|D30|D10")


def source_in_words(source: str) -> str:
    """Where a proposed value came from, as people say it."""
    if source.startswith("rule "):
        return _("the retention schedule, rule %(rule)s") % {"rule": source.removeprefix("rule ")}
    words = {
        "body title": _("taken from the title in the text"),
        "body number": _("taken from the head of the document"),
        "body date": _("taken from the date in the text"),
        "signature": _("taken from the signature"),
        "file name": _("taken from the file's name"),
        "text": _("taken from the text"),
        "title": _("proposed from the title"),
        "class": _("usual for the class"),
        "submitter": _("your own department"),
    }
    return words.get(source, source)


def proposals_of(draft: FilingDraft, actor: Actor) -> dict[str, dict[str, str]]:
    """For each field of the form the proposed value, and in words where it came from."""
    first = draft.files.first()
    if first is None:
        return {}
    found = {
        name: {"value": str(proposal["value"]), "why": source_in_words(proposal["source"])}
        for name, proposal in first.proposals.items()
    }
    title = found.get("title", {}).get("value", "")
    return found | (_from_title(title, actor) if title else {})


def _from_title(title: str, actor: Actor) -> dict[str, dict[str, str]]:
    department = Department.objects.filter(pk=actor.department_id).values_list("key", flat=True).first() or ""
    code = proposals.class_code(title=title, text="", department_key=department)
    record_class = (
        RecordClass.objects.select_related("parent").filter(code=code, is_active=True, takes_records=True).first()
    )
    if record_class is None:
        return {}
    found: dict[str, Any] = {"class": {"value": code, "why": source_in_words("title")}}
    rule = proposals.retention_rule(record_class, title=title)
    if rule is None:
        found["retention"] = {"value": record_class.default_retention, "why": source_in_words("class")}
    else:
        words = rule.title if (get_language() or "").startswith("zh") else rule.key
        # A period counted from an event cannot be chosen at the form; left open, the rule gives it.
        plain = rule.retention if PLAIN.fullmatch(rule.retention) else ""
        found["retention"] = {"value": plain, "why": _("the schedule: %(rule)s") % {"rule": words}}
    return found

"""What a conversion came to, in words for people: comparison, obstacles, checks, failures."""

from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from yidang.catalogue.models import Record, Rendition
from yidang.formats.findings import describe

TARGETS = {"pdfa": "PDF/A-2b", "tiff": "TIFF"}


@dataclass(frozen=True)
class Told:
    """One conversion as a page shows it."""

    rendition: Rendition
    target: str
    kind: str
    word: str
    reasons: list[str]
    compared: list[str]


def of_record(record: Record) -> list[Told]:
    """What became of the conversions of a record's documents, in their order."""
    made = Rendition.objects.filter(document__record=record).select_related("document")
    return [tell(one) for one in made.order_by("document__number", "made_at")]


def tell(one: Rendition) -> Told:
    """A conversion in words."""
    words = {
        Rendition.KEPT: ("ok", _("kept beside the original")),
        Rendition.REFUSED: ("warn", _("not kept")),
        Rendition.FAILED: ("bad", _("failed")),
    }
    kind, word = words[one.outcome]
    return Told(one, TARGETS.get(one.target, one.target), kind, word, reasons_of(one), compared_of(one))


def reasons_of(one: Rendition) -> list[str]:
    """Why it was not kept; empty when it was."""
    obstacles = [_obstacle(each["code"], each.get("said", "")) for each in one.facts.get("obstacles", [])]
    failures = [_failure(code, one) for code in one.facts.get("failures", [])]
    return obstacles + failures + ([_reason(one)] if one.outcome == Rendition.FAILED else [])


def _obstacle(code: str, said: str) -> str:
    words = {
        "fonts": _("fonts are not in the file: %(said)s"),
        "colours": _("it uses colours of the printing press (%(said)s)"),
        "attachments": _("other files are attached inside it: %(said)s"),
        "form_xfa": _("it is a form of the kind XFA"),
        "annotations": _("it has notes or media that PDF/A does not hold: %(said)s"),
        "layers": _("it has layers that can be switched on and off"),
        "outside": _("a part of its content stands outside the file: %(said)s"),
        "encrypted": _("it is encrypted"),
        "frames": _("it is a moving picture of %(said)s frames"),
        "mode": _("its pixels are of a kind that TIFF does not hold: %(said)s"),
        "no_converter": _("nothing here converts this format: %(said)s"),
    }
    return (words.get(code) or "%(said)s") % {"said": said or "—"}


def _failure(code: str, one: Rendition) -> str:
    facts = one.facts.get("comparison", {})
    pages = facts.get("pages", ["?", "?"])
    words = {
        "pages": _("the original has %(first)s pages, the conversion %(second)s")
        % {"first": pages[0], "second": pages[1]},
        "text": _("the words of a page differ"),
        "looks": _("a page looks different"),
        "words": _("words that stand in the file are not on its pages (comments and hidden parts excepted)"),
        "pixels_same": _("pixels differ"),
        "profile_same": _("the colour profile was lost"),
        "checks": _("a check of PDF/A does not hold"),
    }
    said = words.get(code, code)
    numbers = "、".join(map(str, facts.get("differing", [])))
    return f"{said} ({numbers})" if numbers and code in {"text", "looks"} else said


def _reason(one: Rendition) -> str:
    code = one.facts.get("reason", "")
    if code == "no_good_copy":
        return _("no good copy of the original could be read; see Custody")
    if code == "disk":
        return _("the working folder took no file: %(said)s") % {"said": one.facts.get("said", "")}
    return describe(code, one.facts.get("params", {}), get_language() or "zh-hans")[0]


def compared_of(one: Rendition) -> list[str]:
    """The figures of the comparison."""
    facts, lines = one.facts.get("comparison", {}), []
    if facts.get("pixels_same"):
        lines.append(_("every pixel is the same"))
    if "text_least" in facts:
        lines.append(_("%(pages)s pages; words alike %(text).1f %%; grey differs by %(mean).2f %% at most") % {
            "pages": facts["pages"][0], "text": 100 * facts["text_least"], "mean": 100 * facts["mean_most"],
        })  # fmt: skip
    if facts.get("words_covered") is not None:
        lines.append(
            _("%(share).1f %% of the file's own words are on the pages") % {"share": 100 * facts["words_covered"]}
        )
    checks = one.facts.get("checks", [])
    if checks and all(each["well"] for each in checks):
        lines.append(_("%(n)d of our checks of PDF/A hold; this is no certificate") % {"n": len(checks)})
    if removed := one.facts.get("removed"):
        lines.append(_("left out because PDF/A forbids it: %(said)s") % {"said": "、".join(removed)})
    return lines

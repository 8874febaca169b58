"""Findings in words: what is wrong and what to do next, in the reader's language."""

from collections.abc import Sequence
from typing import Any, Protocol

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from yidang import formats
from yidang.intake.staging import StagedFile


class AnyFinding(Protocol):
    """A finding at the door or one read from the database."""

    code: str
    level: str
    property: str
    document: int | None


def _own(code: str, params: dict[str, Any]) -> tuple[str, str] | None:
    """The sentences of the checks that intake makes itself."""
    match code:
        case "digest_differs":
            return (
                _("The file is not the one that was announced: its SHA-256 differs from the declared one."),
                _("Send the file again from its source; it may have been damaged on the way."),
            )
        case "digest_agrees":
            return _("The file agrees with its declared digest."), ""
        case "duplicate_content":
            return (
                _("A file with the same content is in the archive already."),
                _(
                    "Check whether this document was filed before; accept it only if it belongs to another record as well."
                ),
            )
        case "metadata_invalid":
            return (
                _("The field «%(label)s» is not right: %(reason)s")
                % {"label": params.get("label", ""), "reason": params.get("reason", "")},
                str(params.get("remedy") or _("Correct the field and file again.")),
            )
    return None


def in_words(code: str, params: dict[str, Any], *, language: str | None = None) -> tuple[str, str]:
    """What is wrong, and what to do next."""
    return _own(code, params) or formats.describe(code, params, language or get_language() or "zh-hans")


def as_json(finding: Any, files: Sequence[StagedFile] = ()) -> dict[str, Any]:
    """A finding as the API shows it."""
    what, remedy = in_words(finding.code, dict(finding.params))
    names = {file.number: file.name for file in files}
    return {
        "code": finding.code,
        "level": finding.level,
        "property": finding.property,
        "check": finding.check_code,
        "document": names.get(finding.document, finding.document),
        "field": finding.params.get("field", ""),
        "what": what,
        "remedy": remedy,
    }

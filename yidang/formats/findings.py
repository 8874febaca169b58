"""Findings: one typed result of a check, and its sentences in both languages."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

_TEXTS = Path(__file__).with_name("findings.yaml")


@dataclass(frozen=True, slots=True)
class Finding:
    """One result of a check on one file.

    :param code: stable name of what was found, a key of findings.yaml
    :param level: ``pass``, ``warn`` or ``fail``
    :param property: ``authenticity``, ``integrity``, ``usability`` or ``security``
    :param check: the check of DA/T 70 that it belongs to, or empty
    :param params: facts for the sentence
    :param document: the file's name as its sender gave it
    """

    code: str
    level: str
    property: str
    check: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    document: str = ""

    def to_json(self) -> dict[str, Any]:
        """As the cage sends it."""
        return {"code": self.code, "level": self.level, "params": dict(self.params), "document": self.document}


# code: level, property, check of DA/T 70 (3-3 format, 3-4 readable, 3-5 lasting, 2-7 complete, 4-1 scanner, 4-2 virus)
KINDS: dict[str, tuple[str, str, str]] = {
    "format_identified": ("pass", "usability", "GD-3-3"),
    "format_unknown": ("warn", "usability", "GD-3-3"),
    "extension_differs": ("fail", "usability", "GD-3-3"),
    "extension_unusual": ("warn", "usability", "GD-3-3"),
    "extension_missing": ("warn", "usability", "GD-3-3"),
    "polyglot": ("fail", "security", "GD-3-3"),
    "program_file": ("fail", "security", "GD-3-3"),
    "opens": ("pass", "usability", "GD-3-4"),
    "empty_file": ("fail", "integrity", "GD-2-7"),
    "too_large": ("fail", "usability", "GD-3-4"),
    "truncated": ("fail", "integrity", "GD-2-7"),
    "broken": ("fail", "usability", "GD-3-4"),
    "repaired_on_opening": ("warn", "usability", "GD-3-4"),
    "page_broken": ("fail", "usability", "GD-3-4"),
    "no_pages": ("fail", "usability", "GD-3-4"),
    "blank_first_page": ("warn", "usability", "GD-3-4"),
    "too_many_pages": ("fail", "usability", "GD-3-4"),
    "too_many_pixels": ("fail", "security", "GD-3-4"),
    "took_too_long": ("fail", "usability", "GD-3-4"),
    "reader_crashed": ("fail", "security", "GD-3-4"),
    "reader_memory": ("fail", "security", "GD-3-4"),
    "reader_output": ("fail", "security", "GD-3-4"),
    "reader_absent": ("warn", "usability", "GD-3-4"),
    "secret_mark": ("fail", "security", ""),
    "page_absent": ("fail", "usability", "GD-3-4"),
    "not_rendered": ("warn", "usability", "GD-3-4"),
    "encrypted": ("fail", "usability", "GD-3-5"),
    "restricted": ("warn", "usability", "GD-3-5"),
    "fonts_not_embedded": ("warn", "usability", "GD-3-5"),
    "external_links": ("warn", "usability", "GD-3-5"),
    "macros": ("fail", "security", "GD-3-5"),
    "pdf_javascript": ("fail", "security", "GD-3-5"),
    "pdf_launch": ("fail", "security", "GD-3-5"),
    "embedded_files": ("warn", "security", "GD-3-5"),
    "embedded_objects": ("warn", "security", "GD-3-5"),
    "html_script": ("warn", "security", "GD-3-5"),
    "xml_doctype": ("warn", "security", "GD-3-5"),
    "xml_entities": ("fail", "security", "GD-3-5"),
    "archive_ratio": ("fail", "security", "GD-3-7"),
    "archive_total": ("fail", "security", "GD-3-7"),
    "archive_members": ("fail", "security", "GD-3-7"),
    "archive_depth": ("fail", "security", "GD-3-7"),
    "archive_path": ("fail", "security", "GD-3-7"),
    "archive_link": ("fail", "security", "GD-3-7"),
    "archive_collision": ("fail", "security", "GD-3-7"),
    "archive_overlap": ("fail", "security", "GD-3-7"),
    "archive_unread": ("warn", "security", "GD-3-7"),
    "state_secret_mark": ("fail", "security", ""),
    "virus_found": ("fail", "security", "GD-4-2"),
    "virus_clean": ("pass", "security", "GD-4-2"),
    "scanner_absent": ("warn", "security", "GD-4-1"),
    "scanner_outdated": ("warn", "security", "GD-4-1"),
    "scanner_failed": ("warn", "security", "GD-4-2"),
}


def finding(code: str, *, document: str = "", level: str = "", **params: Any) -> Finding:
    """A finding of a known kind; its level, property and check follow from the code."""
    usual, about, check = KINDS[code]
    return Finding(code, level or usual, about, check, params, document)


def from_json(data: Mapping[str, Any]) -> Finding:
    """Back from what the cage sent."""
    return finding(data["code"], document=data["document"], level=data["level"], **data["params"])


@functools.cache
def _texts() -> dict[str, Any]:
    return yaml.safe_load(_TEXTS.read_text(encoding="utf-8"))


class _Gaps(dict):
    """A fact that is not known is left out of its sentence instead of breaking it."""

    def __missing__(self, key: str) -> str:
        return "?"


def describe(
    found: Finding | str, params: Mapping[str, Any] | None = None, language: str = "zh-hans"
) -> tuple[str, str]:
    """What is wrong, and what to do next, in the reader's language; the remedy of a passed check is empty.

    :param found: a finding or its code, the latter with its params
    """
    code, facts = (found, params or {}) if isinstance(found, str) else (found.code, found.params)
    both = _texts().get(code, {})
    text = both.get("en" if language.lower().startswith("en") else "zh", {})
    filled = _Gaps({key: _plain(value) for key, value in facts.items()})
    return (text.get("what", code).format_map(filled), text.get("do", "").format_map(filled))


def _plain(value: Any) -> str:
    return "、".join(str(part) for part in value) if isinstance(value, list | tuple) else str(value)

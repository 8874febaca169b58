"""File names from outside: kept for people, never used as paths."""

import re
import unicodedata

_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f<>:\"/\\|?*\u202a-\u202e\u2066-\u2069\ufeff]")


def display_name(name: str) -> str:
    """The last part of a name, without control and direction characters; at most 200 characters, its ending kept.

    >>> display_name("../../etc/passwd")
    'passwd'
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    cleaned = _FORBIDDEN.sub("_", last).strip().strip(".").strip()
    if not cleaned:
        return "未命名"
    if len(cleaned) > 200:
        stem, dot, ending = cleaned.rpartition(".")
        cleaned = f"{stem[: 199 - len(ending)]}{dot}{ending}" if dot and len(ending) < 20 else cleaned[:200]
    return cleaned


def safe_ending(name: str) -> str:
    """A short lower-case ending for the path inside the object, such as ``.pdf``; empty when there is no plain one."""
    match = re.search(r"\.([A-Za-z0-9]{1,8})$", name.strip())
    return f".{match.group(1).lower()}" if match else ""

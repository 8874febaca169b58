"""Takes out of a text what settings say about this hospital: addresses, folders, names, secrets."""

import json
import re
import socket
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings

# Settings whose value tells how the program runs and nothing about whose it is.
SHOWN_KINDS = frozenset({"switch", "number"})
SHOWN = frozenset({"YIDANG_LOG_LEVEL", "YIDANG_FLUSH", "YIDANG_TIME_ZONE"})
SHORTEST = 4
# As values these tell nothing, and as words they stand everywhere.
WORDS = frozenset({"yidang", "postgres", "localhost", "127.0.0.1", "http", "https", "auto"})


def is_shown(name: str, kind: str) -> bool:
    """Whether the value of a setting may leave the machine."""
    return kind in SHOWN_KINDS or name in SHOWN


def redactions() -> list[tuple[str, str]]:
    """Each text that must not leave with what stands in its place, the longest first."""
    found: dict[str, str] = {}
    for setting, value in settings.SETTINGS_GIVEN:
        if not is_shown(setting.name, setting.kind):
            for part in _parts(value):
                found.setdefault(part, f"<{setting.name}>")
    found.setdefault(str(settings.DATA), "<YIDANG_DATA>")
    for database in settings.DATABASES.values():
        for key in ("NAME", "USER", "PASSWORD", "HOST"):
            found.setdefault(str(database.get(key) or ""), f"<database {key.lower()}>")
    found.setdefault(settings.HOSPITAL_NAME, "<YIDANG_HOSPITAL_NAME>")
    found.setdefault(socket.gethostname(), "<host>")
    for secret in _secrets():
        found[secret] = "<secret>"
    return sorted(
        ((text, place) for text, place in found.items() if len(text) >= SHORTEST and text not in WORDS),
        key=lambda one: -len(one[0]),
    )


def redact(text: str, found: list[tuple[str, str]]) -> str:
    """The text without them; in JSON a text may stand with its special characters escaped."""
    for secret, place in found:
        for form in {secret, json.dumps(secret)[1:-1]}:
            # Not inside a longer word: an account «main» must not eat «maintenance».
            text = re.sub(rf"(?<![A-Za-z0-9_]){re.escape(form)}(?![A-Za-z0-9_])", lambda _found, put=place: put, text)
    return text


def _parts(value: str) -> set[str]:
    """A value and what it is made of: members of lists, what stands behind «=», users, passwords and hosts of addresses."""
    parts = {value.strip()} if "," not in value and "=" not in value else set()
    for member in re.split(r"[,;]", value):
        place = member.partition("=")[2].strip() or member.strip()
        parts.add(place)
        if "://" in place:
            address = urlsplit(place)
            asked = [one.partition("=")[2] for one in address.query.split("&")]
            parts.update(unquote(one) for one in (address.username, address.password, address.hostname, *asked) if one)
    return parts - WORDS


def _secrets() -> list[str]:
    """What the files of keys hold, line by line; a bundle never asks for them, this guards against words that quote them."""
    found = [str(settings.SECRET_KEY)]
    keys = Path(settings.DATA) / "keys"
    named = [Path(name) for name in (settings.METRICS_TOKEN_FILE, settings.BACKUP_PASSPHRASE_FILE) if name]
    for file in [*(keys.iterdir() if keys.is_dir() else ()), *named]:
        try:
            text = file.read_text(encoding="utf-8") if file.is_file() and file.stat().st_size < 100_000 else ""
        except (OSError, UnicodeDecodeError):
            continue  # what cannot be read cannot be quoted
        found += [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("-----")]
        found += re.findall(r'"([^"]{12,})"', text)
    return found

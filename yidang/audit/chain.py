"""How an entry becomes bytes, and bytes a hash. The verifier of an export repeats this file's rules, not its code."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

# RFC 9162 keeps leaves and inner nodes apart by their first byte; the chain uses the leaf's from the first day.
LEAF = b"\x00"
ORIGIN = "0" * 64


def canonical(value: Any) -> str:
    """JSON with sorted keys, no blanks, characters as they are."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def time_text(at: datetime) -> str:
    """RFC 3339 in UTC with microseconds, always of one length."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def hash_body(body: str) -> str:
    """SHA-256 over the leaf prefix and the canonical text."""
    return hashlib.sha256(LEAF + body.encode()).hexdigest()


def personal_digest(salt: str, body: str) -> str:
    """The digest that stands in the chain for facts kept beside it."""
    return hashlib.sha256(f"{salt}\n{body}".encode()).hexdigest()

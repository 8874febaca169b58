"""OCFL 1.1 inventories: made, read and judged. Pure: bytes in, bytes out, no file is touched here."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from yidang.vault.layout import object_urn

DECLARATION = "0=ocfl_object_1.1"
DECLARATION_CONTENT = b"ocfl_object_1.1\n"
INVENTORY = "inventory.json"
SIDECAR = "inventory.json.sha512"
TYPE = "https://ocfl.io/1.1/spec/#inventory"
MAX_INVENTORY = 64 * 1024 * 1024


class BadInventory(ValueError):
    """The bytes are not an inventory that this vault could have written."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """A parsed inventory and the digest of its bytes."""

    raw: bytes
    digest: str
    content: dict[str, Any]

    @property
    def urn(self) -> str:
        """The OCFL id."""
        return str(self.content["id"])

    @property
    def head(self) -> int:
        """Number of the newest version."""
        return int(self.content["head"][1:])

    @property
    def manifest(self) -> dict[str, list[str]]:
        """Digest → content paths, of all versions."""
        return self.content["manifest"]

    def content_files(self) -> dict[str, str]:
        """Content path → SHA-512, of all versions."""
        return {path: digest.lower() for digest, paths in self.manifest.items() for path in paths}

    def state(self, version: int = 0) -> dict[str, tuple[str, str]]:
        """Logical path → (SHA-512, content path) of one version; 0 for the head.

        :raises KeyError: there is no such version
        """
        block = self.content["versions"][f"v{version or self.head}"]
        return {
            logical: (digest.lower(), self.manifest[digest][0])
            for digest, paths in block["state"].items()
            for logical in paths
        }


def new_digest() -> "hashlib._Hash":
    """A fresh SHA-512 to be fed in chunks."""
    return hashlib.sha512()


def digest_of(content: bytes) -> str:
    """SHA-512 in lower-case hexadecimal."""
    return hashlib.sha512(content).hexdigest()


def sidecar(digest: str) -> bytes:
    """The sidecar's content for an inventory of this digest."""
    return f"{digest} {INVENTORY}\n".encode()


def check_logical_path(path: str) -> str:
    """The path itself when it may stand in an inventory.

    :raises ValueError: empty, absolute, or with empty, ``.`` or ``..`` parts, or control characters
    """
    parts = path.split("/")
    if (
        not path
        or any(part in {"", ".", ".."} for part in parts)
        or any(ord(sign) < 32 for sign in path)
        or "\\" in path
    ):
        raise ValueError(f"not a logical path: {path!r}")
    return path


def _version(state: Mapping[str, str], message: str, user_name: str, created_at: datetime) -> dict[str, Any]:
    by_digest: dict[str, list[str]] = {}
    for logical in sorted(state):
        by_digest.setdefault(state[logical], []).append(logical)
    return {
        "created": created_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "message": message,
        "state": by_digest,
        "user": {"name": user_name or "yidang", "address": f"urn:yidang:user:{user_name or 'yidang'}"},
    }


def _seal(content: dict[str, Any]) -> Inventory:
    raw = f"{_lines(content, depth=2)}\n".encode()
    return Inventory(raw, digest_of(raw), content)


def _lines(block: dict[str, Any], depth: int) -> str:
    """JSON with a line per entry down to ``depth``: nearly as readable as indented, several times faster to make."""
    entries = (
        f"{json.dumps(key, ensure_ascii=False)}: "
        + (_lines(value, depth - 1) if depth > 1 and isinstance(value, dict) else json.dumps(value, ensure_ascii=False))
        for key, value in sorted(block.items())
    )
    return "{\n" + ",\n".join(entries) + "\n}"


def _fixity(content: dict[str, Any], fixity: Mapping[str, Iterable[str]]) -> None:
    if fixity:
        block = content.setdefault("fixity", {}).setdefault("sha256", {})
        for digest, paths in fixity.items():
            block[digest] = sorted({*block.get(digest, []), *paths})


def first_inventory(
    object_id: UUID,
    files: Mapping[str, str],
    *,
    message: str,
    user_name: str,
    created_at: datetime,
    sha256: Mapping[str, str] | None = None,
) -> tuple[Inventory, dict[str, str]]:
    """The inventory of a new object, and which logical path's bytes go to which content path.

    Files with the same digest are stored once.

    :param files: logical path → SHA-512
    :param sha256: logical path → SHA-256, for the fixity block
    """
    places: dict[str, str] = {}
    manifest: dict[str, list[str]] = {}
    fixity: dict[str, list[str]] = {}
    for logical in sorted(files):
        if files[logical] not in manifest:
            places[logical] = f"v1/content/{check_logical_path(logical)}"
            manifest[files[logical]] = [places[logical]]
            if sha256 and logical in sha256:
                fixity.setdefault(sha256[logical], []).append(places[logical])
    content: dict[str, Any] = {
        "id": object_urn(object_id),
        "type": TYPE,
        "digestAlgorithm": "sha512",
        "contentDirectory": "content",
        "head": "v1",
        "manifest": manifest,
        "versions": {"v1": _version(files, message, user_name, created_at)},
    }
    _fixity(content, fixity)
    return _seal(content), places


def next_inventory(
    base: Inventory,
    changed: Mapping[str, str],
    removed: Iterable[str],
    *,
    message: str,
    user_name: str,
    created_at: datetime,
    sha256: Mapping[str, str] | None = None,
) -> tuple[Inventory, dict[str, str]]:
    """The inventory of the next version by forward delta: only bytes not yet in the object get a place.

    :returns: the inventory, and logical path → content path of the files whose bytes must be written
    :raises KeyError: a removed path is not in the head
    """
    head = base.head + 1
    state = {logical: digest for logical, (digest, _) in base.state().items()}
    for logical in removed:
        del state[logical]
    content = json.loads(base.raw)
    known = {digest.lower() for digest in base.manifest}
    places: dict[str, str] = {}
    fixity: dict[str, list[str]] = {}
    for logical in sorted(changed):
        state[check_logical_path(logical)] = changed[logical]
        if changed[logical] not in known:
            places[logical] = f"v{head}/content/{logical}"
            content["manifest"][changed[logical]] = [places[logical]]
            known.add(changed[logical])
            if sha256 and logical in sha256:
                fixity.setdefault(sha256[logical], []).append(places[logical])
    content["versions"][f"v{head}"] = _version(state, message, user_name, created_at)
    content["head"] = f"v{head}"
    _fixity(content, fixity)
    return _seal(content), places


def parse(raw: bytes, object_id: UUID | None = None) -> Inventory:
    """Read an inventory's bytes.

    :param object_id: the object it must speak of
    :raises BadInventory: not JSON, not of the expected form, or of another object
    """
    try:
        content = json.loads(raw)
        found = Inventory(raw, digest_of(raw), content)
        if object_id is not None and found.urn != object_urn(object_id):
            raise BadInventory(f"speaks of {found.urn}")
        for path in found.content_files():
            check_logical_path(path)
        found.state()
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as problem:
        raise BadInventory(str(problem)) from problem
    return found

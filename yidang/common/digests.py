"""Digests of content: SHA-512 for OCFL, SHA-256 and SM3 for receipts, in one reading."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cryptography.hazmat.primitives import hashes

CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Digests:
    """Size in bytes and lower-case hexadecimal digests of one file."""

    size: int
    sha256: str
    sha512: str
    sm3: str


def digest_chunks(chunks: Iterable[bytes]) -> Digests:
    """Digest a stream of chunks in one pass."""
    sha256, sha512 = hashlib.sha256(), hashlib.sha512()
    # The system's OpenSSL may lack SM3; the one inside `cryptography` always has it.
    sm3 = hashes.Hash(hashes.SM3())
    size = 0
    for chunk in chunks:
        size += len(chunk)
        sha256.update(chunk)
        sha512.update(chunk)
        sm3.update(chunk)
    return Digests(size, sha256.hexdigest(), sha512.hexdigest(), sm3.finalize().hex())


def digest_stream(stream: BinaryIO) -> Digests:
    """Digest an open binary file from where it stands to its end."""
    return digest_chunks(iter(lambda: stream.read(CHUNK), b""))


def digest_file(path: Path) -> Digests:
    """Digest a file."""
    with path.open("rb") as stream:
        return digest_stream(stream)


def digest_bytes(content: bytes) -> Digests:
    """Digest bytes in memory."""
    return digest_chunks([content])

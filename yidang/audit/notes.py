"""Signed notes as C2SP defines them: a text, a blank line, and lines of signatures; checkpoints and cosignatures are such.

A checkpoint's text is origin, size and root in base64 on a line each. Parsing is strict: one way to write a thing.
"""

import binascii
import hashlib
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass

from yidang.common import sm2
from yidang.common.signing import SigningKey, verify

# C2SP leaves 0xff to whoever names a kind of signature of their own.
ED25519, COSIGNATURE, SM2 = b"\x01", b"\x04", b"\xffyidang/sm2-sm3"
DASH = "\u2014 "
_NAME = re.compile(r"[^\s+]{1,200}")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


class NoteRefused(ValueError):
    """The text is not a signed note, not a checkpoint, or not a key."""


@dataclass(frozen=True)
class Head:
    """How long a log was, and the root over its entries."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode('ascii')}\n"


@dataclass(frozen=True)
class Note:
    """A text and its signature lines: the signer's name, and four bytes of key with the signature."""

    text: str
    signatures: tuple[tuple[str, bytes], ...]

    @property
    def head(self) -> Head:
        """The text read as a checkpoint.

        :raises NoteRefused: it is not one
        """
        return head_of(self.text)

    def signed_by(self, key: "VerifierKey") -> bool:
        """Whether the holder of the key signed this as its own."""
        wanted = key.key_hash(ED25519)
        return any(
            name == key.name and raw[:4] == wanted and verify(key.public, self.text.encode(), raw[4:])
            for name, raw in self.signatures
        )

    def sm2_signed_by(self, key: "VerifierKey") -> bool | None:
        """Whether the SM2 line of a key of 64 bytes fits; None when there is no such line."""
        wanted = key.key_hash(SM2)
        lines = [raw[4:] for name, raw in self.signatures if name == key.name and raw[:4] == wanted]
        return all(sm2.verify(key.public, self.text.encode(), raw) for raw in lines) if lines else None

    def cosigned_by(self, key: "VerifierKey") -> int | None:
        """When, in seconds since 1970, the holder of the key saw this as a witness; None when it did not."""
        wanted = key.key_hash(COSIGNATURE)
        for name, raw in self.signatures:
            if name == key.name and raw[:4] == wanted and len(raw) == 76:
                at = int.from_bytes(raw[4:12], "big")
                if verify(key.public, _cosigned_text(self.text, at), raw[12:]):
                    return at
        return None


@dataclass(frozen=True)
class VerifierKey:
    """A name and a public key; an Ed25519 one is written as ``name+hash+key`` for people to exchange."""

    name: str
    public: bytes

    def key_hash(self, kind: bytes) -> bytes:
        """Four bytes that name the key in a signature line."""
        return hashlib.sha256(self.name.encode() + b"\n" + kind + self.public).digest()[:4]

    def __str__(self) -> str:
        key = b64encode(ED25519 + self.public).decode("ascii")
        return f"{self.name}+{self.key_hash(ED25519).hex()}+{key}"


def read_key(text: str) -> VerifierKey:
    """A key from its written form.

    :raises NoteRefused: it is not one, or its hash does not fit
    """
    name, _plus, rest = text.strip().partition("+")
    hashed, _plus, encoded = rest.partition("+")
    raw = _decoded(encoded)
    if not _NAME.fullmatch(name) or len(raw) != 33 or raw[:1] != ED25519:
        raise NoteRefused("not a key")
    key = VerifierKey(name, raw[1:])
    if key.key_hash(ED25519).hex() != hashed:
        raise NoteRefused("the key's hash does not fit")
    return key


def head_of(text: str) -> Head:
    """A checkpoint's text read; lines after the third are none of ours and refused.

    :raises NoteRefused: it is not a checkpoint of a log with entries
    """
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] or not _NAME.fullmatch(lines[0]) or not _SIZE.fullmatch(lines[1]):
        raise NoteRefused("not a checkpoint")
    root = _decoded(lines[2])
    if len(root) != 32 or int(lines[1]) < 1:
        raise NoteRefused("not a checkpoint of a log with entries")
    return Head(lines[0], int(lines[1]), root)


def sign(text: str, *, name: str, key: SigningKey, beside: sm2.Sm2Key | None = None) -> str:
    """The note of a text, signed by one key, and by an SM2 key beside it; who knows only the one reads past the other."""
    own = VerifierKey(name, key.public_raw)
    note = f"{text}\n{_line(name, own.key_hash(ED25519) + key.sign(text.encode()))}"
    if beside is not None:
        note += _line(name, VerifierKey(name, beside.public).key_hash(SM2) + beside.sign(text.encode()))
    return note


def cosignature(text: str, *, name: str, key: SigningKey, at: int) -> str:
    """The line by which a witness says when it saw a checkpoint."""
    own = VerifierKey(name, key.public_raw)
    raw = own.key_hash(COSIGNATURE) + at.to_bytes(8, "big") + key.sign(_cosigned_text(text, at))
    return _line(name, raw)


def parse(note: str) -> Note:
    """A note from its form; at least one signature line, of which each can be read.

    :raises NoteRefused: it is not a signed note
    """
    text, blank, tail = note.replace("\r\n", "\n").rpartition("\n\n")
    if not blank or not tail:
        raise NoteRefused("not a signed note")
    signatures = []
    for line in tail.rstrip("\n").split("\n"):
        name, space, encoded = line.removeprefix(DASH).partition(" ")
        raw = _decoded(encoded)
        if not line.startswith(DASH) or not space or not _NAME.fullmatch(name) or len(raw) < 5:
            raise NoteRefused("a signature line cannot be read")
        signatures.append((name, raw))
    return Note(text + "\n", tuple(signatures))


def _line(name: str, raw: bytes) -> str:
    return f"{DASH}{name} {b64encode(raw).decode('ascii')}\n"


def _cosigned_text(text: str, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def _decoded(text: str) -> bytes:
    try:
        raw = b64decode(text, validate=True)
    except (binascii.Error, ValueError) as problem:
        raise NoteRefused("not base64") from problem
    if b64encode(raw).decode("ascii") != text:
        raise NoteRefused("not the one way to write it in base64")
    return raw

"""The archive's key: Ed25519, made once, kept in the data folder; receipts and checkpoints of the log are signed with it.

Where the setting asks for it, an SM2 key stands beside it, and both are signed with both."""

import contextlib
import hashlib
import os
import tempfile
from base64 import b64decode, b64encode
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from yidang.common import sm2
from yidang.common.errors import Unavailable
from yidang.common.sm2 import Sm2Key

NAME, SM2_NAME = "archive.ed25519", "archive.sm2"


class KeyMissing(Unavailable):
    """A signature names a key that is not in the data folder."""

    code = "signing_key_missing"
    default_message = _("The key that this was signed with is not in the data folder.")
    default_remedy = _("Bring the folder «keys» back from a backup.")


@dataclass(frozen=True)
class SigningKey:
    """One Ed25519 key; ``key_id`` is the beginning of the digest of its public half."""

    private: Ed25519PrivateKey

    @property
    def public_raw(self) -> bytes:
        """The public half, 32 bytes."""
        raw = serialization.Encoding.Raw, serialization.PublicFormat.Raw
        return self.private.public_key().public_bytes(*raw)

    @property
    def key_id(self) -> str:
        """Sixteen hexadecimal digits that name the key."""
        return key_id_of(self.public_raw)

    @property
    def public_pem(self) -> str:
        """The public half as PEM, for those who check without us."""
        pem = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        return self.private.public_key().public_bytes(*pem).decode("ascii")

    def sign(self, content: bytes) -> bytes:
        """The signature over bytes, 64 bytes."""
        return self.private.sign(content)

    def sign_text(self, text: str) -> str:
        """The signature over a text in UTF-8, in base64."""
        return b64encode(self.sign(text.encode())).decode("ascii")


def key_id_of(public_raw: bytes) -> str:
    """The name of a public key."""
    return hashlib.sha256(public_raw).hexdigest()[:16]


def verify(public_raw: bytes, content: bytes, signature: bytes) -> bool:
    """Whether a signature over bytes was made with the private half of a public key."""
    try:
        Ed25519PublicKey.from_public_bytes(public_raw).verify(signature, content)
    except (InvalidSignature, ValueError):
        return False
    return True


def verify_text(public_raw: bytes, text: str, signature: str) -> bool:
    """Whether a signature in base64 fits a text in UTF-8."""
    try:
        return verify(public_raw, text.encode(), b64decode(signature, validate=True))
    except ValueError:
        return False


def archive_key(key_id: str = "") -> SigningKey:
    """The archive's key, made on first use; with ``key_id`` the key of that name, which may be one used before.

    :raises KeyMissing: no key of this name is in the data folder
    """
    folder = Path(settings.DATA) / "keys"
    present = _load_or_make(folder / NAME)
    if not key_id or present.key_id == key_id:
        return present
    for path in sorted(folder.glob(f"{NAME}.*")):  # a key that was replaced keeps its file, with an ending
        former = _load(path, path.stat().st_mtime_ns)
        if former.key_id == key_id:
            return former
    raise KeyMissing(key_id=key_id)


def public_keys() -> list[bytes]:
    """The public halves of the present key and of all former ones, the present first."""
    folder = Path(settings.DATA) / "keys"
    former = [_load(path, path.stat().st_mtime_ns).public_raw for path in sorted(folder.glob(f"{NAME}.*"))]
    return [archive_key().public_raw, *former]


def sm2_key() -> Sm2Key | None:
    """The archive's SM2 key, made on first use; none where the setting does not ask for it."""
    if not settings.SM2:
        return None
    path = Path(settings.DATA) / "keys" / SM2_NAME
    if not path.exists():
        keep_secret(path, f"{Sm2Key.generate().private:064x}\n".encode("ascii"))
    return _load_sm2(path, path.stat().st_mtime_ns)


def sm2_fits(public: str, text: str, signature: str) -> bool:
    """Whether an SM2 signature in base64 by this key of the archive, as hexadecimal digits, fits a text in UTF-8.

    Asked also where the setting is off by now: what was signed with SM2 stays to be checked.

    :raises KeyMissing: no SM2 key of the archive's, present or former, has this public half
    """
    folder = Path(settings.DATA) / "keys"
    paths = [*folder.glob(SM2_NAME), *sorted(folder.glob(f"{SM2_NAME}.*"))]
    if not any(_load_sm2(path, path.stat().st_mtime_ns).public.hex() == public for path in paths):
        raise KeyMissing(key_id=public[:16])
    try:
        return sm2.verify(bytes.fromhex(public), text.encode(), b64decode(signature, validate=True))
    except ValueError:
        return False


@lru_cache(maxsize=4)
def _load_sm2(path: Path, _changed: int) -> Sm2Key:
    try:
        return Sm2Key(int(path.read_text(encoding="ascii"), 16))
    except ValueError:
        raise KeyMissing(path=str(path)) from None


def _load_or_make(path: Path) -> SigningKey:
    if not path.exists():
        pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        keep_secret(path, Ed25519PrivateKey.generate().private_bytes(pem, form, serialization.NoEncryption()))
    return _load(path, path.stat().st_mtime_ns)


def keep_secret(path: Path, content: bytes) -> None:
    """Write a new key beside its place and link it there; of two writers at once the first one's key stays."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, part = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):  # another was first; its key is the one
        os.link(part, path)
    Path(part).unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@lru_cache(maxsize=16)
def _load(path: Path, _changed: int) -> SigningKey:
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyMissing(path=str(path))
    return SigningKey(key)

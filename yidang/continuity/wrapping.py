"""Keys leave the machine only wrapped with a passphrase: scrypt and AES-256-GCM around a tar of the folder."""

import io
import json
import os
import secrets
import tarfile
from base64 import b64decode, b64encode
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from yidang.continuity.errors import WrongPassphrase

# 64 MiB and about a quarter of a second for each guess.
COST = {"n": 2**16, "r": 8, "p": 1}
FORMAT = "yidang-keys/1"


def wrap(folder: Path, passphrase: str, *, without: frozenset[str] = frozenset()) -> bytes:
    """The files of a folder, wrapped."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for path in sorted(folder.iterdir()):
            if path.is_file() and path.name not in without:
                tar.add(path, arcname=path.name)
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    data = AESGCM(_key(passphrase, salt, COST)).encrypt(nonce, packed.getvalue(), FORMAT.encode())
    return json.dumps(
        {"format": FORMAT, "kdf": {"name": "scrypt", **COST}, "salt": _text(salt), "nonce": _text(nonce), "data": _text(data)}
    ).encode()  # fmt: skip


def unwrap(wrapped: bytes, passphrase: str, folder: Path) -> list[str]:
    """Put the files back, readable by this account alone; answers their names.

    :raises WrongPassphrase: it does not open them
    """
    told = json.loads(wrapped)
    cost = {name: int(told["kdf"][name]) for name in COST}
    key = _key(passphrase, b64decode(told["salt"]), cost)
    try:
        packed = AESGCM(key).decrypt(b64decode(told["nonce"]), b64decode(told["data"]), FORMAT.encode())
    except InvalidTag:
        raise WrongPassphrase() from None
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    names = []
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        for member in tar:
            source = tar.extractfile(member)
            if source is None or Path(member.name).name != member.name:
                continue
            path = folder / member.name
            path.unlink(missing_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(source.read())
                file.flush()
                os.fsync(file.fileno())
            # A former key's file is told from the present one by its time as well.
            os.utime(path, (member.mtime, member.mtime))
            names.append(member.name)
    return names


def _key(passphrase: str, salt: bytes, cost: dict[str, int]) -> bytes:
    return Scrypt(salt=salt, length=32, **cost).derive(passphrase.encode())


def _text(raw: bytes) -> str:
    return b64encode(raw).decode("ascii")

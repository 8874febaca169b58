"""The passphrase of the backups: in a file that only this account reads, and on paper somewhere else."""

import os
import secrets
from pathlib import Path

from django.conf import settings

from yidang.continuity.errors import NoPassphrase

# Without letters that are mistaken for digits; 30 of 31 signs are 148 bits.
SIGNS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


def passphrase_file() -> Path:
    """Where the passphrase lies on this machine."""
    return Path(settings.BACKUP_PASSPHRASE_FILE)


def read_passphrase() -> str:
    """The passphrase.

    :raises NoPassphrase: its file is not there or empty
    """
    try:
        found = passphrase_file().read_text(encoding="utf-8").strip()
    except OSError:
        raise NoPassphrase() from None
    if not found:
        raise NoPassphrase()
    return found


def make_passphrase() -> str:
    """Make one where there is none; answers it once, to be written on paper, and nothing when there was one."""
    path = passphrase_file()
    made = "-".join("".join(secrets.choice(SIGNS) for _sign in range(6)) for _group in range(5))
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return ""
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(made + "\n")
        file.flush()
        os.fsync(file.fileno())
    return made

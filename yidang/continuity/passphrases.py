"""The passphrase of the backups: in a file that only this account reads, and on paper somewhere else."""

import os
import re
import secrets
from pathlib import Path

from django.conf import settings
from django.db import transaction

from yidang import audit
from yidang.common.actor import Actor
from yidang.continuity import policy
from yidang.continuity.errors import NoPassphrase, NotConfigured

# Without letters that are mistaken for digits; 30 of 31 signs are 148 bits.
SIGNS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_MADE = re.compile(rf"[{SIGNS}]{{6}}(-[{SIGNS}]{{6}}){{4}}")


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


def tell_passphrase(*, actor: Actor) -> str:
    """The passphrase for a sheet of paper; that somebody had it printed stands in the log.

    :raises NotFound: the actor keeps no backups
    :raises NoPassphrase: there is none
    """
    policy.require_keeps_backups(actor)
    word = read_passphrase()
    with transaction.atomic():
        audit.write("continuity.passphrase.printed", actor=actor, target_kind="passphrase")
    return word


def enter_passphrase(typed: str, address: str, *, actor: Actor) -> Path:
    """Put the passphrase that stands on paper back into its file, once it has opened the backups.

    :param typed: as somebody typed it from paper; blanks and small letters do not matter for one that we made
    :param address: where the backups are; the place of the settings when empty
    :raises NotFound: the actor keeps no backups
    :raises NotConfigured: no place is named
    :raises WrongPassphrase, NoBackupThere: it does not open them; the file is as it was
    """
    from yidang.continuity.backing_up import place_of  # which reads passphrases itself

    policy.require_keeps_backups(actor)
    if not (address or settings.BACKUP):
        raise NotConfigured()
    word = typed.strip()
    tidy = "".join(word.split()).upper()
    if _MADE.fullmatch(tidy):
        word = tidy
    place_of(address or settings.BACKUP, word).snapshots()
    path = passphrase_file()
    new = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    _write(new, word)
    new.replace(path)
    with transaction.atomic():
        audit.write("continuity.passphrase.entered", actor=actor, target_kind="passphrase")
    return path


def make_passphrase() -> str:
    """Make one where there is none; answers it once, to be written on paper, and nothing when there was one."""
    path = passphrase_file()
    made = "-".join("".join(secrets.choice(SIGNS) for _sign in range(6)) for _group in range(5))
    try:
        _write(path, made)
    except FileExistsError:
        return ""
    return made


def _write(path: Path, word: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(word + "\n")
        file.flush()
        os.fsync(file.fileno())

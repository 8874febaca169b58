"""The head of the log as a signed note: size and hash, to be kept where the database's owner has no say.

The form is that of signed notes: origin, size and hash on a line each, a blank line, then the signature.
"""

from base64 import b64decode, b64encode
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from yidang.audit.models import Head
from yidang.common import signing
from yidang.common.errors import InvalidInput, Unavailable

ORIGIN_LINE = "yidang-audit"


class CheckpointRefused(InvalidInput):
    """What was given is not a checkpoint of this archive."""

    code = "checkpoint_refused"
    default_message = _("This is not a checkpoint that this archive signed.")
    default_remedy = _("Give the file as it was kept, with its last line.")


@dataclass(frozen=True)
class Checkpoint:
    """How long the log was, and the hash of its last entry."""

    size: int
    hash: str

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{ORIGIN_LINE}\n{self.size}\n{self.hash}\n"

    def signed(self) -> str:
        """The note with its signature: the key's name and 64 bytes in base64."""
        key = signing.archive_key()
        signature = bytes.fromhex(key.key_id) + key.sign(self.text.encode())
        return f"{self.text}\n— {ORIGIN_LINE} {b64encode(signature).decode('ascii')}\n"


def take() -> Checkpoint:
    """The head as it is now.

    :raises Unavailable: the log has no head
    """
    head = Head.objects.filter(pk=1).first()
    if head is None:
        raise Unavailable(_("The log has no head; run the migrations."), code="audit_headless")
    return Checkpoint(head.size, head.hash)


def read(note: str) -> Checkpoint:
    """A checkpoint from its note, after its signature was checked with the archive's key.

    :raises CheckpointRefused: it cannot be read, or the signature does not fit
    """
    try:
        text, _blank, tail = note.replace("\r\n", "\n").partition("\n\n")
        origin, size, digest = text.split("\n")
        name, signature = tail.strip().removeprefix("— ").split(" ")
        raw = b64decode(signature, validate=True)
        checkpoint = Checkpoint(int(size), digest)
    except ValueError:
        raise CheckpointRefused() from None
    if origin != ORIGIN_LINE or name != ORIGIN_LINE or len(raw) != 72:
        raise CheckpointRefused()
    key = signing.archive_key(raw[:8].hex())
    if not signing.verify(key.public_raw, checkpoint.text.encode(), raw[8:]):
        raise CheckpointRefused()
    return checkpoint

"""Being a witness: another archive's checkpoints are kept and countersigned, never two histories of one log.

The rules are those of C2SP's tlog-witness: 404 for a log that nobody registered, 403 for a signature that is not its
own, 409 for another size than the one countersigned last, 422 for a proof that does not hold.
"""

from base64 import b64decode
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from yidang.audit import checkpoints, notes, policy, proofs, writer
from yidang.audit.models import WitnessedDay, WitnessedLog
from yidang.common import signing
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, WrongState

MOST_BYTES = 20_000
MOST_PARTS = 63


@dataclass(frozen=True)
class Answer:
    """What the other archive is told; the text of a refusal is for its people, except the size of a 409."""

    status: int
    text: str
    content_type: str = "text/plain; charset=utf-8"


@transaction.atomic
def register_log(key: str, *, actor: Actor, now: datetime) -> WitnessedLog:
    """Become a witness of another archive's log.

    :param key: its written key, ``name+hash+key``, as that archive's page of witnesses shows it
    :raises NotFound: the actor does not read the log
    :raises InvalidInput: it is not a key, or our own
    :raises WrongState: this log is registered already
    """
    policy.require_reads_log(actor)
    try:
        read = notes.read_key(key)
    except notes.NoteRefused:
        raise InvalidInput(
            _("This is not a key of a log."), code="not_a_log_key", field="key",
            remedy=_("Copy the whole line from the other archive's page of witnesses."),
        ) from None  # fmt: skip
    if read.name == checkpoints.origin():
        raise InvalidInput(
            _("This is our own log; another archive must be its witness."), code="own_log", field="key",
            remedy=_("Give this line to the other archive and enter theirs here."),
        )  # fmt: skip
    log, made = WitnessedLog.objects.get_or_create(
        origin=read.name, defaults={"key": str(read), "registered_by": actor.username, "registered_at": now}
    )
    if not made and log.ended_at is None:
        raise WrongState(_("This log is registered already."), code="log_registered")
    if not made:
        if log.key != str(read):
            raise WrongState(
                _("This log was registered with another key before."), code="log_key_changed",
                remedy=_("Ask the other archive why; a log that changes its key gets a new name."),
            )  # fmt: skip
        log.ended_at = None
        log.save(update_fields=["ended_at"])
    writer.write(
        "audit.witness.registered", actor=actor, target_kind="log", target=log.pk, now=now, facts={"key": str(read)}
    )
    return log


@transaction.atomic
def end_log(log: WitnessedLog, *, actor: Actor, now: datetime) -> None:
    """Be no longer a witness of a log; what was countersigned stays.

    :raises NotFound: the actor does not read the log
    :raises WrongState: it ended before
    """
    policy.require_reads_log(actor)
    if WitnessedLog.objects.filter(pk=log.pk, ended_at=None).update(ended_at=now) != 1:
        raise WrongState(_("We are not a witness of this log."), code="log_ended")
    writer.write("audit.witness.ended", actor=actor, target_kind="log", target=log.pk, now=now)


def add_checkpoint(body: bytes, *, actor: Actor, now: datetime) -> Answer:
    """Keep and countersign another archive's checkpoint, if it continues the one that we saw last."""
    head_text, _blank, rest = body[:MOST_BYTES].decode("utf-8", "replace").partition("\n\n")
    origin = rest.partition("\n")[0]
    with transaction.atomic():
        log = WitnessedLog.objects.select_for_update().filter(origin=origin, ended_at=None).first()
        if log is None:
            return Answer(404, "No such log is registered here.\n")
        answer, head, note = _judge(log, head_text, rest)
        if answer.status != 200 or head is None:
            if answer.status in {409, 422} and head is not None:
                _keep_refusal(log, answer, rest, actor=actor, now=now)
            return answer
        line = notes.cosignature(
            note.text, name=checkpoints.origin(), key=signing.archive_key(), at=int(now.timestamp())
        )
        day, first = localdate(now), log.size == 0
        log.size, log.root, log.note, log.seen_at = head.size, head.root.hex(), rest + line, now
        log.save(update_fields=["size", "root", "note", "seen_at"])
        _row, made = WitnessedDay.objects.update_or_create(
            log=log, day=day, defaults={"size": head.size, "note": log.note}
        )
        if made or first:
            writer.write(
                "audit.witness.cosigned", actor=actor, target_kind="log", target=log.pk, now=now,
                facts={"size": head.size, "root": head.root.hex()},
            )  # fmt: skip
    return Answer(200, line)


def _judge(log: WitnessedLog, asked: str, rest: str) -> tuple[Answer, notes.Head | None, notes.Note]:
    nothing = notes.Note("", ())
    try:
        note = notes.parse(rest)
        head = note.head
        old, proof = _read_request(asked)
    except ValueError:
        return Answer(400, "The request cannot be read.\n"), None, nothing
    if not note.signed_by(notes.read_key(log.key)):
        return Answer(403, "The checkpoint is not signed with the key that is registered.\n"), None, note
    if old > head.size:
        return Answer(400, "The old size is greater than the new one.\n"), None, note
    if old != log.size:
        return Answer(409, f"{log.size}\n", "text/x.tlog.size"), head, note
    if old == head.size and head.root.hex() != log.root:
        return Answer(409, f"{log.size}\n", "text/x.tlog.size"), head, note
    try:
        if old:
            proofs.check_consistency(
                old=old, new=head.size, old_root=bytes.fromhex(log.root), new_root=head.root, proof=proof
            )
        elif proof:
            raise proofs.ProofRefused("the first checkpoint needs no proof")
    except proofs.ProofRefused as reason:
        return Answer(422, f"The proof does not hold: {reason}.\n"), head, note
    return Answer(200, ""), head, note


def _read_request(asked: str) -> tuple[int, list[bytes]]:
    first, *parts = asked.split("\n")
    word, _space, number = first.partition(" ")
    if word != "old" or not number.isascii() or not number.isdigit() or len(number) > 19 or len(parts) > MOST_PARTS:
        raise ValueError(asked[:40])
    return int(number), [b64decode(part, validate=True) for part in parts]


def _keep_refusal(log: WitnessedLog, answer: Answer, note: str, *, actor: Actor, now: datetime) -> None:
    """Two histories are evidence: the note that was refused stays. A size that was merely forgotten is no such thing."""
    same_size_asked_again = answer.status == 409 and notes.parse(note).head.size > log.size
    if same_size_asked_again:
        return
    log.refusals, log.refused_at, log.refused_note = log.refusals + 1, now, note
    log.save(update_fields=["refusals", "refused_at", "refused_note"])
    writer.write(
        "audit.witness.refused", actor=actor, target_kind="log", target=log.pk, outcome="refused", now=now,
        facts={"status": answer.status, "seen": log.size, "offered": notes.parse(note).head.size},
    )  # fmt: skip


def latest_of(origin: str) -> str:
    """The last checkpoint that we countersigned of a log, or nothing."""
    found = WitnessedLog.objects.filter(origin=origin).exclude(size=0).values_list("note", flat=True).first()
    return found or ""

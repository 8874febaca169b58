"""An archivist's acceptance: the record is archived and locked from then on."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from yidang import audit
from yidang.catalogue import actions as catalogue
from yidang.catalogue import policy, row_digests
from yidang.catalogue.models import Record
from yidang.common.actor import Actor
from yidang.common.errors import NotAllowed, YidangError
from yidang.intake import queries
from yidang.intake.errors import NotWaiting
from yidang.intake.models import Acceptance, Submission


@transaction.atomic
def accept(submission: Submission, *, actor: Actor, now: datetime, note: str = "") -> Acceptance:
    """Accept a received submission: its record is registered, its running code becomes final, and it is locked.

    :raises NotAllowed: the actor keeps no branch in which the record stands
    :raises NotWaiting: somebody accepted, returned or took it back first
    """
    if submission.state != Submission.RECEIVED and actor.has_duty("archivist"):
        # Said before the record is asked for: one that was taken back is no longer there for anybody.
        raise NotWaiting(submission.state)
    record = Record.objects.select_related("record_class", "fonds").get(pk=submission.record_id)
    policy.require(record.public_id, actor=actor, action="accept")
    moved = Submission.objects.filter(pk=submission.pk, state=Submission.RECEIVED).update(
        state=Submission.ARCHIVED, changed_at=now
    )
    if moved != 1:
        submission.refresh_from_db(fields=["state"])
        raise NotWaiting(submission.state)
    if actor.user_id is None:
        raise NotAllowed(_("Only a person accepts records."))
    acceptance = Acceptance.objects.create(submission=submission, by_id=actor.user_id, at=now, note=note[:300])
    catalogue.archive_record(record, actor=actor, now=now)
    audit.write(
        "intake.submission.accepted", actor=actor, target_kind="record", target=record.public_id, now=now,
        facts={"submission": str(submission.public_id), "code": record.code, "code_state": record.code_state},
        row=row_digests.digest_of(record),
    )  # fmt: skip
    submission.state = Submission.ARCHIVED
    return acceptance


def accept_many(ids: Iterable[str], *, actor: Actor, now: datetime) -> tuple[int, list[YidangError]]:
    """Accept each of these submissions by itself, so that one that cannot be accepted holds up no other.

    :returns: how many were accepted, and the refusals
    """
    accepted, refused = 0, []
    for public_id in _uuids(ids):
        try:
            accept(queries.submission_for(actor, public_id), actor=actor, now=now)
            accepted += 1
        except YidangError as error:
            refused.append(error)
        except IntegrityError:
            refused.append(NotWaiting(Submission.ARCHIVED))
    return accepted, refused


def _uuids(ids: Iterable[str]) -> Iterable[UUID]:
    for text in ids:
        try:
            yield UUID(text)
        except ValueError:
            continue

"""An archivist's acceptance: the record is archived and locked from then on; at once, or after the signatures of a route."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from yidang import audit
from yidang.approval import actions as approval
from yidang.approval.models import WAITING, Case
from yidang.approval.routing import route_if_any
from yidang.catalogue import actions as catalogue
from yidang.catalogue import policy, row_digests
from yidang.catalogue.models import Record
from yidang.common.actor import Actor
from yidang.common.errors import NotAllowed, YidangError
from yidang.intake import queries
from yidang.intake.errors import NotWaiting, WaitsForSignatures
from yidang.intake.models import Acceptance, Submission

KIND = "acceptance"


@transaction.atomic
def accept(submission: Submission, *, actor: Actor, now: datetime, note: str = "") -> Acceptance | Case:
    """Accept a received submission: its record is registered, its running code becomes final, and it is locked.

    Where the hospital set a route that fits it, the acceptance is sent on it instead, and follows its last signature.

    :returns: the acceptance, or the case that waits for signatures
    :raises NotAllowed: the actor keeps no branch in which the record stands
    :raises NotWaiting: somebody accepted, returned or took it back first
    :raises WaitsForSignatures: it was sent on its route before
    :raises NobodySigns: a step of its route has no signer besides the actor
    """
    if submission.state != Submission.RECEIVED and actor.has_duty("archivist"):
        # Said before the record is asked for: one that was taken back is no longer there for anybody.
        raise NotWaiting(submission.state)
    record = Record.objects.select_related("record_class", "fonds").get(pk=submission.record_id)
    policy.require(record.public_id, actor=actor, action="accept")
    if actor.user_id is None:
        raise NotAllowed(_("Only a person accepts records."))
    facts = facts_of(submission, record)
    if route_if_any(KIND, facts) is None:
        return _accept(submission, record, by_id=actor.user_id, actor=actor, now=now, note=note)
    if waiting_for_signatures([submission]):
        raise WaitsForSignatures()
    return approval.open_case(
        KIND, str(submission.public_id), facts=facts | {"note": note[:300]}, actor=actor, now=now,
        label=submission.accession_number,
    )  # fmt: skip


def _accept(
    submission: Submission,
    record: Record,
    *,
    by_id: int,
    actor: Actor,
    now: datetime,
    note: str,
    case: Case | None = None,
) -> Acceptance:
    moved = Submission.objects.filter(pk=submission.pk, state=Submission.RECEIVED).update(
        state=Submission.ARCHIVED, changed_at=now
    )
    if moved != 1:
        submission.refresh_from_db(fields=["state"])
        raise NotWaiting(submission.state)
    acceptance = Acceptance.objects.create(submission=submission, by_id=by_id, at=now, note=note[:300])
    catalogue.archive_record(record, actor=actor, now=now)
    audit.write(
        "intake.submission.accepted", actor=actor, target_kind="record", target=record.public_id, now=now,
        facts={
            "submission": str(submission.public_id), "code": record.code, "code_state": record.code_state,
            **({"case": str(case.public_id), "proposed_by": case.asker.username} if case else {}),
        },
        row=row_digests.digest_of(record),
    )  # fmt: skip
    submission.state = Submission.ARCHIVED
    return acceptance


def approved(case: Case, actor: Actor, now: datetime) -> None:
    """The last signature of a route accepts what the archivist proposed.

    :raises NotWaiting: it was accepted, returned or taken back meanwhile
    """
    submission = Submission.objects.get(public_id=case.subject)
    record = Record.objects.select_related("record_class", "fonds").get(pk=submission.record_id)
    note = str(case.facts.get("note", ""))
    _accept(submission, record, by_id=case.asker_id, actor=actor, now=now, note=note, case=case)


def waiting_for_signatures(submissions: Iterable[Submission]) -> dict[UUID, Case]:
    """The waiting cases of these submissions, by the submission's public id."""
    names = [str(one.public_id) for one in submissions]
    return {UUID(case.subject): case for case in Case.objects.filter(kind=KIND, subject__in=names, state=WAITING)}


def facts_of(submission: Submission, record: Record) -> dict[str, Any]:
    """What routes ask of an acceptance; it stands in every signed text, with the digest of every document."""
    parts = record.record_class.code.split("·")
    return {
        "number": submission.accession_number, "record": str(record.public_id), "title": record.title, "code": record.code,
        "source": f"{submission.source_system} {submission.source_id}", "channel": submission.channel,
        "documents": dict(submission.documents.values_list("name", "sha256")), "levels": record.level,
        "classes": ["·".join(parts[: count + 1]) for count in range(len(parts))],
        "visibility": record.record_class.visibility,
    }  # fmt: skip


def accept_many(ids: Iterable[str], *, actor: Actor, now: datetime) -> tuple[int, int, list[YidangError]]:
    """Accept each of these submissions by itself, so that one that cannot be accepted holds up no other.

    :returns: how many were accepted, how many were sent for signatures, and the refusals
    """
    accepted, sent, refused = 0, 0, []
    for public_id in _uuids(ids):
        try:
            made = accept(queries.submission_for(actor, public_id), actor=actor, now=now)
            sent += isinstance(made, Case)
            accepted += isinstance(made, Acceptance)
        except YidangError as error:
            refused.append(error)
        except IntegrityError:
            refused.append(NotWaiting(Submission.ARCHIVED))
    return accepted, sent, refused


def _uuids(ids: Iterable[str]) -> Iterable[UUID]:
    for text in ids:
        try:
            yield UUID(text)
        except ValueError:
            continue

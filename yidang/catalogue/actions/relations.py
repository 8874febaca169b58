"""Relating records to each other, and ending a relation; both by whoever may describe both."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from yidang import audit
from yidang.catalogue import policy, relating
from yidang.catalogue.actions.announcing import announce
from yidang.catalogue.models import Record, Relation
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, NotFound, WrongState


@transaction.atomic
def relate(record: Record, other: Record, *, kind: str, actor: Actor, now: datetime) -> Relation:
    """Say in which relation a record stands to another.

    :raises NotFound: the actor does not see one of them
    :raises NotAllowed: the actor may not describe one of them
    :raises InvalidInput: there is no such kind, or both are the same record
    :raises WrongState: they are related so already
    """
    for one in (record, other):
        policy.require(one.public_id, actor=actor, action="describe")
    if kind not in relating.kinds():
        raise InvalidInput(_("There is no such kind of relation."), field="kind", remedy=_("Choose one from the list."))
    if record.pk == other.pk:
        raise InvalidInput(
            _("A record stands in no relation to itself."), field="other", remedy=_("Name another record.")
        )
    # Whoever relates the same two at the same moment waits here.
    list(Record.objects.select_for_update().filter(pk__in=[record.pk, other.pk]).order_by("pk"))
    same = Q(source=record, target=other)
    if relating.kinds()[kind].symmetric:
        same |= Q(source=other, target=record)
    if Relation.objects.filter(same, kind=kind, ended_at=None).exists():
        raise WrongState(_("The two records are related so already."), code="related_already")
    made = Relation.objects.create(kind=kind, source=record, target=other, made_by=actor.username, made_at=now)
    _told("catalogue.relation.made", made, actor, now)
    return made


@transaction.atomic
def end_relation(record: Record, public_id: UUID, *, actor: Actor, now: datetime) -> Relation:
    """End a relation of a record; that it was stays told in both objects and in the log.

    :raises NotFound: the record has no such relation that the actor sees
    :raises NotAllowed: the actor may not describe one of the two
    :raises WrongState: it was ended before
    """
    found = Relation.objects.visible_to(actor).filter(Q(source=record) | Q(target=record), public_id=public_id).first()
    if found is None:
        raise NotFound()
    ended = Relation.objects.select_for_update(of=("self",)).select_related("source", "target").get(pk=found.pk)
    for one in (ended.source, ended.target):
        policy.require(one.public_id, actor=actor, action="describe")
    if ended.ended_at is not None:
        raise WrongState(_("This relation was ended before."), code="relation_ended")
    ended.ended_at, ended.ended_by = now, actor.username
    ended.save(update_fields=["ended_at", "ended_by"])
    _told("catalogue.relation.ended", ended, actor, now)
    return ended


def _told(event: str, one: Relation, actor: Actor, now: datetime) -> None:
    """Into both objects, so that either tells it, and into the log with the digest of the row."""
    announce(one.source, now)
    announce(one.target, now)
    audit.write(
        event, actor=actor, target_kind=relating.RELATION, target=one.public_id, now=now,
        facts={"kind": one.kind, "from": str(one.source.public_id), "to": str(one.target.public_id)},
        row=relating.digest_of_relation(one),
    )  # fmt: skip

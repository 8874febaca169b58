"""结果收藏: records that a person keeps at hand.

Source: GB/T 39784-2021, 8.1.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from yidang import audit
from yidang.catalogue import policy
from yidang.catalogue.models import Record, among
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, NotAllowed, WrongState
from yidang.permissions.reach import SEE
from yidang.search.models import Favourite

MOST, NOTE_LONGEST = 2000, 200


def of(actor: Actor) -> QuerySet[Favourite]:
    """Those of this person that they may still see."""
    mine = Favourite.objects.filter(user_id=actor.user_id) if actor.user_id else Favourite.objects.none()
    return mine.filter(among(Record.objects.visible_to(actor, SEE))).select_related("record__record_class")


def holds(record: Record, actor: Actor) -> bool:
    """Whether this person keeps the record at hand."""
    return Favourite.objects.filter(user_id=actor.user_id, record=record).exists()


def keep(public_id: UUID, *, actor: Actor, note: str | None = None, now: datetime | None = None) -> Favourite:
    """Keep a record at hand, or write another note to it.

    :param note: left out, the one that stands there stays
    :raises NotFound: the actor may not see such a record
    :raises WrongState: as many are kept already as a list should hold
    :raises InvalidInput: the note is too long
    """
    if actor.user_id is None:
        raise NotAllowed()
    record = policy.require(public_id, actor=actor, action=SEE)
    said = {} if note is None else {"note": " ".join(note.split())}
    if len(said.get("note", "")) > NOTE_LONGEST:
        raise InvalidInput(
            _("A note has at most %(most)d characters.") % {"most": NOTE_LONGEST}, code="note_too_long", field="note",
            remedy=_("Shorten it."),
        )  # fmt: skip
    with transaction.atomic():
        mine = Favourite.objects.filter(user_id=actor.user_id)
        if not mine.filter(record=record).exists() and mine.count() >= MOST:
            raise WrongState(
                _("You keep %(most)d records already.") % {"most": MOST}, code="too_many_favourites",
                remedy=_("Remove those that you no longer need."),
            )  # fmt: skip
        kept, made = Favourite.objects.update_or_create(
            user_id=actor.user_id, record=record, defaults=said,
            create_defaults={**said, "created_at": now or clock.now()},
        )  # fmt: skip
        if made:
            audit.write("search.favourite.kept", actor=actor, target_kind="record", target=record.public_id)
    return kept


def drop(public_id: UUID, *, actor: Actor) -> None:
    """Keep it no longer; without effect when it is not kept."""
    with transaction.atomic():
        gone, _rows = Favourite.objects.filter(user_id=actor.user_id, record__public_id=public_id).delete()
        if gone:
            audit.write("search.favourite.dropped", actor=actor, target_kind="record", target=public_id)

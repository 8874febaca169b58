"""Arrangement by volume 按卷整理: items of one class become a volume 案卷, which carries the code that theirs begin with."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from yidang import audit, jobs, vault
from yidang.catalogue import numbers, package, row_digests
from yidang.catalogue.copies import before_receipt
from yidang.catalogue.drafts import RecordDraft
from yidang.catalogue.keeping import keep_records
from yidang.catalogue.models import ArchivalCode, Record, RecordChange, RecordClass
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, NotAllowed, WrongState
from yidang.common.ids import new_public_id


class NotForVolume(WrongState):
    """An item cannot go into this volume."""

    code = "not_for_volume"


def create_volume(items: Sequence[Record], *, title: str, actor: Actor, now: datetime) -> Record:
    """Make a volume of accepted items of one class, in the order of their dates; the codes of all are final.

    The volume is a record of its own with an object in the vault; its items stay where they are and name it.

    :raises NotAllowed: the actor keeps no branch in which they stand
    :raises InvalidInput: no item was chosen, or the title is missing
    :raises NotForVolume: items of several classes, not accepted yet, in a volume already, or of a class kept by item
    """
    if not actor.has_duty("archivist"):
        raise NotAllowed(_("Only an archivist makes volumes."))
    if not title.strip():
        raise InvalidInput(_("The volume's title is missing."), field="title", remedy=_("Say what the volume holds."))
    chosen = _checked(items, actor)
    draft = _reserve(chosen, title.strip()[:1000], now)
    files = [vault.NewFile(name, content) for name, content in package.files_of_draft(draft).items()]
    kept: list[vault.KeptObject] = []
    try:
        before = before_receipt(draft.record_class.pk)
        kept = vault.keep([vault.NewObject(draft.public_id, files, "volume made", actor.username, now, before=before)])
        return _bind(draft, chosen, kept, actor=actor, now=now)
    except BaseException:
        vault.discard(kept)
        with transaction.atomic():
            numbers.release_code(draft.code, fonds_id=draft.fonds.pk, without_gaps=draft.record_class.without_gaps)
        raise


def _checked(items: Sequence[Record], actor: Actor) -> list[Record]:
    """The items, locked for nobody yet, in the order in which they will stand in the volume."""
    visible = Record.objects.visible_to(actor, "accept").filter(pk__in=[item.pk for item in items])
    chosen = list(
        visible.select_related("record_class", "fonds", "department").order_by("date_first", "received_at", "id")
    )
    if not chosen or len(chosen) != len(items):
        raise InvalidInput(
            _("No items were chosen."), field="selected", remedy=_("Choose the items that belong together.")
        )
    first = chosen[0].record_class
    for item in chosen:
        if item.record_class_id != first.pk or first.arrangement != RecordClass.BY_VOLUME:
            raise NotForVolume(_("A volume holds items of one class that is arranged by volume."))
        if item.kind != Record.ITEM or item.volume_id is not None or item.state != Record.ARCHIVED:
            raise NotForVolume(
                _("«%(title)s» is not accepted yet, or stands in a volume already.") % {"title": item.title[:60]}
            )
    return chosen


def _reserve(chosen: Sequence[Record], title: str, now: datetime) -> RecordDraft:
    first = chosen[0]
    draft = RecordDraft(
        public_id=new_public_id(), fonds=first.fonds, record_class=first.record_class, title=title, year=first.year,
        retention=_longest(chosen), level=max(item.level for item in chosen), received_at=now, documents=(),
        department_id=first.department_id, department_key=first.department.key if first.department else "",
        date=first.date, date_first=first.date_first, date_last=chosen[-1].date_last, owner_id=first.owner_id,
        metadata={key: value for key, value in first.metadata.items() if key in {"project_number", "project"}}, kind=Record.VOLUME,
    )  # fmt: skip
    with transaction.atomic():
        numbers.number_accessions([draft], year=localtime(now).year)
        numbers.reserve_codes([draft], at_arrangement=True)
    return draft


def _longest(chosen: Sequence[Record]) -> str:
    """A volume is kept as long as the item in it that is kept longest."""
    return max((item.retention for item in chosen), key=_years)


def _years(retention: str) -> int:
    digits = re.search(r"\d+", retention)
    return 10**6 if retention == "Y" else int(digits.group()) if digits else 0


@transaction.atomic
def _bind(
    draft: RecordDraft, chosen: Sequence[Record], kept: Sequence[vault.KeptObject], *, actor: Actor, now: datetime
) -> Record:
    vault.register(kept, now=now)
    [(volume, _documents)] = keep_records([draft], now=now)
    numbers.finalise_code(volume.code, fonds_id=volume.fonds_id)
    Record.objects.filter(pk=volume.pk).update(state=Record.ARCHIVED, archived_at=now, code_state=ArchivalCode.FINAL)
    codes = []
    for number, item in enumerate(chosen, 1):
        code = f"{volume.code}-{number:03d}"
        # The condition is asked again by the database: two archivists do not put one item into two volumes.
        bound = Record.objects.filter(pk=item.pk, volume=None, code_state__in=["", "provisional"]).update(
            volume=volume, code=code, code_state=ArchivalCode.FINAL, updated_at=now
        )
        if bound != 1:
            raise NotForVolume(_("«%(title)s» stands in a volume already.") % {"title": item.title[:60]})
        codes.append(
            ArchivalCode(
                fonds_id=item.fonds_id, code=code, series=f"{volume.code}-", number=number,
                state=ArchivalCode.FINAL, record_id=item.pk,
            )
        )  # fmt: skip
    ArchivalCode.objects.bulk_create(codes)
    RecordChange.objects.bulk_create(RecordChange(record_id=item.pk, at=now) for item in chosen)
    for record in (volume, *chosen):
        jobs.later("catalogue.version", key=str(record.pk), record_id=record.pk)
    digests = row_digests.digests_of_records([str(record.public_id) for record in (volume, *chosen)])
    facts: dict[str, Any] = {"code": volume.code, "items": [str(item.public_id) for item in chosen]}
    told: list[tuple[str, Record, dict[str, Any]]] = [
        ("catalogue.record.placed", item, {"volume": str(volume.public_id)}) for item in chosen
    ]
    audit.write_many(
        [
            audit.Event(name, actor, row_digests.RECORD, key, facts=said, row=digests[key])
            for name, record, said in [*told, ("catalogue.volume.made", volume, facts)]
            for key in [str(record.public_id)]
        ],
        now=now,
    )
    volume.refresh_from_db()
    return volume

"""The yearly arrangement 年度整理: the items of a class and year get their final numbers, in the order of their dates."""

from collections import defaultdict
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yidang import audit, jobs
from yidang.catalogue import numbers, row_digests
from yidang.catalogue.models import ArchivalCode, Record, RecordChange, RecordClass
from yidang.common.actor import Actor
from yidang.common.errors import NotAllowed, WrongState


class NotYetAccepted(WrongState):
    """Some records of the year wait for acceptance; they would be left without a number."""

    code = "not_yet_accepted"
    default_message = gettext_lazy("Some records of this year still wait for acceptance.")
    default_remedy = gettext_lazy("Accept or return them first, then arrange the year.")


class FilingUnderWay(WrongState):
    """A filing that is being kept at this moment holds a number of the year."""

    code = "filing_under_way"
    default_message = gettext_lazy("A record of this year is being filed at this moment.")
    default_remedy = gettext_lazy("Arrange the year again in a quarter of an hour.")


@transaction.atomic
def arrange_year(record_class: RecordClass, year: int, *, actor: Actor, now: datetime) -> int:
    """Make the provisional codes of a class and year final: numbered without gaps in the order of date.

    The numbers that these records hold are dealt out anew among them; those of records arranged before stay.

    :returns: how many codes became final
    :raises NotAllowed: only an archivist arranges
    :raises NotYetAccepted: records of the year still wait for acceptance
    :raises FilingUnderWay: a number of the year is reserved for a filing that is being kept now
    :raises WrongState: the class gives final codes at acceptance
    """
    if not actor.has_duty("archivist"):
        raise NotAllowed(_("Only an archivist arranges a year."))
    if record_class.numbering != RecordClass.YEARLY:
        raise WrongState(
            _("This class gives final codes at acceptance; there is nothing to arrange."), code="not_yearly"
        )
    records = Record.objects.visible_to(actor, "accept").filter(
        record_class=record_class, year=year, code_state="provisional"
    )
    if records.filter(state=Record.RECEIVED).exists():
        raise NotYetAccepted()
    ordered = list(records.order_by(F("date_first").asc(nulls_last=True), "received_at", "id"))
    if not ordered:
        return 0
    old = {record.pk: record.code for record in ordered}
    codes = {
        row.code: row for row in ArchivalCode.objects.filter(fonds_id=record_class.fonds_id, code__in=old.values())
    }
    by_series: dict[str, list[Record]] = defaultdict(list)
    for record in ordered:
        by_series[codes[record.code].series].append(record)
    numbers.release_abandoned(now=now)
    if numbers.unbound(by_series).exists():
        raise FilingUnderWay()
    # Emptied first: two records may not hold one code even while they exchange them.
    Record.objects.filter(pk__in=old).update(code="", code_state="")
    for series, members in by_series.items():
        _deal(series, members, codes, now)
    Record.objects.bulk_update(ordered, ["code", "code_state", "updated_at"])
    RecordChange.objects.bulk_create(RecordChange(record_id=record.pk, at=now) for record in ordered)
    jobs.later_many(
        "catalogue.version",
        [{"record_id": record.pk} for record in ordered],
        keys=[str(record.pk) for record in ordered],
    )
    codes_told = {str(record.public_id): [old[record.pk], record.code] for record in ordered}
    digests = row_digests.digests_in_parts(codes_told)
    audit.write_many(
        [
            *(
                audit.Event(
                    "catalogue.record.numbered", actor, row_digests.RECORD, key, facts={"codes": two}, row=digests[key]
                )
                for key, two in codes_told.items()
            ),
            audit.Event(
                "catalogue.year.arranged", actor, "class", record_class.code,
                facts={"year": year, "records": len(ordered)},
            ),
        ],
        now=now,
    )  # fmt: skip
    return len(ordered)


def _deal(series: str, members: list[Record], codes: dict[str, ArchivalCode], now: datetime) -> None:
    """Number the members of one series from the first number that no final code holds, in their order."""
    final = set(ArchivalCode.objects.filter(series=series, state=ArchivalCode.FINAL).values_list("number", flat=True))
    own = [codes[record.code] for record in members]
    width = max(len(row.code) - len(series) for row in own)
    free = (number for number in range(1, len(final) + len(members) + 1) if number not in final)
    ArchivalCode.objects.filter(pk__in=[row.pk for row in own]).delete()
    rows = []
    for record, number in zip(members, free, strict=False):
        record.code, record.code_state, record.updated_at = f"{series}{number:0{width}d}", ArchivalCode.FINAL, now
        # A released or void row of this number gives way: the number was never final.
        ArchivalCode.objects.filter(series=series, number=number).exclude(state=ArchivalCode.FINAL).delete()
        rows.append(
            ArchivalCode(
                fonds_id=record.fonds_id, code=record.code, series=series, number=number,
                state=ArchivalCode.FINAL, record_id=record.pk,
            )
        )  # fmt: skip
    ArchivalCode.objects.bulk_create(rows)

"""The machine's clock jumps: order, numbers and ends of periods do not go by it (promise C10)."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.archive import Archive
from yidang.audit.models import Entry
from yidang.audit.verify import verify
from yidang.catalogue import actions
from yidang.catalogue.models import Record
from yidang.catalogue.retention import end_of
from yidang.common import clock

JUMPS = [timedelta(days=1), timedelta(days=-1), timedelta(hours=1), timedelta(hours=-1), timedelta(0)]
# Before a leap day, before the change to summer time somewhere, before the year ends here and in UTC.
MOMENTS = [datetime(2028, 2, 28, 23, 59, 58, tzinfo=UTC), datetime(2026, 3, 29, 0, 59, 58, tzinfo=UTC),
           datetime(2026, 12, 31, 15, 59, 58, tzinfo=UTC), datetime(2026, 12, 31, 23, 59, 58, tzinfo=UTC)]  # fmt: skip


@pytest.mark.promise("C10")
@pytest.mark.django_db
def test_order_and_numbers_go_by_the_tree_and_not_by_the_clock(
    archive: Archive, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    dice, true = random.Random(seed), clock.now
    lin, filed, ends = archive.cast.actor("lin"), [], {}
    for at in range(12):
        base = true() if at % 3 else dice.choice(MOMENTS)
        moment = base + dice.choice(JUMPS)
        monkeypatch.setattr(clock, "now", lambda moment=moment: moment)
        record = archive.file(date="2024-02-29", retention="D10", year=2024)
        filed.append(str(record.public_id))
        ends[record.pk] = end_of(record).last_day
        if at == 5:
            actions.extend_retention(record, period="D30", reason="时钟跳变时延长", actor=lin, now=moment)
            ends[record.pk] = end_of(Record.objects.get(pk=record.pk)).last_day
    monkeypatch.undo()
    told = Entry.objects.filter(event="intake.filing.received").order_by("seq").values_list("target", flat=True)
    assert list(told) == filed
    sequences = list(Entry.objects.order_by("seq").values_list("seq", flat=True))
    assert sequences == list(range(sequences[0], sequences[0] + len(sequences)))
    assert not list(verify())
    numbers = [record.accession_number for record in Record.objects.order_by("pk")]
    assert len(set(numbers)) == 12
    by_year: dict[str, list[str]] = {}
    for number in numbers:
        by_year.setdefault(number.rpartition("-")[0], []).append(number)
    assert all(sorted(part) == part for part in by_year.values())
    assert {record.pk: end_of(record).last_day for record in Record.objects.all()} == ends

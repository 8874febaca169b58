"""One person may have more grants than a question to the database can name one by one."""

from datetime import timedelta

import pytest

from yidang.catalogue.models import Fonds, Record, RecordClass
from yidang.catalogue.models.records import class_facts
from yidang.catalogue.queries import RecordFilter, Visible
from yidang.common import clock
from yidang.permissions.models import Grant
from yidang.permissions.reach import reach
from yidang.ui.paging import page


@pytest.mark.parametrize("many", [500, 5])
def test_lists_and_counts_are_the_same_however_they_are_asked(cast, monkeypatch, many):
    monkeypatch.setattr("yidang.permissions.reach.MANY", many)
    fonds, now = Fonds.objects.create(code="Y012", labels={"zh": "仁和医院"}), clock.now()
    of = RecordClass.objects.create(fonds=fonds, code="A", labels={"zh": "A"}, visibility="archive")
    records = Record.objects.bulk_create(
        Record(
            fonds=fonds, record_class=of, title=f"A{number}", year=2026, retention="Y", code=f"A-{number}",
            accession_number=f"JS{number}", received_at=now, updated_at=now,
        )
        for number in range(12)
    )  # fmt: skip
    live = {"subject": cast.people["zhao"], "until": now + timedelta(days=1)}
    Grant.objects.bulk_create(Grant(record_id=record.pk, **live) for record in records[:8])
    Grant.objects.filter(record_id=records[0].pk).update(revoked_at=now)
    Grant.objects.filter(record_id=records[1].pk).update(until=now - timedelta(seconds=1))
    mine, actor = {record.pk for record in records[2:8]}, cast.actor("zhao")
    for wanted in (RecordFilter(), RecordFilter(record_class="A")):
        visible = Visible(actor)
        rows, strands = visible.listed(wanted)
        assert strands is not None
        assert {row.pk for row in page(rows, order_by=("-received_at", "-id"), strands=strands)} == mine
        assert set(visible.all.values_list("pk", flat=True)) == mine and visible.number_of(wanted) == 6
    # A search, which asks no database, has them named one by one.
    [named] = [clause.record_ids for clause in reach(actor, "see", class_facts()).clauses if clause.reason == "grant"]
    assert named == mine


@pytest.mark.parametrize("many", [500, 0])
def test_words_that_are_kept_hold_no_moment_and_no_person(cast, monkeypatch, many):
    monkeypatch.setattr("yidang.permissions.reach.MANY", many)
    # A grant that ends or is revoked between two lists, a second reader of the same shape: each is asked of the rows anew.
    fonds, now = Fonds.objects.create(code="Y012", labels={"zh": "仁和医院"}), clock.now()
    of = RecordClass.objects.create(fonds=fonds, code="A", labels={"zh": "A"}, visibility="archive")
    first, second, own = Record.objects.bulk_create(
        Record(
            fonds=fonds, record_class=of, title=f"A{number}", year=2026, retention="Y", code=f"A-{number}",
            accession_number=f"JS{number}", received_at=now, updated_at=now,
            owner=cast.people["wu"] if number == 2 else None,
        )
        for number in range(3)
    )  # fmt: skip
    day = {"until": now + timedelta(days=1)}
    for who, record in (("zhao", first), ("zhao", own), ("wu", second), ("wu", own)):
        Grant.objects.create(subject=cast.people[who], record_id=record.pk, **day)

    def listed(who: str) -> set[int]:
        visible = Visible(cast.actor(who))
        rows, strands = visible.listed(RecordFilter(record_class="A"))
        shown = {row.pk for row in page(rows, order_by=("-received_at", "-id"), strands=strands)}
        assert len(shown) == visible.number_of(RecordFilter(record_class="A"))
        return shown

    # Both have the same duties and a department each: the second asks with the words that the first had made.
    assert (listed("zhao"), listed("wu")) == ({first.pk, own.pk}, {second.pk}), "nobody lists their own file"
    Grant.objects.filter(record_id=first.pk).update(until=clock.now())
    Grant.objects.filter(record_id=second.pk).update(revoked_at=clock.now())
    assert (listed("zhao"), listed("wu")) == ({own.pk}, set())

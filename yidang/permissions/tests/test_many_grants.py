"""One person may have more grants than a question to the database can name one by one."""

from datetime import timedelta

from yidang.catalogue.models import Fonds, Record, RecordClass
from yidang.catalogue.queries import RecordFilter, Visible
from yidang.common import clock
from yidang.permissions import reach
from yidang.permissions.models import Grant


def test_lists_and_counts_are_the_same_however_many_there_are(cast, monkeypatch):
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
    answers = []
    for many in (500, 5):
        monkeypatch.setattr(reach, "MANY", many)
        visible = Visible(cast.actor("zhao"))
        _rows, strands = visible.listed(RecordFilter(record_class="A"))
        found = {pk for strand in strands for pk in strand.values_list("pk", flat=True)}
        answers.append((found, set(visible.all.values_list("pk", flat=True)), visible.number_of(RecordFilter())))
    assert answers[0] == answers[1] == ({record.pk for record in records[2:8]},) * 2 + (6,)

"""The yearly arrangement 年度整理."""

import json

import pytest
from django.db import transaction

from tests.cast import Cast
from yidang.audit.models import Entry
from yidang.catalogue import numbers
from yidang.catalogue.actions.arrangement import FilingUnderWay, NotYetAccepted, arrange_year
from yidang.catalogue.models import ArchivalCode, Fonds, Record, RecordChange
from yidang.catalogue.tests.drafting import archived, keep, make_draft, the_class
from yidang.common import clock
from yidang.common.errors import NotAllowed, WrongState


def arrange(cast: Cast, code: str = "WS·XZ", year: int = 2026, by: str = "lin") -> int:
    return arrange_year(the_class(code), year, actor=cast.actor(by), now=clock.now())


@pytest.mark.gbt39784("6.1-1")
def test_items_are_numbered_in_the_order_of_their_dates_without_gaps(cast: Cast, fonds: Fonds) -> None:
    days = ["2026-03-05", "2026-01-09", "2026-02-14", "2026-01-02"]
    records = archived(*[make_draft(day=day) for day in days])
    numbers.release_code(records[1].code, fonds_id=fonds.pk, without_gaps=False)  # one was taken back
    Record.objects.filter(pk=records[1].pk).update(code="", code_state="", state=Record.WITHDRAWN)
    assert arrange(cast) == 3
    left = Record.objects.exclude(state=Record.WITHDRAWN).order_by("date_first")
    assert [(record.date, record.code[-4:], record.code_state) for record in left] == [
        ("2026-01-02", "0001", "final"), ("2026-02-14", "0002", "final"), ("2026-03-05", "0003", "final"),
    ]  # fmt: skip
    assert dict(ArchivalCode.objects.filter(state="final").values_list("code", "record_id")) == {
        r.code: r.pk for r in left
    }


def test_each_series_is_numbered_by_itself(cast: Cast, fonds: Fonds) -> None:
    archived(make_draft(day="2026-05-01"), make_draft(day="2026-04-01", department="CW"), make_draft(day="2026-03-01"))
    arrange(cast)
    assert sorted(Record.objects.values_list("code", flat=True)) == [
        "Y012-WS·XZ·2026-D30-CW-0001", "Y012-WS·XZ·2026-D30-YB-0001", "Y012-WS·XZ·2026-D30-YB-0002",
    ]  # fmt: skip


def test_what_comes_later_is_numbered_after_what_was_arranged(cast: Cast, fonds: Fonds) -> None:
    [first] = archived(make_draft(day="2026-06-01"))
    arrange(cast)
    [late] = archived(make_draft(day="2026-01-01"))
    assert late.code.endswith("-0002")
    arrange(cast)
    first.refresh_from_db()
    late.refresh_from_db()
    assert (first.code[-4:], late.code[-4:]) == ("0001", "0002")


def test_the_arrangement_is_in_the_log_and_on_the_feed(cast: Cast, fonds: Fonds) -> None:
    [record] = archived(make_draft())
    RecordChange.objects.all().delete()
    arrange(cast)
    entry = Entry.objects.get(event="catalogue.year.arranged")
    assert json.loads(entry.body)["facts"]["year"] == 2026
    assert list(RecordChange.objects.values_list("record_id", flat=True)) == [record.pk]


def test_records_that_wait_for_acceptance_hold_the_arrangement_up(cast: Cast, fonds: Fonds) -> None:
    archived(make_draft())
    keep(make_draft())
    with pytest.raises(NotYetAccepted):
        arrange(cast)


def test_a_filing_under_way_keeps_its_number(cast: Cast, fonds: Fonds) -> None:
    under_way = make_draft()
    with transaction.atomic():
        numbers.reserve_codes([under_way])
    [record] = archived(make_draft())
    with pytest.raises(FilingUnderWay):
        arrange(cast)
    record.refresh_from_db()
    assert (record.code[-4:], record.code_state) == ("0002", "provisional")
    # A filing that died is not waited for.
    ArchivalCode.objects.filter(code=under_way.code).update(reserved_at=None)
    assert arrange(cast) == 1
    record.refresh_from_db()
    assert (record.code[-4:], record.code_state) == ("0001", "final")


def test_only_an_archivist_arranges(cast: Cast, fonds: Fonds) -> None:
    archived(make_draft())
    for username in ("xu", "he", "zhou", "secadmin"):
        with pytest.raises(NotAllowed):
            arrange(cast, by=username)


def test_a_class_with_running_numbers_is_not_arranged(cast: Cast, fonds: Fonds) -> None:
    with pytest.raises(WrongState):
        arrange(cast, "ZY·BA")


def test_an_empty_year_is_arranged_with_nothing(cast: Cast, fonds: Fonds) -> None:
    assert arrange(cast, year=1999) == 0

"""Archival codes: their form, their states, several writers at once."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from tests.cast import FOUNDER
from yidang.catalogue import numbers
from yidang.catalogue.models import ArchivalCode, Fonds, Record, RecordClass
from yidang.catalogue.numbers import BadTemplate, ReservationLost
from yidang.catalogue.seed import load_hospital
from yidang.catalogue.tests.drafting import keep, make_draft, the_class
from yidang.common import clock
from yidang.common.errors import WrongState

THREADS, EACH = 32, 4


@pytest.mark.gbt39784("4.3-4", "11.1-2", "11.2-9")
@pytest.mark.parametrize(
    ("template", "code"),
    [
        ("{fonds}-WS·{year}-{retention}-{unit}-{item:04d}", "Y012-WS·2026-D30-YB-0001"),  # DA/T 22-2015
        (
            "{fonds}-{category}·{sub}·{year}·{retention}·{unit}-{item:04d}",
            "Y012-WS·XZ·2026·D30·YB-0001",
        ),  # DA/T 13-2022
        ("{fonds}-{class}·{year}-{volume:03d}", "Y012-WS·XZ·2026-001"),
    ],
)
def test_each_class_chooses_the_form_of_its_codes(fonds: Fonds, template: str, code: str) -> None:
    RecordClass.objects.filter(code="WS·XZ").update(code_template=template)
    [record] = keep(make_draft())
    assert (record.code, record.code_state) == (code, "provisional")


def test_the_seeded_classes_give_codes_of_both_standards(fonds: Fonds) -> None:
    general, medical, report = keep(make_draft("WS"), make_draft("ZY·BA"), make_draft("KU·BG", retention="Y"))
    assert general.code == "Y012-WS·2026-D30-YB-0001"
    assert medical.code == "Y012-ZY·BA·2026-00001"
    assert report.code == "Y012-KU·BG·2026·Y-0001"


def test_numbers_count_within_their_series(fonds: Fonds) -> None:
    codes = [
        record.code
        for record in keep(make_draft(), make_draft(), make_draft(department="CW"), make_draft(day="2025-12-31"))
    ]
    assert codes == [
        "Y012-WS·XZ·2026-D30-YB-0001", "Y012-WS·XZ·2026-D30-YB-0002", "Y012-WS·XZ·2026-D30-CW-0001", "Y012-WS·XZ·2025-D30-YB-0001",
    ]  # fmt: skip


def test_a_period_counted_from_an_event_is_written_by_its_years(fonds: Fonds) -> None:
    [record] = keep(make_draft("KJ·SB", retention="EVT+5"))
    assert record.code == "Y012-KJ·SB·2026·D5-0001"


@pytest.mark.parametrize("template", ["{fonds}-{nothing}-{item:04d}", "{fonds}-{year}", "{fonds.code}-{item:04d}"])
def test_a_template_that_makes_no_code_is_refused(fonds: Fonds, template: str) -> None:
    RecordClass.objects.filter(code="WS·XZ").update(code_template=template)
    with pytest.raises(BadTemplate):
        keep(make_draft())


def test_accession_numbers_run_through_the_year(fonds: Fonds) -> None:
    numbered = [record.accession_number for record in keep(make_draft(), make_draft("ZY·BA"))]
    assert numbered == ["2026-000001", "2026-000002"]


@pytest.mark.parametrize(
    "typed", ["Y012-WS·2026-D30", "y012-ws.2026-d30", "Ｙ０１２－ＷＳ・２０２６－Ｄ３０", " Y012–WS•2026—D30 "]
)
def test_codes_are_understood_however_they_are_typed(typed: str) -> None:
    assert numbers.normalise_code(typed) == "Y012-WS·2026-D30"


def test_a_series_without_gaps_hands_a_released_number_out_again(fonds: Fonds) -> None:
    first, second = keep(make_draft("KU·PZ"), make_draft("KU·PZ"))
    numbers.release_code(first.code, fonds_id=fonds.pk, without_gaps=True)
    Record.objects.filter(pk=first.pk).update(code="", code_state="")
    third, fourth = keep(make_draft("KU·PZ"), make_draft("KU·PZ"))
    assert (third.code, fourth.code) == (first.code, second.code[:-1] + "3")


def test_other_series_never_hand_a_number_out_again(fonds: Fonds) -> None:
    first, _second = keep(make_draft("KJ·SB"), make_draft("KJ·SB"))
    numbers.release_code(first.code, fonds_id=fonds.pk, without_gaps=False)
    [third] = keep(make_draft("KJ·SB"))
    assert third.code.endswith("-0003")
    assert ArchivalCode.objects.get(code=first.code).state == ArchivalCode.VOID


def test_a_final_code_is_never_given_back(fonds: Fonds) -> None:
    [record] = keep(make_draft("KU·PZ"))
    numbers.finalise_code(record.code, fonds_id=fonds.pk)
    with pytest.raises(WrongState):
        numbers.release_code(record.code, fonds_id=fonds.pk, without_gaps=True)
    with pytest.raises(WrongState):
        numbers.finalise_code(record.code, fonds_id=fonds.pk)


def test_what_a_dead_filing_had_reserved_is_given_back(fonds: Fonds) -> None:
    dead = make_draft("KU·PZ")
    numbers.reserve_codes([dead])
    assert numbers.release_abandoned(now=clock.now()) == 0
    assert numbers.release_abandoned(now=clock.now() + timedelta(hours=1)) == 1
    [record] = keep(make_draft("KU·PZ"))
    assert record.code == dead.code
    with pytest.raises(ReservationLost):
        numbers.bind_codes([(dead.code, 4711)], fonds_id=fonds.pk)


@pytest.mark.promise("A5")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("code", ["KU·PZ", "WS·XZ"])
def test_many_writers_get_each_number_once(code: str) -> None:
    load_hospital(code="Y012", name="仁和医院", actor=FOUNDER)
    record_class = the_class(code)
    given: list[str] = []
    failures: list[BaseException] = []
    start = threading.Barrier(THREADS)

    def write() -> None:
        try:
            start.wait(30)
            for round_ in range(EACH):
                drafts = [make_draft(code, department="CW", public_id=None) for _ in range(2)]
                with transaction.atomic():
                    numbers.number_accessions(drafts, year=2026)
                    numbers.reserve_codes(drafts)
                given.append(drafts[0].code)
                # Every second draft's filing fails; so does, now and then, the whole transaction.
                with transaction.atomic():
                    numbers.release_code(
                        drafts[1].code, fonds_id=record_class.fonds_id, without_gaps=record_class.without_gaps
                    )
                if round_ == 1:
                    with pytest.raises(KeyboardInterrupt), transaction.atomic():
                        numbers.reserve_codes([make_draft(code, department="CW")])
                        raise KeyboardInterrupt
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert len(set(given)) == THREADS * EACH
    held = ArchivalCode.objects.filter(state=ArchivalCode.PROVISIONAL)
    assert sorted(held.values_list("code", flat=True)) == sorted(given)
    if record_class.without_gaps:
        # Whatever was given back is handed out before the count goes on: afterwards nothing is missing.
        gaps = ArchivalCode.objects.filter(state=ArchivalCode.RELEASED).count()
        with transaction.atomic():
            numbers.reserve_codes([make_draft(code, department="CW") for _ in range(gaps)])
        assert sorted(held.values_list("number", flat=True)) == list(range(1, len(given) + gaps + 1))

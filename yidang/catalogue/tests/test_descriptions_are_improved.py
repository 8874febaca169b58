"""Changing what is said of a record: who may, what is checked, what is locked, what is told."""

import json
from typing import Any

import pytest

from tests.cast import Cast
from yidang.audit.models import Entry
from yidang.catalogue.actions import describe_record
from yidang.catalogue.actions.description import InvalidDescription, RecordLocked
from yidang.catalogue.models import Fonds, Record, RecordChange
from yidang.catalogue.tests.drafting import archived, keep, make_draft
from yidang.common import clock
from yidang.common.errors import NotAllowed, NotFound
from yidang.jobs.models import Job

PATIENT = {"patient_number": "ZY001234", "patient_name": "李某某"}


def describe(cast: Cast, record: Record, by: str = "lin", **values: Any) -> Record:
    return describe_record(record, values, actor=cast.actor(by), now=clock.now())


@pytest.mark.gbt39784("6.2-2", "11.3-4")
def test_an_archivist_improves_a_received_record(cast: Cast, fonds: Fonds) -> None:
    [record] = keep(make_draft())
    describe(
        cast,
        record,
        title=" 关于设备采购的通知 ",
        date="2026-02",
        keywords=["采购", "采购", " 设备 "],
        metadata={"urgency": "特急"},
    )
    record.refresh_from_db()
    assert (record.title, record.date, str(record.date_last)) == ("关于设备采购的通知", "2026-02", "2026-02-28")
    assert (record.keywords, record.metadata) == (["采购", "设备"], {"urgency": "extra"})


def test_a_change_is_on_the_feed_in_the_log_and_asked_of_the_vault(cast: Cast, fonds: Fonds) -> None:
    [record] = keep(make_draft())
    RecordChange.objects.all().delete()
    describe(cast, record, title="新题名", creator="医务科")
    facts = json.loads(Entry.objects.get(event="catalogue.record.described").body)["facts"]
    assert facts["fields"] == ["creator", "title"] and facts["before"] != facts["after"]
    assert list(RecordChange.objects.values_list("record_id", "kind")) == [(record.pk, "description")]
    assert Job.objects.get(name="catalogue.version").ids == {"record_id": record.pk}


def test_nothing_new_leaves_no_trace(cast: Cast, fonds: Fonds) -> None:
    [record] = keep(make_draft())
    describe(cast, record, title=record.title)
    assert not Entry.objects.filter(event="catalogue.record.described").exists()


@pytest.mark.gbt39784("6.2-1")
def test_every_fault_is_named_at_once_and_nothing_is_changed(cast: Cast, fonds: Fonds) -> None:
    [record] = keep(make_draft())
    with pytest.raises(InvalidDescription) as refusal:
        describe(
            cast, record, title="长" * 1001, date="2026-02-30", keywords="采购", parties=["王" * 201], creator="x\x00y",
            metadata={"urgency": "火急", "pages": 0, "colour": "red"}, state="archived", description=5,
        )  # fmt: skip
    errors = refusal.value.details["errors"]
    assert {error["field"] for error in errors} == {
        "title", "date", "keywords", "parties", "creator", "urgency", "pages", "colour", "state", "description",
    }  # fmt: skip
    assert all(error["reason"] and error["remedy"] and error["label"] for error in errors)
    record.refresh_from_db()
    assert record.title == "关于印发管理办法的通知"


def test_a_title_cannot_be_taken_away(cast: Cast, fonds: Fonds) -> None:
    [record] = keep(make_draft())
    with pytest.raises(InvalidDescription):
        describe(cast, record, title="   ")


@pytest.mark.gbt39784("5.3-5")
def test_an_archived_record_is_locked_but_for_keywords_and_abstract(cast: Cast, fonds: Fonds) -> None:
    [record] = archived(make_draft())
    describe(cast, record, keywords=["制度"], description="医院管理办法。")
    record.refresh_from_db()
    assert record.keywords == ["制度"]
    for values in ({"title": "别的"}, {"date": "2025"}, {"metadata": {"urgency": "normal"}}, {"creator": "某人"}):
        with pytest.raises(RecordLocked):
            describe(cast, record, **values)


def test_a_new_patient_number_changes_who_reaches_the_record(cast: Cast, fonds: Fonds) -> None:
    [record] = keep(make_draft("ZY·BA", metadata=PATIENT, patient_number="ZY001234"))
    RecordChange.objects.all().delete()
    describe(cast, record, by="he", metadata={**PATIENT, "patient_number": "ZY009999"})
    record.refresh_from_db()
    assert record.patient_number == "ZY009999"
    assert set(RecordChange.objects.values_list("kind", flat=True)) == {"description", "permission"}


@pytest.mark.parametrize(
    ("username", "refusal"), [("xu", NotAllowed), ("zhao", NotFound), ("secadmin", NotFound), ("he", NotFound)]
)
def test_others_do_not_change_descriptions(cast: Cast, fonds: Fonds, username: str, refusal: type[Exception]) -> None:
    [record] = keep(make_draft())
    with pytest.raises(refusal):
        describe(cast, record, by=username, title="别的")

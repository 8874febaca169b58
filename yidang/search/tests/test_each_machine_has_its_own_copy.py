"""Each machine follows the feed into a copy of its own: joining empty, catching up, left behind, without its texts."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from yidang.catalogue.models import Document, RecordChange
from yidang.common import clock
from yidang.jobs.models import Job
from yidang.search import backend, copies, folders, indexing, pagetext, texts
from yidang.search.actions import put_page_text
from yidang.search.asking import Query
from yidang.search.models import IndexCopy
from yidang.search.queries import search
from yidang.search.tests.stage import Stage

On = Callable[[str], "contextmanager[None]"]


@pytest.fixture
def on(settings, tmp_path: Path) -> On:
    """``with on("b"):`` is another machine: its own data folder, the same database and shared place."""
    settings.SHARED = str(tmp_path / "shared")
    (tmp_path / "shared").mkdir()

    @contextmanager
    def machine(name: str) -> Iterator[None]:
        before = settings.DATA, settings.MACHINE
        settings.DATA, settings.MACHINE = tmp_path / name, name
        settings.DATA.mkdir(exist_ok=True)
        try:
            yield
        finally:
            settings.DATA, settings.MACHINE = before

    return machine


def titles(stage: Stage, text: str) -> set[str]:
    """What this machine finds."""
    return {hit.record.title for hit in search(stage.actor("lin"), Query(text, limit=100)).hits}


def tell() -> None:
    """As the indexer does every few seconds."""
    with indexing.writing() as follower:
        indexing._tell(follower)


def test_a_machine_joins_empty_and_finds_the_texts_that_another_read(stage: Stage, on: On) -> None:
    with on("a"):
        stage.record("甲机归档", pages=["肝移植术后随访"])
        indexing.index_once()
        assert titles(stage, "术后随访") == {"甲机归档"}
    with on("b"):
        with pytest.raises(backend.IndexMissing):
            search(stage.actor("lin"), Query("随访"))
        indexing.index_once()
        found = search(stage.actor("lin"), Query("术后随访"))
        assert [hit.record.title for hit in found.hits] == ["甲机归档"]
        assert found.hits[0].spots
        stage.record("乙机归档", pages=["肝移植术前讨论"])
        indexing.index_once()
        tell()
    with on("a"):
        lagging = search(stage.actor("lin"), Query("肝移植"))
        assert lagging.total == 1
        assert lagging.lag.changes == 2
        indexing.index_once()
        tell()
        assert titles(stage, "肝移植") == {"甲机归档", "乙机归档"}
    assert {copy.machine: copy.records for copy in IndexCopy.objects.all()} == {"a": 2, "b": 2}


def test_a_text_that_was_replaced_elsewhere_is_never_shown_in_its_old_form(stage: Stage, on: On, settings) -> None:
    with on("a"):
        record = stage.record("遮盖", pages=["身份证号四四零一"])
    with on("b"):
        indexing.index_once()
        assert titles(stage, "身份证号") == {"遮盖"}
    with on("a"):
        put_page_text(record, 1, ["████████"])
    with on("b"):
        hits = search(stage.actor("lin"), Query("身份证号")).hits  # not followed yet: found, but no word of it is shown
        assert [spot for hit in hits for spot in hit.spots] == []
        for text in (settings.DATA / "derived").rglob("*.z"):
            os.utime(text, (0, 0))
        indexing.index_once()
        assert titles(stage, "身份证号") == set()
        assert len(list((settings.DATA / "derived").rglob("*.z"))) == 1, "the old text is gone from this machine, too"


def test_rows_are_kept_until_the_slowest_copy_has_passed_them(stage: Stage, on: On) -> None:
    for name in ("a", "b"):
        with on(name):
            stage.record(f"第一件{name}")
            indexing.index_once()
            tell()
    with on("a"):
        stage.record("第二件")
        indexing.index_once()
        tell()
    later = clock.now() + timedelta(days=2)
    slowest = IndexCopy.objects.get(machine="b").seq
    copies.trim(later)
    assert RecordChange.objects.order_by("seq").first().seq == slowest
    with on("b"):
        indexing.index_once()
        assert titles(stage, "第") == {"第一件a", "第一件b", "第二件"}


@pytest.mark.promise("J2")
def test_a_copy_left_behind_refuses_to_answer_and_is_built_anew(stage: Stage, on: On) -> None:
    for name in ("a", "b"):
        with on(name):
            stage.record(f"第一件{name}")
            indexing.index_once()
            tell()
    with on("a"):
        for number in range(3):
            stage.record(f"以后{number}")
        indexing.index_once()
    later = clock.now() + copies.FORGOTTEN + timedelta(hours=1)
    IndexCopy.objects.filter(machine="a").update(at=later, seq=RecordChange.objects.latest("seq").seq)
    copies.trim(later)
    assert not IndexCopy.objects.filter(machine="b").exists()
    with on("b"):
        with pytest.raises(backend.IndexMissing):
            search(stage.actor("lin"), Query("以后"))
        before = folders.current()
        indexing.index_once()
        assert folders.current() != before
        assert titles(stage, "以后") == {"以后0", "以后1", "以后2"}


@pytest.mark.promise("J2")
def test_texts_that_are_gone_everywhere_say_pending_and_are_made_anew(stage: Stage, on: On, monkeypatch) -> None:
    monkeypatch.setattr(texts, "_readers", [*texts._readers])
    assert texts._readers, "digitisation makes lost texts anew"
    with on("a"):
        record = stage.record("丢失", pages=["全文内容在此"])
        indexing.index_once()
        pagetext.remove_record(record.public_id)
        indexing.rebuild()
        found = search(stage.actor("lin"), Query("丢失"))
        assert found.pending_text == 1
        assert found.hits[0].pending
        assert Document.objects.get(record=record).text_state == "pending"
        assert Job.objects.filter(name="digitisation.extract", ids={"record_id": record.pk}).count() == 1
        put_page_text(record, 1, ["全文内容在此"])
        indexing.index_once()
        assert titles(stage, "全文内容") == {"丢失"}


def test_a_shared_place_that_does_not_answer_delays_a_record_and_loses_none(stage: Stage, on: On, tmp_path) -> None:
    with on("a"):
        record = stage.record("断网", pages=["全文内容"])
    with on("b"):
        (tmp_path / "shared").rename(tmp_path / "unplugged")
        indexing.index_once()
        assert list(indexing.status().failed) == [str(record.pk)]
        assert Document.objects.get(record=record).text_state == "ready"
        (tmp_path / "unplugged").rename(tmp_path / "shared")
        with indexing.writing() as follower:
            follower.try_again()
        assert titles(stage, "全文内容") == {"断网"}


def test_an_archive_on_one_machine_gives_its_texts_when_others_join(stage: Stage, on: On, settings, tmp_path) -> None:
    shared, settings.SHARED = settings.SHARED, ""
    with on("a"):
        stage.record("原有档案", pages=["早先识别的文字"])
        settings.SHARED = shared
        assert texts.share_all() == 1
    with on("b"):
        indexing.index_once()
        assert titles(stage, "早先识别") == {"原有档案"}

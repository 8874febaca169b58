"""The index follows the feed, survives being killed, and is rebuilt beside itself."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from django.conf import settings
from django.db import connection

from yidang.catalogue.models import Record, RecordChange
from yidang.search import folders, indexing, reader
from yidang.search.actions import put_page_text
from yidang.search.asking import Query
from yidang.search.backend import IndexDamaged, IndexHeld, IndexMissing
from yidang.search.queries import search
from yidang.search.tests.stage import build_stage


def titles(stage, text):
    return {hit.record.title for hit in search(stage.actor("lin"), Query(text, limit=200)).hits}


def test_changes_replace_entries_and_never_double_them(stage):
    record = stage.record("旧题名", pages=["内容"])
    indexing.index_once()
    for title in ("新题名甲", "新题名乙"):
        Record.objects.filter(pk=record.pk).update(title=title)
        stage.changed(record)
        indexing.index_once()
    assert titles(stage, "题名") == {"新题名乙"}
    assert indexing.status().records == 1
    assert indexing.lag() == indexing.Lag(0, 0.0)


def test_a_removed_record_leaves_the_index(stage):
    record = stage.record("作废")
    indexing.index_once()
    pk = record.pk
    # Records are removed by disposal, with all that points at them; here only the rows of this package's stage exist.
    record.documents.all()._raw_delete("default")
    Record.objects.filter(pk=pk)._raw_delete("default")
    RecordChange.objects.create(record_id=pk, kind=RecordChange.REMOVED, at="2026-03-01T00:00Z")
    assert search(stage.actor("lin"), Query("作废")).total == 0
    indexing.index_once()
    assert indexing.status().records == 0


@pytest.mark.promise("J2")
def test_an_index_that_lost_a_file_is_said_and_built_anew(stage):
    stage.record("停电之后", pages=["内容"])
    indexing.index_once()
    for path in (folders.current() / folders.SEGMENTS).glob("*.fast"):
        path.unlink()
    reader._opened = None  # as in a process that starts after the power cut
    with pytest.raises(IndexDamaged):
        search(stage.actor("lin"), Query("停电"))
    indexing.index_once()
    assert titles(stage, "停电") == {"停电之后"}


def test_files_that_go_while_they_are_counted_are_no_fault(stage, monkeypatch):
    stage.record("一", pages=["内容"])
    indexing.index_once()
    walk = os.walk
    monkeypatch.setattr(folders.os, "walk", lambda top: [(top, [], [*names, ".tmp1"]) for top, _in, names in walk(top)])
    assert indexing.status().bytes > 0


@pytest.mark.promise("J2")
def test_an_index_without_its_list_of_files_is_not_taken_for_an_empty_one(stage):
    stage.record("停电之后", pages=["内容"])
    indexing.index_once()
    (folders.current() / folders.SEGMENTS / "meta.json").unlink()
    indexing.index_once()
    assert titles(stage, "停电") == {"停电之后"}


def test_a_withdrawn_record_is_found_no_more_not_even_after_a_rebuild(stage):
    record = stage.record("撤回", pages=["内容"])
    indexing.index_once()
    Record.objects.filter(pk=record.pk).update(state=Record.WITHDRAWN)
    stage.changed(record, RecordChange.REMOVED)
    assert search(stage.actor("lin"), Query("撤回")).total == 0
    indexing.index_once()
    assert indexing.status().records == 0
    assert indexing.rebuild().records == 0


def test_the_lag_is_told(stage):
    indexing.index_once()
    stage.record("通知")
    assert indexing.lag().changes == 1
    assert search(stage.actor("lin"), Query("通知")).lag.changes == 1


def test_a_second_writer_is_refused(stage):
    with indexing.writing(), pytest.raises(IndexHeld):
        indexing.index_once()


def test_a_place_note_that_is_lost_is_followed_again(stage):
    stage.record("通知", pages=["内容"])
    indexing.index_once()
    (folders.current() / "place.json").unlink()
    indexing.index_once()
    assert indexing.status().records == 1
    assert titles(stage, "内容") == {"通知"}


def test_a_record_that_cannot_be_read_is_named_and_keeps_no_other_away(stage):
    bad = stage.record("坏记录", pages=["内容"])
    good = stage.record("好记录")
    text = next((settings.DATA / "derived" / "text").rglob("*.z"))
    text.rename(text.with_suffix(".aside"))
    text.mkdir()  # a folder where the text should be
    indexing.index_once()
    assert list(indexing.status().failed) == [str(bad.pk)]
    assert titles(stage, "记录") == {good.title}
    text.rmdir()
    put_page_text(bad, 1, ["内容"])
    with indexing.writing() as follower:
        follower.try_again()
    assert indexing.status().failed == {}
    assert titles(stage, "记录") == {good.title, bad.title}


def test_a_rebuild_switches_at_once_and_old_readers_go_on(stage):
    for number in range(30):
        stage.record(f"通知{number:02d}", pages=["内容"])
    indexing.index_once()
    old = reader.snapshot()
    before = folders.current()
    seen = []
    status = indexing.rebuild(lambda done, total: seen.append((done, total)))
    assert folders.current() != before and seen[-1] == (30, 30) and status.records == 30
    assert old.searcher.num_docs == 30
    assert reader.snapshot().generation != old.generation
    assert len(titles(stage, "通知")) == 30
    stage.record("新通知", pages=["内容"])
    indexing.index_once()
    assert len(titles(stage, "通知")) == 31
    assert not before.exists()


@pytest.mark.promise("J2")
def test_a_lost_index_is_made_anew_from_the_records(stage):
    stage.record("通知", pages=["内容"])
    indexing.index_once()
    RecordChange.objects.all().delete()
    (folders.home() / "current.json").unlink()
    with pytest.raises(IndexMissing):
        search(stage.actor("lin"), Query("通知"))
    indexing.index_once()
    assert titles(stage, "内容") == {"通知"}


@pytest.mark.django_db(transaction=True)
def test_the_indexer_makes_a_change_findable_within_two_seconds(data):
    stage = build_stage()
    stop = threading.Event()
    thread = threading.Thread(target=indexing.run_indexer, args=(stop,))
    thread.start()
    try:
        time.sleep(0.5)
        waits = []
        for number in range(3):
            stage.record(f"急件{number}", pages=["现在就要找到"])
            begun = time.monotonic()
            while len(titles(stage, "现在就要找到")) <= number:
                assert time.monotonic() - begun < 10
                time.sleep(0.02)
            waits.append(time.monotonic() - begun)
        assert max(waits) < 2, waits
    finally:
        stop.set()
        thread.join(20)


CHILD = """
import os, sys
from django.conf import settings
import django
from pathlib import Path
django.setup()
settings.DATA = Path(sys.argv[1])
settings.DATABASES["default"]["NAME"] = sys.argv[2]
import threading
from yidang.search.indexing import run_indexer
print("ready", flush=True)
run_indexer(threading.Event())
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    "postgresql" in settings.DATABASES["default"]["ENGINE"], reason="the child is given the file of the test database"
)
def test_an_indexer_that_is_killed_loses_and_doubles_nothing(data):
    stage = build_stage()
    database = connection.settings_dict["NAME"]

    def start():
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(data), str(database)], env=environment, stdout=subprocess.PIPE
        )
        child.stdout.readline()
        return child

    child = start()
    try:
        for number in range(4):
            for inner in range(15):
                stage.record(f"件{number}-{inner}", pages=["内容"])
            time.sleep(0.25 + 0.07 * number)
            child.send_signal(signal.SIGKILL)
            child.wait()
            child = start()
        begun = time.monotonic()
        while indexing.lag().changes:
            assert time.monotonic() - begun < 30
            time.sleep(0.1)
    finally:
        child.kill()
        child.wait()
    assert len(titles(stage, "内容")) == 60
    assert indexing.status().records == 60

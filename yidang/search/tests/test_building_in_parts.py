"""A large archive's index is built by several processes, and is then as if one had built it."""

import json

import pytest
from django.conf import settings

from yidang.catalogue.models import Record
from yidang.search import building, folders, indexing
from yidang.search.asking import Query
from yidang.search.queries import search
from yidang.search.tests.stage import build_stage

PARTS = 2


@pytest.fixture
def parted(data, transactional_db, monkeypatch):
    """A stage whose few records are a large archive."""
    monkeypatch.setattr(building, "PARTED_FROM", 10)
    monkeypatch.setattr(building, "BLOCK", 4)
    monkeypatch.setattr(building.os, "sched_getaffinity", lambda _process: range(PARTS))
    return build_stage()


def found(stage, text):
    return {hit.record.title for hit in search(stage.actor("lin"), Query(text, limit=200)).hits}


@pytest.mark.slow
def test_parts_are_joined_into_one_index_that_is_followed(parted):
    records = [parted.record(f"通知{number:02d}", pages=[f"内容{number:02d}"]) for number in range(23)]
    bad = parted.record("坏记录")
    folder = settings.DATA / "derived" / "text" / bad.public_id.hex[:2] / bad.public_id.hex[2:4] / str(bad.public_id)
    (folder / "1.z").mkdir(parents=True)  # a folder where the text should be
    told = []
    status = indexing.rebuild(lambda done, total: told.append((done, total)))
    assert told[-1] == (24, 24) and status.records == 23 and list(status.failed) == [str(bad.pk)]
    segments = folders.current() / folders.SEGMENTS
    assert len(json.loads((segments / "meta.json").read_text())["segments"]) == PARTS
    assert not list(folders.current().glob("part-*"))
    assert found(parted, "内容") == {record.title for record in records} and found(parted, "内容17") == {"通知17"}
    Record.objects.filter(pk=records[17].pk).update(title="更名")  # an entry from a part is replaced like any other
    parted.changed(records[17])
    indexing.index_once()
    assert found(parted, "内容17") == {"更名"} and indexing.status().records == 23


@pytest.mark.slow
def test_a_part_that_dies_leaves_the_index_in_use(parted, monkeypatch):
    for number in range(12):
        parted.record(f"通知{number:02d}", pages=["内容"])
    monkeypatch.setattr(building, "PARTED_FROM", 100)
    indexing.rebuild()
    before = folders.current()
    monkeypatch.setattr(building, "PARTED_FROM", 10)
    start = building._start

    def dying(share, number, pipe, ended):
        child = start(share, number, pipe, ended)
        if number == 1:
            child.kill()
        return child

    monkeypatch.setattr(building, "_start", dying)
    with pytest.raises(building.BuildFailed):
        indexing.rebuild()
    assert folders.current() == before and len(found(parted, "内容")) == 12

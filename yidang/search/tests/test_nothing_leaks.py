"""What may not be seen is not found, not counted and not suggested."""

import json

from yidang.catalogue.models import Record, RecordChange
from yidang.permissions.models import Grant
from yidang.search.api import answer
from yidang.search.asking import Query
from yidang.search.indexing import index_once
from yidang.search.queries import search
from yidang.search.suggesting import suggest
from yidang.search.tests.stage import START

QUESTIONS = [
    "奖金",
    "王秘密",
    "方案",
    "方",
    "wangmimi",
    "wmm",
    "Y012-KJ·2026",
    "",
    "奖金 方案",
    "-方案",
    '"奖金分配"',
    "正文:奖金",
]


def told(stage, who):
    """Everything that searching tells a person, without its times."""
    actor = stage.actor(who)
    every = []
    for text in QUESTIONS:
        for sort in ("relevance", "-date", "code", "received"):
            body = answer(search(actor, Query(text, sort=sort, limit=50)), with_facets=True)
            body.pop("took_ms")
            body.pop("lag")
            if sort == "relevance":
                body["items"].sort(key=lambda item: item["id"])  # equals stand in the order of the index's segments
            every.append(body)
        every.append([(one.kind, one.text, str(one.marked)) for one in suggest(actor, text)])
    return [json.dumps(one, ensure_ascii=False, sort_keys=True) for one in every]


def test_a_secret_record_changes_nothing_that_another_person_is_told(stage):
    for number in range(12):
        stage.record(
            f"工作方案（{number}）", pages=["普通正文，奖金制度公开部分"], code=f"Y012-WS·2026-D30-{number:04d}"
        )
    index_once()
    before = told(stage, "zhao")
    secret = stage.record(
        "王秘密奖金分配方案",
        of="KJ",
        department="XN",
        parties=["王秘密"],
        pages=["奖金分配 方案"],
        code="Y012-KJ·2026-Y-0001",
        year=1999,
        role="附件",
    )
    index_once()
    assert search(stage.actor("lin"), Query("王秘密")).total == 1
    assert told(stage, "zhao") == before
    secret.title = "王秘密奖金分配方案（修订）"
    secret.save()
    stage.changed(secret, RecordChange.PERMISSION)  # the database answers for it now
    assert told(stage, "zhao") == before


def test_the_text_of_a_record_whose_entry_alone_may_be_seen_neither_matches_nor_shows(stage):
    stage.record("职工档案", of="RS", department="YB", pages=["薪级工资八级"])
    index_once()
    results = search(stage.actor("lin"), Query("薪级工资"))
    assert (results.hits, results.total) == ([], 0)
    [hit] = search(stage.actor("lin"), Query("职工档案")).hits
    assert not hit.viewable and hit.spots == [] and hit.pages == 0
    assert search(stage.actor("lin"), Query("职工 -薪级")).total == 1


def test_nobody_finds_their_own_personnel_file(stage):
    stage.record("职工档案（林静）", of="RS", owner=stage.people["lin"])
    index_once()
    assert search(stage.actor("lin"), Query("职工档案")).total == 0


def test_a_system_administrator_finds_nothing(stage):
    stage.record("通知", pages=["正文"])
    index_once()
    results = search(stage.actor("sys"), Query("通知"))
    assert results.total == 0 and results.pending_text == 0 and all(not facet.values for facet in results.facets)


def test_a_grant_opens_a_record_for_search_at_once(stage):
    record = stage.record("科研合同", of="KJ", department="XN", pages=["经费明细"])
    index_once()
    assert search(stage.actor("zhao"), Query("经费明细")).total == 0
    Grant.objects.create(subject=stage.people["zhao"], record_id=record.pk, until=START.replace(year=2099))
    assert search(stage.actor("zhao"), Query("经费明细")).total == 1


def test_a_record_that_was_closed_after_the_index_is_gone_from_the_next_answer(stage):
    record = stage.record("会议纪要", pages=["内容"])
    stage.record("会议纪要", pages=["内容"])
    index_once()
    assert search(stage.actor("zhao"), Query("会议纪要")).total == 2
    Record.objects.filter(pk=record.pk).update(level=3)
    stage.changed(record, RecordChange.PERMISSION)
    results = search(stage.actor("zhao"), Query("会议纪要"))
    assert results.total == 1 and [facet.values[0].count for facet in results.facets if facet.name == "class"] == [1]
    assert search(stage.actor("lin"), Query("会议纪要")).total == 2
    for text in ("内容", "会议", "-内容"):
        assert search(stage.actor("lin"), Query(text)).total == (0 if text.startswith("-") else 2)
    index_once()
    assert search(stage.actor("zhao"), Query("会议纪要")).total == 1


def test_a_record_that_was_opened_after_the_index_is_found_from_the_database(stage):
    record = stage.record("会议纪要", pages=["内容"], level=3)
    index_once()
    Record.objects.filter(pk=record.pk).update(level=0)
    stage.changed(record, RecordChange.PERMISSION)
    for sort in ("relevance", "-date", "date", "code", "received"):
        results = search(stage.actor("zhao"), Query("内容", sort=sort))
        assert [hit.record.pk for hit in results.hits] == [record.pk] and results.total == 1
        assert results.hits[0].spots[0].snippet == "<mark>内容</mark>"

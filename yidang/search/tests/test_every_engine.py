"""The contract of search engines: each is fed, asked, rebuilt and bordered alike, and all find what looking through everything finds."""

import random
from datetime import date, timedelta

import pytest

from yidang.catalogue.models import Record, RecordChange
from yidang.people.models import User
from yidang.permissions.models import AccessFreeze, CareRelationship, Grant
from yidang.search import asking, indexing
from yidang.search.asking import Filter, Query
from yidang.search.backend import IndexHeld, Place, backend
from yidang.search.queries import search
from yidang.search.suggesting import suggest
from yidang.search.tests.corpus import SENTENCES, TITLES
from yidang.search.tests.stage import START

EMBEDDED, PLAIN = "yidang.search.embedded.Embedded", "yidang.search.tests.plain.Plain"
SORTS = (asking.NEWEST, asking.OLDEST, asking.RECEIVED, asking.CODE, asking.RELEVANCE)


@pytest.fixture(params=[EMBEDDED, PLAIN], ids=["embedded", "plain"])
def engine(request, settings, stage):
    """Each engine in turn, with an empty index."""
    settings.SEARCH_BACKEND = request.param
    return backend()


def titles(stage, text, who="lin", **asked):
    return sorted(hit.record.title for hit in search(stage.actor(who), Query(text, **asked)).hits)


def test_it_is_fed_in_the_order_of_the_feed_and_shows_nothing_before_its_commit(engine, stage):
    indexing.index_once()
    record = stage.record("院务会纪要", pages=["讨论床位"])
    with indexing.writing() as follower:
        follower.write([record.pk], {})
        assert titles(stage, "纪要") == [] and indexing.lag().changes == 2
    assert titles(stage, "纪要") == []  # written, not committed: gone with its writer
    assert indexing.index_once() == 2 and indexing.lag() == indexing.Lag(0, 0.0)
    assert titles(stage, "床位") == ["院务会纪要"]
    place = engine.current().place()
    assert place.seq == RecordChange.objects.order_by("-seq")[0].seq and engine.snapshot().seq == place.seq
    Record.objects.filter(pk=record.pk).update(title="党委会纪要")
    stage.changed(record)
    indexing.index_once()
    assert titles(stage, "院务会") == [] and titles(stage, "床位") == ["党委会纪要"]
    Record.objects.filter(pk=record.pk).update(state=Record.WITHDRAWN)
    stage.changed(record, RecordChange.REMOVED)
    indexing.index_once()
    assert titles(stage, "床位") == [] and indexing.status().records == 0


def test_there_is_one_writer_and_following_again_changes_nothing(engine, stage):
    stage.record("通知", pages=["正文"])
    indexing.index_once()
    with indexing.writing(), pytest.raises(IndexHeld):
        indexing.index_once()
    edition = engine.current()
    writer = edition.writer()
    writer.commit(Place())  # as if its note were lost
    writer.close()
    indexing.index_once()
    assert titles(stage, "正文") == ["通知"] and indexing.status().records == 1


def test_it_is_built_anew_beside_the_one_that_is_searched(engine, stage):
    for number in range(5):
        stage.record(f"通知{number}", pages=["正文"])
    indexing.index_once()
    before, seen = engine.snapshot(), []

    def told(done, total):
        seen.append((done, total, len(titles(stage, "正文"))))

    status = indexing.rebuild(told)
    assert seen[-1] == (5, 5, 5) and status.records == 5 and status.characters > 0
    assert engine.snapshot().generation != before.generation and len(titles(stage, "正文")) == 5
    late = stage.record("后来的通知", pages=["正文"])
    indexing.index_once()
    assert late.title in titles(stage, "正文")


def test_what_may_be_seen_and_viewed_borders_hits_counts_and_suggestions(engine, stage):
    stage.record("奖金方案", of="KJ", department="XN", pages=["分配细则"])
    stage.record("职工档案", of="RS", pages=["薪级工资"])
    stage.record("奖金通知", pages=None)
    indexing.index_once()
    told = search(stage.actor("zhao"), Query("奖金"))
    assert [hit.record.title for hit in told.hits] == ["奖金通知"] and (told.total, told.pending_text) == (1, 1)
    classes = next(facet for facet in told.facets if facet.name == asking.CLASS)
    assert [(value.value, value.count) for value in classes.values] == [("WS", 1)]
    assert titles(stage, "薪级工资") == [] and titles(stage, "职工 -薪级") == ["职工档案"]
    assert search(stage.actor("lin"), Query("奖金")).total == 2
    assert [one.text for one in suggest(stage.actor("zhao"), "奖金")] == ["奖金通知"]
    assert suggest(stage.actor("lin"), "分配细则") == []  # never from page texts


def test_pages_reach_the_last_record_in_every_order_while_the_index_moves_on(engine, stage):
    for number in range(23):
        day = date(2026, 1, 1) + timedelta(days=number // 3)
        code = f"Y012-WS·2026-D30-{number:04d}" if number % 4 else ""
        stage.record(f"通知{number:02d}", date=day.isoformat(), date_first=day, date_last=day, code=code)
    indexing.index_once()
    for sort in SORTS:
        seen, cursor = [], ""
        while True:
            results = search(stage.actor("lin"), Query("通知", sort=sort, cursor=cursor, limit=7, facets=False))
            assert results.total == 23
            seen += [hit.record.pk for hit in results.hits]
            cursor = results.next
            if not cursor:
                break
            stage.record("无关")
            indexing.index_once()
        assert len(seen) == 23 == len(set(seen)), sort


def scatter(stage, chance, number):
    """Records of every kind, and permissions of every kind over them."""
    people = list(User.objects.order_by("pk"))
    records = []
    for at in range(number):
        of = chance.choice(["WS", "KJ", "KJ·KY", "BA", "RS"])
        day = date(2020, 1, 1) + timedelta(days=chance.randrange(2500))
        year = chance.choice([2020, 2024, 2026])
        records.append(
            stage.record(
                chance.choice(TITLES), of=of, department=chance.choice(["YB", "CW", "XN"]), level=chance.randrange(4),
                pages=chance.choice([None, chance.sample(SENTENCES, 2), chance.sample(SENTENCES, 3)]), role=chance.choice(["正本", "附件"]),
                retention=chance.choice(["Y", "D30", "D10"]), year=year, date=day.isoformat(), date_first=day, date_last=day,
                code=f"Y012-{of}·{year}-D30-{at:04d}" if chance.random() < 0.7 else "", owner=chance.choice(people) if of == "RS" else None,
                document_number=f"仁医发〔{year}〕{chance.randrange(9)}号", patient_number=f"B{chance.randrange(6)}" if of == "BA" else "",
                parties=[chance.choice(["王小明", "陈思远", "欧阳静"])], metadata={"topic": chance.choice(["心衰", "骨折"]), "identity": "44010519"},
            )
        )  # fmt: skip
    until = START.replace(year=2099)
    for _ in range(number // 5):
        Grant.objects.create(subject=chance.choice(people), record_id=chance.choice(records).pk, until=until)
    for patient in ("B1", "B2", "B3"):
        CareRelationship.objects.create(
            patient_number=patient, clinician=stage.people["chen"], begins_at=START.replace(year=2020)
        )
    frozen = {"reason": "舆情", "set_by": stage.people["lin"], "set_at": START}
    AccessFreeze.objects.create(record_id=records[0].pk, **frozen)
    AccessFreeze.objects.create(patient_number="B2", care_goes_on=False, **frozen)
    return records


def asked_at_random(chance, records):
    """A question somebody might type: parts of what is there, of what is not, in every form."""

    def part():
        text = chance.choice([chance.choice(TITLES), chance.choice(SENTENCES)])
        at = chance.randrange(len(text) - 1)
        word = text[at : at + chance.choice([1, 2, 2, 3, 4, 7])].replace('"', "").strip() or "医"
        form = chance.choice(["{}", "{}", "{}", '"{}"', "-{}", "题名:{}", "正文:{}"])
        return form.format(word)

    special = [
        "欧阳",
        "ouyang",
        "oyj",
        "wangxiaom",
        "xiao",
        "仁医发〔2024〕3号",
        "2026-5",
        "Y012-WS·2026",
        "病案号:B1",
        "院长办公室",
        "B2",
    ]
    words = [part() for _ in range(chance.choice([0, 1, 1, 2]))] + chance.choices(special, k=chance.choice([0, 0, 1]))
    choices = {
        asking.CLASS: ["WS", "KJ", "RS", "none"], asking.YEAR: ["2020", "2021..2025", "2026..", "x"], asking.DEPARTMENT: ["YB", "CW", "none"],
        asking.RETENTION: ["Y", "D30"], asking.STATE: ["received", "archived"], asking.ROLE: ["正本", "附件"], asking.LEVEL: ["0", "1", "2..3"],
        asking.FACT: ["topic=心衰"],
    }  # fmt: skip
    filters = {}
    for name in chance.sample(list(choices), chance.choice([0, 0, 1, 2])):
        values = tuple(chance.sample(choices[name], chance.randint(1, min(2, len(choices[name])))))
        filters[name] = chance.choice([Filter(values), Filter((), values), Filter(values[:1], values[1:])])
    return Query(" ".join(words), filters=filters, sort=chance.choice(SORTS), limit=200)


def told(actor, query):
    """Everything that a search tells, in the order of hits where the order says one."""
    results = search(actor, query)
    ids = [hit.record.pk for hit in results.hits]
    return {
        "ids": sorted(ids) if query.sort == asking.RELEVANCE else ids,
        "total": results.total,
        "widened": results.widened,
        "pending": results.pending_text,
        "facets": [
            (facet.name, facet.label, sorted((value.value, value.count) for value in facet.values if value.count))
            for facet in results.facets
        ],
    }


@pytest.mark.slow
def test_at_random_it_finds_and_counts_what_looking_through_everything_does(stage, settings):
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    records = scatter(stage, chance, 60)
    for name in (EMBEDDED, PLAIN):
        settings.SEARCH_BACKEND = name
        indexing.index_once()
    for record in chance.sample(records, 6):  # the database answers for these from now on
        Record.objects.filter(pk=record.pk).update(level=chance.randrange(4))
        stage.changed(record, RecordChange.PERMISSION)
    found = 0
    for _ in range(60):
        query, who = asked_at_random(chance, records), chance.choice(["lin", "zhao", "chen", "sys"])
        answers = []
        for name in (EMBEDDED, PLAIN):
            settings.SEARCH_BACKEND = name
            answers.append(told(stage.actor(who), query))
        assert answers[0] == answers[1], f"seed {seed}: {who} asks {query}"
        found += bool(answers[0]["total"])
    assert found > 10, f"seed {seed}: nearly nothing was found, so nearly nothing was compared"

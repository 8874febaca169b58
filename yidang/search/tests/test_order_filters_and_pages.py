"""Filters, facets, orders, and pages to the last one."""

from datetime import date, timedelta

import pytest

from yidang.common.errors import InvalidInput
from yidang.search.asking import Filter, Query, from_address
from yidang.search.indexing import index_once
from yidang.search.queries import search


@pytest.fixture
def many(stage):
    for number in range(47):
        day = date(2026, 1, 1) + timedelta(days=number // 3)
        stage.record(
            f"通知{number:02d}" + "通知" * (number % 5), date=day.isoformat(), date_first=day, date_last=day,
            code=f"Y012-WS·2026-D30-{number:04d}" if number % 4 else "", year=2020 + number % 3, pages=["通知内容"] if number % 2 else None,
            of="KJ·KY" if number % 7 == 0 else "WS", retention="Y" if number % 5 == 0 else "D30",
        )  # fmt: skip
    index_once()
    return stage


@pytest.mark.parametrize("sort", ["relevance", "-date", "date", "code", "received"])
@pytest.mark.parametrize("limit", [1, 7, 46, 47, 200])
def test_pages_reach_the_last_record_without_a_double_or_a_gap(many, sort, limit):
    seen, cursor = [], ""
    while True:
        results = search(many.actor("lin"), Query("通知", sort=sort, cursor=cursor, limit=limit, facets=False))
        assert results.total == 47
        seen += [hit.record.pk for hit in results.hits]
        cursor = results.next
        if not cursor:
            break
    assert len(seen) == 47 == len(set(seen))


@pytest.mark.parametrize("sort", ["relevance", "-date", "code", "received"])
def test_pages_stay_whole_while_the_index_moves_on(many, sort):
    seen, cursor = [], ""
    for page in range(100):
        results = search(many.actor("lin"), Query("通知", sort=sort, cursor=cursor, limit=10, facets=False))
        seen += [hit.record.pk for hit in results.hits]
        cursor = results.next
        if not cursor:
            break
        many.record(f"无关{page}", date="2027-01-01", date_first=date(2027, 1, 1))
        index_once()
    assert len(seen) == 47 == len(set(seen))


def test_orders_are_what_they_say(many):
    def values(sort, name):
        return [
            getattr(hit.record, name) for hit in search(many.actor("lin"), Query("通知", sort=sort, limit=100)).hits
        ]

    assert values("-date", "date") == sorted(values("-date", "date"), reverse=True)
    assert values("date", "date") == sorted(values("date", "date"))
    assert values("received", "received_at") == sorted(values("received", "received_at"), reverse=True)
    codes = values("code", "code")
    assert codes == sorted(codes, key=lambda code: (not code, code))


def test_filters_say_only_not_or_either(many):
    def total(**filters):
        return search(many.actor("lin"), Query("通知", filters=filters)).total

    y, d = total(retention=Filter(("Y",))), total(retention=Filter((), ("Y",)))
    assert (y, d, total(retention=Filter(("Y", "D30")))) == (10, 37, 47)
    assert total(**{"class": Filter(("KJ",))}) == 7  # the branch below it too
    assert total(**{"class": Filter((), ("KJ",))}) == 40
    assert total(year=Filter(("2020..2021",))) == total(year=Filter((), ("2022",)))
    assert total(state=Filter(("archived",))) == 0
    assert total(department=Filter(("YB",))) == 47
    assert total(department=Filter(("NONE",))) == 0


def test_counts_of_a_narrowed_facet_show_what_its_other_values_would_give(many):
    results = search(many.actor("lin"), Query("通知", filters={"retention": Filter(("Y",))}))
    counts = {facet.name: {one.value: (one.count, one.choice) for one in facet.values} for facet in results.facets}
    assert counts["retention"] == {"Y": (10, "only"), "D30": (37, "")}
    assert sum(number for number, _choice in counts["year"].values()) == 10 == results.total


def test_records_with_text_to_come_are_told(many):
    assert search(many.actor("lin"), Query("通知")).pending_text == 24


def test_the_whole_question_stands_in_the_address():
    query = Query("通知", {"class": Filter(("WS",)), "year": Filter((), ("2020",))}, sort="-date")
    parameters = {}
    for pair in query.parameters.split("&"):
        name, _, value = pair.partition("=")
        from urllib.parse import unquote_plus

        parameters.setdefault(unquote_plus(name), []).append(unquote_plus(value))
    again = from_address(parameters)
    assert (again.text, again.filters, again.sort) == (query.text, query.filters, query.sort)
    thrice = query.toggled("class", "WS").toggled("class", "WS")
    assert thrice.filters == {"year": Filter((), ("2020",))}


@pytest.mark.parametrize("parameters", [{"sort": ["size"]}, {"limit": ["-1"]}, {"limit": ["many"]}])
def test_an_address_that_makes_no_sense_is_refused(parameters):
    with pytest.raises(InvalidInput):
        from_address(parameters)


def test_a_damaged_cursor_is_refused(many):
    with pytest.raises(InvalidInput):
        search(many.actor("lin"), Query("通知", cursor="xyz"))
    cursor = search(many.actor("lin"), Query("通知", limit=2)).next
    with pytest.raises(InvalidInput):
        search(many.actor("lin"), Query("通知", sort="-date", cursor=cursor))


@pytest.mark.parametrize(
    "text",
    [
        "[",
        "((",
        "a.*",
        '"',
        "--",
        "题名:",
        "\x00",
        "\ud800",
        "x" * 5000,
        "a " * 300,
        "-",
        ":",
        "*",
        "。",
        "🏥",
        "％",
        "\u202e",
    ],
)
def test_strange_questions_are_answered(many, text):
    search(many.actor("lin"), Query(text))

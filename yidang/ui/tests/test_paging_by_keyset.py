"""Pages of a list by keyset: nothing twice, nothing left out, on both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.apps.registry import Apps
from django.db import connection, models
from django.db.models import F
from django.test import RequestFactory

from yidang.common.errors import InvalidInput
from yidang.ui.paging import page, page_of_request


class Thing(models.Model):
    """A row of this test alone."""

    title = models.CharField(max_length=50)
    at = models.DateTimeField(null=True)

    class Meta:
        apps = Apps()
        app_label = "ui"
        db_table = "ui_test_thing"
        managed = False


@pytest.fixture
def things(db) -> Iterator[models.QuerySet]:
    kind = "timestamp with time zone" if connection.vendor == "postgresql" else "datetime"
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE ui_test_thing (id integer PRIMARY KEY, title varchar(50), at {kind} NULL)"
        )
    start = datetime(2026, 11, 23, 1, 2, 3, 456789, tzinfo=UTC)
    for number in range(23):
        at = None if number % 7 == 3 else start + timedelta(minutes=number % 4)
        Thing(pk=number + 1, title=f"第{number % 3}类", at=at).save(force_insert=True)
    yield Thing.objects.all()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE ui_test_thing")


def _walk(queryset, order_by, limit=5) -> list[list[int]]:
    pages, cursor = [], ""
    while True:
        one = page(queryset, order_by=order_by, cursor=cursor, limit=limit)
        pages.append([row.pk for row in one])
        cursor = one.next
        if not cursor:
            return pages


ORDERS = [("id",), ("-id",), ("title",), ("-title", "at"), ("at",), ("-at",), ("-at", "title", "-id")]


@pytest.mark.parametrize("order_by", ORDERS)
def test_walking_forward_shows_each_row_once_and_in_order(things, order_by) -> None:
    seen = [pk for one in _walk(things, order_by) for pk in one]
    names = [name.lstrip("-") for name in order_by]
    keys = [
        F(n.lstrip("-")).desc(nulls_last=True) if n.startswith("-") else F(n).asc(nulls_last=True) for n in order_by
    ]
    if "id" not in names:
        keys.append(F("pk").desc() if order_by[-1].startswith("-") else F("pk").asc())
    assert seen == [row.pk for row in things.order_by(*keys)]


@pytest.mark.parametrize("order_by", ORDERS)
def test_walking_back_shows_the_same_pages(things, order_by) -> None:
    forward = _walk(things, order_by)
    cursor, last = "", None
    while True:
        last = page(things, order_by=order_by, cursor=cursor, limit=5)
        if not last.next:
            break
        cursor = last.next
    back = [[row.pk for row in last]]
    while last.previous:
        last = page(things, order_by=order_by, cursor=last.previous, limit=5)
        back.insert(0, [row.pk for row in last])
    assert back == forward


def test_rows_that_arrive_meanwhile_neither_repeat_nor_hide_others(things) -> None:
    first = page(things, order_by=("-id",), limit=5)
    Thing(pk=100, title="新到").save(force_insert=True)
    second = page(things, order_by=("-id",), cursor=first.next, limit=5)
    assert [row.pk for row in first] + [row.pk for row in second] == list(range(23, 13, -1))


def test_the_total_is_never_counted(things, django_assert_num_queries) -> None:
    with django_assert_num_queries(1) as queries:
        page(things, order_by=("-at",), limit=5)
    assert "count" not in queries[0]["sql"].lower()


def test_a_cursor_that_was_touched_or_belongs_elsewhere_is_refused(things) -> None:
    cursor = page(things, order_by=("id",), limit=5).next
    for wrong in (cursor[:-2] + "xx", "nonsense", "a:b:c"):
        with pytest.raises(InvalidInput) as refusal:
            page(things, order_by=("id",), cursor=wrong)
        assert refusal.value.field == "cursor"
    with pytest.raises(InvalidInput):
        page(things, order_by=("-id",), cursor=cursor)


def test_the_limit_is_a_number_and_never_above_two_hundred(things) -> None:
    request = RequestFactory().get("/", {"limit": "100000"})
    with pytest.raises(InvalidInput):
        page_of_request(request, things, order_by=("id",))
    assert page_of_request(RequestFactory().get("/", {"limit": "999"}), things, order_by=("id",)).limit == 200
    assert page_of_request(RequestFactory().get("/"), things, order_by=("id",)).as_json([1]) == {
        "items": [1],
        "next": None,
    }

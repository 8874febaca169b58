"""While an archive is moved people read; what would be written into the past is refused, by the database itself at last."""

import pytest
from django.db import DatabaseError, connection, transaction

from yidang.common import standstill
from yidang.common.standstill import CLOSED, COPYING, MOVED, READ_ONLY, Moving
from yidang.continuity.models import HeldFormat
from yidang.continuity.moving import plan, rows, run, seal
from yidang.continuity.moving.errors import NotMoving
from yidang.continuity.moving.tables import Table, tables

pytestmark = pytest.mark.django_db


@pytest.fixture
def sqlite(transactional_db):
    if connection.vendor != "sqlite":
        pytest.skip("the embedded database is what is left")
    yield
    with transaction.atomic():
        seal.remove()


def _held(puid: str) -> HeldFormat:
    from yidang.common import clock

    return HeldFormat.objects.create(puid=puid, first_seen_at=clock.now(), counted_at=clock.now(), risk=HeldFormat.LOW)


def test_nothing_is_different_while_rows_are_loaded(client, data):
    standstill.say(Moving(COPYING))
    assert client.get("/sign-in/", follow=True).status_code == 200
    assert standstill.takes_new()


def test_while_rows_are_compared_people_read_and_nothing_new_is_taken(client, data):
    standstill.say(Moving(READ_ONLY))
    assert client.get("/sign-in/", follow=True).status_code == 200
    answer = client.post("/api/v1/filings", {})
    assert answer.status_code == 503 and answer.json()["code"] == "stands_still"
    assert answer.json()["remedy"] and answer["Retry-After"]
    assert not standstill.takes_new()


@pytest.mark.parametrize("state", [CLOSED, MOVED])
def test_a_closed_archive_shows_nothing_and_says_where_it_is(client, data, state):
    standstill.say(Moving(state, address="http://archive.hospital"))
    page = client.get("/records/")
    assert page.status_code == 503 and "http://archive.hospital" in page.content.decode()
    assert client.get("/api/v1/records").json()["code"] == "has_moved"
    assert client.get("/healthz").status_code == 200


def test_each_row_that_is_written_meanwhile_is_noted_once(sqlite):
    first = _held("fmt/1")
    seal.note_changes()
    HeldFormat.objects.filter(pk=first.pk).update(count=7)
    second = _held("fmt/2")
    HeldFormat.objects.filter(pk=second.pk).delete()
    noted = {table.name: sorted(keys) for table, keys in seal.take_touched()}
    assert noted == {"continuity_heldformat": [first.pk, second.pk]}
    assert seal.take_touched() == []


def test_after_closing_the_database_refuses_whoever_writes_until_the_move_is_called_off(sqlite, data):
    held = _held("fmt/3")
    with transaction.atomic():
        seal.close()
    standstill.say(Moving(CLOSED))
    assert seal.is_closed()
    for attempt in (lambda: _held("fmt/4"), held.save, lambda: HeldFormat.objects.all().delete()):
        with pytest.raises(DatabaseError, match="has moved"), transaction.atomic():
            attempt()
    run.call_off()
    held.delete()
    assert standstill.read() is None and not seal.is_closed()
    with pytest.raises(NotMoving):
        run.call_off()


def test_what_postgresql_would_refuse_is_told_before_anything_is_moved(sqlite):
    held = _held("fmt/5")
    HeldFormat.objects.filter(pk=held.pk).update(puid="x" * 41)
    assert "continuity_heldformat.puid" in plan.refused(Table(HeldFormat))[0]
    HeldFormat.objects.filter(pk=held.pk).update(puid="a\0b")
    assert plan.refused(Table(HeldFormat))


def test_every_table_of_the_program_is_moved():
    names = {table.name for table in tables()}
    there = set(connection.introspection.table_names())
    assert there - names == {"django_migrations"} | (there & {"sqlite_sequence"})


def test_a_rows_digest_text_does_not_depend_on_the_order_of_a_document():
    assert rows.canonical((1, {"b": 1, "a": 2})) == rows.canonical((1, {"a": 2, "b": 1}))

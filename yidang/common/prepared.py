"""Questions to the database whose words are made once: making them from querysets costs more than asking them.

Only words are kept, no answers: every question is asked of the rows as they are now.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import UTC, date, datetime, timedelta
from threading import Lock
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet

LETTERS_MOST = 8_000_000  # of all kept statements together
_FAR = datetime(9990, 1, 1, tzinfo=UTC)


class _Slot:
    """The place of one value among a statement's parameters."""

    def __init__(self, name: str) -> None:
        self.name = name


class _Kept:
    """Statements by their shape, those not asked for longest forgotten first."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._statements: OrderedDict[Hashable, tuple[str, tuple[Any, ...]]] = OrderedDict()
        self._letters = 0

    def get(self, shape: Hashable) -> tuple[str, tuple[Any, ...]] | None:
        with self._lock:
            found = self._statements.get(shape)
            if found is not None:
                self._statements.move_to_end(shape)
            return found

    def keep(self, shape: Hashable, sql: str, params: tuple[Any, ...]) -> None:
        if len(sql) > LETTERS_MOST // 20:
            return
        with self._lock:
            if shape not in self._statements:
                self._statements[shape] = (sql, params)
                self._letters += len(sql)
            while self._letters > LETTERS_MOST:
                _shape, (old, _params) = self._statements.popitem(last=False)
                self._letters -= len(old)


_kept = _Kept()


def rows(
    key: Hashable, build: Callable[..., QuerySet[Any, Any]], using: str = DEFAULT_DB_ALIAS, /, **values: Any
) -> list[tuple[Any, ...]]:
    """The rows of ``build(**values)``, a question for columns that are numbers or texts, as the database gives them.

    :param key: names the question with everything in it that is not among the values
    :param using: which database is asked
    :param values: numbers, days and moments; what is nothing is part of the question's shape
    """
    connection = connections[using]
    shape = (connection.vendor, key, tuple((name, type(value)) for name, value in values.items()))
    found = _kept.get(shape)
    if found is None:
        found = _compile(connection, build, values)
        if found is None:
            return list(build(**values).using(using))
        _kept.keep(shape, *found)
    sql, params = found
    filled = [_adapted(connection, values[one.name]) if isinstance(one, _Slot) else one for one in params]
    with connection.cursor() as cursor:
        cursor.execute(sql, filled)
        return [tuple(row) for row in cursor.fetchall()]


def _compile(
    connection: Any, build: Callable[..., QuerySet[Any, Any]], values: dict[str, Any]
) -> tuple[str, tuple[Any, ...]] | None:
    """The statement with a slot for each value; None where a value does not reach it as itself, or nothing is asked."""
    stand_ins = {name: _stand_in(place, value) for place, (name, value) in enumerate(values.items(), 1)}
    adapted = {_adapted(connection, one): name for name, one in stand_ins.items() if one is not None}
    try:
        sql, params = build(**stand_ins).query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return None
    slotted = tuple(
        _Slot(adapted[one]) if isinstance(one, int | str | date) and one in adapted else one for one in params
    )
    found = {one.name for one in slotted if isinstance(one, _Slot)}
    return (sql, slotted) if found == set(adapted.values()) else None


def _stand_in(place: int, value: Any) -> Any:
    """A value of the same kind that no row and no other part of a question has."""
    if value is None:
        return None
    if isinstance(value, datetime):
        return _FAR + timedelta(days=place, microseconds=place)
    if isinstance(value, date):
        return _FAR.date() + timedelta(days=400 + place)
    if isinstance(value, int) and not isinstance(value, bool):
        return 9_200_000_000_000_000_000 + place
    raise TypeError(type(value))


def _adapted(connection: Any, value: Any) -> Any:
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return connection.ops.adapt_datefield_value(value) if isinstance(value, date) else value

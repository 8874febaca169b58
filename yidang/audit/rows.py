"""Rows that carry meaning, bound to the log: the entry of each act holds the digest of the row as the act left it.

Who changes such a row gives ``audit.write(…, row=digest)`` the new digest, with the row's kind and key as target;
``row=GONE`` when the act removes it. A row that was edited in the database itself then differs from the log.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from yidang.audit.chain import canonical, hash_body, time_text
from yidang.audit.models import Entry
from yidang.audit.verify import Fault
from yidang.audit.writer import Event, write_many
from yidang.common.actor import Actor

GONE = "gone"
CHUNK = 500


@dataclass(frozen=True)
class RowKind:
    """A kind of rows: how their digests are made now, and which rows there are.

    :param digests: the present digests of rows by their keys; those that are not there are left out
    :param keys: the keys of all rows, in any order
    """

    kind: str
    digests: Callable[[Sequence[str]], dict[str, str]]
    keys: Callable[[], Iterable[str]]


KINDS: dict[str, RowKind] = {}
SIGNED: dict[str, Callable[[], Iterator[Fault]]] = {}


def register(kind: RowKind) -> None:
    """Have rows of this kind compared with the log."""
    KINDS[kind.kind] = kind


def register_signed(name: str, check: Callable[[], Iterator[Fault]]) -> None:
    """Have rows that carry a signature of their own checked with the others; yields each that does not say what was signed."""
    SIGNED[name] = check


def check_rows(progress: Callable[[int], None] | None = None) -> Iterator[Fault]:
    """Compare every row with the last entry that speaks of it; yields each that differs, is gone, or that no act made.

    Then those that carry a signature of their own.
    """
    done = 0
    for kind in KINDS.values():
        for keys in in_chunks(_told_keys(kind.kind)):
            yield from _compare(kind, keys)
            done += len(keys)
            if progress is not None:
                progress(done)
        for keys in in_chunks(kind.keys()):
            known = set(rows_of(kind.kind, keys).values_list("target", flat=True))
            for key in keys:
                if key not in known:
                    yield Fault(
                        0, "row_unknown", _("%(row)s: no entry of the log tells of it.") % _named(kind.kind, key)
                    )
    for check in SIGNED.values():
        yield from check()


def _compare(kind: RowKind, keys: list[str]) -> Iterator[Fault]:
    last, now = _last(kind.kind, keys), kind.digests(keys)
    wrong = {key for key, (_seq, told) in last.items() if now.get(key, GONE) != told}
    if wrong:
        # An act between the two reads is no fault: what is wrong must be so again, with no entry since.
        again, now = _last(kind.kind, sorted(wrong)), kind.digests(sorted(wrong))
        wrong = {key for key in wrong if again[key] == last[key] == _last(kind.kind, [key])[key]}
    for key in sorted(wrong, key=lambda key: last[key][0]):
        seq, told = last[key]
        named = _named(kind.kind, key)
        if told == GONE and key in now:
            yield Fault(seq, "row_returned", _("%(row)s is there, though the log says that it was removed.") % named)
        elif told != GONE and key not in now:
            yield Fault(seq, "row_missing", _("%(row)s is gone from the database; no entry tells why.") % named)
        elif told != GONE and now[key] != told:
            yield Fault(
                seq, "row_edited", _("%(row)s was changed in the database after this entry, past the program.") % named
            )


def _last(kind: str, keys: list[str]) -> dict[str, tuple[int, str]]:
    """The last entry that told of each row, and the digest in it."""
    return {target: (seq, row or "") for target, seq, row in rows_of(kind, keys).values_list("target", "seq", "row")}


def rows_of(kind: str, keys: list[str]) -> QuerySet[Entry]:
    """The entries that tell of these rows, the oldest first."""
    return Entry.objects.filter(target_kind=kind, target__in=keys, row__isnull=False).order_by("seq")


def _told_keys(kind: str) -> Iterator[str]:
    told = Entry.objects.filter(target_kind=kind, row__isnull=False).order_by("target")
    yield from told.values_list("target", flat=True).distinct().iterator(chunk_size=2000)


def in_chunks(keys: Iterable[str]) -> Iterator[list[str]]:
    """Keys as texts, five hundred at a time."""
    chunk: list[str] = []
    for key in keys:
        chunk.append(str(key))
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _named(kind: str, key: str) -> dict[str, str]:
    return {"row": f"{kind} {key}"}


def register_fields(
    kind: str, model: type[Model], key: str, fields: Sequence[str], *, only: dict[str, Any] | None = None
) -> None:
    """Have rows compared whose digest is their fields, named as queries name them, in this order, for ever.

    :param key: the field that names a row in the log; it never changes
    :param only: which rows, by fields that never change
    """
    rows = model._default_manager.filter(**(only or {}))

    def digests(keys: Sequence[str]) -> dict[str, str]:
        found = rows.filter(**{f"{key}__in": list(keys)}).values_list(key, *fields)
        return {
            str(name): hash_body(canonical([f"{kind}/1", *(_plain(value) for value in values)]))
            for name, *values in found
        }

    def keys() -> Iterator[str]:
        for name in rows.order_by(key).values_list(key, flat=True).iterator(chunk_size=2000):
            yield str(name)

    register(RowKind(kind, digests, keys))


def _plain(value: Any) -> Any:
    """A value as canonical JSON holds it; moments and numbers with a point as texts, the same on every database."""
    if isinstance(value, datetime):
        return time_text(value)
    return value if value is None or isinstance(value, str | bool | int | list | dict) else str(value)


def bind(kind: str, keys: Iterable[Any], *, actor: Actor, now: datetime) -> None:
    """Tell the log how rows stand now, or that they are gone, where the act's own entry names something else.

    Inside the transaction of the act, after its rows and beside its entry.
    """
    for chunk in in_chunks(keys):
        digests = KINDS[kind].digests(chunk)
        write_many([Event("audit.row.bound", actor, kind, key, row=digests.get(key, GONE)) for key in chunk], now=now)

"""The log of every change and every opening: append-only and hash-linked, written inside the transaction it speaks of.

Leans on common alone, and stores names as text, so that the log outlives the accounts in it.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yidang.audit.queries import entries_for as entries_for
    from yidang.audit.rows import bind as bind
    from yidang.audit.writer import Event as Event
    from yidang.audit.writer import write as write
    from yidang.audit.writer import write_many as write_many


def __getattr__(name: str) -> Any:
    # Models cannot be imported while Django still loads the packages.
    if name in {"write", "write_many", "Event"}:
        from yidang.audit import writer

        return getattr(writer, name)
    if name == "bind":
        from yidang.audit import rows

        return rows.bind
    if name == "entries_for":
        from yidang.audit import queries

        return queries.entries_for
    raise AttributeError(name)

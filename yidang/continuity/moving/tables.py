"""The tables of an archive and the reading of their rows, the same way on both sides."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.apps import apps
from django.db import connections, models
from django.db.models.functions import Collate

OLD, NEW = "default", "new"
CHUNK = 2000


@dataclass(frozen=True)
class Table:
    """One table, read in the order of its key."""

    model: type[models.Model]

    @property
    def name(self) -> str:
        """Its name in the database, the same on both sides."""
        return self.model._meta.db_table

    @cached_property
    def fields(self) -> list[Any]:
        """The fields that are columns, the key among them."""
        return list(self.model._meta.concrete_fields)

    @property
    def key(self) -> Any:
        """The field of the primary key."""
        return self.model._meta.pk

    @cached_property
    def key_at(self) -> int:
        """Where the key stands in a row."""
        return self.fields.index(self.key)

    def rows(self, side: str, *, above: Any = None, upto: Any = None, most: int | None = None) -> list[tuple[Any, ...]]:
        """Rows with a key above one and up to another, in its order, as the values that Python makes of them."""
        found = self._ordered(side)
        if above is not None:
            found = found.filter(ordered__gt=above)
        if upto is not None:
            found = found.filter(ordered__lte=upto)
        return list(found.values_list(*(field.attname for field in self.fields))[:most])

    def some(self, side: str, keys: Sequence[Any]) -> dict[Any, tuple[Any, ...]]:
        """The rows of these keys that are there."""
        found = self.model._base_manager.using(side).filter(pk__in=keys)
        return {row[self.key_at]: row for row in found.values_list(*(field.attname for field in self.fields))}

    def last_key(self, side: str) -> Any:
        """The highest key, None of an empty table."""
        return self._ordered(side).reverse().values_list("pk", flat=True).first()

    def count(self, side: str) -> int:
        """How many rows there are."""
        return self.model._base_manager.using(side).count()

    def _ordered(self, side: str) -> Any:
        rows = self.model._base_manager.using(side)
        key: Any = models.F("pk")
        # Texts are ordered byte by byte on both sides, whatever language the database was made for.
        if connections[side].vendor == "postgresql" and "char" in (self.key.db_type(connections[side]) or ""):
            key = Collate(key, "C")
        return rows.annotate(ordered=key).order_by("ordered")

    def chunks(self, side: str) -> Iterator[list[tuple[Any, ...]]]:
        """All rows, some thousand at a time."""
        last: Any = None
        while rows := self.rows(side, above=last, most=CHUNK):
            yield rows
            last = rows[-1][self.key_at]


def tables() -> list[Table]:
    """Every table that the program's own models have, by name."""
    found = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
    return [Table(found[name]) for name in sorted(found) if found[name]._meta.managed and not found[name]._meta.proxy]

"""Many rows of one table at once: the ORM's own values, without its statements, three times as fast as ``bulk_create``."""

from collections.abc import Sequence
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models

PLAIN = (int, str, bool, type(None))


def next_key(model: type[models.Model]) -> int:
    """The first key that nobody has."""
    return (model._default_manager.aggregate(last=models.Max("pk"))["last"] or 0) + 1


def pour(rows: Sequence[models.Model]) -> None:
    """Insert them with the keys that they have; call :func:`settle` after the last ones."""
    model = type(rows[0])
    fields = model._meta.concrete_fields
    columns = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    table = connection.ops.quote_name(model._meta.db_table)
    told = [[_value(row, field) for field in fields] for row in rows]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for values in told:
                    copy.write_row(values)
        else:
            marks = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", told)


def _value(row: models.Model, field: Any) -> Any:
    value = getattr(row, field.attname)
    if isinstance(value, PLAIN) and not isinstance(field, models.JSONField):
        return value
    return field.get_db_prep_save(value, connection)


def settle(*tables: type[models.Model]) -> None:
    """Let the database number on from what was poured in."""
    with connection.cursor() as cursor:
        for sentence in connection.ops.sequence_reset_sql(no_style(), tables):
            cursor.execute(sentence)

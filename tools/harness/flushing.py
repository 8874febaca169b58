"""What a test with real transactions leaves behind is removed, the log with it: each test begins with an empty one.

The log's triggers refuse a DELETE, and rightly so; here they step aside and come back. Its head, which a migration made,
stays and is set to nothing.
"""

from typing import Any

HEAD, GUARDED = "audit_head", ("audit_entry", "audit_personalfacts", "audit_head")
BEGIN = f"UPDATE {HEAD} SET size = 0, hash = '{'0' * 64}'"


def keep_the_log() -> None:
    """Let Django's flush empty the log as well, and keep its head."""
    from django.core.management.commands import flush

    def sql_flush(style: Any, connection: Any, reset_sequences: bool = True, allow_cascade: bool = False) -> list[str]:
        names = connection.introspection.django_table_names(only_existing=True, include_views=False)
        # PostgreSQL truncates, which no trigger of the log is about; SQLite deletes.
        left = GUARDED if connection.vendor == "sqlite" else (HEAD,)
        tables = [name for name in names if name not in left]
        rest = connection.ops.sql_flush(style, tables, reset_sequences=reset_sequences, allow_cascade=allow_cascade)
        return [*rest, *(_without_triggers(connection) if connection.vendor == "sqlite" else []), BEGIN]

    vars(flush)["sql_flush"] = sql_flush  # Django has no setting for it


def _without_triggers(connection: Any) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'audit_%'")
        triggers = cursor.fetchall()
    return [
        *(f"DROP TRIGGER {name}" for name, _sql in triggers),
        "DELETE FROM audit_personalfacts",
        "DELETE FROM audit_entry",
        *(sql for _name, sql in triggers),
    ]

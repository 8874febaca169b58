"""What a test with real transactions leaves behind is removed, but not the log: its triggers refuse, and rightly so.

Django empties every table after such a test. The log's entries stay; they harm no other test, and its head, which a
migration made, must stay with them.
"""

from typing import Any

KEPT = ("audit_",)


def keep_the_log() -> None:
    """Let Django's flush leave the log's tables alone."""
    from django.core.management.commands import flush

    def sql_flush(style: Any, connection: Any, reset_sequences: bool = True, allow_cascade: bool = False) -> list[str]:
        names = connection.introspection.django_table_names(only_existing=True, include_views=False)
        tables = [name for name in names if not name.startswith(KEPT)]
        return connection.ops.sql_flush(style, tables, reset_sequences=reset_sequences, allow_cascade=allow_cascade)

    vars(flush)["sql_flush"] = sql_flush  # Django has no setting for it

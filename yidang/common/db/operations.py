"""Changes of large tables that nobody waits for: on PostgreSQL an index is built while the table is read and written."""

from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db.migrations.operations import AddIndex


class AddIndexQuietly(AddIndexConcurrently):
    """As ``AddIndex``; on PostgreSQL concurrently, which needs a migration with ``atomic = False``."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Build it; what an upgrade that died left of it goes first, since no transaction took it back."""
        of_it = f"{'CONCURRENTLY ' if schema_editor.connection.vendor == 'postgresql' else ''}IF EXISTS"
        schema_editor.execute(f"DROP INDEX {of_it} {schema_editor.quote_name(self.index.name)}")
        kind = AddIndexConcurrently if schema_editor.connection.vendor == "postgresql" else AddIndex
        kind.database_forwards(self, app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Take it away again."""
        kind = AddIndexConcurrently if schema_editor.connection.vendor == "postgresql" else AddIndex
        kind.database_backwards(self, app_label, schema_editor, from_state, to_state)

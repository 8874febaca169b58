"""Begins to measure what is asked of the database, before the first question."""

from django.apps import AppConfig


class UpkeepConfig(AppConfig):
    """Every statement is counted; a slow one is told in the program's log."""

    name = "yidang.upkeep"

    def ready(self) -> None:
        """Connections are made later."""
        from yidang.common import statements

        statements.install()

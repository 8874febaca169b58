"""Tells the log which rows of people it speaks of, once everything is loaded."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Accounts and duties are compared with the log."""

    name = "yidang.people"

    def ready(self) -> None:
        """Models are there now."""
        from yidang.people import row_digests

        row_digests.lend()

"""Tells the log which rows of oversight it speaks of, once everything is loaded."""

from django.apps import AppConfig


class OversightConfig(AppConfig):
    """Alarms, notices of leaving and reviews of rights are compared with the log."""

    name = "yidang.oversight"

    def ready(self) -> None:
        """Models are there now."""
        from yidang.oversight import row_digests

        row_digests.lend()

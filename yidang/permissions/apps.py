"""Tells the log which rows of permissions it speaks of, once everything is loaded."""

from django.apps import AppConfig


class PermissionsConfig(AppConfig):
    """Grants, care relationships and freezes are compared with the log."""

    name = "yidang.permissions"

    def ready(self) -> None:
        """Models are there now."""
        from yidang.permissions import row_digests

        row_digests.lend()

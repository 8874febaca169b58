"""Tells the log which rows of the vault it speaks of, once everything is loaded."""

from django.apps import AppConfig


class VaultConfig(AppConfig):
    """Tombstones are compared with the log."""

    name = "yidang.vault"

    def ready(self) -> None:
        """Models are there now."""
        from yidang.vault import tombstones

        tombstones.lend()

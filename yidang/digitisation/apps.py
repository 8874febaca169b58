"""Tells search, once everything is loaded, who makes lost texts anew."""

from django.apps import AppConfig


class DigitisationConfig(AppConfig):
    """Digitisation reads documents."""

    name = "yidang.digitisation"

    def ready(self) -> None:
        """Models are there now."""
        from yidang import search
        from yidang.digitisation import actions

        search.when_lost(actions.read_lost)

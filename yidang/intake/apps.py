"""Lends to the vault's rebuild what follows from records and to approval what is accepted, once everything is loaded."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """Submissions follow their records when those are taken in from a site."""

    name = "yidang.intake"

    def ready(self) -> None:
        """Models are there now."""
        from yidang.intake import acceptance_subject, catching_up

        catching_up.lend()
        acceptance_subject.lend()

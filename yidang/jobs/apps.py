"""Lends the way of asking for later work to the package below that has some."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """The log asks for checkpoints and for being verified."""

    name = "yidang.jobs"

    def ready(self) -> None:
        """Models are there now."""
        from yidang.audit import later
        from yidang.jobs import asking

        later.lend(asking.later)

"""A process of the program that has loaded everything, and forks: most of a short run is Python reading modules."""

import importlib
from collections.abc import Callable

# What the deeds and commands of the attacks load; what is missing here is loaded by each child anew.
MODULES = (
    "yidang.commands.filing", "yidang.commands.indexing", "yidang.commands.preparing", "yidang.commands.returning",
    "yidang.vault.commands", "yidang.vault.store", "yidang.intake.actions", "yidang.upkeep.checks", "yidang.audit.verify",
    "yidang.audit.rows", "yidang.jobs.worker", "yidang.search.pagetext", "django.db.models.sql.compiler", "config.urls",
)  # fmt: skip


def load() -> Callable[[], None]:
    """Load the program; the answer is to be called in each child.

    A fork forgets the cage of its parent, whose start takes ten times as long as a filing. Ours may be shared: requests are
    single packets with their own lines for the answer, and one child lives at a time.
    """
    import django

    django.setup()
    for name in MODULES:
        importlib.import_module(name)
    from yidang.formats import cage
    from yidang.jobs.registry import load_tasks

    load_tasks()
    cage.READ.warm()
    warm = cage.READ._parent

    def share() -> None:
        cage.READ._parent = warm

    return share

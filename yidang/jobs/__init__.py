"""Long work as rows: asked for in the caller's transaction, claimed by lease, resumed by another worker after a crash.

Leans on people for who asked and on audit and common; the handlers live in the packages that own the work.
"""

from typing import Any


def __getattr__(name: str) -> Any:
    # The rows cannot be imported while Django still loads the packages.
    if name in {"later", "later_many", "task", "every", "chore", "JobRun"}:
        from yidang.jobs import asking, machines, registry

        where = {"later": asking, "later_many": asking, "chore": machines}
        return getattr(where.get(name, registry), name)
    raise AttributeError(name)

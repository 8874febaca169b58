"""Marks on views: which ones a stranger may open, and which ones only ask whether something is new."""

from collections.abc import Callable
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])

# Addresses of packages below this one that hold nothing of anybody: the shell's files, the choice of language.
PUBLIC_NAMES = frozenset({"ui:bundle", "ui:language"})
# A witness keeps what it is shown in a row of its own and writes its refusals; once a minute would drown the log.
QUIET_NAMES = frozenset({"ui:bundle", "ui:language", "ui:columns", "audit:progress", "api:audit_witness"})


def public(view: View) -> View:
    """Let strangers open this view; every other view asks for a sign-in."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


def quiet(reason: str) -> Callable[[View], View]:
    """Leave this view's requests out of the log, for a reason: it only polls, or shows nothing of anybody.

    :param reason: a sentence for whoever reads the code
    """

    def mark(view: View) -> View:
        view.is_quiet = reason  # type: ignore[attr-defined]
        return view

    return mark


def is_public(view: Any, name: str) -> bool:
    """Whether strangers may open what answers at an address."""
    return bool(getattr(view, "is_public", False)) or name in PUBLIC_NAMES


def is_quiet(view: Any, name: str) -> bool:
    """Whether requests to an address stay out of the log."""
    return bool(getattr(view, "is_quiet", "")) or name in QUIET_NAMES

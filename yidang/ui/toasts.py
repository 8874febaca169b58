"""A short message that the next page shows: kept in the session between a POST and the page after it."""

from django.http import HttpRequest

KEY = "toasts"
KINDS = {"ok", "info", "warn", "bad"}


def toast(request: HttpRequest, text: object, kind: str = "ok") -> None:
    """Show ``text`` on the next page that this session renders; ``kind`` is ok, info, warn or bad."""
    if kind not in KINDS:
        raise ValueError(f"a toast is one of {sorted(KINDS)}, not {kind!r}")
    request.session[KEY] = [*request.session.get(KEY, []), {"text": str(text), "kind": kind}]


def waiting_toasts(request: HttpRequest) -> list[dict[str, str]]:
    """Take out what waits; a request without a session has nothing waiting."""
    session = getattr(request, "session", None)
    if session is None or KEY not in session:
        return []
    return list(session.pop(KEY))

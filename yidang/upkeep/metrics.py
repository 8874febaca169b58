"""``/metrics``: the figures in the text form of Prometheus, for a monitor that shows its token or its address."""

import hmac
from collections.abc import Iterable
from ipaddress import ip_address
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from yidang.common.errors import NotFound
from yidang.people.middleware import caller_address
from yidang.people.public import public, quiet
from yidang.upkeep.figures import MEANINGS, Figure, gather

KIND = "text/plain; version=0.0.4; charset=utf-8"
SHORTEST_TOKEN = 16
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")


class NoMetrics(NotFound):
    """To this caller there are no figures."""

    code = "no_metrics"
    default_remedy = gettext_lazy(
        "A monitor sends the token of YIDANG_METRICS_TOKEN_FILE or stands in YIDANG_METRICS_FROM."
    )


@public
@quiet("It holds counts, nothing of anybody, and a monitor asks every few seconds.")
@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    """Every figure there is."""
    if not may_read(request):
        raise NoMetrics()
    return HttpResponse(exposition(gather()), content_type=KIND, headers={"Cache-Control": "no-store"})


def may_read(request: HttpRequest) -> bool:
    """Whether the caller shows the token, or stands at an address that settings name."""
    scheme, _blank, sent = request.headers.get("Authorization", "").partition(" ")
    wanted = token()
    if wanted and scheme.lower() == "bearer" and hmac.compare_digest(sent.strip().encode(), wanted.encode()):
        return True
    if not settings.BEHIND_PROXY and any(name in request.META for name in FORWARDED):
        return False  # came through a proxy that nobody declared: the address we see is the proxy's own
    try:
        address = ip_address(caller_address(request))
    except ValueError:
        return False
    return any(address in network for network in settings.METRICS_FROM)


def token() -> str:
    """The token of the configured file; empty for none, and for one that is too short to be a secret."""
    if not settings.METRICS_TOKEN_FILE:
        return ""
    try:
        told = Path(settings.METRICS_TOKEN_FILE).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""  # said by doctor
    return told if len(told) >= SHORTEST_TOKEN else ""


def exposition(figures: Iterable[Figure]) -> str:
    """The figures as text, those of one name together under their meaning."""
    by_name: dict[str, list[Figure]] = {}
    for figure in figures:
        by_name.setdefault(figure.name, []).append(figure)
    lines = []
    for name, members in by_name.items():
        kind, meaning = MEANINGS[name]
        lines += [f"# HELP {name} {meaning}", f"# TYPE {name} {kind}"]
        lines += [f"{name}{one.suffix}{_labels(one)} {_number(one.value)}" for one in members]
    return "\n".join(lines) + "\n"


def _labels(figure: Figure) -> str:
    if not figure.labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in figure.labels) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)

"""The web process: one interpreter with many threads. Django is loaded by the server's own child, not here."""

import os
import threading
from typing import Any

import click

from yidang.commands.parent import end_with_parent


@click.command(hidden=True)
@click.option("--host", default="127.0.0.1")
@click.option("--port", default=8000, type=int)
@click.option("--threads", default=32, type=int)
def web(host: str, port: int, threads: int) -> None:
    """Serve pages and API."""
    end_with_parent()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    Granian(
        "yidang.commands.web:application",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=threads,
        blocking_threads_idle_timeout=60,
        backpressure=256,
        respawn_failed_workers=True,
        websockets=False,
        log_level=LogLevels.warning,
    ).serve()


def application() -> Any:
    """What the server's own child serves; it too ends with its parent, or it would go on answering at the port for ever."""
    end_with_parent()
    from django.conf import settings

    from config.wsgi import application as pages
    from yidang.common.program_log import keep_in_file

    keep_in_file(settings.DATA / "log", "web", mebibytes=settings.LOG_MIB)
    threading.Thread(target=_make_ready, name="make-ready", daemon=True).start()
    return pages


def _make_ready() -> None:
    """What the first reader of a page would wait for: the patterns of the tracing mark, and the cage that draws."""
    from yidang.access import tracing
    from yidang.formats import cage

    tracing.patterns()
    cage.READ.warm()

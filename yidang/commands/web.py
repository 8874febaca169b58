"""The web process: one interpreter with many threads. Django is loaded by the server's own child, not here."""

import os
import threading
from pathlib import Path
from typing import Any

import click

from yidang.commands.parent import end_with_parent
from yidang.common import draining

BACKLOG = 1024
ARRIVED = ".arrived"
_sign: list[Path] = []


@click.command(hidden=True)
@click.option("--host", default="127.0.0.1")
@click.option("--port", default=8000, type=int)
@click.option("--threads", default=32, type=int)
@click.option("--socket", "inherited", default=0, type=int, help="A listening socket of the supervisor, by number.")
@click.option("--sign", type=click.Path(path_type=Path), help="The file by which the supervisor asks for an end.")
def web(host: str, port: int, threads: int, inherited: int, sign: Path | None) -> None:
    """Serve pages and API."""
    end_with_parent()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if sign is not None:
        draining.watch(sign)
        _sign[:] = [sign]
    from granian.constants import Interfaces
    from granian.log import LogLevels

    _server()(
        "yidang.commands.web:application",
        factory=True,
        inherited=inherited,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=threads,
        blocking_threads_idle_timeout=60,
        backlog=BACKLOG,
        backpressure=256,
        respawn_failed_workers=True,
        websockets=False,
        log_level=LogLevels.warning,
    ).serve()


def _server() -> Any:
    """Granian, able to use a listening socket that its parent holds.

    The supervisor's socket goes on taking connections while one web process follows another: whoever knocks meanwhile
    waits for a moment and is not refused.
    """
    from granian._granian import SocketHolder
    from granian.server import MPServer

    class Server(MPServer):
        def __init__(self, *args: Any, inherited: int, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._inherited = inherited

        def _init_shared_socket(self) -> None:
            if not self._inherited:
                super()._init_shared_socket()
                return
            self._ssp, self._sso = None, None
            vars(self).update(_sfd=self._inherited, _shd=SocketHolder(self._inherited, False, BACKLOG))  # type: ignore[call-arg]

        def _drop_shared_socket(self) -> None:
            # Before the workers end, so that nobody's question waits at a socket that no worker looks at any more.
            if self._inherited:
                os.close(self._inherited)
            else:
                super()._drop_shared_socket()

    return Server


def application() -> Any:
    """What the server's own child serves; it too ends with its parent, or it would go on answering at the port for ever."""
    end_with_parent()
    from django.conf import settings

    from config.wsgi import application as pages
    from yidang.common.program_log import keep_in_file

    keep_in_file(settings.DATA / "log", "web", mebibytes=settings.LOG_MIB)
    threading.Thread(target=_make_ready, name="make-ready", daemon=True).start()
    for sign in _sign:
        sign.with_suffix(ARRIVED).touch()
    return pages


def _make_ready() -> None:
    """What the first reader would wait for: the patterns of the tracing mark, the cage that draws, the tables of pinyin."""
    from yidang.access import tracing
    from yidang.formats import cage
    from yidang.search import pinyin

    tracing.patterns()
    cage.READ.warm()
    pinyin.syllables("医档")

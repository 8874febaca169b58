"""A locked bucket as it was at a moment, for restic to read: first versions only, through a small server on this machine.

Whoever stole our keys can lay rubbish over every file and mark all of them as deleted. Under the lock what was first
written stays, and the store's own clock tells when that was.
"""

import json
import secrets
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from yidang.continuity.engine import Place
from yidang.continuity.errors import NoBackupThere, NotLocked, PlaceRefuses
from yidang.continuity.locking import Version, first_versions, store_of
from yidang.vault.objectstore import ObjectStore

CHUNK = 1024 * 1024
LISTING = "application/vnd.x.restic.rest.v2"


@contextmanager
def as_of(place: Place, moment: datetime) -> Iterator[Place]:
    """The place as it was at a moment, to be read only while this lasts.

    :raises NotLocked: the place keeps no earlier versions
    :raises NoBackupThere: nothing was there by then
    """
    store = store_of(place.address)
    if store is None or not store.can_lock:
        raise NotLocked(address=place.address)
    try:
        there = [one for one in first_versions(store) if one.at <= moment]
    except OSError as problem:
        raise PlaceRefuses(reasons=str(problem)) from problem
    if not any(one.name.startswith("snapshots/") for one in there):
        raise NoBackupThere(address=place.address)
    word = secrets.token_urlsafe(16)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(store, there, word))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        address = f"rest:http://127.0.0.1:{server.server_port}/{word}/"
        yield replace(place, address=address, cache=place.cache.with_name("restic-as-of"))
    finally:
        server.shutdown()
        server.server_close()


def _handler(store: ObjectStore, versions: list[Version], word: str) -> type[BaseHTTPRequestHandler]:
    """Answers the reading half of restic's REST protocol."""
    files: dict[str, Version] = {}
    lists: dict[str, list[dict[str, object]]] = defaultdict(list)
    for one in versions:
        kind, name = one.name.partition("/")[0], one.name.rpartition("/")[2]
        if kind == "locks":
            continue  # nobody writes here now
        files[f"{kind}/{name}" if "/" in one.name else kind] = one
        lists[kind].append({"name": name, "size": one.size})

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            one = files.get(self._asked())
            self._head(HTTPStatus.OK if one else HTTPStatus.NOT_FOUND, one.size if one else 0)

        def do_GET(self) -> None:
            asked = self._asked()
            if asked.endswith("/"):
                listed = json.dumps(lists[asked.rstrip("/")]).encode()
                self._head(HTTPStatus.OK, len(listed), LISTING)
                self.wfile.write(listed)
                return
            one = files.get(asked)
            if one is None:
                self._head(HTTPStatus.NOT_FOUND, 0)
                return
            wanted = self.headers.get("Range")
            more = {"Range": wanted} if wanted else {}
            key = f"{store.access.prefix}/{one.name}".lstrip("/")
            told = store.client.get_object(Bucket=store.access.bucket, Key=key, VersionId=one.version, **more)
            self._head(HTTPStatus.PARTIAL_CONTENT if wanted else HTTPStatus.OK, told["ContentLength"])
            for chunk in told["Body"].iter_chunks(CHUNK):
                self.wfile.write(chunk)

        def _asked(self) -> str:
            """The path without our word; nothing for whoever does not know it."""
            begin = f"/{word}/"
            path = self.path.partition("?")[0]
            return path.removeprefix(begin) if path.startswith(begin) else ""

        def _head(self, status: HTTPStatus, size: int, kind: str = "application/octet-stream") -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(size))
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """What restic asks is nobody's concern."""

    return Handler

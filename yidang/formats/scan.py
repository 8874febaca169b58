"""Virus scanning by ClamAV's daemon, and the EICAR test even without it. An absent scanner is a finding, not a pass."""

import contextlib
import datetime as dt
import mmap
import re
import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path

from yidang.formats.findings import Finding, finding

# Found where Debian puts it; another place is given by the caller.
SOCKETS = ("/run/clamav/clamd.ctl", "/var/run/clamav/clamd.ctl", "/run/clamd.scan/clamd.sock")
_OLD_DAYS = 7
_CHUNK = 256 * 1024
_ASK_AGAIN = 30.0
# Put together here so that scanners do not find this file.
_EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
_absent_until: dict[str, float] = {}


def scan(path: Path, address: str = "", *, timeout: float = 30.0) -> list[Finding]:
    """What a scan of a file says: found, clean, or why that is not known.

    :param address: a socket's path or ``host:port``; empty looks in the usual places
    """
    if _is_eicar(path):
        return [finding("virus_found", virus="EICAR-Test-File")]
    try:
        with _connected(address, timeout) as (connection, place):
            version = _version(place, timeout)
            answer = _stream(connection, path)
    except FileNotFoundError:
        return [finding("scanner_absent")]
    except OSError as error:
        return [finding("scanner_failed", reason=str(error)[:80])]
    found = re.search(r": (.+) FOUND", answer)
    if found:
        return [finding("virus_found", virus=found[1])]
    if not answer.endswith("OK"):
        return [finding("scanner_failed", reason=answer[:80])]
    return [*_age(version), finding("virus_clean", engine=version.split("/")[0])]


def status(address: str = "") -> list[Finding]:
    """Whether a scanner answers and how old its signatures are, for ``yidang doctor``; empty if all is well."""
    _absent_until.clear()
    try:
        with _connected(address, 5.0) as (_connection, place):
            return _age(_version(place, 5.0))
    except FileNotFoundError:
        return [finding("scanner_absent")]
    except OSError as error:
        return [finding("scanner_failed", reason=str(error)[:80])]


def _is_eicar(path: Path) -> bool:
    """The test string anywhere in a small file; plain containers of it are found as well."""
    size = path.stat().st_size
    if not size or size > 64 << 20:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        return mapped.find(_EICAR) >= 0


@contextlib.contextmanager
def _connected(address: str, timeout: float) -> Iterator[tuple[socket.socket, str]]:
    """A connection to the daemon.

    :raises FileNotFoundError: none answers; it is not asked again for half a minute
    """
    if _absent_until.get(address, 0.0) > time.monotonic():
        raise FileNotFoundError(address)
    for place in [address] if address else SOCKETS:
        try:
            connection = _open(place, timeout)
        except OSError:
            continue
        with connection:
            yield connection, place
            return
    _absent_until[address] = time.monotonic() + _ASK_AGAIN
    raise FileNotFoundError(address)


def _open(place: str, timeout: float) -> socket.socket:
    if place.startswith("/"):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(timeout)
        connection.connect(place)
        return connection
    host, _colon, port = place.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=timeout)


def _stream(connection: socket.socket, path: Path) -> str:
    connection.sendall(b"zINSTREAM\x00")
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            connection.sendall(struct.pack("!I", len(chunk)) + chunk)
    connection.sendall(struct.pack("!I", 0))
    return _answer(connection)


def _answer(connection: socket.socket) -> str:
    parts = bytearray()
    while b"\x00" not in parts and (part := connection.recv(4096)):
        parts += part
    return parts.decode("utf-8", "replace").strip("\x00\n ")


def _version(place: str, timeout: float) -> str:
    with _open(place, timeout) as connection:
        connection.sendall(b"zVERSION\x00")
        return _answer(connection)


def _age(version: str) -> list[Finding]:
    """«ClamAV 1.0.3/27123/Mon Dec 11 09:30:00 2023»: signatures older than a week are told."""
    try:
        made = dt.datetime.strptime(version.split("/", 2)[2], "%a %b %d %H:%M:%S %Y").replace(tzinfo=dt.UTC)
    except (IndexError, ValueError):
        return [finding("scanner_outdated", days="?")]
    days = int((time.time() - made.timestamp()) // 86400)
    return [finding("scanner_outdated", days=days)] if days > _OLD_DAYS else []

"""No test reaches beyond this machine (promise J5): an empty network namespace where permitted, a guard everywhere."""

import ctypes
import fcntl
import ipaddress
import os
import socket
import struct
from typing import Any

CLONE_NEWNET = 0x40000000
SIOCSIFFLAGS = 0x8914
IFF_UP_RUNNING = 0x1 | 0x40
_STATE = "YIDANG_TEST_NETWORK"


def enter_empty_namespace() -> None:
    """Leave the machine's network for one that has only a loopback; children inherit it. Needs root, else stays out."""
    library = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() != 0 or library.unshare(CLONE_NEWNET) != 0:
        return
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP_RUNNING))
    os.environ[_STATE] = "an empty namespace"


def describe() -> str:
    """How the network is closed, for the head of the report."""
    return os.environ.get(_STATE, "closed by a guard in Python; run as root for an empty namespace")


def _allowed(address: Any) -> bool:
    if not isinstance(address, tuple):  # a Unix socket's path
        return True
    host = str(address[0])
    if host in {"", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def close() -> None:
    """Refuse connections to anything but this machine, with a sentence instead of a time-out."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def guarded(self: socket.socket, address: Any) -> None:
        if not _allowed(address):
            raise ConnectionRefusedError(f"A test tried to reach {address}; tests stay on this machine.")
        connect(self, address)

    def guarded_ex(self: socket.socket, address: Any) -> int:
        if not _allowed(address):
            raise ConnectionRefusedError(f"A test tried to reach {address}; tests stay on this machine.")
        return connect_ex(self, address)

    for name, guard in (("connect", guarded), ("connect_ex", guarded_ex)):
        setattr(socket.socket, name, guard)

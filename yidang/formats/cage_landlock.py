"""Landlock: files outside the cage out of reach, where the system forbids namespaces (as most containers do)."""

import ctypes
import os
from collections.abc import Sequence

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446
_VERSION = 1
_PATH_BENEATH = 1
_EXECUTE, _WRITE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_EVERYTHING = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1}
_READING = _EXECUTE | _READ_FILE | _READ_DIR
_REMOVE_FILE, _MAKE_SOCKET = 1 << 5, 1 << 9
_ON_FILES = _EXECUTE | _WRITE | _READ_FILE | (1 << 14)
_NET = 3  # bind and connect by TCP, known from version 4

_libc = ctypes.CDLL(None, use_errno=True)


class _Ruleset(ctypes.Structure):
    _fields_ = [("files", ctypes.c_uint64), ("network", ctypes.c_uint64)]


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32)]


def restrict(readable: list[str], writable: list[str], sockets: Sequence[str] = ()) -> tuple[bool, str]:
    """Allow reading beneath some paths and writing beneath others; nothing else, for this process and its children.

    :param sockets: folders in which local sockets may be made and files of this user removed, but nothing read or written
    :returns: whether it holds, and if not why
    """
    version = _libc.syscall(_CREATE, None, 0, _VERSION)
    if version < 1:
        return False, "Landlock is not available"
    handled = _EVERYTHING[min(version, 3)]
    rules = _Ruleset(handled, _NET if version >= 4 else 0)
    size = ctypes.sizeof(rules) if version >= 4 else 8
    ruleset = _libc.syscall(_CREATE, ctypes.byref(rules), size, 0)
    if ruleset < 0:
        return False, f"Landlock: {os.strerror(ctypes.get_errno())}"
    for path in readable:
        _allow(ruleset, path, _READING & handled)
    for path in writable:
        _allow(ruleset, path, handled)
    for path in sockets:
        _allow(ruleset, path, _MAKE_SOCKET | _REMOVE_FILE)
    held = _libc.syscall(_RESTRICT, ruleset, 0) == 0
    os.close(ruleset)
    return held, "" if held else f"Landlock: {os.strerror(ctypes.get_errno())}"


def _allow(ruleset: int, path: str, access: int) -> None:
    try:
        folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there needs no permission
    access = access if os.path.isdir(path) else access & _ON_FILES  # noqa: PTH112 — a plain question about a string
    rule = _Beneath(access, folder)
    _libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0)
    os.close(folder)

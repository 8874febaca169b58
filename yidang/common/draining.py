"""Whether this web process is about to end: it answers what it has, asks browsers for no second question on the same connection.

The supervisor makes the file that the process was told of at its start; looking for it costs a few microseconds. No Django
here, because the web server names the file before it loads it.
"""

from pathlib import Path

_sign: list[Path] = []


def watch(sign: Path) -> None:
    """Take this file, once it exists, for the wish to end."""
    _sign[:] = [sign]


def is_draining() -> bool:
    """Whether this process was asked to come to its end."""
    return bool(_sign) and _sign[0].exists()

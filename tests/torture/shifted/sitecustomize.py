"""Python loads this before anything else: the program's one clock then goes wrong by the seconds that a file names."""

import os
from datetime import datetime, timedelta
from pathlib import Path

from yidang.common import clock

_FILE, _true = Path(os.environ["TORTURE_CLOCK"]), clock.now


def _wrong() -> datetime:
    try:
        return _true() + timedelta(seconds=float(_FILE.read_text() or 0))
    except FileNotFoundError:
        return _true()


clock.now = _wrong

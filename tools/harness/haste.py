"""What makes two thousand sign-ins and as many data folders cheap, and tells a test nothing else than before.

Servers that a test starts as processes of their own hash and serve as the product does.
"""

import os
import shutil
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM = 8 * 1024**3  # what the tests of a run leave standing at once stays far below


def temporary_root() -> Path | None:
    """A disk in memory where there is room for one: no test asks whether a disk of iron keeps what was flushed."""
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ROOM or _available() < ROOM + ROOM // 2:
        return None
    return MEMORY


def _available() -> int:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), 0)


def use_memory() -> None:
    """Let pytest and the program put temporary files there, unless somebody said where."""
    root = temporary_root()
    if root is not None and "PYTEST_DEBUG_TEMPROOT" not in os.environ:
        os.environ["PYTEST_DEBUG_TEMPROOT"] = str(root)


def make_cheap() -> None:
    """A password costs a hundredth; each test's browser looks for a static file when it asks for one, not for all of them."""
    from django.conf import settings
    from django.contrib.auth.hashers import Argon2PasswordHasher

    Argon2PasswordHasher.time_cost, Argon2PasswordHasher.memory_cost = 1, 1024
    settings.WHITENOISE_AUTOREFRESH = True

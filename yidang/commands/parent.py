"""A child of the supervisor ends with it, so that none is left to hold the port or the index."""

import ctypes
import os
import signal
import sys
import threading
import time

# prctl(PR_SET_PDEATHSIG): the kernel sends the signal when the parent dies, however it dies.
PR_SET_PDEATHSIG = 1
# Somewhat longer than the supervisor itself waits for a child that it asked to stop.
PATIENCE_SECONDS = 30


def end_with_parent() -> None:
    """Ask the kernel for SIGTERM at the parent's death; ends at once if the parent is gone already.

    The web server loses a SIGTERM that comes while it starts its own child anew, so whoever is still there after half a
    minute without a parent is killed.
    """
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    parent = os.getppid()
    if parent == 1:
        sys.exit(0)
    threading.Thread(target=_insist, args=(parent,), name="parent", daemon=True).start()


def _insist(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    time.sleep(PATIENCE_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)

"""A child of the supervisor ends with it, so that none is left to hold the port or the index."""

import ctypes
import os
import signal
import sys

# prctl(PR_SET_PDEATHSIG): the kernel sends the signal when the parent dies, however it dies.
PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """Ask the kernel for SIGTERM at the parent's death; ends at once if the parent is gone already."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() == 1:
        sys.exit(0)

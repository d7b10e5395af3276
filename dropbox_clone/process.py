"""Processes that must not outlive the one that started them (Linux)."""

import ctypes
import os
import signal

PR_SET_PDEATHSIG = 1  # prctl(2)
_LIBC = ctypes.CDLL(None, use_errno=True)


def die_with_parent(parent: int, number: signal.Signals = signal.SIGKILL) -> None:
    """Have the kernel send a signal to this process when its parent dies, even by SIGKILL.

    `parent` is the pid that the parent must have: when it died before this call, this process ends at once.
    """
    if _LIBC.prctl(PR_SET_PDEATHSIG, number, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:
        os._exit(1)

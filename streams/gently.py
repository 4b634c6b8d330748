"""Starts our own processes: what a start costs can be spent at a low priority, so that those at work are not slowed.

`python -m streams.gently child FD PARENT NICENESS` starts a pool child, `… check FD PARENT NICENESS` reads and
compiles the rules. Nothing heavy is imported here: importing is half of what a start costs.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

GENTLY = 10  # niceness: a tenth of what those at work get
PR_SET_PDEATHSIG = 1

T = TypeVar("T")


def main() -> None:
    """Be the process that the command line asks for."""
    what, fd, parent, niceness = sys.argv[1], *map(int, sys.argv[2:])
    die_with_parent(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if what == "child":
        serve = gently(lambda: _child(fd), niceness)
        serve()
    else:
        gently(lambda: _check(fd), niceness)


def gently(work: Callable[[], T], niceness: int) -> T:
    """Do work on a thread whose priority is lowered, and give or raise what it gives or raises.

    On Linux niceness is a thread's own. Who lowered it can't raise it again without rights, so it is not
    lowered for the thread that is to serve.
    """

    def run() -> T:
        if niceness and sys.platform == "linux":
            me = threading.get_native_id()
            os.setpriority(os.PRIO_PROCESS, me, min(19, os.getpriority(os.PRIO_PROCESS, me) + niceness))
        return work()

    with ThreadPoolExecutor(1) as starting:
        return starting.submit(run).result()


def die_with_parent(parent: int) -> None:
    """Ask the kernel to end this process when its parent ends, however that ends (Linux).

    `parent` is its process id, which in a container is 1. Elsewhere the closed pipe ends it after
    its batch.
    """
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415

        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before we asked
            os._exit(0)


def _child(fd: int) -> Callable[[], None]:
    from streams import child  # noqa: PLC0415

    return child.load(fd)


def _check(fd: int) -> None:
    from streams import rulesource  # noqa: PLC0415

    rulesource.answer(fd)


if __name__ == "__main__":
    main()

"""A process starts at a low priority and works at its own."""

import os
import sys
import threading

import pytest

from streams.gently import gently

LINUX_ONLY = pytest.mark.skipif(sys.platform != "linux", reason="niceness is a thread's own on Linux only")


def niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


@LINUX_ONLY
def test_what_is_done_gently_has_a_low_priority_and_what_comes_after_has_not() -> None:
    before = niceness()
    assert gently(niceness, 5) == before + 5
    assert niceness() == before


@LINUX_ONLY
def test_no_priority_is_below_the_lowest() -> None:
    assert gently(niceness, 100) == 19


def test_without_a_niceness_nothing_changes() -> None:
    assert gently(niceness, 0) == niceness()


def test_what_goes_wrong_is_raised_where_it_was_asked_for() -> None:
    def fail() -> None:
        raise LookupError("the reason")

    with pytest.raises(LookupError, match="the reason"):
        gently(fail, 0)

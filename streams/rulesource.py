"""Where a worker's rules come from: seeing that they changed, and reading and compiling them in a process apart."""

import asyncio
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

import msgspec
from kafka.errors import KafkaError
from msgspec import Struct

from processors.rulerecords import from_records, pack, to_records
from processors.rules import Problem, RuleSet
from streams import rulefiles, rulestopic
from streams.child import limit_memory
from streams.gently import GENTLY
from streams.metrics import MOST_RULES
from streams.rulefiles import RuleError
from streams.settings import Settings, environment
from streams.settings import load as load_settings

log = logging.getLogger(__name__)

RETRY_SECONDS = 30.0  # after what may pass
SHOWN = 5  # problems in a log line
NEVER: Any = object()
# What is wrong, and the remedy, where nothing is there.
GONE = {
    "files": ("no rule file is there any more", "put them back"),
    "topic": ("the topic is missing", "create it with `wirewatch topics create`, then publish the rules"),
}


class Rules(Struct, frozen=True, kw_only=True, tag=True):
    """A rule set that was read and that compiles. `ids` are the first in order, for their metrics."""

    packed: bytes  # its records
    revision: str
    count: int
    ids: tuple[str, ...]


class Refused(Struct, frozen=True, kw_only=True, tag=True):
    """Rules that can't be used, and why: each fault with its place and remedy."""

    problems: list[Problem]

    def __str__(self) -> str:
        """Read the first few in one line."""
        shown = map(str, self.problems[:SHOWN])
        more = max(len(self.problems) - SHOWN, 0)
        return " | ".join(shown) + (f" | and {more} more" if more else "")


class Unread(Struct, frozen=True, kw_only=True, tag=True):
    """Rules that could not be read this time: nothing is known of them."""

    why: str


def load(settings: Settings) -> Rules:
    """Read and compile the rules that the settings name.

    Raises:
        RuleError: they can't be used, with all that is wrong.
        KafkaError: no broker can be reached.
    """
    if settings.rules_from == "files":
        rules = rulefiles.load(settings.rules_dir)
        return _rules(rules, pack(to_records(rules)))
    records = rulestopic.read(settings)
    found = from_records(records)
    if isinstance(found, list):
        raise RuleError(found)
    return _rules(found, pack(records))


class Source:
    """The rules of a worker as they change. A change counts once two looks in a row find the same."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._look: Callable[[], Any] = (
            partial(rulefiles.mark, settings.rules_dir)
            if settings.rules_from == "files"
            else rulestopic.Watched(settings).look
        )
        self._judged = self._before = NEVER

    def now(self) -> Rules:
        """Load the rules as they are, in this process. Raises what `load` and looking raise."""
        self._judged = self._before = self._look()
        return load(self._settings)

    async def changed(self) -> Rules | Refused:
        """Wait until the rules are others than were last judged, then judge them.

        What can't be read for a while (no broker) is waited for; who calls again at once waits for
        the next change.
        """
        while True:
            try:
                now = await asyncio.to_thread(self._look)
            except (KafkaError, OSError) as error:
                log.debug("the rules can't be looked at: %r", error)
                now = self._before
            settled = now == self._before or self._before is NEVER
            self._before = now
            if settled and now is not self._judged and now != self._judged:
                judged = await self._judge(now)
                if judged is not None:
                    return judged
            await asyncio.sleep(self._settings.rules_check_seconds)

    async def again(self) -> None:
        """Have the same rules judged once more, after a pause: what kept them out may pass."""
        await asyncio.sleep(RETRY_SECONDS)
        self._judged = NEVER

    async def _judge(self, now: Any) -> Rules | Refused | None:
        if now is None:
            self._judged = now
            return Refused(problems=[_gone(self._settings)])
        found = await load_apart(self._settings)
        if isinstance(found, Unread):
            log.warning("the rules could not be read, again in %.0f s: %s", RETRY_SECONDS, found.why)
            await asyncio.sleep(RETRY_SECONDS)
            return None
        if isinstance(found, Refused) and await asyncio.to_thread(self._look) != now:
            return None  # a publish is under way
        self._judged = now
        return found


async def load_apart(settings: Settings) -> Rules | Refused | Unread:
    """Read and compile the rules in a process of its own, of low priority and bounded memory."""
    # Here and not in a thread: the kernel ends it when the thread that made it ends.
    pipe, process = _checking(settings)
    try:
        return await asyncio.to_thread(_answered, pipe, process)
    finally:
        process.kill()
        pipe.close()


def answer(fd: int) -> None:
    """Load the rules that this process's settings name and write what came of it to a pipe."""
    settings = load_settings().settings
    limit_memory(settings.child_memory_bytes)
    try:
        found: Rules | Refused | Unread = load(settings)
    except RuleError as error:
        found = Refused(problems=error.problems)
    except MemoryError:
        what = f"the rules need more memory than child_memory_bytes allows ({settings.child_memory_bytes:,})"
        found = Refused(
            problems=[
                Problem(file="rules", line=1, column=1, what=what, remedy="raise it, or use fewer rules")
            ]
        )
    except (KafkaError, OSError) as error:
        found = Unread(why=f"{type(error).__name__}: {error}")
    Connection(fd).send_bytes(msgspec.msgpack.encode(found))


def _checking(settings: Settings) -> "tuple[Connection[Any, Any], subprocess.Popen[bytes]]":
    ours, theirs = socket.socketpair()
    told = [str(number) for number in (theirs.fileno(), os.getpid(), GENTLY)]
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "streams.gently", "check", *told],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            env=environment(settings),
        )
    return Connection(ours.detach()), process


def _answered(pipe: "Connection[Any, Any]", process: "subprocess.Popen[bytes]") -> Rules | Refused | Unread:
    try:
        return msgspec.msgpack.decode(pipe.recv_bytes(), type=Rules | Refused | Unread)
    except (EOFError, OSError):
        return Unread(
            why=f"the process that reads them ended with status {process.wait()}; its error is above"
        )
    finally:
        process.wait()


def _gone(settings: Settings) -> Problem:
    what, remedy = GONE[settings.rules_from]
    where = f"topic {settings.topic_prefix}rules" if settings.rules_from == "topic" else settings.rules_dir
    return Problem(
        file=str(where or "the rules that were shipped"), line=1, column=1, what=what, remedy=remedy
    )


def _rules(rules: RuleSet, packed: bytes) -> Rules:
    ids = tuple(rule.id for rule in rules.rules[:MOST_RULES])
    return Rules(packed=packed, revision=rules.revision, count=len(rules.rules), ids=ids)

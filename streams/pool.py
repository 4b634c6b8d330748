"""The process pool: children that may crash, hang or fill their memory without losing an article.

One pipe a child, one batch in flight a child: whatever happens to a child concerns its own batch
alone, which then runs again one article at a time until the culprit is known.
(docs/decisions has why this is not multiprocessing.Pool, ProcessPoolExecutor or pebble.)
"""

import asyncio
import os
import pickle
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from typing import Literal

from processors import outputs
from processors.models import Record, Rejected
from streams.child import OUT_OF_MEMORY, BatchReply, Failed, Ready, Reply, tally
from streams.engine import EngineSpec
from streams.gently import GENTLY

Failure = Literal["crash", "oom", "timeout"]
START_SECONDS = 120.0  # models may be large and disks slow
GENTLE_START_SECONDS = 1_800.0  # of a child that leaves the processors to those at work
MAX_START_FAILURES = 3
TRIES = 2  # alone, before an article is given up

REASONS: dict[Failure, tuple[str, str]] = {
    "crash": ("nlp_crash", "analysing this article ended its process twice"),
    "oom": ("nlp_oom", "analysing this article needs more memory than child_memory_bytes allows"),
    "timeout": ("nlp_timeout", "analysing this article takes longer than article_timeout_seconds"),
}


class PoolError(RuntimeError):
    """A child can't be started: nothing can be analysed, and no article is at fault."""


class ChildFailed(Exception):
    """A child ended or was ended while it had a batch."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure)
        self.failure = failure


class Child:
    """One child process and the thread that talks to it."""

    def __init__(self, spec: EngineSpec, *, niceness: int = 0) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            told = [str(number) for number in (theirs.fileno(), os.getpid(), niceness)]
            self.process = subprocess.Popen(
                [sys.executable, "-m", "streams.gently", "child", *told],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )
        self.pipe = Connection(ours.detach())
        self.thread = ThreadPoolExecutor(1, thread_name_prefix=f"child-{self.process.pid}")
        self.served = 0
        self.spec = spec
        self._start_seconds = GENTLE_START_SECONDS if niceness else START_SECONDS

    def load(self) -> Ready:
        """Wait until models and rules are loaded. Blocking; raises PoolError."""
        try:
            self.pipe.send_bytes(pickle.dumps(self.spec))
            if self.pipe.poll(self._start_seconds):
                answer: Ready | Failed = pickle.loads(self.pipe.recv_bytes())  # noqa: S301 (our own child)
                if isinstance(answer, Ready):
                    return answer
                self.end()
                raise PoolError(answer.why)
        except (EOFError, OSError):
            pass
        self.end()
        raise PoolError(
            f"a pool child ended while loading (exit status {self.process.returncode}); its error is above: "
            "check that the models are installed and child_memory_bytes is large enough"
        )

    def exchange(self, request: bytes, seconds: float) -> BatchReply:
        """Send a batch and wait for its replies. Blocking; raises ChildFailed."""
        try:
            self.pipe.send_bytes(request)
            if not self.pipe.poll(seconds):
                self.end()
                raise ChildFailed("timeout")
            reply: BatchReply = pickle.loads(self.pipe.recv_bytes())  # noqa: S301
            return reply
        except (EOFError, OSError, pickle.UnpicklingError):
            self.end()
            raise ChildFailed("oom" if self.process.returncode == OUT_OF_MEMORY else "crash") from None

    def end(self) -> None:
        """End the process now, and reap it."""
        self.pipe.close()
        try:
            # What already ends by itself keeps the exit status that says why.
            self.process.wait(0.2)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        self.thread.shutdown(wait=False)


class Pool:
    """A fixed number of children and the one way to have a batch analysed.

    `on_restart(reason)` is called for each child that is replaced, `on_batch(articles, waited,
    worked)` with seconds for each batch.
    """

    def __init__(
        self,
        spec: EngineSpec,
        *,
        children: int,
        article_seconds: float,
        recycle_articles: int,
        on_restart: Callable[[str], None] = lambda reason: None,
        on_batch: Callable[[int, float, float], None] = lambda articles, waited, worked: None,
    ) -> None:
        self._spec = spec
        self._count = children
        self._seconds = article_seconds
        self._recycle = recycle_articles
        self._on_restart = on_restart
        self._on_batch = on_batch
        self._idle: asyncio.Queue[Child | None] = asyncio.Queue()  # None: no child will ever come
        self._all: set[Child] = set()
        self._busy = 0
        self._tasks: set[asyncio.Task[None]] = set()  # that replace or end children
        self._broken: PoolError | None = None
        self._closed = False
        self.waiting = 0  # batches that wait for a child

    async def start(self) -> Ready:
        """Start every child and wait until all are loaded. Raises PoolError."""
        readies = await asyncio.gather(*(self._add() for _ in range(self._count)))
        return readies[0]

    async def stop(self) -> None:
        """End every child."""
        self._closed = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*(asyncio.to_thread(child.end) for child in self._all))
        self._all.clear()

    async def replace(self, spec: EngineSpec) -> None:
        """Load children with another spec beside these, and when all are ready, change over in one moment.

        A batch that a child has is finished as it was begun; every later one goes to the new children.

        Raises:
            PoolError: one could not be loaded; nothing has changed.
        """
        begun = [asyncio.create_task(self._begun(spec, niceness=GENTLY)) for _ in range(self._count)]
        try:
            fresh = await asyncio.gather(*begun)
        except BaseException:
            for unready in [child for child in self._all if child.spec is spec]:
                self._retire(unready)
            await asyncio.gather(*begun, return_exceptions=True)
            raise
        # Nothing else runs from here on.
        self._spec, self._broken = spec, None
        while not self._idle.empty():
            idle = self._idle.get_nowait()
            if idle is not None:
                self._retire(idle)
        for child, _ in fresh:
            self._idle.put_nowait(child)

    @property
    def children(self) -> int:
        """How many children are alive and loaded or loading."""
        return len(self._all)

    @property
    def busy(self) -> int:
        """How many children have a batch."""
        return self._busy

    async def run(self, records: Sequence[Record]) -> BatchReply:
        """Analyse a batch: one reply a record, in order, whatever becomes of the children.

        Raises PoolError where no child can be started any more.
        """
        try:
            return await self._exchange(records)
        except ChildFailed:
            replies: list[Reply] = []
            seconds: dict[str, float] = {}
            for record in records:
                alone = await self._alone(record)
                replies += alone.replies
                for stage, spent in alone.seconds.items():
                    seconds[stage] = seconds.get(stage, 0.0) + spent
            return BatchReply(replies=replies, seconds=seconds)

    async def _alone(self, record: Record) -> BatchReply:
        failures: list[Failure] = []
        while len(failures) < TRIES:
            try:
                return await self._exchange([record])
            except ChildFailed as error:
                failures.append(error.failure)
        reason, detail = REASONS[failures[-1]]
        outcome = Rejected(stage="analyse", reason=reason, detail=detail, attempts=TRIES)
        reply = Reply(outputs=[outputs.dead(outcome, record)], tally=tally(outcome))
        return BatchReply(replies=[reply], seconds={})

    async def _exchange(self, records: Sequence[Record]) -> BatchReply:
        asked = time.monotonic()
        child = await self._take()
        began = time.monotonic()
        request = pickle.dumps(list(records), pickle.HIGHEST_PROTOCOL)
        loop = asyncio.get_running_loop()
        self._busy += 1
        try:
            reply = await loop.run_in_executor(child.thread, child.exchange, request, self._seconds)
        except ChildFailed as error:
            self._replace(child, error.failure)
            raise
        finally:
            self._busy -= 1
        child.served += len(records)
        if child.spec is not self._spec:
            self._retire(child)
        elif child.served >= self._recycle:
            self._replace(child, "recycled")
        else:
            self._idle.put_nowait(child)
        self._on_batch(len(records), began - asked, time.monotonic() - began)
        return reply

    async def _take(self) -> Child:
        self.waiting += 1
        try:
            child = await self._idle.get()
        finally:
            self.waiting -= 1
        if child is None:
            self._idle.put_nowait(None)  # for the next who waits
            raise self._broken or PoolError("the pool is stopped")
        return child

    def _replace(self, child: Child, reason: str) -> None:
        self._all.discard(child)
        if self._closed:
            return
        self._on_restart(reason)
        self._background(self._swap(child))

    def _retire(self, child: Child) -> None:
        self._all.discard(child)
        self._background(asyncio.to_thread(child.end))

    def _background(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _swap(self, child: Child) -> None:
        await asyncio.to_thread(child.end)
        for attempt in range(1, MAX_START_FAILURES + 1):
            if child.spec is not self._spec:
                return  # others have taken the place of all of its kind
            try:
                await self._add()
                return
            except PoolError as error:
                if attempt == MAX_START_FAILURES and child.spec is self._spec:
                    self._broken = error
                    self._idle.put_nowait(None)

    async def _add(self) -> Ready:
        child, ready = await self._begun(self._spec)
        if child.spec is self._spec:
            self._idle.put_nowait(child)
        else:
            self._retire(child)
        return ready

    async def _begun(self, spec: EngineSpec, *, niceness: int = 0) -> tuple[Child, Ready]:
        # Here and not in a thread: the kernel ends a child when the *thread* that made it ends.
        child = Child(spec, niceness=niceness)
        self._all.add(child)
        try:
            return child, await asyncio.get_running_loop().run_in_executor(child.thread, child.load)
        except PoolError:
            self._all.discard(child)
            raise

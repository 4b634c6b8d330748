"""The loop takes in batches, works on several at once, and writes and acknowledges in the order it read."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from processors.models import Origin, Output, Record
from streams.flow import Flow, Limits, record_of
from streams.outbox import Emission

SECONDS = 5.0


class Event:
    """What the loop asks of a Faust event."""

    def __init__(self, offset: int, log: list[str], *, size: int = 10, headers: Any = ()) -> None:
        self._log = log
        self.message = SimpleNamespace(
            topic="articles",
            partition=0,
            offset=offset,
            timestamp=1_770_000_000.123,
            value=b"x" * size,
            headers=list(headers),
        )

    def ack(self) -> None:
        self._log.append(f"ack {self.message.offset}")


class Channel:
    """What the loop asks of a Faust channel: a queue, and a consumer to tell that there is room."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[Event] = asyncio.Queue()
        self.taken = 0
        self.app = SimpleNamespace(consumer=SimpleNamespace(took=self._took))

    def _took(self) -> None:
        self.taken += 1

    def __aiter__(self) -> "Channel":
        return self

    async def __anext__(self) -> Event:
        raise AssertionError("the queue is read in bulk")


class Log:
    """An outbox that notes what is written, and the loop's whole story with it."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.fault: Exception | None = None

    async def write(self, emissions: Sequence[Emission]) -> None:
        await asyncio.sleep(0)
        if self.fault is not None:
            raise self.fault
        self.lines += [f"write {emission.record.offset}" for emission in emissions]


class Running:
    """A loop on a channel with events of its own."""

    def __init__(
        self, work: Callable[[Sequence[Record]], Awaitable[None]] | None = None, **limits: Any
    ) -> None:
        self.outbox = Log()
        self.channel = Channel()
        self.batches: list[list[int]] = []
        self._work = work
        told = {
            "batch_messages": 4,
            "batch_bytes": 1_000,
            "workers": 1,
            "batches": 4,
            "bytes": 10_000,
        }
        self.flow = Flow(work=self._do, outbox=self.outbox, limits=Limits(**{**told, **limits}))  # type: ignore[arg-type]

    async def _do(self, records: Sequence[Record]) -> list[Emission]:
        self.batches.append([record.offset for record in records])
        if self._work is not None:
            await self._work(records)
        output = Output(topic="out", key=None, value=b"", headers=[])
        return [Emission(record=record, outputs=[output]) for record in records]

    def give(self, *offsets: int, size: int = 10) -> None:
        for offset in offsets:
            self.channel.queue.put_nowait(Event(offset, self.lines, size=size))

    @property
    def lines(self) -> list[str]:
        return self.outbox.lines

    async def __aenter__(self) -> "Running":
        self.task = asyncio.create_task(self.flow.run(SimpleNamespace(channel=self.channel)))
        return self

    async def __aexit__(self, *_: object) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(SECONDS):
            while not condition():  # noqa: ASYNC110 - a list tells no event
                await asyncio.sleep(0)


@pytest.fixture
async def gates() -> AsyncIterator[dict[int, asyncio.Event]]:
    """By first offset of a batch, what holds its work back."""
    yield {offset: asyncio.Event() for offset in range(100)}


async def test_a_message_is_acknowledged_only_after_what_it_became_is_written() -> None:
    running = Running()
    running.give(*range(10))
    async with running:
        await running.until(lambda: len(running.lines) == 20)
    for offset in range(10):
        assert running.lines.index(f"write {offset}") < running.lines.index(f"ack {offset}")
    assert [line for line in running.lines if line.startswith("ack")] == [f"ack {n}" for n in range(10)]


async def test_batches_that_are_done_early_wait_for_those_before_them(
    gates: dict[int, asyncio.Event],
) -> None:
    async def work(records: Sequence[Record]) -> None:
        await gates[records[0].offset].wait()

    running = Running(work, workers=2, batches=6)
    running.give(*range(12))
    async with running:
        await running.until(lambda: len(running.batches) == 3)
        gates[8].set()
        gates[4].set()
        for _ in range(50):
            await asyncio.sleep(0)
        assert running.lines == []
        assert running.flow.in_flight == 12
        for gate in gates.values():
            gate.set()
        await running.until(lambda: running.flow.in_flight == 0)
    assert running.lines == [f"write {n}" for n in range(12)] + [f"ack {n}" for n in range(12)]


@pytest.mark.parametrize(
    ("limits", "size", "batches"),
    [
        ({"batch_messages": 3}, 10, [[0, 1, 2], [3, 4, 5], [6]]),
        ({"batch_bytes": 20}, 10, [[0, 1], [2, 3], [4, 5], [6]]),
        ({"batch_bytes": 20}, 500, [[0], [1], [2], [3], [4], [5], [6]]),
    ],
    ids=["by messages", "by bytes", "one however large"],
)
async def test_a_batch_is_bounded(limits: dict[str, int], size: int, batches: list[list[int]]) -> None:
    running = Running(None, **{"batch_messages": 100, **limits})
    running.give(*range(7), size=size)
    async with running:
        await running.until(lambda: running.lines.count("ack 6") == 1)
    assert running.batches == batches


@pytest.mark.parametrize(
    ("limits", "taken"), [({"batches": 2}, 8), ({"bytes": 50}, 8), ({"batches": 1}, 4)], ids=str
)
async def test_no_more_is_taken_than_may_be_in_flight(limits: dict[str, int], taken: int) -> None:
    never = asyncio.Event()

    async def work(_: Sequence[Record]) -> None:
        await never.wait()

    running = Running(work, **limits)
    running.give(*range(40))
    async with running:
        for _ in range(200):
            await asyncio.sleep(0)
        assert running.flow.in_flight == taken
        assert running.channel.queue.qsize() == 40 - taken


async def test_a_lone_message_does_not_wait_for_company() -> None:
    running = Running()
    running.give(0)
    async with running:
        await running.until(lambda: "ack 0" in running.lines)


async def test_what_is_queued_is_shared_among_the_workers() -> None:
    running = Running(workers=3, batch_messages=8)
    running.give(*range(9))
    async with running:
        await running.until(lambda: running.lines.count("ack 8") == 1)
    assert running.batches == [[0, 1, 2], [3, 4], [5, 6], [7], [8]]


async def test_a_batch_is_taken_when_somebody_is_free_and_so_is_large_when_nobody_is(
    gates: dict[int, asyncio.Event],
) -> None:
    async def work(records: Sequence[Record]) -> None:
        await gates[records[0].offset].wait()

    running = Running(work, workers=1, batch_messages=8, batches=10)
    async with running:
        for offset in range(10):
            running.give(offset)
            for _ in range(20):
                await asyncio.sleep(0)
        assert running.batches == [[0], [1]]  # one is worked on, one is next
        gates[0].set()
        await running.until(lambda: len(running.batches) == 3)
    assert running.batches == [[0], [1], [2, 3, 4, 5, 6, 7, 8, 9]]


async def test_draining_finishes_what_is_taken_and_begins_nothing_more(
    gates: dict[int, asyncio.Event],
) -> None:
    async def work(records: Sequence[Record]) -> None:
        await gates[records[0].offset].wait()

    running = Running(work, batches=1)
    running.give(*range(8))
    async with running:
        await running.until(lambda: running.flow.in_flight == 4)
        draining = asyncio.create_task(running.flow.drain())
        await asyncio.sleep(0)
        assert not draining.done()
        for gate in gates.values():
            gate.set()
        async with asyncio.timeout(SECONDS):
            await draining
        assert running.batches == [[0, 1, 2, 3]]
        assert running.lines == [f"write {n}" for n in range(4)] + [f"ack {n}" for n in range(4)]


@pytest.mark.parametrize("where", ["work", "write"])
async def test_a_fatal_error_ends_the_loop_with_nothing_acknowledged(where: str) -> None:
    fault = RuntimeError("no more")

    async def work(_: Sequence[Record]) -> None:
        if where == "work":
            raise fault

    running = Running(work)
    if where == "write":
        running.outbox.fault = fault
    running.give(*range(8))
    async with running:
        await asyncio.wait({running.task}, timeout=SECONDS)
        assert running.task.done()
        with pytest.raises(ExceptionGroup) as raised:
            await running.task
        assert raised.value.exceptions == (fault,)
    assert running.lines == []


def test_a_record_carries_the_article_that_began_its_chain() -> None:
    headers = [
        ("article-partition", b"3"),
        ("article-offset", b"17"),
        ("ingested-ms", b"5"),
        ("traceparent", b"t"),
    ]
    record = record_of(Event(9, [], headers=headers))
    assert record.origin == Origin(partition=3, offset=17, ingested_ms=5)
    assert (record.offset, record.timestamp_ms, record.traceparent) == (9, 1_770_000_000_123, "t")


def test_an_article_is_the_origin_of_its_own_chain() -> None:
    record = record_of(Event(9, []))
    assert record.origin == Origin(partition=0, offset=9, ingested_ms=1_770_000_000_123)

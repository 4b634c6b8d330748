"""The loss-free loop of an agent: take batches, work on several at once, write and acknowledge in order.

Three steps, each in the order of the input:
1. take what is queued, up to a number of messages and bytes, and begin to work on it;
2. when the oldest batches are done, write all their outputs and wait for the broker;
3. acknowledge their messages in offset order.
Nothing is acknowledged that is not written, and none but a fatal error ends the loop.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from msgspec import Struct

from processors import outputs
from processors.models import Origin, Record
from streams.outbox import Emission, Outbox

Work = Callable[[Sequence[Record]], Awaitable[list[Emission]]]


class Limits(Struct, frozen=True, kw_only=True):
    """How much is taken and worked on at once."""

    batch_messages: int
    batch_bytes: int
    workers: int  # batches that can be worked on at once; one more is taken, so that none waits for us
    batches: int  # worked on or waiting to be written, at most
    bytes: int  # of all their messages, at most


class Batch(Struct, frozen=True, kw_only=True):
    """Messages that are worked on together."""

    events: list[Any]  # Faust events, in the order they were read
    bytes: int
    done: "asyncio.Task[list[Emission]]"


class Flow:
    """One agent's loop. `acknowledged(records)` is called once their messages are acknowledged."""

    def __init__(
        self,
        *,
        work: Work,
        outbox: Outbox,
        limits: Limits,
        acknowledged: Callable[[Sequence[Record]], None] = lambda records: None,
    ) -> None:
        self._work = work
        self._outbox = outbox
        self._limits = limits
        self._acknowledged = acknowledged
        self._batches: deque[Batch] = deque()  # taken and not yet acknowledged, oldest first
        self._bytes = 0
        self._changed = asyncio.Condition()
        self._stopping = False

    async def run(self, stream: Any) -> None:
        """Serve a Faust stream until it is cancelled or a fatal error is raised."""
        # Iterating the topic is what registers it with Faust's conductor; its queue is then read
        # in bulk, which costs a third of Faust's event-by-event stream.
        channel = aiter(stream.channel)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._take(channel))
            tasks.create_task(self._finish())

    async def drain(self) -> None:
        """Take no more, and return when all that was taken is written and acknowledged."""
        self._stopping = True
        async with self._changed:
            await self._changed.wait_for(lambda: not self._batches)

    @property
    def in_flight(self) -> int:
        """How many messages are taken and not yet acknowledged."""
        return sum(len(batch.events) for batch in self._batches)

    async def _take(self, channel: Any) -> None:
        while not self._stopping:
            async with self._changed:
                await self._changed.wait_for(self._has_room)
            try:
                events, size = await self._gather(channel.queue)
            except StopAsyncIteration:
                return  # Faust's word for a stream that is being stopped
            channel.app.consumer.took()
            if self._stopping:
                return  # not begun, so not acknowledged: whoever comes next reads them again
            done = asyncio.create_task(self._do([record_of(event) for event in events]))
            self._batches.append(Batch(events=events, bytes=size, done=done))
            self._bytes += size
            async with self._changed:
                self._changed.notify_all()

    def _has_room(self) -> bool:
        unfinished = sum(not batch.done.done() for batch in self._batches)
        return (
            unfinished <= self._limits.workers
            and len(self._batches) < self._limits.batches
            and self._bytes < self._limits.bytes
        )

    async def _gather(self, queue: Any) -> tuple[list[Any], int]:
        """Wait for a message, and take with it a worker's share of those that are queued.

        Under little load batches are small and nobody waits; under much they are as large as they may be.
        """
        event = await queue.get()
        events, size = [event], _size(event)
        share = -(-(1 + queue.qsize()) // self._limits.workers)
        most = min(share, self._limits.batch_messages)
        while len(events) < most and size < self._limits.batch_bytes:
            try:
                event = queue.get_nowait()
            except asyncio.QueueEmpty:
                break
            events.append(event)
            size += _size(event)
        return events, size

    async def _do(self, records: Sequence[Record]) -> list[Emission]:
        try:
            return await self._work(records)
        finally:
            async with self._changed:
                self._changed.notify_all()

    async def _finish(self) -> None:
        while True:
            async with self._changed:
                await self._changed.wait_for(lambda: bool(self._batches))
            await self._batches[0].done
            # All that are done from the oldest on share one wait for the broker.
            batches = []
            for batch in self._batches:
                if not batch.done.done():
                    break
                batches.append(batch)
            emissions = [emission for batch in batches for emission in batch.done.result()]
            await self._outbox.write(emissions)
            self._acknowledge([event for batch in batches for event in batch.events])
            for batch in batches:
                self._batches.popleft()
                self._bytes -= batch.bytes
            self._acknowledged([emission.record for emission in emissions])
            async with self._changed:
                self._changed.notify_all()

    def _acknowledge(self, events: Sequence[Any]) -> None:
        # In the order they were read. Faust commits past a message that is not acknowledged when
        # one behind it is (its issue 606), so any other order loses messages in a crash.
        for event in events:
            event.ack()


def record_of(event: Any) -> Record:
    """Give the record in a Faust event."""
    message = event.message
    headers = dict(message.headers or ())
    written = round((message.timestamp or 0) * 1000)
    trace = headers.get("traceparent")
    return Record(
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        timestamp_ms=written,
        value=message.value,
        origin=outputs.origin_of(headers)
        or Origin(partition=message.partition, offset=message.offset, ingested_ms=written),
        traceparent=trace.decode("ascii", "replace") if trace else None,
    )


def _size(event: Any) -> int:
    return len(event.message.value or b"")

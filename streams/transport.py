"""Faust's Kafka transport with a consumer that moves messages in whole polls.

Faust awaits four throw-away tasks a message; where nothing can block, one plain call does the same.
Everything else (groups, assignment, seeking, committing) stays Faust's.
"""

import asyncio
from typing import Any

import faust
from faust.transport.drivers.aiokafka import Consumer, Transport

LOW_WATER = 64  # messages queued before the next poll; the fetcher below prefetches on its own


class BulkConsumer(Consumer):
    """A consumer that hands over a whole poll, then waits until the agent has room for the next.

    That wait replaces Faust's one-second sleep when a buffer is full, and bounds what is queued to
    one poll above LOW_WATER.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.room = asyncio.Event()

    def queued(self) -> int:
        """How many messages the agents have not taken yet."""
        return sum(channel.queue.qsize() for channel in self.app.topics)

    def took(self) -> None:
        """Tell the consumer that an agent took messages from its queue."""
        if self.queued() <= LOW_WATER:
            self.room.set()

    async def _drain_messages(self, fetcher: Any) -> None:
        try:
            while not (self._stopped.is_set() or fetcher._stopped.is_set()):
                # Read first: across a rebalance nobody can tell whether what was polled comes from
                # before it or after. It is dropped and read again from what is committed.
                generation = self.app.consumer_generation_id
                records, active = await self._wait_next_records(1.0)
                if self.should_stop:
                    continue
                for tp, batch in (records or {}).items():
                    await self._deliver(tp, batch, active, generation)
                if not self.flow_active or self.app.consumer_generation_id != generation:
                    await self._seek_back()
                    continue
                await self._wait_for_room()
        except self.consumer_stopped_errors:
            if not self.transport.app.should_stop:
                raise
        except asyncio.CancelledError:
            if not self.transport.app.should_stop:
                raise

    async def _deliver(self, tp: Any, batch: list[Any], active: Any, generation: int) -> None:
        for record in batch:
            # Looked at for each record: a rebalance can begin at any await.
            if not self.flow_active or self.app.consumer_generation_id != generation:
                return
            if active is not None and tp not in active and tp not in self._buffered_partitions:
                return
            read = self._read_offset[tp]
            if read is not None and record.offset < read:
                continue  # delivered before a seek
            if read and record.offset - read > 1 and self.app.topics.acks_enabled_for(tp.topic):
                await self._add_gap(tp, read + 1, record.offset)
            message = self._to_message(tp, record)
            if self.app.flow_control.is_active():
                await self.callback(message)
            else:
                await self.wait_first(self.callback(message), self.suspend_flow.wait())
            self._read_offset[tp] = record.offset

    async def _wait_for_room(self) -> None:
        while self.queued() > LOW_WATER and self.flow_active and not self.should_stop:
            self.room.clear()
            await self.wait_first(self.room.wait(), self.suspend_flow.wait(), timeout=1.0)

    async def _seek_back(self) -> None:
        if not self.assignment():
            return
        try:
            await self.perform_seek()
            for tp in self.assignment():
                if not self._committed_offset[tp]:  # aiokafka seeks only to what is committed
                    await self.seek(tp, 0)
        except Exception as error:
            # A rebalance is under way and seeks again when it completes.
            self.log.warning("seeking back to committed offsets: %r", error)


class BulkTransport(Transport):
    """Faust's aiokafka transport with our consumer."""

    Consumer = BulkConsumer


class BulkApp(faust.App):
    """A Faust app on that transport, without folders on disk or a web server."""

    def _new_transport(self) -> BulkTransport:
        return BulkTransport(self.conf.broker_consumer, self)

    def _create_directories(self) -> None:
        """Nothing is kept on disk: no tables."""

"""The bulk consumer across a rebalance: what it drops it reads again, so that nothing is missing.

The race (a poll that begins before a rebalance and ends after it) can't be brought about at will on a
real broker, where tests/integration meets it by chance; here the polls are scripted around the real drain.
"""

import asyncio
from collections import defaultdict
from types import SimpleNamespace
from typing import Any

import pytest
from faust.types import TP
from mode.utils.locks import Event

from streams.transport import BulkConsumer

TOPIC = TP("articles", 0)
COUNT = 20
POLL = 5


class ScriptedConsumer(BulkConsumer):
    """The real drain over a log of COUNT records; a rebalance strikes during the polls named."""

    def __init__(self, *, committed: int | None, rebalances: set[int]) -> None:
        # What the drain touches, and no more of Faust.
        app = SimpleNamespace(
            consumer_generation_id=1,
            topics=_Topics(),
            flow_control=SimpleNamespace(is_active=lambda: True),
            should_stop=False,
        )
        self.delivered: list[int] = []
        self._log: dict[str, Any] = {"committed": committed, "position": committed or 0, "polls": 0}
        self._rebalances = rebalances
        vars(self).update(
            app=app,
            transport=SimpleNamespace(app=app),
            log=SimpleNamespace(dev=lambda *_: None, warning=pytest.fail),
            callback=self._take,
            flow_active=True,
            suspend_flow=Event(),
            room=asyncio.Event(),
            _stopped=Event(),
            _crashed=Event(),
            _read_offset=defaultdict(lambda: None),
            _committed_offset=defaultdict(lambda: committed),
            _buffered_partitions=set(),
        )

    async def _take(self, message: Any) -> None:
        self.delivered.append(message)

    def _to_message(self, tp: Any, record: Any) -> Any:
        return record.offset

    def assignment(self) -> set[Any]:
        return {TOPIC}

    async def seek_to_committed(self) -> dict[Any, Any]:
        if self._log["committed"] is not None:  # as aiokafka: where nothing is committed, nothing is sought
            self._log["position"] = self._log["committed"]
        return {TOPIC: self._log["committed"]}

    async def _seek(self, partition: Any, offset: int) -> None:
        self._log["position"] = offset

    async def _wait_next_records(self, timeout: float) -> Any:  # noqa: ASYNC109 - Faust's signature
        self._log["polls"] += 1
        if self._log["polls"] in self._rebalances:
            # Faust seeks to what is committed when the rebalance completes; then the poll returns.
            self.app.consumer_generation_id += 1
            await self.seek_to_committed()
            self._read_offset[TOPIC] = self._log["committed"]
            if self._log["committed"] is None:
                self._log["position"] = 0
        found = range(self._log["position"], min(self._log["position"] + POLL, COUNT))
        self._log["position"] = found.stop
        if not found:
            self._stopped.set()
        return {TOPIC: [SimpleNamespace(offset=offset) for offset in found]}, {TOPIC}


class _Topics(list[Any]):
    @staticmethod
    def acks_enabled_for(_: str) -> bool:
        return True


@pytest.mark.parametrize("committed", [None, 7], ids=["nothing committed", "seven committed"])
@pytest.mark.parametrize("rebalances", [{1}, {2}, {1, 2}, {2, 4}, {1, 3, 5}], ids=str)
async def test_records_that_a_rebalance_overtakes_are_delivered_after_it(
    committed: int | None, rebalances: set[int]
) -> None:
    consumer = ScriptedConsumer(committed=committed, rebalances=rebalances)
    async with asyncio.timeout(10):
        await consumer._drain_messages(SimpleNamespace(_stopped=Event()))
    assert set(consumer.delivered) == set(range(committed or 0, COUNT))


async def test_without_a_rebalance_each_record_is_delivered_once_in_order() -> None:
    consumer = ScriptedConsumer(committed=None, rebalances=set())
    async with asyncio.timeout(10):
        await consumer._drain_messages(SimpleNamespace(_stopped=Event()))
    assert consumer.delivered == list(range(COUNT))

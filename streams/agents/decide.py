"""The DECIDE agent's work: matches of a shard, in order, into alert versions.

A shard's state is rebuilt from the versions it published before the first decision after every
assignment: somebody else may have decided in between.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from aiokafka.errors import KafkaError

from processors import codec, outputs
from processors.decide import ShardState, decide
from processors.models import MatchPayload, Output, Record, Rejected
from streams.flow import Work
from streams.observe import Observer
from streams.outbox import FATAL, Emission

log = logging.getLogger(__name__)

RETRY_SECONDS = 2.0

Fold = Callable[[int], Awaitable[ShardState]]


def decide_shards(*, fold: Fold, generation: Callable[[], int], observer: Observer) -> Work:
    """Give the work of an agent on `matches`.

    `fold(shard)` rebuilds a shard's state; `generation()` tells the group's generation, which is
    another one after every rebalance. Batches must be worked on one after the other.
    """
    states: dict[int, ShardState] = {}
    known = -1

    async def work(records: Sequence[Record]) -> list[Emission]:
        nonlocal known
        if (now := generation()) != known:
            states.clear()
            known = now
        unknown = sorted({record.partition for record in records} - states.keys())
        states.update(zip(unknown, await asyncio.gather(*map(_folded, unknown)), strict=True))
        emissions = []
        for record in records:
            emissions.append(Emission(record=record, outputs=_decided(states[record.partition], record)))
        observer.shards(states)
        return emissions

    async def _folded(shard: int) -> ShardState:
        while True:
            try:
                state = await fold(shard)
            except FATAL:
                raise
            except (KafkaError, OSError) as error:
                # A broker that is away passes; deciding without the state would not be the same.
                why = f"{type(error).__name__}: {error}"
                log.warning("reading back shard %d failed, again in %.0f s: %s", shard, RETRY_SECONDS, why)
                observer.reachable("decide", False, why)
                await asyncio.sleep(RETRY_SECONDS)
            else:
                observer.reachable("decide", True, "")
                return state

    def _decided(state: ShardState, record: Record) -> list[Output]:
        payload = codec.decode_as(record.value, MatchPayload)
        if isinstance(payload, Rejected):
            observer.dead(record, "decide", payload.reason)
            return [outputs.dead(payload, record)]
        versions = decide(state, payload, record.origin)
        observer.decided(record, versions)
        return [outputs.alert(version, record) for version in versions]

    return work

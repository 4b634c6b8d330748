"""Reading a topic's partition back from its beginning, outside any consumer group."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from processors import codec, outputs
from processors.decide import ShardState
from processors.models import Alert


async def partition_records(topic: str, partition: int, options: Mapping[str, Any]) -> AsyncIterator[Any]:
    """Give every record that stood in a partition when called, oldest first."""
    consumer = AIOKafkaConsumer(
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_poll_records=2_000,
        fetch_max_wait_ms=10,  # at the end there is nothing to wait for
        **options,
    )
    try:
        await consumer.start()
        tp = TopicPartition(topic, partition)
        consumer.assign([tp])
        await consumer.seek_to_beginning(tp)
        # The end is what a fetch says it is: the embedded broker's answer to the question for the end
        # is too small.
        while (end := consumer.highwater(tp)) is None or await consumer.position(tp) < end:
            for record in (await consumer.getmany(tp, timeout_ms=200)).get(tp, []):
                yield record
    finally:
        await consumer.stop()


async def fold_alerts(topic: str, shard: int, options: Mapping[str, Any]) -> ShardState:
    """Rebuild a shard's state from the alert versions it published.

    Raises:
        ValueError: a version can't be read: another build wrote it, and deciding without it
            could give one id two payloads.
    """
    state = ShardState()
    async for record in partition_records(topic, shard, options):
        alert = codec.decode_as(record.value, Alert)
        origin = outputs.origin_of(dict(record.headers))
        if not isinstance(alert, Alert) or origin is None:
            why = alert.detail if not isinstance(alert, Alert) else "its headers name no article record"
            raise ValueError(
                f"{topic}[{shard}] at offset {record.offset} holds an alert this build can't read ({why}): "
                "run the build that wrote it, or a newer one"
            )
        state.remember(alert, origin)
    return state

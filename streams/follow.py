"""Following topics from outside any group: for a person who watches, and for counting what came out."""

from collections.abc import Iterator, Sequence
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from streams.security import kafka_python_options
from streams.settings import Settings


class Follower:
    """Reads topics as they grow, from their beginning or from now. Close it, or use it in a `with`."""

    def __init__(self, settings: Settings, names: Sequence[str], *, from_start: bool) -> None:
        self._prefix = settings.topic_prefix
        self._consumer = KafkaConsumer(
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=settings.article_max_bytes + 1024 * 1024,
            **kafka_python_options(settings),
        )
        self._partitions = [
            TopicPartition(topic, partition)
            for topic in (self._prefix + name for name in names)
            for partition in sorted(self._consumer.partitions_for_topic(topic) or ())
        ]
        self._consumer.assign(self._partitions)
        if from_start:
            self._consumer.seek_to_beginning(*self._partitions)
        else:
            self._consumer.seek_to_end(*self._partitions)

    def __enter__(self) -> "Follower":
        return self

    def __exit__(self, *_: object) -> None:
        self._consumer.close()

    def poll(self, seconds: float) -> Iterator[tuple[str, Any]]:
        """Give what came within so many seconds at most: plain topic name and kafka-python record."""
        for records in self._consumer.poll(timeout_ms=int(seconds * 1000), max_records=1_000).values():
            for record in records:
                yield record.topic.removeprefix(self._prefix), record

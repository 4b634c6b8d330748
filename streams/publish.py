"""Publishing articles to `articles` with kafka-python, each under its article key."""

import time
from collections.abc import Callable, Iterable
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError
from msgspec import Struct

from processors import codec
from processors.models import RawArticle
from streams.security import kafka_python_options
from streams.settings import Settings

MOST_PENDING = 2_000


class Published(Struct, frozen=True, kw_only=True):
    """What came of publishing."""

    published: int
    failed: int
    first_error: str | None = None


def publish(
    settings: Settings,
    values: Iterable[bytes],
    *,
    rate: float | None = None,
    done: Callable[[int], None] = lambda count: None,
) -> Published:
    """Publish values, waiting until every replica in sync has each; at most `rate` a second.

    What can't be decoded is published all the same, without a key: the pipeline dead-letters it,
    where it is counted and can be read. `done(n)` is told of acknowledged records.

    Raises:
        KafkaError: no broker can be reached.
    """
    producer = KafkaProducer(
        acks="all",
        linger_ms=20,
        compression_type="zstd",  # a tenth of gzip's time; both Kafka clients here read it
        max_request_size=settings.article_max_bytes + 1024 * 1024,
        **kafka_python_options(settings),
    )
    topic = settings.topic_prefix + "articles"
    count = failed = 0
    first_error: str | None = None
    pending: list[Any] = []

    def settle() -> None:
        nonlocal count, failed, first_error
        for future in pending:
            try:
                future.get(timeout=120)
                count += 1
            except KafkaError as error:
                failed += 1
                first_error = first_error or f"{type(error).__name__}: {error}"
        done(len(pending))
        pending.clear()

    try:
        began = time.monotonic()
        for number, value in enumerate(values):
            if rate is not None and (wait := began + number / rate - time.monotonic()) > 0:
                time.sleep(wait)
            try:
                pending.append(producer.send(topic, key=key_of(value, settings), value=value))
            except KafkaError as error:  # larger than the topic takes
                failed += 1
                first_error = first_error or f"{type(error).__name__}: {error}"
            if len(pending) >= MOST_PENDING:
                settle()
        producer.flush()
        settle()
    finally:
        producer.close()
    return Published(published=count, failed=failed, first_error=first_error)


def key_of(value: bytes, settings: Settings) -> bytes | None:
    """Give the record key of an article, None where it can't be decoded."""
    raw = codec.decode(value, max_bytes=settings.article_max_bytes)
    return codec.article_key(raw).encode() if isinstance(raw, RawArticle) else None

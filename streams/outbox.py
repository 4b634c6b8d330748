"""Writing outputs: in order, acknowledged by every in-sync replica, retried for as long as it takes."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    AuthenticationFailedError,
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    InvalidTopicError,
    KafkaError,
    MessageSizeTooLargeError,
    ProducerClosed,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
    UnsupportedVersionError,
)
from msgspec import Struct

from processors import outputs
from processors.models import Output, Record, Rejected

log = logging.getLogger(__name__)

RETRY_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)
RECORD_OVERHEAD = 512  # bytes a batch and record add to key, value and headers, generously
MISSING_TOPIC_SECONDS = 30.0

# What waiting does not mend. Anything else that Kafka or the network says may pass.
FATAL = (
    AuthenticationFailedError,
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    InvalidTopicError,
    ProducerClosed,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
    UnsupportedVersionError,
)


class Emission(Struct, frozen=True, kw_only=True):
    """What one record becomes, kept with the record in case it can't be written as it is."""

    record: Record
    outputs: list[Output]


class OutboxEvents(Protocol):
    """What the outbox tells of its work."""

    def produced(self, topic: str, count: int) -> None:
        """So many messages of a topic are acknowledged."""

    def failed(self, error: str) -> None:
        """A write failed and will be tried again."""

    def dead(self, record: Record, stage: str, reason: str) -> None:
        """An output could not be written as it is; its record is a dead letter."""

    def reachable(self, stage: str, ok: bool, why: str) -> None:
        """A stage can or can't write its outputs at the moment."""


class FatalWrite(RuntimeError):
    """Outputs can't be written and waiting will not help."""


class Outbox:
    """Writes the outputs of records. One writer at a time: order of calls is order in the topics.

    `limits` gives, by plain topic name, the largest message the topic takes, in bytes.
    """

    def __init__(
        self,
        producer: AIOKafkaProducer,
        *,
        stage: str,
        prefix: str,
        limits: Mapping[str, int],
        events: OutboxEvents,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._producer = producer
        self._stage = stage
        self._prefix = prefix
        self._limits = limits
        self._events = events
        self._sleep = sleep

    async def write(self, emissions: Sequence[Emission]) -> None:
        """Write every output and return when the broker has acknowledged all of them.

        What can pass (a broker away, a slow link) is waited for without end. Raises FatalWrite
        where waiting can't help (authorisation, a topic that stays missing).
        """
        pending = [(emission.record, output) for emission in emissions for output in self._fitting(emission)]
        attempt = 0
        missing_for = 0.0
        while pending:
            failed, error = await self._try([output for _, output in pending])
            if error is None:
                self._events.reachable(self._stage, True, "")
                return
            self._events.failed(type(error).__name__)
            # All from the first that failed, written or not: two revisions of one article must
            # end in order, and whoever reads knows repeats by their ids.
            pending = pending[failed:]
            record, output = pending[0]
            if isinstance(error, MessageSizeTooLargeError) and output.topic != "articles.dead":
                rest = [item for item in pending if item[0] is not record]
                pending = [(record, self._too_large(record, output, str(error))), *rest]
                continue
            missing = isinstance(error, UnknownTopicOrPartitionError)
            if isinstance(error, FATAL) or missing_for >= MISSING_TOPIC_SECONDS:
                raise FatalWrite(
                    f"can't write to {self._prefix}{output.topic}: {type(error).__name__}: {error}"
                ) from error
            delay = RETRY_SECONDS[min(attempt, len(RETRY_SECONDS) - 1)]
            self._events.reachable(self._stage, False, f"{type(error).__name__}: {error}")
            log.warning("writing to %s failed, again in %.1f s: %r", output.topic, delay, error)
            attempt += 1
            missing_for = missing_for + delay if missing else 0.0
            await self._sleep(delay)

    def _fitting(self, emission: Emission) -> list[Output]:
        for output in emission.outputs:
            limit = self._limits.get(output.topic)
            if limit is not None and _size(output) > limit and output.topic != "articles.dead":
                return [self._too_large(emission.record, output, f"the topic takes {limit}")]
        return emission.outputs

    def _too_large(self, record: Record, output: Output, why: str) -> Output:
        self._events.dead(record, "emit", "output_too_large")
        outcome = Rejected(
            stage="emit",
            reason="output_too_large",
            detail=f"{_size(output)} bytes for {output.topic}: {why}; "
            "raise max.message.bytes of that topic and replay",
        )
        return outputs.dead(outcome, record)

    async def _try(self, pending: Sequence[Output]) -> tuple[int, Exception | None]:
        """Give the index of the first output that failed, and why; (0, None) if none did."""
        sent: list[asyncio.Future[object]] = []
        first: tuple[int, Exception | None] = (0, None)
        try:
            for output in pending:
                sent.append(await self._send(output))
        except (KafkaError, OSError) as error:
            first = (len(sent), error)
        results = await asyncio.gather(*sent, return_exceptions=True)
        for index, result in enumerate(results):
            if isinstance(result, Exception):
                first = (index, result)
                break
            if isinstance(result, BaseException):
                raise result
        written = first[0] if first[1] is not None else len(pending)
        for topic in {output.topic for output in pending[:written]}:
            self._events.produced(topic, sum(output.topic == topic for output in pending[:written]))
        return first

    async def _send(self, output: Output) -> "asyncio.Future[object]":
        future: asyncio.Future[object] = await self._producer.send(
            self._prefix + output.topic,
            value=output.value,
            key=output.key,
            partition=output.partition,
            headers=output.headers,
        )
        return future


def _size(output: Output) -> int:
    headers = sum(len(name) + len(value) + 10 for name, value in output.headers)
    return len(output.key or b"") + len(output.value or b"") + headers + RECORD_OVERHEAD

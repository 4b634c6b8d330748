"""The outbox on a real broker: all is acknowledged, in order; what can pass is waited for, what can't is named."""

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from kafka import KafkaConsumer, TopicPartition
from kafka.admin import ConfigResource, KafkaAdminClient, NewTopic

from processors.models import Output, Record
from streams import outbox as outbox_module
from streams.outbox import Emission, FatalWrite, Outbox
from tests.conftest import NewKafka
from tests.kafka.broker import KafkaBroker
from tests.streams import small
from tests.streams.quiet import Quiet

pytestmark = pytest.mark.kafka

TOPICS = ("articles.enriched", "articles.dead")


@pytest.fixture
def admin(kafka: KafkaBroker, prefix: str) -> Iterator[KafkaAdminClient]:
    client = KafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    client.create_topics([NewTopic(prefix + topic, 1, 1) for topic in TOPICS])
    client.wait_for_topics([prefix + topic for topic in TOPICS], timeout_ms=30_000)
    yield client
    client.close()


@pytest.fixture
async def producer(kafka: KafkaBroker) -> AsyncIterator[AIOKafkaProducer]:
    running = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, acks="all", linger_ms=2)
    await running.start()
    yield running
    await running.stop()


def emission(offset: int, value: bytes = b"an article") -> Emission:
    output = Output(topic="articles.enriched", key=b"key", value=value, headers=[("a", b"b")])
    return Emission(record=small.record(offset), outputs=[output])


def outbox(producer: AIOKafkaProducer, prefix: str, events: Quiet, **changes: Any) -> Outbox:
    limits: Mapping[str, int] = changes.pop("limits", {})
    return Outbox(producer, stage="analyse", prefix=prefix, limits=limits, events=events, **changes)


def values(kafka: KafkaBroker, topic: str) -> list[bytes]:
    consumer = KafkaConsumer(bootstrap_servers=kafka.bootstrap)
    try:
        tp = TopicPartition(topic, 0)
        consumer.assign([tp])
        consumer.seek_to_beginning()
        end = consumer.end_offsets([tp])[tp]
        found: list[bytes] = []
        while consumer.position(tp) < end:
            for records in consumer.poll(200).values():
                found += [record.value for record in records]
        return found
    finally:
        consumer.close()


async def test_everything_is_on_the_broker_in_order_when_write_returns(
    kafka: KafkaBroker, admin: KafkaAdminClient, producer: AIOKafkaProducer, prefix: str
) -> None:
    events = Quiet()
    await outbox(producer, prefix, events).write([emission(n, b"%d" % n) for n in range(500)])
    assert values(kafka, prefix + "articles.enriched") == [b"%d" % n for n in range(500)]
    assert events.written == {"articles.enriched": 500}
    assert (events.failures, events.stalled) == ([], False)


async def test_what_is_larger_than_its_topic_takes_becomes_a_dead_letter_in_its_place(
    kafka: KafkaBroker, admin: KafkaAdminClient, producer: AIOKafkaProducer, prefix: str
) -> None:
    events = Quiet()
    written = outbox(producer, prefix, events, limits={"articles.enriched": 5_000})
    await written.write([emission(0, b"before"), emission(1, b"x" * 5_000), emission(2, b"after")])
    assert values(kafka, prefix + "articles.enriched") == [b"before", b"after"]
    assert values(kafka, prefix + "articles.dead") == [small.record(1).value]
    assert events.letters == [("emit", "output_too_large")]


async def test_what_the_broker_alone_finds_too_large_becomes_a_dead_letter_too(
    kafka: KafkaBroker, admin: KafkaAdminClient, producer: AIOKafkaProducer, prefix: str
) -> None:
    admin.alter_configs(
        [ConfigResource("topic", prefix + "articles.enriched", {"max.message.bytes": "5000"})]
    )
    events = Quiet()
    written = outbox(producer, prefix, events)
    for each in (emission(0, b"before"), emission(1, b"x" * 6_000), emission(2, b"after")):
        await written.write([each])
    assert values(kafka, prefix + "articles.enriched") == [b"before", b"after"]
    assert values(kafka, prefix + "articles.dead") == [small.record(1).value]


async def test_a_dead_letter_that_is_refused_is_tried_again_and_never_left_out(
    kafka: KafkaBroker, admin: KafkaAdminClient, producer: AIOKafkaProducer, prefix: str
) -> None:
    topic = prefix + "articles.dead"
    admin.alter_configs([ConfigResource("topic", topic, {"max.message.bytes": "10"})])
    events = Quiet()
    waited: list[tuple[float, bool]] = []

    async def sleep(seconds: float) -> None:
        waited.append((seconds, events.stalled))
        if len(waited) == 7:
            admin.alter_configs([ConfigResource("topic", topic, {"max.message.bytes": "5000"})])

    record: Record = small.record(0)
    letter = Output(topic="articles.dead", key=None, value=record.value, headers=[])
    await outbox(producer, prefix, events, sleep=sleep).write([Emission(record=record, outputs=[letter])])
    assert [seconds for seconds, _ in waited[:6]] == [0.2, 0.5, 1.0, 2.0, 5.0, 5.0]
    assert all(stalled for _, stalled in waited)
    assert not events.stalled
    assert values(kafka, topic) == [record.value]


async def test_a_topic_that_stays_missing_is_fatal(
    kafka: KafkaBroker, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_module, "MISSING_TOPIC_SECONDS", 0.2)
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    running = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, acks="all", request_timeout_ms=2_000)
    await running.start()
    try:
        with pytest.raises(FatalWrite, match=f"{prefix}articles.enriched: UnknownTopicOrPartitionError"):
            await outbox(running, prefix, Quiet(), sleep=sleep).write([emission(0)])
    finally:
        await running.stop()
    assert waited == [0.2]


async def test_a_broker_that_dies_is_waited_for_and_the_rest_is_written_in_order(
    new_kafka: NewKafka, prefix: str
) -> None:
    broker = new_kafka()
    admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
    admin.create_topics([NewTopic(prefix + topic, 1, 1) for topic in TOPICS])
    admin.wait_for_topics([prefix + topic for topic in TOPICS], timeout_ms=30_000)
    admin.close()
    running = AIOKafkaProducer(bootstrap_servers=broker.bootstrap, acks="all", request_timeout_ms=2_000)
    await running.start()
    events = Quiet()
    told: list[bool] = []

    async def sleep(seconds: float) -> None:
        told.append(events.stalled)
        broker.start()

    written = outbox(running, prefix, events, sleep=sleep)
    try:
        await written.write([emission(n, b"%d" % n) for n in range(50)])
        broker.kill()
        await written.write([emission(n, b"%d" % n) for n in range(50, 100)])
    finally:
        await running.stop()
    assert told, "it was never told that writing failed"
    assert all(told)
    found = values(broker, prefix + "articles.enriched")
    assert list(dict.fromkeys(found)) == [b"%d" % n for n in range(100)]

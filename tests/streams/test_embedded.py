"""Proves that the embedded broker is enough of a Kafka to try wirewatch on, and leaves nothing behind."""

import contextlib
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient

from streams import embedded as module
from streams import topics
from streams.embedded import EmbeddedBroker, EmbeddedBrokerError
from streams.settings import Settings, load

ROOT = Path(__file__).resolve().parent.parent.parent
MIB = 1024 * 1024
STAMP = 1_700_000_000_123


def settled(broker: EmbeddedBroker, prefix: str) -> Settings:
    values = {"bootstrap": broker.bootstrap, "topic_prefix": prefix, "article_partitions": 3, "shards": 2}
    settings = load(values, environ={}).settings
    topics.create(settings)
    return settings


def until(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    limit = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > limit:
            return False
        time.sleep(0.01)
    return True


@pytest.mark.timeout(30)
def test_has_every_topic_of_the_design_once_they_are_created(embedded: EmbeddedBroker, prefix: str) -> None:
    settings = settled(embedded, prefix)
    assert topics.check(settings) == []
    assert topics.create(settings) == []
    assert {topic.name for topic in topics.TOPICS} == set(topics.seen(settings))


@pytest.mark.timeout(30)
@pytest.mark.parametrize("compression", ["zstd", "gzip", "lz4", None])
async def test_gives_back_a_record_as_it_was_sent(
    embedded: EmbeddedBroker, prefix: str, compression: str | None
) -> None:
    settled(embedded, prefix)
    topic = prefix + "articles"
    value, headers = uuid.uuid4().bytes * 20_000, [("reason", b"\x00\xff"), ("empty", b"")]
    async with AIOKafkaProducer(
        bootstrap_servers=embedded.bootstrap, compression_type=compression
    ) as producer:
        await producer.send_and_wait(topic, value, key=b"k", partition=2, headers=headers, timestamp_ms=STAMP)
    async with AIOKafkaConsumer(
        bootstrap_servers=embedded.bootstrap, auto_offset_reset="earliest"
    ) as consumer:
        consumer.assign([TopicPartition(topic, 2)])
        record = await consumer.getone()
    assert (record.value, record.key, record.timestamp, record.offset) == (value, b"k", STAMP, 0)
    assert list(record.headers) == headers


@pytest.mark.timeout(30)
async def test_takes_the_largest_article_that_the_settings_allow(
    embedded: EmbeddedBroker, prefix: str
) -> None:
    topic = settled(embedded, prefix).topic_prefix + "articles"
    value = uuid.uuid4().bytes * (MIB - 8)
    async with AIOKafkaProducer(bootstrap_servers=embedded.bootstrap, max_request_size=17 * MIB) as producer:
        sent = await producer.send_and_wait(topic, value, partition=0)
    async with AIOKafkaConsumer(
        bootstrap_servers=embedded.bootstrap, auto_offset_reset="earliest"
    ) as consumer:
        consumer.assign([TopicPartition(topic, 0)])
        record = await consumer.getone()
    assert (record.offset, record.value) == (sent.offset, value)


@pytest.mark.timeout(60)
async def test_a_group_goes_on_where_it_committed(embedded: EmbeddedBroker, prefix: str) -> None:
    settled(embedded, prefix)
    topic = prefix + "articles"
    async with AIOKafkaProducer(bootstrap_servers=embedded.bootstrap) as producer:
        for number in range(4):
            await producer.send_and_wait(topic, str(number).encode(), partition=1)

    async def read(count: int) -> list[int]:
        consumer = AIOKafkaConsumer(
            topic,
            bootstrap_servers=embedded.bootstrap,
            group_id=prefix + "group",
            session_timeout_ms=6_000,
            heartbeat_interval_ms=1_000,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )
        async with consumer:
            found = [int((await consumer.getone()).value) for _ in range(count)]
            await consumer.commit()
            return found

    assert await read(2) == [0, 1]
    assert await read(2) == [2, 3]


@pytest.mark.embedded
@pytest.mark.timeout(30)
def test_is_gone_with_all_it_held_when_left() -> None:
    with EmbeddedBroker() as first:
        pid = first.pid
        settled(first, "old.")
    assert pid is not None
    assert not psutil.pid_exists(pid)
    assert first.pid is None
    first.stop()  # again, to no effect
    with (
        EmbeddedBroker() as second,
        contextlib.closing(KafkaAdminClient(bootstrap_servers=second.bootstrap)) as admin,
    ):
        assert admin.list_topics() == []


@pytest.mark.embedded
@pytest.mark.timeout(30)
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_ends_with_its_starter_even_when_that_is_killed() -> None:
    starter = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, streams.embedded as e\nwith e.EmbeddedBroker() as b:\n"
            "    print(b.pid, flush=True)\n    sys.stdin.read()",
        ],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert starter.stdout is not None
    broker = psutil.Process(int(starter.stdout.readline()))
    assert broker.name() == "tansu"
    starter.kill()
    starter.communicate()
    # Where nothing reaps orphans, a dead one stays in the table as a zombie.
    assert until(lambda: not broker.is_running() or broker.status() == psutil.STATUS_ZOMBIE)


@pytest.mark.embedded
def test_takes_another_port_when_somebody_was_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    with EmbeddedBroker() as first:
        taken = int(first.bootstrap.split(":")[1])
        offered = iter([taken, taken])
        free = module._free_port
        monkeypatch.setattr(module, "_free_port", lambda: next(offered, None) or free())
        with EmbeddedBroker() as second:
            assert second.bootstrap != first.bootstrap


@pytest.mark.embedded
def test_says_what_to_do_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "available", lambda: False)
    with pytest.raises(EmbeddedBrokerError, match="a Kafka of your own"), EmbeddedBroker():
        pass


@pytest.mark.embedded
def test_is_not_configured_by_variables_that_were_meant_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "STORAGE_ENGINE", "s3://elsewhere/")
    monkeypatch.setitem(os.environ, "LISTENER_URL", "tcp://0.0.0.0:1")
    with EmbeddedBroker() as broker:
        assert broker.bootstrap.startswith("127.0.0.1:")

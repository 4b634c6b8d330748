"""Faust commits past an unfinished message when a later one is acknowledged first: order is what protects us.

The same loop, work and kill: in order nothing is lost; newest first, the one message that was not done is.
Should a Faust come that commits rightly, the second test fails, and the loop may be simplified.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import KafkaError

from tests.harness import until
from tests.kafka.broker import KafkaBroker

pytestmark = pytest.mark.kafka

COUNT = 20
STALLING = 10


def test_in_order_a_message_that_is_not_done_survives_a_kill(
    kafka: KafkaBroker, prefix: str, tmp_path: Path
) -> None:
    committed, written = killed_and_restarted(kafka, prefix, "ordered", tmp_path)
    assert committed == STALLING
    assert written == set(range(COUNT))


def test_newest_first_the_message_that_is_not_done_is_lost(
    kafka: KafkaBroker, prefix: str, tmp_path: Path
) -> None:
    committed, written = killed_and_restarted(kafka, prefix, "reversed", tmp_path)
    assert committed == COUNT
    assert written == set(range(COUNT)) - {STALLING}


def killed_and_restarted(kafka: KafkaBroker, prefix: str, mode: str, folder: Path) -> tuple[int, set[int]]:
    """Give what was committed when the worker was killed, and what was written in the end."""
    source, target = prefix + "in", prefix + "out"
    admin = KafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    producer = KafkaProducer(bootstrap_servers=kafka.bootstrap)
    try:
        admin.create_topics([NewTopic(source, 1, 1), NewTopic(target, 1, 1)])
        admin.wait_for_topics([source, target], timeout_ms=30_000)

        def publish(count: int) -> None:
            for _ in range(count):
                producer.send(source, value=b"a message")
            producer.flush()

        def committed() -> int:
            group = f"{prefix}group-disorder"
            try:
                offsets = admin.list_group_offsets({group: None})[group]
            except KafkaError:
                return -1  # the first group of a broker takes it a moment
            return max((int(at.offset) for at in offsets.values()), default=0)

        arguments = [kafka.bootstrap, source, target, f"{prefix}group", mode]
        publish(STALLING)
        with running(folder / "first", *arguments, str(STALLING)) as said:
            until(lambda: committed() == STALLING, 30, "the first half to be committed")
            publish(COUNT - STALLING)
            acknowledged = STALLING if mode == "ordered" else COUNT - 1
            until(
                lambda: f"done {COUNT - 1} acknowledged {acknowledged}" in said(),
                30,
                "all but one to be done",
            )
        at_kill = committed()
        with running(folder / "second", *arguments, "-1"):
            until(lambda: committed() == COUNT, 30, "everything to be committed")
        return at_kill, offsets_on(kafka, target)
    finally:
        producer.close()
        admin.close()


@contextmanager
def running(log: Path, *arguments: str) -> Iterator[Callable[[], str]]:
    """Run a worker and kill it -9 at the end; give what reads its lines."""
    with log.open("wb") as out:
        worker = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.disorder", *arguments],
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        yield log.read_text
    finally:
        worker.kill()
        worker.wait()


def offsets_on(kafka: KafkaBroker, target: str) -> set[int]:
    """Give the offsets whose messages were written."""
    consumer = KafkaConsumer(bootstrap_servers=kafka.bootstrap, auto_offset_reset="earliest")
    try:
        tp = TopicPartition(target, 0)
        consumer.assign([tp])
        end = consumer.end_offsets([tp])[tp]
        found: set[int] = set()
        while consumer.position(tp) < end:
            for records in consumer.poll(200).values():
                found |= {int(record.key) for record in records}
        return found
    finally:
        consumer.close()

"""A fleet of workers on a real Kafka keeps its promise whatever happens to workers, children and broker."""

import os
import random
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from streams.settings import Settings
from tests import corpus
from tests.conftest import NewKafka
from tests.harness import Pipeline, WorkerProcess, until
from tests.kafka.broker import KafkaBroker

pytestmark = pytest.mark.kafka

SESSION_SECONDS = 6.0
CHUNK = 2_000

Report = Callable[[str, object], None]


@pytest.fixture
def report(record_property: Report) -> Report:
    """Note a measured figure: on the screen with -s, and in the JUnit file."""

    def note(name: str, value: object) -> None:
        print(f"{name}: {value}")  # noqa: T201
        record_property(name, value)

    return note


def settings_for(broker: KafkaBroker, prefix: str, **changes: Any) -> Settings:
    values: dict[str, Any] = {
        "bootstrap": broker.bootstrap,
        "topic_prefix": prefix,
        "article_partitions": 4,
        "shards": 4,
        "entities": "off",
        "pool_children": 1,
        "session_timeout_seconds": SESSION_SECONDS,
        "metrics_port": 0,
        "log_format": "json",
    }
    return Settings(**{**values, **changes})


class Load:
    """Publishes articles in chunks, so that there is work at every fault."""

    def __init__(self, pipeline: Pipeline, *, chunks: int) -> None:
        self._values = list(corpus.articles(chunks * CHUNK, seed=7))
        for number in range(0, len(self._values), 50):  # nothing worth analysing: dropped
            self._values[number] = b'{"id": "drop-%d", "title": "%d", "text": "--"}' % (number, number)
        self._pipeline = pipeline
        self._chance = random.Random(11)
        self.published = 0

    def run_into(self, share: float = 0.5) -> None:
        """Publish a chunk and return at a random instant at which less than `share` of it is committed."""
        before = self.published
        self.published += self._pipeline.publish(self._values[before : before + CHUNK])
        self._pipeline.wait_committed(before + int(self._chance.uniform(0.05, share) * CHUNK))


def test_two_workers_lose_and_invent_nothing_through_kills_joins_leaves_and_a_broker_that_dies(
    new_kafka: NewKafka, prefix: str, tmp_path: Path, report: Report
) -> None:
    broker = new_kafka()
    with Pipeline(settings_for(broker, prefix), tmp_path) as pipeline:
        load = Load(pipeline, chunks=8)
        first, second = pipeline.worker().wait_ready(), pipeline.worker().wait_ready()

        load.run_into()
        first.kill()
        recovered = pipeline.seconds_to_next_commit()
        report("row 1: R of kill -9, seconds", round(recovered, 1))
        assert recovered <= SESSION_SECONDS + 5

        load.run_into()
        third = pipeline.worker()  # joins under load
        third.wait_ready()

        load.run_into()
        status, seconds = second.stop()  # leaves under load
        report("row 2: seconds to stop one of two", round(seconds, 1))
        assert (status, seconds < 20) == (0, True)

        load.run_into()
        fourth = pipeline.worker().wait_ready()
        load.run_into()
        broker.kill()
        broker.start()
        recovered = pipeline.seconds_to_next_commit()
        report("row 7: R of a broker's kill -9, seconds", round(recovered, 1))
        assert recovered <= 30

        load.run_into()
        third.kill()
        fourth.kill()
        pipeline.worker()
        recovered = pipeline.seconds_to_next_commit()
        report("row 14: R of a fleet that dies at once, seconds", round(recovered, 1))
        assert recovered <= SESSION_SECONDS + 5
        fifth = pipeline.worker()
        load.run_into()
        fifth.kill()
        load.run_into()
        pipeline.wait_done()
        counts = pipeline.assert_eq()
        report("counts", counts)
        assert counts["articles"] == load.published == 16_000


def test_a_stopping_worker_commits_what_it_wrote_and_repeats_nothing(
    kafka: KafkaBroker, prefix: str, tmp_path: Path, report: Report
) -> None:
    with Pipeline(settings_for(kafka, prefix), tmp_path) as pipeline:
        load = Load(pipeline, chunks=1)
        worker = pipeline.worker().wait_ready()
        load.run_into()
        status, seconds = worker.stop()
        report("row 2: seconds to stop", round(seconds, 1))
        assert (status, seconds < 20) == (0, True)
        written = {source_of(record) for topic in outcomes() for record in pipeline.records(topic)}
        committed = {
            (partition, offset) for partition, end in pipeline.committed().items() for offset in range(end)
        }
        assert written == committed
        assert len(written) < CHUNK, "it was stopped too late to show anything"
        pipeline.worker()
        pipeline.wait_done()
        assert pipeline.assert_eq()["repeated"] == 0


def test_a_pool_child_that_is_killed_is_replaced_and_costs_no_article(
    kafka: KafkaBroker, prefix: str, tmp_path: Path, report: Report
) -> None:
    with Pipeline(settings_for(kafka, prefix), tmp_path) as pipeline:
        load = Load(pipeline, chunks=1)
        worker = pipeline.worker().wait_ready()
        load.run_into()
        (child,) = worker.children()
        os.kill(child, signal.SIGKILL)
        until(lambda: worker.children() - {child}, 5.0, "a new child")
        recovered = pipeline.seconds_to_next_commit()
        report("row 3: R of a child's kill -9, seconds", round(recovered, 1))
        assert recovered <= 5
        pipeline.wait_done()
        pipeline.assert_eq()
        assert worker.metric('wirewatch_pool_restarts_total{reason="crash"}') == 1


def test_a_spare_worker_is_well_without_partitions_and_takes_over(
    kafka: KafkaBroker, prefix: str, tmp_path: Path, report: Report
) -> None:
    with Pipeline(settings_for(kafka, prefix, article_partitions=1, shards=1), tmp_path) as pipeline:
        load = Load(pipeline, chunks=2)
        workers = [pipeline.worker().wait_ready(), pipeline.worker().wait_ready()]
        load.run_into()
        busy, spare = until(lambda: _by_work(workers), 20, "one worker to have the only partition")
        assert spare.ready
        busy.kill()
        recovered = pipeline.seconds_to_next_commit()
        report("row 16: R of a takeover by the spare, seconds", round(recovered, 1))
        assert recovered <= SESSION_SECONDS + 5
        load.run_into()
        pipeline.wait_done()
        pipeline.assert_eq()


def outcomes() -> Iterator[str]:
    yield from ("articles.enriched", "articles.dropped", "articles.dead")


def source_of(record: Any) -> tuple[int, int]:
    headers = dict(record.headers)
    return int(headers["source-partition"]), int(headers["source-offset"])


def _by_work(workers: list[WorkerProcess]) -> tuple[WorkerProcess, WorkerProcess] | None:
    held = [worker.metric('wirewatch_assigned_partitions{topic="articles"}') for worker in workers]
    if sorted(held) != [0, 1]:
        return None
    busy = held.index(1)
    return workers[busy], workers[1 - busy]

"""A worker that can't go on says why and ends; one that is killed leaves nothing behind."""

import time
from pathlib import Path

import psutil
import pytest

from tests.faults.test_articles import KafkaAdmin, article, settings_for
from tests.harness import Pipeline, WorkerProcess, until
from tests.kafka.broker import KafkaBroker

pytestmark = pytest.mark.kafka


def test_a_worker_without_its_topics_ends_naming_each_and_what_to_do(
    kafka: KafkaBroker, prefix: str, tmp_path: Path
) -> None:
    worker = WorkerProcess(settings_for(kafka, prefix), tmp_path / "log")
    try:
        assert worker.process.wait(60) != 0
    finally:
        worker.kill()
    assert f"{prefix}articles: the topic is missing" in worker.said
    assert "wirewatch topics create" in worker.said


def test_a_worker_whose_input_is_deleted_ends_within_a_minute_and_says_so(
    kafka: KafkaBroker, prefix: str, tmp_path: Path
) -> None:
    settings = settings_for(kafka, prefix)
    with Pipeline(settings, tmp_path) as pipeline, KafkaAdmin(settings) as admin:
        worker = pipeline.worker().wait_ready()
        pipeline.publish([article("one")])
        pipeline.wait_done()
        admin.delete_topics([prefix + "articles"])
        began = time.monotonic()
        status = worker.process.wait(60)
        print(f"row 18: seconds from deletion to the end: {time.monotonic() - began:.1f}")  # noqa: T201
        assert status not in (0, None)
        assert "deleted" in worker.said
        assert "articles" in worker.said


def test_no_child_outlives_a_worker_that_is_killed(kafka: KafkaBroker, prefix: str, tmp_path: Path) -> None:
    with Pipeline(settings_for(kafka, prefix, pool_children=2), tmp_path) as pipeline:
        worker = pipeline.worker().wait_ready()
        children = worker.children()
        assert len(children) == 2
        worker.kill()
        until(lambda: not any(map(psutil.pid_exists, children)), 2.0, "its children to end")

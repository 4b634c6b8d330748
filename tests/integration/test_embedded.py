"""The same pipeline on the embedded broker, so that what a newcomer tries is what is proved."""

from pathlib import Path

import pytest

from streams.embedded import EmbeddedBroker
from streams.settings import load
from tests import corpus
from tests.harness import Pipeline

pytestmark = pytest.mark.embedded


def test_a_few_hundred_articles_become_what_the_core_says(
    embedded: EmbeddedBroker, prefix: str, tmp_path: Path
) -> None:
    told = {
        "bootstrap": embedded.bootstrap,
        "topic_prefix": prefix,
        "article_partitions": 4,
        "shards": 4,
        "entities": "off",
        "pool_children": 1,
        "session_timeout_seconds": 6.0,
        "metrics_port": 0,
    }
    with Pipeline(load(told, environ={}).settings, tmp_path) as pipeline:
        worker = pipeline.worker().wait_ready()
        pipeline.publish(corpus.articles(400, seed=2))
        pipeline.wait_committed(400)
        # Counted, not asked for: this broker tells an end that is too early.
        pipeline.wait_committed(len(pipeline.records("matches")), stage="decide")
        counts = pipeline.assert_eq()
        assert counts["repeated"] == 0
        assert counts["alerts"] > 10
        assert worker.stop()[0] == 0

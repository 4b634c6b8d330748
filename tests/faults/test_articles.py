"""An article can kill, fill or hang its child, be unreadable, or leave too large: it alone pays for it."""

import json
import random
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import psutil
import pytest
from kafka import KafkaProducer
from kafka.admin import ConfigResource, KafkaAdminClient, NewTopic


from streams.security import kafka_python_options
from streams.settings import Settings
from tests import corpus
from tests.harness import Pipeline, until
from tests.kafka.broker import KafkaBroker
from tests.processors.test_codec import POISON

pytestmark = pytest.mark.kafka

MIB = 1024 * 1024
DEADLY = "tests.faults.poison:build"


def settings_for(broker: KafkaBroker, prefix: str, **changes: Any) -> Settings:
    values: dict[str, Any] = {
        "bootstrap": broker.bootstrap,
        "topic_prefix": prefix,
        "article_partitions": 1,
        "shards": 2,
        "entities": "off",
        "pool_children": 1,
        "session_timeout_seconds": 6.0,
        "metrics_port": 0,
        "log_format": "json",
    }
    return Settings(**{**values, **changes})


def article(name: str, *, title: str = "A quiet day", text: str = "Nothing happened in Norvik.") -> bytes:
    return json.dumps({"id": name, "title": title, "text": text, "source": {"domain": "a.example"}}).encode()


def write(settings: Settings, values: Iterable[bytes | None]) -> None:
    """Write values as a publisher without any limits of its own would."""
    producer = KafkaProducer(
        acks="all",
        compression_type="gzip",
        max_request_size=100 * MIB,
        **kafka_python_options(settings),
    )
    try:
        sent = [producer.send(settings.topic_prefix + "articles", key=b"key", value=value) for value in values]
        producer.flush()
        for future in sent:
            future.get(timeout=60)
    finally:
        producer.close()


def dead(pipeline: Pipeline) -> dict[int, tuple[dict[str, bytes], bytes | None]]:
    """Give headers and value of each dead letter by the offset of its article."""
    found = {}
    for record in pipeline.records("articles.dead"):
        headers = dict(record.headers)
        assert int(headers["source-offset"]) not in found, "a dead letter was written twice"
        found[int(headers["source-offset"])] = headers, record.value
    return found


def test_an_article_that_kills_fills_or_hangs_its_child_is_given_up_after_two_tries_alone(
    kafka: KafkaBroker, prefix: str, tmp_path: Path
) -> None:
    settings = settings_for(
        kafka, prefix, article_timeout_seconds=1.0, child_memory_bytes=256 * MIB, batch_wait_seconds=0.01
    )
    deeds = {"CRASHES": "nlp_crash", "FILLS": "nlp_oom", "HANGS": "nlp_timeout", "RAISES": "analysis_error"}
    values = list(corpus.articles(400, seed=3, broken=0))
    culprits = {}
    for place, (deed, reason) in enumerate(deeds.items()):
        at = 50 + 90 * place
        values[at] = article(deed, title=f"This one {deed}")
        culprits[at] = reason
    with Pipeline(settings, tmp_path) as pipeline:
        worker = pipeline.worker(factory=DEADLY).wait_ready()
        before = psutil.Process(worker.process.pid).memory_info().rss
        pipeline.publish(values)
        pipeline.wait_done(60)
        grown = psutil.Process(worker.process.pid).memory_info().rss - before
        assert grown < 40 * MIB, f"the parent grew by {grown / MIB:.0f} MiB"
        letters = dead(pipeline)
        assert {at: headers["reason"].decode() for at, (headers, _) in letters.items()} == culprits
        assert all(value == values[at] for at, (_, value) in letters.items())
        tries = {headers["reason"].decode(): int(headers["attempts"]) for headers, _ in letters.values()}
        assert tries == {"nlp_crash": 2, "nlp_oom": 2, "nlp_timeout": 2, "analysis_error": 1}
        # The neighbours are all there, and exactly as the core has them.
        expected = {"articles.dropped": set(), **pipeline.analysed()}
        offsets = {str(at).encode() for at in culprits}
        for topic in ("articles.enriched", "articles.dropped", "matches"):
            unharmed = {m for m in expected[topic] if dict(m.headers)["source-offset"] not in offsets}
            assert pipeline.messages(topic).keys() == unharmed
        assert worker.metric('wirewatch_pool_restarts_total{reason="timeout"}') == 3  # in its batch, then alone


def test_each_kind_of_poison_is_a_dead_letter_of_its_very_bytes_with_its_own_reason(
    kafka: KafkaBroker, prefix: str, tmp_path: Path
) -> None:
    values: list[bytes | None] = []
    for number, (_, value, _, _) in enumerate(POISON):
        values += [article(f"before-{number}"), value]
    values.append(article("the last"))
    with Pipeline(settings_for(kafka, prefix), tmp_path) as pipeline:
        pipeline.worker()
        write(pipeline.settings, values)
        pipeline.wait_done(60)
        letters = dead(pipeline)
        for number, (name, value, reason, says) in enumerate(POISON):
            headers, kept = letters.pop(2 * number + 1)
            assert kept == value, name
            assert headers["reason"].decode() == reason, name
            assert says in headers["detail"].decode(), name
            assert (headers["stage"], headers["attempts"]) == (b"decode", b"1")
            assert headers["source-topic"].decode() == prefix + "articles"
            assert headers["source-partition"] == b"0"
        assert not letters
        pipeline.assert_eq()


def test_a_flood_of_nul_and_of_marks_that_turn_text_around_is_read_as_what_it_says(
    kafka: KafkaBroker, prefix: str, tmp_path: Path
) -> None:
    flood = "\x00\u202e\u2066" * 50_000
    value = article("flood", title=f"Troop {flood}build-up", text=f"{flood}A troop{flood} build-up near Norvik.")
    with Pipeline(settings_for(kafka, prefix), tmp_path) as pipeline:
        pipeline.worker()
        write(pipeline.settings, [article("before"), value, article("after")])
        pipeline.wait_done(60)
        assert pipeline.assert_eq()["articles.dead"] == 0
        told = pipeline.records("articles.enriched")[1].value.decode()
        assert not {"\x00", "\\u0000", "\u202e", "\u2066"} & set(told)


def test_an_article_whose_output_is_too_large_is_a_dead_letter_and_its_neighbours_are_not(
    kafka: KafkaBroker, prefix: str, tmp_path: Path
) -> None:
    settings = settings_for(kafka, prefix)
    long = "A troop build-up near Norvik. " * 400
    with KafkaAdmin(settings) as admin:
        admin.create_topics(
            [NewTopic(prefix + "matches", 2, 1, topic_configs={"max.message.bytes": "6000"})]
        )
        with Pipeline(settings, tmp_path) as pipeline:
            values = [
                article(str(n), title="Massing", text=long if n == 10 else "A troop build-up near Norvik.")
                for n in range(40)
            ]
            pipeline.worker()
            pipeline.publish(values)
            pipeline.wait_done(60)
            ((at, (headers, kept)),) = dead(pipeline).items()
            assert (at, kept) == (10, values[10])
            assert (headers["stage"], headers["reason"]) == (b"emit", b"output_too_large")
            assert b"max.message.bytes" in headers["detail"]
            enriched = [int(dict(record.headers)["source-offset"]) for record in pipeline.records("articles.enriched")]
            assert sorted(enriched) == [n for n in range(40) if n != 10]


def test_a_dead_letter_as_large_as_an_article_may_be_can_be_written(
    kafka: KafkaBroker, prefix: str, tmp_path: Path
) -> None:
    settings = settings_for(kafka, prefix, article_max_bytes=200_000)
    # Every byte counts: what gzip and zstd can't make smaller.
    chance = random.Random(5)
    largest = b"\xff" + chance.randbytes(199_850)
    with Pipeline(settings, tmp_path) as pipeline:
        pipeline.worker()
        write(settings, [largest, article("after")])
        pipeline.wait_done(60)
        ((headers, kept),) = dead(pipeline).values()
        assert (headers["reason"], kept) == (b"bad_utf8", largest)


def test_what_can_not_be_written_now_is_waited_for_and_neither_skipped_nor_committed(
    kafka: KafkaBroker, prefix: str, tmp_path: Path
) -> None:
    # A topic that wants two replicas where there is one refuses every write until it is mended.
    refusing = ("articles.enriched", "articles.dead")
    values = [article("first"), b"not an article", article("last")]
    with KafkaAdmin(settings_for(kafka, prefix)) as admin:
        pipelines = {}
        for topic in refusing:
            settings = settings_for(kafka, f"{prefix}{topic}.")
            pipeline = Pipeline(settings, tmp_path / topic)
            (tmp_path / topic).mkdir()
            pipelines[topic] = pipeline
        with pipelines["articles.enriched"] as one, pipelines["articles.dead"] as other:
            began = time.monotonic()
            for topic, pipeline in pipelines.items():
                replicas(admin, pipeline.settings.topic_prefix + topic, 2)
                pipeline.worker()
                pipeline.publish(values)
            for pipeline in (one, other):
                (worker,) = pipeline.workers
                until(lambda w=worker: w.metric("wirewatch_write_stalled") == 1, 60, "the alarm")  # type: ignore[misc]
                assert "broker" in worker.unmet
                assert time.monotonic() - began < 75
            assert sum(one.committed().values()) == 0
            assert sum(other.committed().values()) <= 1  # not the broken one, nor what follows it
            for topic, pipeline in pipelines.items():
                replicas(admin, pipeline.settings.topic_prefix + topic, 1)
            for pipeline in (one, other):
                pipeline.wait_done(60)
                pipeline.assert_eq()
                assert pipeline.workers[0].wait_ready(10)


def replicas(admin: KafkaAdminClient, topic: str, count: int) -> None:
    """Have a topic ask for so many replicas in sync at every write."""
    admin.alter_configs([ConfigResource("topic", topic, {"min.insync.replicas": str(count)})])


class KafkaAdmin:
    """An admin client for the length of a `with`."""

    def __init__(self, settings: Settings) -> None:
        self._client = KafkaAdminClient(**kafka_python_options(settings))

    def __enter__(self) -> KafkaAdminClient:
        return self._client

    def __exit__(self, *_: object) -> None:
        self._client.close()

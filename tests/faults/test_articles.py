"""An article can kill, fill or hang its child, be unreadable, or leave too large: it alone pays for it."""

import json
import random
from collections.abc import Iterable
from contextlib import ExitStack
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
        sent = [
            producer.send(settings.topic_prefix + "articles", key=b"key", value=value) for value in values
        ]
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
    settings = settings_for(kafka, prefix, article_timeout_seconds=1.0, child_memory_bytes=256 * MIB)
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
        assert (
            worker.metric('wirewatch_pool_restarts_total{reason="timeout"}') == 3
        )  # in its batch, then alone


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
    value = article(
        "flood", title=f"Troop {flood}build-up", text=f"{flood}A troop{flood} build-up near Norvik."
    )
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
    long = "Troop build-up near Norvik, " + "as seen by many, " * 500
    with KafkaAdmin(settings) as admin:
        admin.create_topics([NewTopic(prefix + "matches", 2, 1, topic_configs={"max.message.bytes": "6000"})])
        with Pipeline(settings, tmp_path) as pipeline:
            values = [
                article(str(n), title=long if n == 10 else "Massing", text="A troop build-up near Norvik.")
                for n in range(40)
            ]
            pipeline.worker()
            pipeline.publish(values)
            pipeline.wait_done(60)
            ((at, (headers, kept)),) = dead(pipeline).items()
            assert (at, kept) == (10, values[10])
            assert (headers["stage"], headers["reason"]) == (b"emit", b"output_too_large")
            assert b"max.message.bytes" in headers["detail"]
            enriched = [
                int(dict(record.headers)["source-offset"]) for record in pipeline.records("articles.enriched")
            ]
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
    # What makes a topic refuse every write, and what mends it.
    refusals = {
        "articles.enriched": ("message.timestamp.before.max.ms", "1", str(2**63 - 1)),
        "articles.dead": ("max.message.bytes", "10", str(32 * MIB)),
    }
    values = [article("first"), b"not an article", article("last")]
    with ExitStack() as stack:
        admin = stack.enter_context(KafkaAdmin(settings_for(kafka, prefix)))
        pipelines = {}
        for topic, (name, refusing, _) in refusals.items():
            settings = settings_for(kafka, f"{prefix}{topic}.")
            pipelines[topic] = pipeline = stack.enter_context(Pipeline(settings, tmp_path, name=topic))
            pipeline.worker().wait_ready()
            set_config(admin, settings.topic_prefix + topic, name, refusing)
            pipeline.publish(values[:2])
            pipeline.publish(values[2:])
        for topic, pipeline in pipelines.items():
            (worker,) = pipeline.workers
            until(lambda w=worker: w.metric("wirewatch_write_stalled") == 1, 60, f"the alarm on {topic}")  # type: ignore[misc]
            assert "analyse broker" in worker.unmet
        # Long enough for what is acknowledged to be committed, were there anything.
        for topic, pipeline in pipelines.items():
            (worker,) = pipeline.workers
            before = worker.errors()
            until(lambda w=worker, b=before: w.errors() >= b + 2, 60, "two more tries")  # type: ignore[misc]
            assert sum(pipeline.committed().values()) == 0, topic
        for topic, (name, _, mended) in refusals.items():
            set_config(admin, pipelines[topic].settings.topic_prefix + topic, name, mended)
        for pipeline in pipelines.values():
            pipeline.wait_done(60)
            pipeline.assert_eq()
            assert pipeline.workers[0].wait_ready(10)


def set_config(admin: KafkaAdminClient, topic: str, name: str, value: str) -> None:
    """Change a setting of a topic."""
    admin.alter_configs([ConfigResource("topic", topic, {name: value})])


class KafkaAdmin:
    """An admin client for the length of a `with`."""

    def __init__(self, settings: Settings) -> None:
        self._client = KafkaAdminClient(**kafka_python_options(settings))

    def __enter__(self) -> KafkaAdminClient:
        return self._client

    def __exit__(self, *_: object) -> None:
        self._client.close()

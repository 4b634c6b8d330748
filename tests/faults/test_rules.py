"""Rules change under load, break and vanish: no article meets half a set, and the last good one stays in force."""

import json
import os
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaProducer

from processors import codec
from processors.analyse import Engine, analyse_batch
from processors.models import Alert, Enriched, MatchPayload, Record
from processors.rulerecords import MANIFEST, RULE, Manifest, hash_of, to_records
from processors.rules import RuleSet, compile_pack
from streams import rulestopic, topics
from streams.publish import publish
from streams.security import kafka_python_options
from streams.settings import Settings
from tests.faults.test_articles import KafkaAdmin, article, settings_for
from tests.harness import Pipeline, WorkerProcess, as_record, until
from tests.kafka.broker import KafkaBroker

pytestmark = pytest.mark.kafka

# The long run takes 1,000.
RELOADS = int(os.environ.get("WIREWATCH_RELOADS", "6"))
SETS = 4
ARTICLES_A_SECOND = 40.0
NAMES = ("alpha", "bravo", "charlie", "delta", "echo", "foxtrot")
SEVERITIES = ("low", "medium", "high", "critical")


def rules(ids_and_queries: Mapping[str, str], severity: str = "low") -> RuleSet:
    listed = [
        f"  - {{id: {name}, title: T, severity: {severity}, query: '{query}'}}"
        for name, query in ids_and_queries.items()
    ]
    made = compile_pack({"test.yaml": "\n".join(["rules:", *listed])})
    assert isinstance(made, RuleSet), made
    return made


def from_topic(kafka: KafkaBroker, prefix: str, **changes: Any) -> Settings:
    return settings_for(kafka, prefix, rules_from="topic", rules_check_seconds=0.2, **changes)


def in_force(worker: WorkerProcess) -> str | None:
    """Give the revision that a worker says is in force."""
    _, body = worker._get("/readyz")
    revision: str | None = json.loads(body or b"{}").get("rules", {}).get("revision")
    return revision


def refused(worker: WorkerProcess) -> str:
    _, body = worker._get("/readyz")
    assert worker.metric("wirewatch_rules_refused") == 1
    why: str = json.loads(body)["rules"]["refused"]
    return why


def write(settings: Settings, records: Mapping[str, bytes]) -> None:
    """Write records to the rules topic as somebody would who doesn't compile them first."""
    producer = KafkaProducer(acks="all", **kafka_python_options(settings))
    try:
        for key, value in records.items():
            producer.send(settings.topic_prefix + "rules", key=key.encode(), value=value).get(timeout=30)
    finally:
        producer.close()


def fired(pipeline: Pipeline, count: int) -> set[str]:
    """Give the rules that fired on the newest `count` articles, once all are decided."""
    pipeline.wait_done(60)
    ends = pipeline.ends("articles")[0]
    return {
        hit.rule_id
        for record in pipeline.records("matches")
        if int(dict(record.headers)["source-offset"]) >= ends - count
        for hit in codec.read_as(record.value, MatchPayload).hits
    }


def test_a_broken_rule_among_500_or_a_topic_that_is_gone_leaves_the_last_good_rules_in_force(
    kafka: KafkaBroker, prefix: str, tmp_path: Path
) -> None:
    settings = from_topic(kafka, prefix)
    good = rules({f"test/r{number}": f'"word{number} strike"' for number in range(500)})
    loud = [article("a", text="A word7 strike was seen."), article("b", text="Nothing was seen.")]
    with Pipeline(settings, tmp_path) as pipeline, KafkaAdmin(settings) as admin:
        worker = pipeline.worker()
        until(lambda: "no rules are published" in worker.unmet.get("rules", ""), 30, "it to say why it waits")
        assert "wirewatch rules publish" in worker.unmet["rules"]
        rulestopic.publish(settings, good)
        worker.wait_ready()
        assert in_force(worker) == good.revision
        assert worker.metric("wirewatch_rules_refused") == 0

        # One broken among 500, and a manifest that counts it.
        records = to_records(good)
        records[RULE + "test/r7"] = records[RULE + "test/r7"].replace(
            b'\\"word7 strike\\"', b'\\"word7 OR (('
        )
        manifest = Manifest(records=500, hash=hash_of(records), revision="broken")
        write(settings, {**records, MANIFEST: codec.encode(manifest)})
        until(lambda: worker.metric("wirewatch_rules_refused") == 1, 60, "the gauge of refused rules")
        assert "test/r7" in refused(worker)
        assert worker.ready
        assert in_force(worker) == good.revision
        pipeline.publish(loud)
        assert fired(pipeline, 2) == {"test/r7"}

        # What mends it brings it back, though what is in force has not changed.
        rulestopic.publish(settings, good)
        until(lambda: worker.metric("wirewatch_rules_refused") == 0, 60, "the gauge to be clear")

        admin.delete_topics([prefix + "rules"])
        until(lambda: worker.metric("wirewatch_rules_refused") == 1, 60, "the gauge of a topic that is gone")
        assert "the topic is missing" in refused(worker)
        pipeline.publish(loud)
        assert fired(pipeline, 2) == {"test/r7"}
        assert worker.ready

        topics.create(settings)
        other = rules({"test/other": '"nothing was seen"'})
        rulestopic.publish(settings, other)
        until(lambda: in_force(worker) == other.revision, 60, "the rules that were published anew")
        assert worker.metric("wirewatch_rules_refused") == 0
        pipeline.publish([article("c", text="Nothing was seen, said a word7 strike.")])
        assert fired(pipeline, 1) == {"test/other"}
        # One process lived through all of it, and every set was counted.
        loads = {
            result: worker.metric(f'wirewatch_rule_loads_total{{result="{result}"}}')
            for result in ("in_force", "unchanged", "failed")
        }
        assert loads == {"in_force": 2, "unchanged": 1, "failed": 0}


@pytest.mark.timeout(240 + 20 * RELOADS)
def test_no_article_meets_half_a_rule_set_and_each_alert_is_opened_once_however_often_rules_change(
    kafka: KafkaBroker, prefix: str, tmp_path: Path
) -> None:
    settings = from_topic(kafka, prefix, pool_children=2, article_partitions=2)
    sets = [
        rules(
            {f"test/{name}": f'"{name} strike"' for at, name in enumerate(NAMES) if (at + number) % 3},
            severity=SEVERITIES[number],
        )
        for number in range(SETS)
    ]
    with Pipeline(settings, tmp_path) as pipeline:
        rulestopic.publish(settings, sets[0])
        worker = pipeline.worker().wait_ready()
        with load(settings):
            for number in range(1, RELOADS + 1):
                wanted = sets[number % SETS]
                rulestopic.publish(settings, wanted)
                until(lambda wanted=wanted: in_force(worker) == wanted.revision, 120, f"reload {number}")  # type: ignore[misc]
        pipeline.wait_done(120)
        assert worker.metric('wirewatch_rule_loads_total{result="in_force"}') == RELOADS + 1
        assert worker.metric('wirewatch_pool_restarts_total{reason="crash"}') == 0

        records = [as_record(record) for record in pipeline.records("articles")]
        references = [reference(one, records) for one in sets]
        found: dict[tuple[int, int], set[tuple[str, str]]] = defaultdict(set)
        for record in pipeline.records("matches"):
            for hit in codec.read_as(record.value, MatchPayload).hits:
                found[source_of(record)].add((hit.match_id, hit.rule_revision))
        used: Counter[int] = Counter()
        for record in records:
            at = (record.partition, record.offset)
            alike = [number for number in range(SETS) if references[number][at] == found[at]]
            assert alike, f"article {at} met no one set: {found[at]}"
            if len(alike) == 1:
                used[alike[0]] += 1
        assert set(used) == set(range(SETS)), f"not every set was at work: {used}"

        opened = Counter(
            alert.alert_id
            for record in pipeline.records("alerts")
            if (alert := codec.read_as(record.value, Alert)).version == 1
        )
        assert opened
        assert set(opened.values()) == {1}
        assert pipeline.messages("alerts").keys() == pipeline.decided()
        print(f"row 20: {RELOADS} reloads, {len(records)} articles, {len(opened)} alerts")  # noqa: T201


def reference(one: RuleSet, records: Iterable[Record]) -> Mapping[tuple[int, int], set[tuple[str, str]]]:
    """Give, for each article, the matches and rule revisions that the core gives under one set of rules."""
    listed = list(records)
    outcomes, _ = analyse_batch(listed, Engine(rules=one, readers={}, entity_mode="off"), time.perf_counter)
    return {
        (record.partition, record.offset): {
            (match.match_id, match.rule_revision) for match in outcome.matches
        }
        if isinstance(outcome, Enriched)
        else set()
        for record, outcome in zip(listed, outcomes, strict=True)
    }


def source_of(record: Any) -> tuple[int, int]:
    headers = dict(record.headers)
    return int(headers["source-partition"]), int(headers["source-offset"])


@contextmanager
def load(settings: Settings) -> Iterator[None]:
    """Publish articles, each with some of the names, at a steady rate for the length of a `with`."""
    told = threading.Event()

    def values() -> Iterator[bytes]:
        number = 0
        while not told.is_set():
            seen = [name for at, name in enumerate(NAMES) if number >> at & 1]
            number += 1
            yield article(
                str(number), text="There was " + ", ".join(f"a {name} strike" for name in seen) + "."
            )

    thread = threading.Thread(target=publish, args=(settings, values()), kwargs={"rate": ARTICLES_A_SECOND})
    thread.start()
    try:
        yield
    finally:
        told.set()
        thread.join()

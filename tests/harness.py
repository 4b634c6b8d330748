"""Runs the pipeline as its users do, as worker processes on a broker, and proves that it did what the core says.

EQ is two equalities. Every message on `articles.*` and `matches` is one that the pure core makes of the very
records of `articles`, and none of those is missing. Every message on `alerts` is one that the pure decision,
folded over the records of `matches` in order, makes, and none is missing. A message is key, payload, headers
and, where it is sharded, its partition; how often it was written does not matter.
"""

import json
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Self, TypeVar

import psutil
from kafka import KafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError
from msgspec import Struct

from processors import codec, outputs
from processors.analyse import Engine, analyse_batch
from processors.decide import ShardState, decide
from processors.models import Alert, EnrichedPayload, MatchPayload, Origin, Output, Record
from streams import publish, topics
from streams.engine import BUILD, build, spec_of
from streams.groups import group_name
from streams.security import kafka_python_options
from streams.settings import Settings, environment

STAGES = {"analyse": "articles", "decide": "matches"}
ANALYSED = ("articles.enriched", "articles.dropped", "articles.dead", "matches")
SHARDED = ("matches", "alerts")

T = TypeVar("T")


class WaitedTooLong(AssertionError):
    """A condition did not come true within its limit."""


def until(condition: Callable[[], T | None], seconds: float, what: str) -> T:
    """Give what `condition` gives once it is true; after `seconds` say `what` was waited for."""
    limit = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > limit:
            raise WaitedTooLong(f"waited {seconds:.0f} s for {what}")
        time.sleep(0.05)
    return found


class Message(Struct, frozen=True, kw_only=True):
    """What is compared of a message."""

    key: bytes | None
    value: bytes | None
    partition: int | None  # only where it is a shard
    headers: tuple[tuple[str, bytes], ...]


class WorkerProcess:
    """A worker as a process, its log in a file."""

    def __init__(self, settings: Settings, log: Path, *, factory: str = BUILD) -> None:
        environ = environment(settings)
        command = [sys.executable, "-m", "streams.cli", "worker"]
        if factory != BUILD:
            command = [sys.executable, "-m", "tests.faults.start", factory]
        self._log = log
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                command, env=environ, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT
            )

    @property
    def said(self) -> str:
        """What it logged."""
        return self._log.read_text("utf-8", "replace")

    @property
    def ready(self) -> bool:
        """Whether it answers that it is ready."""
        return not self.unmet

    @property
    def unmet(self) -> dict[str, str]:
        """Why it is not ready."""
        status, body = self._get("/readyz")
        return {} if status == 200 else json.loads(body or b'{"unmet": {"process": "no answer"}}')["unmet"]

    def metric(self, sample: str) -> float:
        """Give a sample of its metrics, by its name with labels; 0 where it was never set."""
        _, body = self._get("/metrics")
        found = re.search(rf"^{re.escape(sample)} ([^ \n]+)", body.decode(), re.MULTILINE)
        return float(found[1]) if found else 0.0

    def errors(self) -> float:
        """Give how many writes failed and were tried again."""
        _, body = self._get("/metrics")
        found = re.findall(r"^wirewatch_produce_errors_total\{[^}]*\} ([^ \n]+)", body.decode(), re.MULTILINE)
        return sum(map(float, found))

    def children(self) -> set[int]:
        """Give the process ids of its pool."""
        try:
            return {
                child.pid
                for child in psutil.Process(self.process.pid).children()
                if child.status() != psutil.STATUS_ZOMBIE
            }
        except psutil.NoSuchProcess:
            return set()

    def wait_ready(self, seconds: float = 60.0) -> Self:
        """Return once it is ready."""
        until(lambda: self._alive() and self.ready, seconds, "a worker to become ready")
        return self

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> tuple[int, float]:
        """Tell it to stop; give its exit status and the seconds it took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30), time.monotonic() - began

    def _alive(self) -> bool:
        assert self.process.poll() is None, (
            f"the worker ended ({self.process.returncode}):\n{self.said[-4000:]}"
        )
        return True

    def _get(self, page: str) -> tuple[int, bytes]:
        address = re.search(r"metrics on (http://[\w.:]+)/metrics", self.said)
        if address is None:
            return 0, b""
        try:
            with urllib.request.urlopen(address[1] + page, timeout=5) as answer:  # noqa: S310 - ours, http
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except OSError:
            return 0, b""


class Pipeline:
    """Topics of one test on a broker, and the workers on them; all end with the `with`."""

    def __init__(self, settings: Settings, folder: Path, *, name: str = "worker") -> None:
        self._name = name
        self.settings = settings
        self.workers: list[WorkerProcess] = []
        self._folder = folder
        self._progress: KafkaAdminClient | None = None

    def __enter__(self) -> Self:
        topics.create(self.settings)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._close_progress()
        for number, worker in enumerate(self.workers):
            if worker.process.poll() is None:
                worker.kill()
            if kind is not None:
                print(f"--- worker {number}, pid {worker.process.pid}\n{worker.said[-6000:]}")  # noqa: T201

    def worker(self, *, factory: str = BUILD, **changes: Any) -> WorkerProcess:
        """Start a worker."""
        log = self._folder / f"{self._name}-{len(self.workers)}.log"
        started = WorkerProcess(self.settings.model_copy(update=changes), log, factory=factory)
        self.workers.append(started)
        return started

    def publish(self, values: Iterable[bytes | None]) -> int:
        """Publish articles under their keys; give how many."""
        published = publish.publish(self.settings, values)  # type: ignore[arg-type]  # a tombstone is None
        assert not published.failed, published.first_error
        return published.published

    def committed(self, stage: str = "analyse") -> dict[int, int]:
        """Give the committed offset of each partition of a stage's topic, once a broker answers."""
        (offsets,) = until(lambda: self._asked(stage), 60, "a broker to tell what is committed")
        topic = self.settings.topic_prefix + STAGES[stage]
        return {
            tp.partition: int(at.offset) for tp, at in offsets.items() if tp.topic == topic and at.offset >= 0
        }

    def _asked(self, stage: str) -> tuple[Any] | None:
        group = group_name(self.settings, stage)
        try:
            if self._progress is None:
                self._progress = KafkaAdminClient(**kafka_python_options(self.settings))
            return (self._progress.list_group_offsets({group: None})[group],)
        except (KafkaError, OSError):
            self._close_progress()
            return None

    def _close_progress(self) -> None:
        client, self._progress = self._progress, None
        if client is not None:
            with suppress(KafkaError, OSError):
                client.close()

    def ends(self, topic: str) -> dict[int, int]:
        """Give the end of each partition of a topic."""
        with _Reader(self.settings, topic) as reader:
            return reader.ends

    def behind(self, stage: str = "analyse") -> int:
        """Give how many records a stage has not committed."""
        committed = self.committed(stage)
        return sum(max(0, end - committed.get(at, 0)) for at, end in self.ends(STAGES[stage]).items())

    def wait_committed(self, count: int, *, stage: str = "analyse", seconds: float = 60.0) -> None:
        """Return once a stage has committed so many records."""
        until(
            lambda: sum(self.committed(stage).values()) >= count,
            seconds,
            f"{stage} to commit {count} records",
        )

    def wait_done(self, seconds: float = 120.0) -> None:
        """Return once both groups have committed all that is there."""
        for stage in STAGES:  # in this order: what ANALYSE writes, DECIDE reads
            until(lambda stage=stage: not self.behind(stage), seconds, f"{stage} to commit everything")  # type: ignore[misc]

    def seconds_to_next_commit(self, seconds: float = 60.0) -> float:
        """Give the seconds until every partition that has work has committed more of it."""
        began = time.monotonic()
        before = self.committed()
        waiting = {p for p, end in self.ends("articles").items() if before.get(p, 0) < end}
        assert waiting, "there was no work left to commit: publish more before the fault"
        until(
            lambda: all(at > before.get(p, 0) for p, at in self.committed().items() if p in waiting),
            seconds,
            f"partitions {sorted(waiting)} to commit more",
        )
        return time.monotonic() - began

    def records(self, topic: str) -> list[Any]:
        """Give every record of a topic, by partition and offset."""
        with _Reader(self.settings, topic) as reader:
            return reader.records()

    def messages(self, topic: str) -> Counter[Message]:
        """Give what stands on a topic and how often."""
        return Counter(
            Message(
                key=record.key,
                value=record.value,
                partition=record.partition if topic in SHARDED else None,
                headers=tuple(record.headers),
            )
            for record in self.records(topic)
        )

    def analysed(self, engine: Engine | None = None) -> dict[str, set[Message]]:
        """Give, by topic, what the core makes of the records on `articles`."""
        records = [as_record(record) for record in self.records("articles")]
        outcomes, _ = analyse_batch(records, engine or build(spec_of(self.settings)), time.perf_counter)
        made = (
            output
            for outcome, record in zip(outcomes, records, strict=True)
            for output in outputs.of_outcome(outcome, record, shards=self.settings.shards)
        )
        return _by_topic(made)

    def decided(self) -> set[Message]:
        """Give what the core decides of the records on `matches`, in their order."""
        states: dict[int, ShardState] = defaultdict(ShardState)
        made = []
        for found in self.records("matches"):
            record = as_record(found)
            payload = codec.read_as(record.value, MatchPayload)
            versions = decide(states[record.partition], payload, record.origin)
            made += [outputs.alert(version, record) for version in versions]
        return _by_topic(made).get("alerts", set())

    def assert_eq(self, *, engine: Engine | None = None) -> dict[str, int]:
        """Assert EQ; give the count of each topic's messages and, as `repeated`, of those written again."""
        expected = {**dict.fromkeys(ANALYSED, frozenset()), **self.analysed(engine), "alerts": self.decided()}
        counts = {"articles": len(self.records("articles")), "repeated": 0}
        for topic in (*ANALYSED, "alerts"):
            found = self.messages(topic)
            missing, extra = expected[topic] - found.keys(), found.keys() - expected[topic]
            assert not missing and not extra, _differ(topic, missing, extra)
            counts[topic] = len(found)
            counts["repeated"] += found.total() - len(found)
        self._assert_one_payload_an_id()
        self._assert_versions_without_gaps()
        return counts

    def _assert_one_payload_an_id(self) -> None:
        payloads: dict[tuple[object, ...], set[bytes]] = defaultdict(set)
        for record in self.records("articles.enriched"):
            article = codec.read_as(record.value, EnrichedPayload)
            payloads["article", article.key, article.revision, article.status].add(record.value)
        for record in self.records("matches"):
            for hit in codec.read_as(record.value, MatchPayload).hits:
                payloads["match", hit.match_id].add(codec.encode(hit))
        for record in self.records("alerts"):
            alert = codec.read_as(record.value, Alert)
            payloads["alert", alert.alert_id, alert.version].add(record.value)
        twofold = [name for name, values in payloads.items() if len(values) > 1]
        assert not twofold, f"ids with two payloads: {twofold[:5]}"

    def _assert_versions_without_gaps(self) -> None:
        newest: dict[str, int] = defaultdict(int)
        for record in self.records("alerts"):
            alert = codec.read_as(record.value, Alert)
            assert alert.version <= newest[alert.alert_id] + 1, f"{alert.alert_id} skips to {alert.version}"
            newest[alert.alert_id] = max(newest[alert.alert_id], alert.version)


def as_record(found: Any) -> Record:
    """Give a record read from a topic as the agents see it."""
    headers = dict(found.headers)
    trace = headers.get("traceparent")
    return Record(
        topic=found.topic,
        partition=found.partition,
        offset=found.offset,
        timestamp_ms=found.timestamp,
        value=found.value,
        origin=outputs.origin_of(headers)
        or Origin(partition=found.partition, offset=found.offset, ingested_ms=found.timestamp),
        traceparent=trace.decode() if trace else None,
    )


def _differ(topic: str, missing: Iterable[Message], extra: Iterable[Message]) -> str:
    """Say what is missing and what should not be there, those of the same key beside each other."""
    lines = [
        (message.key or b"", sign, message)
        for sign, found in (("-", missing), ("+", extra))
        for message in found
    ]
    lines.sort(key=lambda line: line[:2])
    shown = [
        f"{sign} {dict(message.headers)} {(message.value or b'')[:300]!r}" for _, sign, message in lines[:8]
    ]
    return "\n".join([f"{topic}: {len(lines)} messages are missing (-) or should not be there (+)", *shown])


def _by_topic(made: Iterable[Output]) -> dict[str, set[Message]]:
    found: dict[str, set[Message]] = defaultdict(set)
    for output in made:
        found[output.topic].add(
            Message(
                key=output.key,
                value=output.value,
                partition=output.partition if output.topic in SHARDED else None,
                headers=tuple(output.headers),
            )
        )
    return found


class _Reader:
    """Reads a topic from its beginning to where it ends now, in no group."""

    def __init__(self, settings: Settings, topic: str) -> None:
        self._consumer = KafkaConsumer(
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=settings.article_max_bytes + 1024 * 1024,
            fetch_max_bytes=64 * 1024 * 1024,
            **kafka_python_options(settings),
        )
        name = settings.topic_prefix + topic
        partitions = sorted(self._consumer.partitions_for_topic(name) or ())
        self._tps = [TopicPartition(name, partition) for partition in partitions]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._consumer.close()

    @property
    def ends(self) -> dict[int, int]:
        return {tp.partition: end for tp, end in self._consumer.end_offsets(self._tps).items()}

    def records(self) -> list[Any]:
        ends = self.ends
        self._consumer.assign(self._tps)
        self._consumer.seek_to_beginning()
        read: list[Any] = []
        limit = time.monotonic() + 60
        more = True
        # On until nothing comes: the embedded broker tells an end that is too early.
        while more or any(self._consumer.position(tp) < ends[tp.partition] for tp in self._tps):
            assert time.monotonic() < limit, "a topic could not be read back in 60 s"
            polled = self._consumer.poll(200, max_records=5_000)
            more = bool(polled)
            for records in polled.values():
                read += records
        return sorted(read, key=lambda record: (record.partition, record.offset))

"""The rules topic: a rule set is published to it as the records that differ, the manifest last, and read back."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

from kafka import KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, OffsetSpec
from kafka.errors import KafkaError, UnknownTopicOrPartitionError, for_code
from msgspec import Struct

from processors.pack import Concept, Problem, Rule
from processors.rulerecords import (
    MANIFEST,
    MOST_BYTES,
    MOST_RECORDS,
    RULE,
    key_of,
    size_of,
    to_records,
    too_many,
)
from processors.rules import RuleSet
from streams.readback import partition_records
from streams.rulefiles import RuleError
from streams.security import aiokafka_options, kafka_python_options
from streams.settings import Settings

NAME = "rules"
MOST_RECORD_BYTES = 1_000_000  # of one rule: the topic takes 1 MiB with what Kafka adds
MOST_PENDING = 2_000
LOOK_MS = 5_000  # a look that is under way must not keep a worker from stopping
MOST_NAMED = 50  # of one kind, on a screen

Mark = tuple[str, int]  # the topic's id, which changes when it is made anew, and its end


class Published(Struct, frozen=True, kw_only=True):
    """What a publish changed, or would change: ids of rules, and `concept/` names, by what becomes of them."""

    revision: str
    rules: int
    added: list[str]
    changed: list[str]
    removed: list[str]


def publish(
    settings: Settings,
    rules: RuleSet,
    *,
    dry_run: bool = False,
    done: Callable[[int], None] = lambda count: None,
) -> Published:
    """Make the topic hold this rule set and no other; `done(n)` is told of acknowledged records.

    Raises:
        RuleError: the set is too large, the topic is missing, or another publish came between.
        KafkaError: no broker can be reached, or it refuses.
    """
    wanted = to_records(rules)
    if problems := list(_too_large(wanted, rules)):
        raise RuleError(problems)
    held = read(settings)
    gone = sorted(held.keys() - wanted.keys())
    new = {key: value for key, value in wanted.items() if held.get(key) != value and key != MANIFEST}
    if not dry_run and (gone or held != wanted):
        _write(settings, [*new.items(), *((key, None) for key in gone)], done)
        _write(settings, [(MANIFEST, wanted[MANIFEST])], done)
        if read(settings) != wanted:
            raise RuleError([_problem("another publish came between", "publish again, one at a time")])
    return Published(
        revision=rules.revision,
        rules=len(rules.rules),
        added=[_plain(key) for key in new if key not in held],
        changed=[_plain(key) for key in new if key in held],
        removed=[_plain(key) for key in gone if key != MANIFEST],
    )


def told(done: Published, *, dry_run: bool) -> Iterator[str]:
    """Say line by line what a publish changed, or would."""
    signs = (("+", done.added), ("~", done.changed), ("-", done.removed))
    for sign, names in signs:
        yield from (f"{sign} {name}" for name in names[:MOST_NAMED])
        if len(names) > MOST_NAMED:
            yield f"{sign} and {len(names) - MOST_NAMED:,} more"
    counts = f"{len(done.added)} added, {len(done.changed)} changed, {len(done.removed)} removed"
    verb = "would be published" if dry_run else "published"
    yield f"{done.rules} rules {verb}, revision {done.revision}: {counts}"


def read(settings: Settings) -> dict[str, bytes]:
    """Give the newest record of each key, without what was deleted.

    Raises:
        RuleError: the topic is missing, or holds more than any rule set may.
        KafkaError: no broker can be reached.
    """
    with Watched(settings) as topic:
        if topic.look() is None:
            raise RuleError(
                [_problem("the topic is missing", "create it with `wirewatch topics create`", settings)]
            )
    return asyncio.run(_folded(settings))


async def _folded(settings: Settings) -> dict[str, bytes]:
    held: dict[str, bytes] = {}
    size = 0
    async for record in partition_records(settings.topic_prefix + NAME, 0, aiokafka_options(settings)):
        key = (record.key or b"").decode("utf-8", "replace")
        size += len(record.value or b"") - len(held.pop(key, b""))
        if record.value is not None:
            held[key] = record.value
        # Twice what may be: while one set replaces another, records of both are there.
        if size > 2 * MOST_BYTES or len(held) > 2 * MOST_RECORDS:
            raise RuleError(
                [
                    _problem(
                        f"it holds more than {MOST_RECORDS:,} rules or {MOST_BYTES:,} bytes",
                        "delete it, create it and publish again",
                        settings,
                    )
                ]
            )
    return held


class Watched:
    """The topic, looked at again and again over one connection. Close it, or use it in a `with`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._name = settings.topic_prefix + NAME
        self._admin: KafkaAdminClient | None = None

    def __enter__(self) -> "Watched":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; the next look opens another."""
        admin, self._admin = self._admin, None
        if admin is not None:
            with suppress(KafkaError, OSError):
                admin.close()

    def look(self) -> Mark | None:
        """Give what changes when the topic changes, None where there is no such topic. Blocking.

        Raises:
            KafkaError: no broker can be reached, or it refuses.
        """
        try:
            if self._admin is None:
                limits = {"bootstrap_timeout_ms": LOOK_MS, "request_timeout_ms": LOOK_MS}
                self._admin = KafkaAdminClient(**kafka_python_options(self._settings) | limits)
            # Described by name, it is not made by being asked for.
            (topic,) = self._admin.describe_topics([self._name])
            if topic["error_code"] == UnknownTopicOrPartitionError.errno:
                return None
            if topic["error_code"]:
                raise for_code(topic["error_code"])(self._name)
            tp = TopicPartition(self._name, 0)
            end = self._admin.list_partition_offsets({tp: OffsetSpec.LATEST})[tp].offset
        except (KafkaError, OSError):
            self.close()
            raise
        return str(topic.get("topic_id", "")), int(end)


def _write(
    settings: Settings, records: Iterable[tuple[str, bytes | None]], done: Callable[[int], None]
) -> None:
    """Write records and return when every replica in sync has all of them."""
    producer = KafkaProducer(
        acks="all",
        linger_ms=20,
        batch_size=256 * 1024,
        compression_type="zstd",
        max_request_size=2 * MOST_RECORD_BYTES,
        **kafka_python_options(settings),
    )
    pending: list[Any] = []

    def settle() -> None:
        for future in pending:
            future.get(timeout=120)
        done(len(pending))
        pending.clear()

    try:
        for key, value in records:
            pending.append(
                producer.send(settings.topic_prefix + NAME, key=key.encode(), value=value, partition=0)
            )
            if len(pending) >= MOST_PENDING:
                settle()
        producer.flush()
        settle()
    finally:
        producer.close()


def _too_large(wanted: dict[str, bytes], rules: RuleSet) -> Iterable[Problem]:
    if problem := too_many(len(wanted) - 1, size_of(wanted)):
        yield problem
    values: tuple[Rule | Concept, ...] = (*rules.rules, *rules.concepts)
    for said in values:
        size = len(wanted[key_of(said)])
        if size > MOST_RECORD_BYTES:
            yield Problem(
                file=said.file,
                line=said.line,
                column=said.column,
                what=f"{key_of(said)} has {size:,} bytes, at most {MOST_RECORD_BYTES:,}",
                remedy="shorten its examples, or split it",
            )


def _plain(key: str) -> str:
    return key.removeprefix(RULE)


def _problem(what: str, remedy: str, settings: Settings | None = None) -> Problem:
    prefix = settings.topic_prefix if settings else ""
    return Problem(file=f"topic {prefix}{NAME}", line=1, column=1, what=what, remedy=remedy)

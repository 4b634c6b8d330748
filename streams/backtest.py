"""`wirewatch backtest`: rules on articles of the past, from files or a topic, through the pool a worker runs."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from kafka import KafkaConsumer, TopicPartition
from msgspec.structs import replace
from rich.console import Console

from processors import times
from processors.backtest import Backtest, Comparing, Counting, Seen
from processors.models import MatchPayload, Record
from processors.rulerecords import pack, to_records
from processors.rules import RuleSet
from streams import analyse_files, rulefiles, screen
from streams.articlefiles import FileError
from streams.child import Reply
from streams.engine import EngineSpec, spec_of
from streams.pool import Pool
from streams.security import kafka_python_options
from streams.settings import Settings

BATCHES_AHEAD = 4  # a child, so that none waits for the file or for the counting
BATCH_ARTICLES = 32  # nobody waits for a single one
POLL_MS = 200
# Gives the articles' values, and tells the function it is given of how much it consumed.
Source = Callable[[Callable[[int], None]], Iterator[bytes]]


def run(
    settings: Settings,
    source: Source,
    *,
    size: int | None,
    against: Path | None,
    jobs: int,
    notes: Console,
) -> tuple[Backtest, float]:
    """Give what the rules of a folder do on articles, compared with those of `against`, and how many seconds it took.

    `source(read)` gives the articles' values and tells `read` of what it consumed, `size` in all.
    The seconds begin when the children are loaded. Progress on `notes`.

    Raises:
        FileError: a file can't be read.
        RuleError: the rules can't be used.
        PoolError: no child can be started.
        KafkaError: the topic can't be read.
    """
    held = [rulefiles.load(folder) for folder in (settings.rules_dir, *([against] if against else []))]
    return asyncio.run(_run(settings, held, source, size=size, jobs=jobs, notes=notes))


async def _run(
    settings: Settings,
    held: Sequence[RuleSet],
    source: Source,
    *,
    size: int | None,
    jobs: int,
    notes: Console,
) -> tuple[Backtest, float]:
    pools = [_pool(settings, rules, jobs) for rules in held]
    counting, comparing = Counting(held[0].rules), Comparing()
    in_batches = settings.model_copy(update={"batch_articles": max(BATCH_ARTICLES, settings.batch_articles)})
    try:
        await asyncio.gather(*(pool.start() for pool in pools))
        begun = time.perf_counter()
        with screen.progress(notes) as progress:
            bar = progress.add_task("articles", total=size)
            given = source(lambda count: progress.update(bar, advance=count))
            batches = analyse_files.batches(in_batches, given)
            async for replies in _answers(pools, batches, ahead=jobs * BATCHES_AHEAD):
                for each in zip(*replies, strict=True):
                    now, *before = map(seen, each)
                    counting.add(now)
                    for other in before:
                        comparing.add(now, other)
        seconds = time.perf_counter() - begun
    finally:
        await asyncio.gather(*(pool.stop() for pool in pools))
    return counting.counted(comparing.compared() if len(held) > 1 else None), seconds


async def _answers(
    pools: Sequence[Pool], batches: Iterator[list[Record]], *, ahead: int
) -> AsyncIterator[list[list[Reply]]]:
    """Give the replies of every pool to each batch, in order."""
    running: deque[asyncio.Future[Any]] = deque()
    try:
        more = True
        while more or running:
            # In a thread: while a file is read or a broker waited for, the children work on.
            batch = await asyncio.to_thread(next, batches, None) if more else None
            more = batch is not None
            if batch is not None:
                running.append(asyncio.gather(*(pool.run(batch) for pool in pools)))
            if running and (len(running) >= ahead or not more):
                yield [reply.replies for reply in await running.popleft()]
    finally:
        for task in running:
            task.cancel()


def seen(reply: Reply) -> Seen:
    """Give what is counted of a reply. Only what matched is decoded again."""
    found = reply.tally
    payloads = (
        msgspec.json.decode(output.value or b"", type=MatchPayload)
        for output in (reply.outputs if found.rules else ())
        if output.topic == "matches"
    )
    fired = [payload for payload in payloads if payload.hits]
    return Seen(
        outcome=found.outcome,
        reason=found.reason,
        published=found.published,
        article=fired[0].article if fired else None,
        hits=[hit for payload in fired for hit in payload.hits],
    )


def from_files(settings: Settings, files: Sequence[Path]) -> tuple[Source, int]:
    """Give the source of articles in files, and their size in bytes."""
    size = sum(path.stat().st_size for path in files if path.is_file())
    return lambda read: analyse_files.values(settings, files, read), size


def from_topic(settings: Settings, topic: str, when: str | None) -> tuple[Source, None]:
    """Give the source of articles on a topic: of what stands there now all, or what came since a time or age."""
    since_ms = since(when, now_ms=int(time.time() * 1000)) if when else 0
    return lambda read: _topic_values(settings, topic, since_ms, read), None


def _topic_values(
    settings: Settings, topic: str, since_ms: int, read: Callable[[int], None]
) -> Iterator[bytes]:
    name = settings.topic_prefix + topic
    consumer = KafkaConsumer(
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=settings.article_max_bytes + 1024 * 1024,
        **kafka_python_options(settings),
    )
    try:
        partitions = [
            TopicPartition(name, number) for number in sorted(consumer.partitions_for_topic(name) or ())
        ]
        if not partitions:
            raise FileError(f"there is no topic {name}; name one that holds articles, without its prefix")
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        # The end is what a fetch says it is, once: what comes later belongs to another run.
        ends: dict[TopicPartition, int] = {}
        while any(tp not in ends or consumer.position(tp) < ends[tp] for tp in partitions):
            polled = consumer.poll(timeout_ms=POLL_MS, max_records=1_000)
            for tp in partitions:
                if (end := consumer.highwater(tp)) is not None:
                    ends.setdefault(tp, end)
            for tp, records in polled.items():
                for record in records:
                    if record.offset < ends.get(tp, record.offset + 1) and record.timestamp >= since_ms:
                        yield record.value or b""
                        read(1)
    finally:
        consumer.close()


def _pool(settings: Settings, rules: RuleSet, jobs: int) -> Pool:
    spec = spec_of(settings.model_copy(update={"rules_from": "files"}), rules=pack(to_records(rules)))
    return Pool(
        _with_entities(spec, rules),
        children=jobs,
        article_seconds=settings.article_timeout_seconds,
        recycle_articles=settings.child_recycle_articles,
    )


def _with_entities(spec: EngineSpec, rules: RuleSet) -> EngineSpec:
    # Entities take most of the time of an article: only where a rule has use for them.
    return replace(spec, entity_mode="all" if rules.matcher.asks_entities else "off")


def since(text: str, *, now_ms: int) -> int:
    """Give the milliseconds since 1970 of a time (2022-01-12T09:30:00Z, a date) or of an age (90min, 24h, 7d).

    Raises:
        FileError: it is neither.
    """
    for unit, milliseconds in (("min", 60_000), ("h", 3_600_000), ("d", 86_400_000)):
        number = text.removesuffix(unit)
        if number != text and number.isdigit():
            return now_ms - int(number) * milliseconds
    moment, quality = times.parse(text, now_ms=now_ms)
    if moment is None or quality in ("invalid", "missing"):
        raise FileError(
            f"--since {text!r} is no time; give one as 2022-01-12T09:30:00Z, or an age as 24h or 7d"
        )
    return int(datetime.fromisoformat(moment).timestamp() * 1000)

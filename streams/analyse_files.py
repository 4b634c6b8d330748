"""`wirewatch analyse`: articles in files through the very pool a worker runs, without a broker."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
from rich.console import Console

from processors.models import Origin, Output, Record
from streams import articlefiles, screen
from streams.child import Reply
from streams.engine import spec_of
from streams.pool import Pool
from streams.settings import Settings

BATCHES_AHEAD = 3  # a child, so that none waits for the file or for standard output


def run(settings: Settings, files: Sequence[Path], *, jobs: int, out: BinaryIO, notes: Console) -> None:
    """Write one JSON line an article to `out`, in the order of the files; progress on `notes`.

    A line has the shape of `articles.enriched` with `outcome` and `matches`; what was dropped or
    can't be processed has `reason` and `detail` instead.

    Raises:
        FileError: a file can't be read.
        RuleError: the rules can't be used.
        PoolError: no child can be started.
    """
    asyncio.run(_run(settings, files, jobs, out, notes))


async def _run(settings: Settings, files: Sequence[Path], jobs: int, out: BinaryIO, notes: Console) -> None:
    pool = Pool(
        # Without a broker: the rules are those of a folder.
        spec_of(settings.model_copy(update={"rules_from": "files"})),
        children=jobs,
        article_seconds=settings.article_timeout_seconds,
        recycle_articles=settings.child_recycle_articles,
    )
    await pool.start()
    try:
        with screen.progress(notes) as progress:
            size = sum(path.stat().st_size for path in files if path.is_file())
            bar = progress.add_task("analysing", total=size)
            given = values(settings, files, lambda count: progress.update(bar, advance=count))
            async for reply in _replies(pool, batches(settings, given), ahead=jobs * BATCHES_AHEAD):
                out.write(line(reply) + b"\n")
        out.flush()
    finally:
        await pool.stop()


async def _replies(pool: Pool, queued: Iterator[list[Record]], *, ahead: int) -> AsyncIterator[Reply]:
    running: list[asyncio.Task[Any]] = []
    try:
        for batch in queued:
            running.append(asyncio.create_task(pool.run(batch)))
            if len(running) >= ahead:
                for reply in (await running.pop(0)).replies:
                    yield reply
        while running:
            for reply in (await running.pop(0)).replies:
                yield reply
    finally:
        for task in running:
            task.cancel()


def values(settings: Settings, files: Sequence[Path], read: Callable[[int], None]) -> Iterator[bytes]:
    """Give the values of files, one file after the other; `read(n)` is told of the bytes consumed."""
    for path in files:
        yield from articlefiles.values(path, max_bytes=settings.article_max_bytes, read=read)


def batches(settings: Settings, given: Iterator[bytes]) -> Iterator[list[Record]]:
    """Give records in batches bounded in number and bytes; their coordinates are places in the input."""
    now = int(time.time() * 1000)
    batch: list[Record] = []
    size = 0
    for number, value in enumerate(given):
        batch.append(
            Record(
                topic="file",
                partition=0,
                offset=number,
                timestamp_ms=now,
                value=value,
                origin=Origin(partition=0, offset=number, ingested_ms=now),
            )
        )
        size += len(value)
        if len(batch) >= settings.batch_articles or size >= settings.batch_bytes:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def line(reply: Reply) -> bytes:
    """Give the JSON line of one article's reply."""
    first = reply.outputs[0]
    shapes = {"articles.enriched": _enriched, "articles.dropped": _dropped, "articles.dead": _dead}
    return msgspec.json.encode(shapes[first.topic](reply.outputs))


def _enriched(outputs: Sequence[Output]) -> dict[str, Any]:
    article = msgspec.json.decode(outputs[0].value or b"")
    hits = [hit for output in outputs[1:] for hit in msgspec.json.decode(output.value or b"")["hits"]]
    return {"id": article.pop("id"), "outcome": "enriched", **article, "matches": hits}


def _dropped(outputs: Sequence[Output]) -> dict[str, Any]:
    dropped = msgspec.json.decode(outputs[0].value or b"")
    return {"id": dropped.pop("id"), "outcome": "dropped", **dropped}


def _dead(outputs: Sequence[Output]) -> dict[str, Any]:
    headers = {name: value.decode("utf-8", "replace") for name, value in outputs[0].headers}
    return {
        "id": None,
        "outcome": "dead",
        "stage": headers["stage"],
        "reason": headers["reason"],
        "detail": headers["detail"],
        "line": int(headers["source-offset"]) + 1,
    }

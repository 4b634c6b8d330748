"""A pool child: reads batches from a pipe, analyses them, and answers with the messages to write.

Started by `streams/gently.py`. It loads models and rules once, ignores the signals that stop a worker (the worker
drains first and then ends its children), and dies with its parent.
"""

import gc
import importlib
import os
import pickle
import resource
import time
from collections.abc import Callable, Sequence
from functools import partial
from multiprocessing.connection import Connection
from typing import Any, Literal

from msgspec import Struct

from processors import outputs
from processors.analyse import Engine, analyse_batch
from processors.models import Dropped, Enriched, Outcome, Output, Record, Rejected
from streams.engine import EngineSpec

OUT_OF_MEMORY = 12  # exit status of a child that met its memory limit


class Tally(Struct, frozen=True, kw_only=True):
    """What the parent counts of one outcome."""

    outcome: Literal["enriched", "dropped", "dead"]
    reason: str = ""
    stage: str = ""
    published: str | None = None
    published_quality: str = ""
    tier: int | None = None
    mode: str = "live"
    words: int = 0
    truncated: bool = False
    knowledge: str = "known"
    entities: dict[str, int] = {}
    rules: tuple[tuple[str, str], ...] = ()  # rule id and severity of each match


class Reply(Struct, frozen=True, kw_only=True):
    """The messages one record becomes, and what is counted of it."""

    outputs: list[Output]
    tally: Tally


class BatchReply(Struct, frozen=True, kw_only=True):
    """A batch's replies in order, and the seconds each stage took."""

    replies: list[Reply]
    seconds: dict[str, float]


class Failed(Struct, frozen=True, kw_only=True):
    """A child can't be loaded: why, and how to mend it."""

    why: str


class Ready(Struct, frozen=True, kw_only=True):
    """A child is loaded."""

    models: dict[str, str]  # language -> model and version
    rule_revision: str


def load(fd: int) -> Callable[[], None]:
    """Read from a pipe what to load, load it, say so, and give the function that serves batches from the pipe."""
    pipe = Connection(fd)
    spec: EngineSpec = pickle.loads(pipe.recv_bytes())  # noqa: S301 (from our own parent)
    gc.disable()  # what is loaded is kept: to look for garbage in it takes a third of the time
    try:
        engine = _resolve(spec.factory)(spec)
    except Exception as error:
        named = "" if isinstance(error, RuntimeError) else f"{type(error).__name__}: "
        pipe.send_bytes(pickle.dumps(Failed(why=f"{named}{error}")))
        return lambda: None
    limit_memory(spec.memory_bytes)
    ready = Ready(
        models={language: reader.model for language, reader in engine.readers.items()},
        rule_revision=engine.rules.revision,
    )
    keep_what_is_loaded()
    pipe.send_bytes(pickle.dumps(ready))
    return partial(serve_batches, pipe, engine, spec.shards)


def keep_what_is_loaded() -> None:
    """Have the collector leave alone what is there: rules and models stay as long as the process."""
    gc.enable()
    gc.collect()
    gc.freeze()
    # An article makes tens of thousands of small values, none in a cycle: to look for cycles less often is safe.
    gc.set_threshold(50_000, 20, 100)


def serve_batches(pipe: "Connection[Any, Any]", engine: Engine, shards: int) -> None:
    """Serve batches until the parent closes the pipe."""
    while True:
        try:
            request = pipe.recv_bytes()
        except EOFError:
            return
        try:
            records: list[Record] = pickle.loads(request)  # noqa: S301
            answer = pickle.dumps(serve(records, engine, shards), pickle.HIGHEST_PROTOCOL)
        except MemoryError:
            os._exit(OUT_OF_MEMORY)
        pipe.send_bytes(answer)


def serve(records: Sequence[Record], engine: Engine, shards: int) -> BatchReply:
    """Give the messages and counts of each record of a batch."""
    outcomes, timings = analyse_batch(records, engine, time.perf_counter)
    start = time.perf_counter()
    replies = [
        Reply(outputs=outputs.of_outcome(outcome, record, shards=shards), tally=tally(outcome))
        for outcome, record in zip(outcomes, records, strict=True)
    ]
    timings.add("encode", time.perf_counter() - start)
    return BatchReply(replies=replies, seconds=timings.seconds)


def tally(outcome: Outcome) -> Tally:
    """Give what is counted of an outcome."""
    match outcome:
        case Enriched(article=article, entities=entities, matches=matches):
            labels: dict[str, int] = {}
            for entity in entities.items:
                labels[entity.label] = labels.get(entity.label, 0) + 1
            return Tally(
                outcome="enriched",
                published=article.published,
                published_quality=article.published_quality,
                tier=article.source.tier,
                mode=article.mode,
                words=article.text.count(" ") + 1,
                truncated=entities.truncated,
                knowledge=entities.knowledge,
                entities=labels,
                rules=tuple((match.rule_id, match.severity) for match in matches),
            )
        case Dropped(reason=reason):
            return Tally(outcome="dropped", reason=reason)
        case Rejected(stage=stage, reason=reason):
            return Tally(outcome="dead", reason=reason, stage=stage)


def limit_memory(limit: int) -> None:
    """Bound this process's private memory, in bytes; past it an allocation fails."""
    # RLIMIT_DATA and not RLIMIT_AS: libraries and thread stacks reserve address space they never use.
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def _resolve(name: str) -> Callable[[EngineSpec], Engine]:
    module, _, attribute = name.partition(":")
    found: Any = getattr(importlib.import_module(module), attribute)
    return found  # type: ignore[no-any-return]

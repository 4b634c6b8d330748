"""ANALYSE: from the bytes of a record to its outcome; the order of the stages is read here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from processors import codec, entities, text
from processors.models import Article, Dropped, Enriched, Entities, Outcome, Record, Rejected
from processors.rules import RuleSet

EntityMode = Literal["all", "matched", "off"]


@dataclass(frozen=True, kw_only=True)
class Engine:
    """What analysing needs besides the record: one immutable snapshot a process."""

    rules: RuleSet
    readers: Mapping[str, entities.Reader]  # by ISO 639-1 code
    entity_mode: EntityMode = "all"
    max_bytes: int = 16 * 1024 * 1024


@dataclass(kw_only=True)
class Timings:
    """Seconds spent in each stage over a batch."""

    seconds: dict[str, float] = field(default_factory=dict)

    def add(self, stage: str, seconds: float) -> None:
        """Add seconds to a stage."""
        self.seconds[stage] = self.seconds.get(stage, 0.0) + seconds


def analyse_batch(
    records: Sequence[Record], engine: Engine, clock: Callable[[], float]
) -> tuple[list[Outcome], Timings]:
    """Give the outcome of each record, in order, and the seconds each stage took.

    A fault in one article is that article's outcome and never touches its neighbours. `clock`
    gives seconds from any start; only differences of it are used.
    """
    timings = Timings()
    outcomes: list[Outcome | None] = [None] * len(records)
    clean: dict[int, Article] = {}
    for index, record in enumerate(records):
        result = _read(record, engine, timings, clock)
        if isinstance(result, Article):
            clean[index] = result
        else:
            outcomes[index] = result
    wanted = [index for index, article in clean.items() if _wants_entities(article, engine, timings, clock)]
    start = clock()
    entities_of = dict(zip(wanted, _recognise([clean[index] for index in wanted], engine), strict=True))
    timings.add("entities", clock() - start)
    start = clock()
    for index, article in clean.items():
        outcomes[index] = _matched(article, entities_of.get(index, Entities(knowledge="off")), engine)
    timings.add("match", clock() - start)
    return [outcome for outcome in outcomes if outcome is not None], timings


def _read(
    record: Record, engine: Engine, timings: Timings, clock: Callable[[], float]
) -> Article | Dropped | Rejected:
    stage = "decode"
    start = clock()
    try:
        raw = codec.decode(record.value, max_bytes=engine.max_bytes)
        timings.add(stage, clock() - start)
        if isinstance(raw, Rejected):
            return raw
        stage, start = "clean", clock()
        article = text.clean(raw, now_ms=record.timestamp_ms)
        timings.add(stage, clock() - start)
    except Exception as error:
        return _fault(stage, error)
    return article


def _wants_entities(article: Article, engine: Engine, timings: Timings, clock: Callable[[], float]) -> bool:
    """Say whether a model is to read an article; of mode "matched", where a rule holds or may hold then."""
    if engine.entity_mode != "matched":
        return engine.entity_mode == "all"
    start = clock()
    try:
        return engine.rules.may_match(article)
    except Exception as error:
        _fault("match", error)  # it will be told once the article is matched
        return False
    finally:
        timings.add("match", clock() - start)


def _matched(article: Article, found: Entities | Rejected, engine: Engine) -> Enriched | Rejected:
    if isinstance(found, Rejected):
        return found
    try:
        return Enriched(article=article, entities=found, matches=engine.rules.match(article, found))
    except Exception as error:
        return _fault("match", error)


def _recognise(articles: list[Article], engine: Engine) -> Sequence[Entities | Rejected]:
    try:
        return entities.recognise(engine.readers, articles)
    except MemoryError:
        raise
    except Exception as error:
        # The batch failed as one; alone, only the article that is at fault fails.
        if len(articles) == 1:
            return [_fault("entities", error)]
        return [_recognise([article], engine)[0] for article in articles]


def _fault(stage: str, error: Exception) -> Rejected:
    if isinstance(error, MemoryError):
        raise error  # the process is at its limit; the pool isolates the culprit
    return Rejected(
        stage=stage,
        reason="analysis_error",
        detail=f"{type(error).__name__}: {error}"[:500]
        + "; the article is kept here whole: replay it after the fault is mended",
    )

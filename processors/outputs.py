"""From an outcome to the messages it becomes: topic, key, partition, payload and headers of each."""

from collections.abc import Mapping
from typing import Any, assert_never

import msgspec

from processors import codec, ids
from processors.models import (
    Alert,
    Article,
    ArticleRef,
    Dropped,
    DroppedPayload,
    Enriched,
    EnrichedPayload,
    Entities,
    Match,
    MatchPayload,
    Names,
    Origin,
    Outcome,
    Output,
    Record,
    Rejected,
)

MAX_NAMES = 50  # of each label in a match: the alert names the main ones, `articles.enriched` has all
MAX_DETAIL = 1_000

Headers = list[tuple[str, bytes]]


def of_outcome(outcome: Outcome, record: Record, *, shards: int) -> list[Output]:
    """Give every message that a record's outcome becomes; at least one."""
    match outcome:
        case Enriched():
            return [enriched(outcome, record), *matches(outcome, record, shards=shards)]
        case Dropped():
            return [dropped(outcome, record)]
        case Rejected():
            return [dead(outcome, record)]
        case _:
            assert_never(outcome)


def enriched(outcome: Enriched, record: Record) -> Output:
    """Give the message on `articles.enriched`, keyed by article."""
    found = outcome.entities
    payload = EnrichedPayload(
        **_fields(outcome.article),
        entities=found.items if found.knowledge == "known" else None,
        entities_knowledge=found.knowledge,
        entities_truncated=found.truncated,
        model=found.model,
    )
    return Output(
        topic="articles.enriched",
        key=outcome.article.key.encode(),
        value=codec.encode(payload),
        headers=cause(record, "articles.enriched", outcome.article.key),
    )


def dropped(outcome: Dropped, record: Record) -> Output:
    """Give the message on `articles.dropped`, keyed by article."""
    return Output(
        topic="articles.dropped",
        key=outcome.key.encode(),
        value=codec.encode(DroppedPayload(**_fields(outcome))),
        headers=cause(record, "articles.dropped", outcome.key),
    )


def dead(outcome: Rejected, record: Record) -> Output:
    """Give the message on `articles.dead`: the original bytes; all else is in the headers."""
    return Output(
        topic="articles.dead",
        # Without a key they spread over the partitions; what has no value needs one to be written at all.
        key=b"" if record.value is None else None,
        value=record.value,
        headers=[
            *cause(record, "articles.dead", f"{record.topic}/{record.partition}/{record.offset}"),
            ("stage", outcome.stage.encode()),
            ("reason", outcome.reason.encode()),
            ("detail", outcome.detail[:MAX_DETAIL].encode("utf-8", "replace")),
            ("attempts", str(outcome.attempts).encode()),
        ],
    )


def matches(outcome: Enriched, record: Record, *, shards: int) -> list[Output]:
    """Give one message on `matches` for each shard with hits; every shard's for an update.

    A rule's matches meet in one shard, whichever partition their articles came from.
    """
    by_shard: dict[int, list[Match]] = {}
    for match in outcome.matches:
        by_shard.setdefault(ids.shard_of(match.rule_id, shards), []).append(match)
    article = outcome.article
    concerned = range(shards) if is_update(article) else sorted(by_shard)
    if not concerned:
        return []
    ref = ArticleRef(**{name: getattr(article, name) for name in ArticleRef.__struct_fields__})
    names = names_of(outcome.entities)
    return [
        Output(
            topic="matches",
            key=article.key.encode(),
            value=codec.encode(
                MatchPayload(
                    shard=shard,
                    article=ref,
                    entities=names,
                    hits=by_shard.get(shard, []),
                )
            ),
            partition=shard,
            headers=cause(record, "matches", article.key),
        )
        for shard in concerned
    ]


def alert(version: Alert, record: Record) -> Output:
    """Give the message on `alerts`, keyed by alert, in the partition of the shard it came from."""
    return Output(
        topic="alerts",
        key=version.alert_id.encode(),
        value=codec.encode(version),
        partition=record.partition,
        headers=cause(record, "alerts", version.article.key),
    )


def origin_of(headers: Mapping[str, bytes]) -> Origin | None:
    """Read back the origin that `cause` wrote; None where the headers have none."""
    try:
        return Origin(
            partition=int(headers["article-partition"]),
            offset=int(headers["article-offset"]),
            ingested_ms=int(headers["ingested-ms"]),
        )
    except (KeyError, ValueError):
        return None


def is_update(article: Article) -> bool:
    """Tell whether an article says that it replaces what it said before."""
    return article.status != "new" or (article.updated is not None and article.updated != article.published)


def names_of(entities: Entities) -> Names:
    """Give an article's entity names by label, most frequent first."""
    ranked = sorted(entities.items, key=lambda entity: (-entity.count, entity.name))
    by_label = {
        label: [entity.name for entity in ranked if entity.label == label][:MAX_NAMES]
        for label in ("person", "place", "org", "group")
    }
    return Names(
        people=by_label["person"],
        places=by_label["place"],
        organisations=by_label["org"],
        groups=by_label["group"],
        knowledge=entities.knowledge,
        model=entities.model,
    )


def cause(record: Record, schema: str, subject: str) -> Headers:
    """Give the headers that every message carries: schema, version, what caused it, and its trace.

    What depends on where and when a record was written stands here and not in the payload, so that
    the same content has the same payload however often it comes. Without a trace from the publisher
    one is derived from content, so that a replay repeats it (W3C Trace Context, level 1).
    """
    trace = record.traceparent or f"00-{ids.content_id('trace', subject)}-{'0' * 15}1-00"
    return [
        ("schema", schema.encode()),
        ("schema-version", b"1"),
        ("source-topic", record.topic.encode()),
        ("source-partition", str(record.partition).encode()),
        ("source-offset", str(record.offset).encode()),
        ("article-partition", str(record.origin.partition).encode()),
        ("article-offset", str(record.origin.offset).encode()),
        ("ingested-ms", str(record.origin.ingested_ms).encode()),
        ("traceparent", trace.encode()),
    ]


def _fields(value: msgspec.Struct) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__struct_fields__}

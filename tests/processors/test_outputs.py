"""Every outcome becomes its messages, each with what caused it; the same content has the same payload."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors import codec, ids, outputs
from processors.models import (
    Article,
    Dropped,
    DroppedPayload,
    Enriched,
    EnrichedPayload,
    Entities,
    Entity,
    Match,
    MatchPayload,
    Origin,
    Output,
    Record,
    Rejected,
)

SHARDS = 5


def record(
    offset: int = 7, *, value: bytes | None = b"\x00 any bytes", traceparent: str | None = None
) -> Record:
    return Record(
        topic="articles",
        partition=3,
        offset=offset,
        timestamp_ms=1_000 + offset,
        value=value,
        origin=Origin(partition=3, offset=offset, ingested_ms=1_000 + offset),
        traceparent=traceparent,
    )


def article(**changes: Any) -> Article:
    return Article(
        **{"key": "a.example/1", "id": "1", "revision": "r1", "title": "Troops", "text": "Mass.", **changes}
    )


def match(rule_id: str) -> Match:
    return Match(
        match_id=ids.match_id(rule_id, "a.example/1", "r1"),
        rule_id=rule_id,
        rule_revision="v",
        rule_title=rule_id,
        severity="high",
        evidence=[],
        evidence_total=0,
    )


def enriched(*rules: str, **changes: Any) -> Enriched:
    return Enriched(
        article=article(**changes),
        entities=Entities(knowledge="known"),
        matches=[match(rule) for rule in rules],
    )


def sent(outcome: Any, given_record: Record | None = None) -> list[Output]:
    return outputs.of_outcome(outcome, given_record or record(), shards=SHARDS)


rule_ids = st.lists(st.text("abcdef/-", min_size=1, max_size=12), unique=True, max_size=12)


@given(rule_ids)
def test_each_hit_is_on_its_rule_s_shard_once_and_no_shard_is_told_of_nothing(rules: list[str]) -> None:
    first, *matches = sent(enriched(*rules))
    assert first.topic == "articles.enriched"
    found = []
    for message in matches:
        payload = codec.read_as(message.value, MatchPayload)
        assert message.topic == "matches"
        assert message.partition == payload.shard
        assert payload.hits
        found += [(hit.rule_id, payload.shard) for hit in payload.hits]
    assert sorted(found) == sorted((rule, ids.shard_of(rule, SHARDS)) for rule in rules)


@pytest.mark.parametrize(
    "changes",
    [{"status": "updated"}, {"status": "retracted"}, {"published": "2026-03-01", "updated": "2026-03-02"}],
    ids=str,
)
def test_an_update_goes_to_every_shard_with_or_without_hits(changes: dict[str, str]) -> None:
    _, *matches = sent(enriched("one/rule", **changes))
    assert [message.partition for message in matches] == list(range(SHARDS))
    hits = [codec.read_as(message.value, MatchPayload).hits for message in matches]
    assert sum(map(len, hits)) == 1


def test_an_article_that_says_updated_when_it_was_published_is_no_update() -> None:
    same = "2026-03-01T00:00:00Z"
    assert len(sent(enriched(published=same, updated=same))) == 1


@pytest.mark.parametrize(
    "outcome",
    [
        enriched("one/rule"),
        Dropped(reason="empty", detail="nothing", key="a.example/1", id="1"),
        Rejected(stage="decode", reason="nan", detail="byte 3"),
    ],
    ids=["enriched", "dropped", "rejected"],
)
def test_every_message_names_the_record_that_caused_it_and_its_schema(outcome: Any) -> None:
    for message in sent(outcome, record(7)):
        headers = dict(message.headers)
        assert headers["schema"].decode() == message.topic
        assert headers["schema-version"] == b"1"
        assert (headers["source-topic"], headers["source-partition"]) == (b"articles", b"3")
        assert headers["source-offset"] == b"7"
        assert outputs.origin_of(headers) == record(7).origin


def test_the_same_content_from_another_record_has_the_same_payload() -> None:
    outcome = enriched("one/rule", "another/rule")
    ours, theirs = sent(outcome, record(1)), sent(outcome, record(2))
    assert [(m.topic, m.key, m.value, m.partition) for m in ours] == [
        (m.topic, m.key, m.value, m.partition) for m in theirs
    ]


def test_a_trace_is_carried_on_and_one_of_our_own_repeats_with_the_article() -> None:
    given_trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    traces = {dict(m.headers)["traceparent"] for m in sent(enriched("a"), record(traceparent=given_trace))}
    assert traces == {given_trace.encode()}
    ours = {dict(m.headers)["traceparent"] for n in (1, 2) for m in sent(enriched("a"), record(n))}
    (trace,) = ours
    version, trace_id, parent_id, flags = trace.decode().split("-")
    assert (version, len(trace_id), len(parent_id), flags) == ("00", 32, 16, "00")
    assert int(trace_id, 16)
    assert int(parent_id, 16)


@given(st.none() | st.binary(max_size=50))
def test_a_dead_letter_is_the_very_bytes_and_can_always_be_written(value: bytes | None) -> None:
    outcome = Rejected(stage="analyse", reason="nlp_oom", detail="é" * 2_000, attempts=2)
    (letter,) = sent(outcome, record(value=value))
    assert (letter.topic, letter.value) == ("articles.dead", value)
    assert letter.key is not None or letter.value is not None  # no client writes neither
    headers = dict(letter.headers)
    assert (headers["stage"], headers["reason"], headers["attempts"]) == (b"analyse", b"nlp_oom", b"2")
    assert sum(len(name) + len(text) + 10 for name, text in letter.headers) < 64 * 1024


def test_a_dropped_article_is_told_with_its_reason_under_its_key() -> None:
    dropped = Dropped(reason="no_letters", detail="digits only", key="a.example/1", id="1", title="12")
    (message,) = sent(dropped)
    assert (message.topic, message.key) == ("articles.dropped", b"a.example/1")
    payload = codec.read_as(message.value, DroppedPayload)
    assert (payload.reason, payload.title, payload.schema_version) == ("no_letters", "12", 1)


def test_unknown_entities_are_null_and_no_entities_are_an_empty_list() -> None:
    for knowledge, told in (("known", []), ("unknown", None), ("off", None)):
        outcome = Enriched(article=article(), entities=Entities(knowledge=knowledge))  # type: ignore[arg-type]
        payload = codec.read_as(sent(outcome)[0].value, EnrichedPayload)
        assert (payload.entities, payload.entities_knowledge) == (told, knowledge)


def test_a_match_names_the_most_frequent_entities_first_and_a_bounded_number() -> None:
    people = [Entity(name=f"Person {n:03}", label="person", count=n, mentions=[]) for n in range(1, 81)]
    places = [Entity(name="Norvik", label="place", count=1, mentions=[])]
    names = outputs.names_of(Entities(knowledge="known", items=[*people, *places]))
    assert names.people == [f"Person {n:03}" for n in range(80, 30, -1)]
    assert names.places == ["Norvik"]
    assert (names.organisations, names.groups) == ([], [])


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"article-partition": b"1", "article-offset": b"2"},
        {"article-partition": b"x", "article-offset": b"2", "ingested-ms": b"3"},
    ],
    ids=["none", "some", "no number"],
)
def test_headers_that_name_no_article_give_no_origin(headers: dict[str, bytes]) -> None:
    assert outputs.origin_of(headers) is None

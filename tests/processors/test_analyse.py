"""A batch has one outcome a record, in order, and a fault in one article is that article's alone."""

import json
from collections.abc import Sequence
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors import entities
from processors.analyse import Engine, EntityMode, Timings, analyse_batch
from processors.models import Article, Dropped, Enriched, Entities, Match, Origin, Outcome, Record, Rejected
from tests.streams import small

RULES = small.rules()


def engine(*, mode: EntityMode = "off", rules: Any = RULES, readers: Any = None) -> Engine:
    return Engine(rules=rules, readers=readers or {}, entity_mode=mode, max_bytes=100_000)


def records(*values: bytes | None) -> list[Record]:
    return [
        Record(
            topic="articles",
            partition=0,
            offset=offset,
            timestamp_ms=1_770_000_000_000,
            value=value,
            origin=Origin(partition=0, offset=offset, ingested_ms=1_770_000_000_000),
        )
        for offset, value in enumerate(values)
    ]


def article(name: str, text: str = "A quiet day in Norvik.") -> bytes:
    return json.dumps({"id": name, "title": f"About {name}", "text": text}).encode()


def analysed(*values: bytes | None, by: Engine | None = None) -> Sequence[Outcome]:
    ticks = count()
    outcomes, _ = analyse_batch(records(*values), by or engine(), lambda: float(next(ticks)))
    return outcomes


def kinds(outcomes: Sequence[Outcome]) -> list[str]:
    return [type(outcome).__name__ for outcome in outcomes]


def test_outcomes_come_in_the_order_of_the_records_whatever_they_are() -> None:
    outcomes = analysed(
        article("1", "A troop build-up was seen."),
        b"not json",
        article("2"),
        b'{"id": 3, "title": "--"}',
        None,
    )
    assert kinds(outcomes) == ["Enriched", "Rejected", "Enriched", "Dropped", "Rejected"]
    first, second, third, fourth, fifth = outcomes
    assert isinstance(first, Enriched)
    assert [match.rule_id for match in first.matches] == ["test/build-up"]
    assert isinstance(second, Rejected)
    assert isinstance(third, Enriched)
    assert (third.article.id, third.matches) == ("2", [])
    assert isinstance(fourth, Dropped)
    assert isinstance(fifth, Rejected)
    assert fifth.reason == "tombstone"


values = st.none() | st.binary(max_size=40) | st.builds(article, st.text(max_size=8), st.text(max_size=60))


@given(st.lists(values, max_size=6))
def test_an_outcome_is_the_same_in_any_company(batch: list[bytes | None]) -> None:
    assert list(analysed(*batch)) == [outcome for value in batch for outcome in analysed(value)]


class Faulty:
    """Rules that fail at an article that says so."""

    def __init__(self, error: type[BaseException]) -> None:
        self._error = error

    def match(self, found: Article, entities: Entities | None = None) -> list[Match]:
        if "fault" in found.text:
            raise self._error("in the middle of matching")
        return RULES.match(found, entities)


def test_a_fault_in_one_article_is_its_dead_letter_and_says_what_and_where() -> None:
    by = engine(rules=Faulty(ZeroDivisionError))
    before, culprit, after = analysed(article("1"), article("2", "A fault."), article("3"), by=by)
    assert isinstance(before, Enriched)
    assert isinstance(after, Enriched)
    assert isinstance(culprit, Rejected)
    assert (culprit.stage, culprit.reason) == ("match", "analysis_error")
    assert "ZeroDivisionError: in the middle of matching" in culprit.detail
    assert "replay" in culprit.detail


def test_a_process_at_the_end_of_its_memory_is_no_article_s_fault_and_is_passed_on() -> None:
    with pytest.raises(MemoryError):
        analysed(article("1"), article("2", "A fault."), by=engine(rules=Faulty(MemoryError)))


@pytest.mark.parametrize(
    ("mode", "read"), [("all", ["1", "2"]), ("matched", ["2"]), ("off", [])], ids=["all", "matched", "off"]
)
def test_the_mode_says_whose_entities_are_read(
    mode: EntityMode, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def recognise(_: Any, articles: Sequence[Article]) -> list[Any]:
        asked.extend(each.id for each in articles)
        return [Entities(knowledge="known", model=each.id) for each in articles]

    monkeypatch.setattr(entities, "recognise", recognise)
    outcomes = analysed(article("1"), article("2", "A troop build-up was seen."), by=engine(mode=mode))
    assert asked == read
    known = [
        outcome.article.id
        for outcome in outcomes
        if isinstance(outcome, Enriched) and outcome.entities.model == outcome.article.id
    ]
    assert known == read


def test_timings_add_up_by_stage() -> None:
    ticks = count()
    _, timings = analyse_batch(records(article("1"), article("2")), engine(), lambda: float(next(ticks)))
    assert timings.seconds == {"decode": 2.0, "clean": 2.0, "match": 1.0, "entities": 1.0}
    more = Timings()
    more.add("decode", 1.5)
    more.add("decode", 1.0)
    assert more.seconds == {"decode": 2.5}

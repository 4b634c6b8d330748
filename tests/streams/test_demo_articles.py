"""The demo's day of news: varied enough to show what the pipeline does, and lures that must not fire."""

import json
from collections import Counter
from datetime import UTC, datetime
from functools import cache
from itertools import pairwise
from typing import Any

import pytest

from processors import analyse, codec
from processors.models import Dropped, Enriched, Origin, Outcome, RawArticle, Record, Rejected
from streams import demo, rulefiles

NOW = 1_800_000_000_000  # a fixed now, in January 2027
MOST_BYTES = 1024 * 1024


@cache
def day() -> list[bytes]:
    return demo.load(NOW)


def readable(values: list[bytes]) -> list[dict[str, Any]]:
    """Give the values that can be read, as they are."""
    return [json.loads(v) for v in values if isinstance(codec.decode(v, max_bytes=MOST_BYTES), RawArticle)]


def articles() -> list[dict[str, Any]]:
    return readable(day())


@cache
def outcomes() -> list[Outcome]:
    engine = analyse.Engine(rules=rulefiles.load(None), readers={}, entity_mode="off", max_bytes=MOST_BYTES)
    records = [
        Record(
            topic="articles",
            partition=0,
            offset=offset,
            timestamp_ms=NOW,
            value=value,
            origin=Origin(partition=0, offset=offset, ingested_ms=NOW),
        )
        for offset, value in enumerate(day())
    ]
    return analyse.analyse_batch(records, engine, lambda: 0.0)[0]


def enriched() -> list[Enriched]:
    return [outcome for outcome in outcomes() if isinstance(outcome, Enriched)]


def test_the_day_is_long_enough_and_of_many_sources() -> None:
    assert len(articles()) >= 64
    assert len({outcome.article.source.name for outcome in enriched()}) >= 12


def test_it_is_in_three_languages_one_of_which_no_model_reads() -> None:
    languages = Counter(outcome.article.language for outcome in enriched())
    assert set(languages) == {"en", "fr", "es"}
    assert min(languages.values()) >= 4


def test_what_an_article_says_of_its_language_is_what_it_is_in() -> None:
    for outcome in enriched():
        [said] = {a["language"] for a in articles() if outcome.article.id in (a.get("id"), a.get("url"))}
        assert outcome.article.language == said, outcome.article.id


def test_there_are_articles_of_every_status_and_one_of_the_archive() -> None:
    assert {outcome.article.status for outcome in enriched()} == {"new", "updated", "corrected", "retracted"}
    assert [o.article.mode for o in enriched()].count("backfill") == 1


def test_one_article_is_a_live_blog_that_goes_on_saying_new_things() -> None:
    versions = [outcome.article for outcome in enriched() if outcome.article.id == "live-kessel"]
    assert [article.status for article in versions].count("updated") >= 3
    assert len({article.revision for article in versions}) == len(versions)
    times = [article.updated or article.published or "" for article in versions]
    assert times == sorted(times)


def test_what_was_corrected_or_retracted_had_come_before_and_had_fired() -> None:
    for number, outcome in enumerate(enriched()):
        if outcome.article.status in ("corrected", "retracted"):
            before = [o for o in enriched()[:number] if o.article.key == outcome.article.key]
            assert before and before[-1].matches, outcome.article.id


def test_bodies_come_as_text_and_as_html_and_one_behind_a_paywall() -> None:
    assert sum("html" in article for article in articles()) >= 3
    assert sum("text" in article for article in articles()) >= 40
    assert any(outcome.article.paywalled for outcome in enriched())


def test_one_article_has_only_a_url_and_one_a_headline_in_capitals_that_fires() -> None:
    assert any("id" not in article and article.get("url") for article in articles())
    shouted = [o for o in enriched() if o.article.title.isupper()]
    assert shouted and all(outcome.matches for outcome in shouted)


def test_what_is_not_worth_analysing_is_dropped_for_two_reasons() -> None:
    assert {o.reason for o in outcomes() if isinstance(o, Dropped)} == {"no_letters", "only_furniture"}


def test_every_broken_value_is_rejected_for_its_own_reason() -> None:
    reasons = Counter(outcome.reason for outcome in outcomes() if isinstance(outcome, Rejected))
    assert reasons == dict.fromkeys(
        ("truncated_json", "bad_utf8", "not_an_object", "schema", "missing_id", "not_json", "missing_body"), 1
    )


def test_the_broken_values_stand_among_the_others() -> None:
    broken = [number for number, outcome in enumerate(outcomes()) if isinstance(outcome, Rejected)]
    assert broken[0] > 0
    assert all(later - earlier > 1 for earlier, later in pairwise(broken))


@pytest.mark.parametrize("now_ms", [NOW, NOW + 86_399_000, 1_709_208_000_000])  # the last: a leap day
def test_the_day_ends_just_before_now_whenever_that_is(now_ms: int) -> None:
    moved = readable(demo.load(now_ms))
    now = datetime.fromtimestamp(now_ms / 1000, UTC)
    times = [
        datetime.fromisoformat(article[field])
        for article in moved
        for field in ("published", "updated")
        if article.get(field, "").endswith("Z")
    ]
    recent = [time for time in times if (now - time).days < 1]
    assert len(recent) > 50
    assert max(times) < now
    assert (now - max(times)).total_seconds() < 3_600


def test_moving_the_day_moves_nothing_but_its_times() -> None:
    def rest(article: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in article.items() if name not in ("published", "updated")}

    as_written = [
        json.loads(line) for line in (demo.HERE / "articles.jsonl").read_bytes().splitlines() if line
    ]
    assert [rest(article) for article in articles()] == [rest(article) for article in as_written]


def test_at_least_twenty_articles_fire_and_most_do_not() -> None:
    fired = {outcome.article.key for outcome in enriched() if outcome.matches}
    assert 20 <= len(fired) < len(enriched()) / 2


@pytest.mark.parametrize("lure", ["army of volunteers", "build-up to the final", "deployed on the left"])
def test_a_lure_does_not_fire(lure: str) -> None:
    holding = [o for o in enriched() if lure in f"{o.article.title}\n{o.article.text}".lower()]
    assert holding
    assert [outcome.article.id for outcome in holding if outcome.matches] == []

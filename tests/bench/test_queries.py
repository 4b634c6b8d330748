"""Proves that the bench's stored queries keep their mix, and mean the same wherever they are read."""

import json
import random
from collections import Counter

import pytest

from bench.queries import MIX, WORDS_BETWEEN, Query, distant_set, query_set
from processors.models import Article
from processors.query.matcher import Matcher
from processors.query.parse import parse
from processors.query.tree import Node

# Made words, some common and some rare, as in a language; sentences of eight.
SYLLABLES = [consonant + vowel for consonant in "bdkmt" for vowel in "aeio"]
WORDS = [a + b + c for a in SYLLABLES for b in SYLLABLES for c in SYLLABLES]


def made_articles(count: int) -> list[str]:
    choice = random.Random(7)
    weights = [1 / (rank + 1) for rank in range(len(WORDS))]
    return [
        " ".join(" ".join(choice.choices(WORDS, weights, k=8)) + "." for _ in range(12)) for _ in range(count)
    ]


ARTICLES = made_articles(300)


def tree_of(query: Query) -> Node:
    parsed = parse(query.rule())
    assert not isinstance(parsed, list), f"{query.rule()}: {parsed[0]}"
    return parsed


def test_a_set_is_the_same_for_a_seed_and_another_for_another() -> None:
    assert query_set(ARTICLES, 50, 1) == query_set(ARTICLES, 50, 1) != query_set(ARTICLES, 50, 2)


def test_a_larger_set_begins_with_a_smaller_and_repeats_nothing() -> None:
    larger = query_set(ARTICLES, 400, 1)

    assert larger[:100] == query_set(ARTICLES, 100, 1)
    assert len(set(larger)) == 400


def test_the_kinds_come_in_the_shares_of_the_mix() -> None:
    queries = query_set(ARTICLES, 2_000, 1)

    counts = Counter(query.kind for query in queries)
    for kind, (percent, least, most) in MIX.items():
        assert counts[kind] / 2_000 == pytest.approx(percent / 100, abs=0.03)
        assert {len(query.phrases) for query in queries if query.kind == kind} == {*range(least, most + 1)}


def test_distant_queries_hold_for_far_fewer_of_other_articles() -> None:
    others = [article.replace(".", "").split() for article in made_articles(360)[300:]]

    def hits(queries: list[Query]) -> int:
        return sum(query.holds(words) for words in others for query in queries)

    assert hits(distant_set(ARTICLES, 200, 1)) * 5 < hits(query_set(ARTICLES, 200, 1))


def test_articles_without_enough_text_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"1 articles have no more than .* queries in them"):
        query_set(["Nothing much."], 100, 1)


@pytest.mark.parametrize(
    ("query", "rule"),
    [
        (Query("phrase", ("a b",)), '"a b"'),
        (Query("and", ("a b", "c")), '"a b" AND "c"'),
        (Query("or", ("a", "b", "c")), '"a" OR "b" OR "c"'),
        (Query("near", ("a", "b c")), '"a" NEAR/5 "b c"'),
        (Query("not", ("a", "b", "c", "d")), '("a" OR "b") AND "c" AND NOT "d"'),
    ],
)
def test_a_query_reads_the_same_as_a_rule_and_as_a_structure(query: Query, rule: str) -> None:
    assert query.rule() == rule
    assert json.loads(json.dumps(query.structure())) == {"kind": query.kind, "phrases": [*query.phrases]}


@pytest.mark.parametrize(("between", "holds"), [(0, True), (WORDS_BETWEEN, True), (WORDS_BETWEEN + 1, False)])
def test_near_counts_the_words_between_in_either_order(between: int, holds: bool) -> None:
    words = ["oil", "price", *["x"] * between, "war"]

    for phrases in (("oil price", "war"), ("war", "oil price")):
        assert Query("near", phrases).holds(words) is holds


def test_sides_of_near_that_share_a_word_are_near_only_where_overlap_is_allowed() -> None:
    query = Query("near", ("oil price", "price war"))

    assert not query.holds(["oil", "price", "war"])
    assert query.holds(["oil", "price", "war"], overlap=True)


def test_the_matcher_finds_what_the_plain_reading_of_a_query_says() -> None:
    queries = query_set(ARTICLES, 500, 1)
    matcher = Matcher([(query.rule(), tree_of(query)) for query in queries], tolerant=False)

    held: set[str] = set()
    for number, article in enumerate(ARTICLES[:60]):
        text = article.replace(".", "")
        found = matcher.match(Article(key=f"a/{number}", id=str(number), revision="", title="", text=text))
        words = text.split()
        assert [hit.query for hit in found] == [at for at, query in enumerate(queries) if query.holds(words)]
        held.update(queries[hit.query].kind for hit in found)
    assert held == set(MIX)

"""Laws of matching: proof is in the text, order is nothing, all is bounded."""

import time
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.models import Article
from processors.query.matcher import MOST_EVIDENCE, Hit, Matcher
from processors.query.parse import parse
from processors.query.tree import Node


def article(text: str, title: str = "") -> Article:
    return Article(key="k", id="k", revision="r", title=title, text=text)


def matcher(*queries: str) -> Matcher:
    compiled: list[tuple[str, Node]] = []
    for query in queries:
        tree = parse(query)
        assert not isinstance(tree, list), [str(error) for error in tree]
        compiled.append((query, tree))
    return Matcher(compiled)


# A world small enough to be read naively: what each word is a form of, and which gaps a phrase may cross.
FORMS = {
    "troop": "troop",
    "troops": "troop",
    "Troops": "troop",
    "TROOP": "troop",
    "mass": "mass",
    "massing": "mass",
    "massed": "mass",
    "border": "border",
    "Borders": "border",
    "near": "near",
    "trooper": "trooper",
    "мир": "мир",
}
GAPS = {
    " ": True,
    "-": True,
    " – ": True,
    "\n": True,
    " “": True,
    "' ": True,
    ". ": False,
    ", ": False,
    "\n\n": False,
}


@dataclass(frozen=True)
class Told:
    """A text and how it was put together: each word, where it stands, whether the gap before it joins."""

    text: str
    words: tuple[tuple[str, int, bool], ...]


@st.composite
def tellings(draw: st.DrawFn) -> Told:
    text, words = "", []
    for _ in range(draw(st.integers(0, 25))):
        gap = draw(st.sampled_from(list(GAPS))) if text else ""
        word = draw(st.sampled_from(list(FORMS)))
        words.append((word, len(text) + len(gap), GAPS.get(gap, False)))
        text += gap + word
    return Told(text, tuple(words))


phrases = st.lists(st.sampled_from([form for form in FORMS if form.islower()]), min_size=1, max_size=3).map(
    " ".join
)
queries = st.recursive(
    phrases.map(lambda phrase: f'"{phrase}"'),
    lambda parts: st.one_of(
        st.tuples(parts, st.sampled_from(["AND", "OR", "AND NOT"]), parts).map(
            lambda p: f"({p[0]} {p[1]} {p[2]})"
        ),
        st.tuples(parts, parts).map(lambda p: f"(NOT {p[0]} AND {p[1]})"),
    ),
    max_leaves=6,
).filter(lambda query: not isinstance(parse(query), list))


ANY_TEXT = st.text(max_size=200) | st.lists(
    st.sampled_from(
        ["troop", "build", "up", "-", " ", "\u00ad", "’s", "İ", "ﬁ", "́", "U.S.", "北", "\n\n", "😀", "Ǆ"]
    )
).map("".join)


@settings(max_examples=400, deadline=None)
@given(ANY_TEXT, ANY_TEXT)
def test_evidence_is_what_the_text_says_at_its_offsets_for_any_text(title: str, text: str) -> None:
    queries = ['"troop build-up"', '"build up" OR US', '="U.S."', "北 OR fi", "troopbuild OR up", '"up up"']
    for hit in matcher(*queries).match(article(text, title)):
        order = [(item.field == "text", item.start, item.end, item.clause) for item in hit.evidence]
        assert order == sorted(set(order))
        assert hit.total >= len(hit.evidence) > 0
        for item in hit.evidence:
            field = title if item.field == "title" else text
            assert field[item.start : item.end] == item.text
            assert item.text
            assert item.clause in queries[hit.query]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(queries, min_size=1, max_size=8, unique=True).flatmap(
        lambda each: st.tuples(st.just(each), st.permutations(each))
    ),
    tellings(),
)
def test_what_one_query_finds_does_not_depend_on_the_others_or_their_order(
    orders: tuple[list[str], list[str]], told: Told
) -> None:
    def told_by(queries: list[str]) -> dict[str, Hit]:
        return {queries[hit.query]: hit for hit in matcher(*queries).match(article(told.text))}

    together, shuffled = told_by(orders[0]), told_by(orders[1])
    assert {query: hit.evidence for query, hit in together.items()} == {
        query: hit.evidence for query, hit in shuffled.items()
    }
    for query in orders[0]:
        alone = matcher(query).match(article(told.text))
        assert [hit.evidence for hit in alone] == ([together[query].evidence] if query in together else [])


def test_only_alternatives_that_hold_are_proof() -> None:
    (hit,) = matcher("troops AND (border OR (ships AND coast)) AND NOT drill").match(
        article("ships, troops, border")
    )
    assert [item.text for item in hit.evidence] == ["troops", "border"]
    assert [item.clause for item in hit.evidence] == ["troops", "border"]


def test_evidence_is_bounded_counted_and_shows_every_clause() -> None:
    (hit,) = matcher("troops AND border").match(article("troops " * 1_000 + "border"))
    assert len(hit.evidence) == MOST_EVIDENCE
    assert hit.total == 1_001
    assert hit.evidence[-1].text == "border"


@pytest.mark.parametrize(
    ("text", "total"),
    [
        ("massing troops near the border. " * 160_000, 160_000),
        ("massing troops " * 100_000, 100_000),
        ("x" * 1_000_000 + " massing troops", 1),
        ("a.b" * 400_000 + " massing troops", 1),
        ("-" * 1_000_000 + "massing" + " " * 1_000_000 + "troops", 1),
        ("massing" + "\n \u00a0" * 500_000 + "troops", 0),
        ("北" * 1_000_000 + " massing troops", 1),
        ("e\u0301" * 500_000 + " massing troops", 1),
        ("massing-troops-" * 70_000, 70_000),
    ],
    ids=[
        "5 MB",
        "100,000 hits",
        "one word of 1 MB",
        "dots",
        "gaps of 1 MB",
        "blank lines",
        "no spaces",
        "marks",
        "hyphens",
    ],
)
def test_a_hostile_text_costs_bounded_time(text: str, total: int) -> None:
    rules = matcher('"massing troops"', '"massingtroops" AND never', "massing AND NOT troops")
    start = time.perf_counter()
    hits = rules.match(article(text))
    elapsed = time.perf_counter() - start
    assert [hit.total for hit in hits if hit.query == 0] == ([total] if total else [])
    assert elapsed < 10, elapsed


def test_no_query_and_no_text_find_nothing() -> None:
    assert matcher().match(article("troops")) == []
    assert matcher("troops").match(article("")) == []


@pytest.mark.parametrize(
    "other", ["pro-Russian", '"pro-Russian forces"', "airstrike", "proRussian AND never"]
)
def test_one_query_that_closes_a_compound_up_hides_nothing_of_another(other: str) -> None:
    text = "An air-strike pro-Russian forces feared."
    [alone] = matcher('"airstrike pro Russian"').match(article(text))
    [among, *_] = matcher('"airstrike pro Russian"', other).match(article(text))
    assert (among.query, among.evidence, among.total) == (0, alone.evidence, alone.total)


def test_marks_that_are_letters_of_a_script_move_no_word() -> None:
    [hit] = matcher("airstrike").match(article("x .・air-strike now"))
    assert [item.text for item in hit.evidence] == ["air-strike"]

"""Queries and texts made to break the matcher: each query is refused by name, each text costs bounded time."""

import time
from collections.abc import Mapping

import pytest

from processors.models import Article
from processors.query.matcher import MOST_EVIDENCE, Hit, Matcher
from processors.query.parse import parse
from processors.rules import compile_pack

HITS = 100_000


@pytest.mark.parametrize(
    ("query", "what"),
    [
        ("a" * 1_000_000, "the query has 1,000,000 characters, at most 10,000"),
        ("(" * 9_999, "more than 64 levels"),
        ("(" * 4_900 + "troops" + ")" * 4_900, "more than 64 levels"),
        ("NOT " * 2_400 + "troops", "more than 64 levels"),
        ("title:" * 1_500 + "troops", "more than 64 levels"),
        ("troops AND /(x+x+)+y\\1/", "RE2 does not read this"),
        ("troops AND /x{1000}{1000}/", "RE2 does not read this"),
        ("troops AND /((((x{30}){30}){30}){30})/", "RE2 does not read this"),
        (f"troops AND /{'x' * 501}/", "a regular expression of 501 characters, at most 500"),
        (" OR ".join(["ab"] * 1_600), "more than 500 words and phrases"),
        ("troops NEAR/1000000 border", "a distance of 1,000,000 words, at most 100"),
        (f'"{"troop " * 33}"', "a phrase of 33 words, at most 32"),
        ("x" * 101, "a word of 101 characters, at most 100"),
        ("ATLEAST 999999999999 (troops)", "can't be asked for"),
        ("colour:red", "is no field that can be asked about"),
        ("entity:ship", "is no kind of entity"),
        ("trооps", "mixes Cyrillic and Latin letters"),
        ("place:Кyiv", "mixes Cyrillic and Latin letters"),
        ("troops\u200f AND border", "an invisible character, U+200F"),
        ("troops AND \u202eborder", "an invisible character, U+202E"),
        ("*", "a wildcard stands at the beginning"),
        ("t*", "a wildcard stands too early"),
        ("/./", "nothing has to be found"),
        ("NOT troops", "nothing has to be found"),
    ],
    ids=lambda value: value[:12].encode("unicode_escape").decode(),
)
def test_a_bad_query_is_a_named_error_within_a_second(query: str, what: str) -> None:
    start = time.process_time()
    errors = parse(query)
    elapsed = time.process_time() - start
    assert isinstance(errors, list)
    assert 1 <= len(errors) <= 20
    assert any(what in error.what for error in errors), [error.what for error in errors]
    assert elapsed < 1


def _pack(concepts: Mapping[str, list[str]], query: str) -> str:
    lines = [
        line
        for name, entries in concepts.items()
        for line in (f"  {name}:", *(f"    - {one}" for one in entries))
    ]
    rule = f"rules:\n  - id: x\n    title: X\n    severity: low\n    query: '{query}'\n"
    return "concepts:\n" + "\n".join(lines) + "\n" + rule


@pytest.mark.parametrize(
    ("concepts", "what"),
    [
        ({"a": ["concept:b"], "b": ["concept:c"], "c": ["concept:a"]}, "calls itself"),
        ({"a": ["concept:a"]}, "calls itself"),
        ({"a": ["concept:aa"]}, "there is no concept"),
        (
            {f"c{n}": [f"concept:c{n + 1}"] for n in range(100)} | {"a": ["concept:c0"], "c100": ["troops"]},
            "levels deep, at most 8",
        ),
        (
            {f"c{n}": [f"concept:c{n + 1}"] for n in range(1_000)}
            | {"a": ["concept:c0"], "c1000": ["troops"]},
            "levels deep, at most 8",
        ),
        ({"a": [f"word{n}" for n in range(10_000)]}, "has 10,000 entries"),
        (
            {"a": ["concept:b", "concept:c"]}
            | {name: [f"{name}word{n}" for n in range(990)] for name in "bc"}
            | {"big": [f"concept:a BEFORE/{n} concept:a" for n in range(20)]},
            "things once its concepts are put in",
        ),
    ],
    ids=["circle", "itself", "unknown", "chain of 100", "chain of 1,000", "10,000 alternatives", "cost"],
)
def test_bad_concepts_are_a_named_error_within_a_second(concepts: dict[str, list[str]], what: str) -> None:
    name = "big" if "big" in concepts else "a"
    start = time.process_time()
    problems = compile_pack({"p/a.yaml": _pack(concepts, f"concept:{name}")})
    elapsed = time.process_time() - start
    assert isinstance(problems, list)
    assert any(what in problem.what for problem in problems), [str(each)[:200] for each in problems[:3]]
    assert elapsed < 1.5, elapsed


@pytest.mark.parametrize(
    ("concepts", "whats"),
    [
        (
            {"a": ["concept:b"], "b": ["concept:c"], "c": ["concept:a"], "d": ["concept:a"]},
            ["concept p/c calls itself: p/c -> p/a -> p/b -> p/c"],
        ),
        (
            {"a": ["concept:b", "concept:a"], "b": ["concept:a"]},
            [
                "concept p/a calls itself: p/a -> p/a",
                "concept p/b calls itself: p/b -> p/a -> p/b",
            ],
        ),
        (
            {f"c{n}": [f"concept:c{(n + 1) % 10_000}"] for n in range(10_000)},
            [
                "concept p/c9999 calls itself: p/c9999 -> p/c0 -> "
                + "".join(f"p/c{n} -> " for n in range(1, 9))
                + "… -> p/c9999"
            ],
        ),
        (
            {f"c{n}": [f"concept:c{n + 1}"] for n in range(9_999)} | {"c9999": ["troops"]},
            ["concepts within concepts, 9 levels deep, at most 8"],
        ),
        ({"troops": ["x"] * 1_001}, ["concept troops has 1,001 entries"]),
    ],
    ids=["circle", "two circles", "circle of 10,000", "chain of 10,000", "too many entries"],
)
def test_what_is_wrong_among_concepts_is_told_once_whether_or_not_a_rule_calls_them(
    concepts: dict[str, list[str]], whats: list[str]
) -> None:
    calling = "concept:troops" if "troops" in concepts else "tanks"
    start = time.process_time()
    problems = compile_pack({"p/a.yaml": _pack(concepts, calling)})
    elapsed = time.process_time() - start
    assert isinstance(problems, list)
    assert [problem.what for problem in problems] == whats
    assert elapsed < 10, elapsed


QUERIES = [
    "troops NEAR/5 border",
    "troops BEFORE/5 border",
    "troops SENTENCE border",
    "troops PARAGRAPH border",
    "troops NOT NEAR/5 border",
    "troops NOT SENTENCE ships",
    "ATLEAST 3 (troops OR border)",
    "ATLEAST 1000 (troops NEAR/5 border)",
    "(troops NEAR/3 border) NEAR/9 border",
    "(troops PARAGRAPH coast) SENTENCE border",
    "(troops PARAGRAPH coast) NEAR/5 (border PARAGRAPH coast)",
    "troop* OR bord*",
    "troops AND /(b+o*r?)+der?|x+x+y/",
]
TEXTS = {
    "words": lambda n: "troops border " * n,
    "one kind of hit": lambda n: "troops " * 2 * n,
    "sentences": lambda n: "Troops border. " * n,
    "paragraphs": lambda n: "troops border\n\n" * n,
    "one far coast": lambda n: "troops border " * n + ". Coast",
    "no spaces": lambda n: "troopsborder" * n,
    "hyphens": lambda n: "troops-border-" * n,
    "full stops": lambda n: "troops border " + "." * 10 * n,
    "line breaks": lambda n: "troops border " + "\n" * 10 * n,
}


def _match(query: str, text: str) -> tuple[float, list[Hit]]:
    """Give seconds of processor time, and what was found."""
    tree = parse(query)
    assert not isinstance(tree, list), [*map(str, tree)]
    matcher = Matcher([(query, tree)])
    article = Article(key="k", id="1", revision="r", title="", text=text)
    start = time.process_time()
    hits = matcher.match(article)
    return time.process_time() - start, hits


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("query", QUERIES)
def test_no_text_costs_more_than_in_proportion_to_its_length(query: str, text: str) -> None:
    small, large = 3_000, 12_000
    once, _ = _match(query, TEXTS[text](small))
    more, hits = _match(query, TEXTS[text](large))
    # Four times the text: quadratic would be 16 times. What is short is noise, and so is what a second try is rid of.
    if more >= (most := max(9 * once, 0.5)):
        more, hits = _match(query, TEXTS[text](large))
    assert more < most, (once, more)
    for hit in hits:
        assert len(hit.evidence) == min(hit.total, MOST_EVIDENCE)


@pytest.mark.parametrize(
    ("query", "text", "total"),
    [
        ("troops", "troops " * HITS, HITS),
        ("troop*", "troops " * HITS, HITS),
        ("troops AND /tr/", "troops " * HITS, 2 * HITS),
        ("troops NEAR/5 border", "troops border " * (HITS // 2), HITS),
        ("troops NOT NEAR/5 border", "troops " * HITS, HITS),
        ("ATLEAST 1000 (troops)", "troops " * HITS, HITS),
        ("troops SENTENCE border", "troops border. " * (HITS // 2), HITS),
        ("troops PARAGRAPH border", "troops border\n\n" * (HITS // 2), HITS),
        ("troops NEAR/5 border", "word " * 1_000_000 + "troops border", 2),
        ("troops NEAR/5 border", "x" * 1_000_000 + " troops border", 2),
        ("troops AND /x+y|border/", "x" * 1_000_000 + " troops border", 2),
        ("xxx* AND /x+y|border/", "x" * 1_000_000 + " troops border", 0),
    ],
)
def test_evidence_is_capped_and_counted_however_much_there_is(query: str, text: str, total: int) -> None:
    elapsed, hits = _match(query, text)
    assert elapsed < 10, elapsed
    assert [hit.total for hit in hits] == ([total] if total else [])
    assert all(len(hit.evidence) == min(total, MOST_EVIDENCE) for hit in hits)

"""What the language accepts, how it groups, and how it says what is wrong."""

import time

import pytest

from processors.query.parse import parse
from processors.query.tree import And, Node, Not, Or, Phrase


def shape(node: Node | list) -> str:  # type: ignore[type-arg]
    match node:
        case Phrase(written=written, exact=exact):
            return ("=" if exact else "") + written
        case Not(part=part):
            return f"-{shape(part)}"
        case And(parts=parts):
            return f"({' & '.join(map(shape, parts))})"
        case Or(parts=parts):
            return f"({' | '.join(map(shape, parts))})"
    raise AssertionError([str(error) for error in node])


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("a", "a"),
        ('"troop build-up"', "troop build-up"),
        ("“troop build-up”", "troop build-up"),
        ("„troop build-up“ OR «a»", "(troop build-up | a)"),
        ("a OR b AND NOT c", "(a | (b & -c))"),
        ("(a OR b) AND NOT (c OR d)", "((a | b) & -(c | d))"),
        ("NOT a AND b", "(-a & b)"),
        ("a AND NOT NOT b", "(a & --b)"),
        ('="US" AND us', "(=US & us)"),
        ("a\nOR\tb\u00a0OR c", "(a | b | c)"),
        ('"AND" OR "or"', "(AND | or)"),
        ("build-up OR O'Brien OR U.S.", "(build-up | O'Brien | U.S.)"),
        ("((((a))))", "a"),
    ],
)
def test_precedence_is_not_then_and_then_or(query: str, tree: str) -> None:
    assert shape(parse(query)) == tree


ERRORS = [
    ("", [(1, 1, "empty")]),
    ("  \n ", [(1, 1, "empty")]),
    ("troop build-up", [(1, 7, "side by side")]),
    ("troops and tanks", [(1, 8, "`and` here is read as a word")]),
    ("a OR", [(1, 5, "ends too early")]),
    ("AND a", [(1, 1, "begins with AND")]),
    ("a AND\nAND b", [(2, 1, "AND follows AND")]),
    ("(a OR b", [(1, 1, "never closed")]),
    ("a) OR b", [(1, 2, "closes nothing")]),
    ("a OR ()", [(1, 7, "nothing inside")]),
    ('a OR "b', [(1, 6, "never closed")]),
    ("NOT a", [(1, 1, "bare NOT")]),
    ("a OR NOT b", [(1, 1, "bare NOT")]),
    ("NOT (a AND b)", [(1, 1, "bare NOT")]),
    ("mobili*", [(1, 1, "`*` can't stand")]),
    ('"organi?ation"', [(1, 1, "`?` can't stand")]),
    ("title:a", [(1, 1, "`:` can't stand")]),
    ("a NEAR/5 b", [(1, 3, "NEAR is kept")]),
    ("=US", [(1, 1, "`=` can't stand")]),
    ("'troop'", [(1, 1, "single quotation marks")]),
    ('"…" OR a', [(1, 1, "no word")]),
    ("a\u202eb", [(1, 2, "U+202E")]),
    ("pаypal", [(1, 1, "Cyrillic and Latin")]),
    ("a AND AND b\nOR (c", [(1, 7, "AND follows AND"), (2, 4, "never closed")]),
    ("x" * 101, [(1, 1, "a word of 101 characters")]),
    ('"' + "a " * 33 + '"', [(1, 1, "a phrase of 33 words")]),
    (" OR ".join(["a"] * 501), [(1, 2501, "more than 500")]),
    ("(" * 65 + "a" + ")" * 65, [(1, 65, "more than 64 levels")]),
    ("a AND " + "NOT " * 65 + "b", [(1, 263, "more than 64 levels")]),
]


@pytest.mark.parametrize(("query", "expected"), ERRORS)
def test_errors_say_where_what_and_how_to_mend_it(query: str, expected: list[tuple[int, int, str]]) -> None:
    errors = parse(query)
    assert isinstance(errors, list)
    assert [(error.line, error.column) for error in errors] == [place[:2] for place in expected], errors
    for error, (_, _, what) in zip(errors, expected, strict=True):
        assert what in error.what
        assert error.expected and error.remedy
        assert "\n" not in str(error)


@pytest.mark.parametrize(
    "query",
    [
        "a" * 1_000_000,
        "(" * 9_999,
        "NOT " * 2_499 + "a",
        "((a) OR " * 1_200,
        '"' * 9_999,
        "a " * 4_999,
        "a OR " * 1_999 + "a",
        ")" * 9_999,
        "AND " * 2_499,
        "*" * 9_999,
        "\u200f" * 9_999,
        "a\n" * 4_999,
    ],
    ids=lambda query: query[:8].encode("unicode_escape").decode(),
)
def test_a_hostile_query_is_refused_in_milliseconds(query: str) -> None:
    start = time.perf_counter()
    errors = parse(query)
    assert isinstance(errors, list)
    assert 1 <= len(errors) <= 20
    assert time.perf_counter() - start < 0.5

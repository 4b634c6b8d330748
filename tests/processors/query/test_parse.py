"""What the language accepts, how it groups, and how it says what is wrong."""

import time

import pytest

from processors.query.parse import parse
from processors.query.tree import (
    And,
    AtLeast,
    Concept,
    Filter,
    Named,
    Near,
    Node,
    Not,
    Of,
    Or,
    Phrase,
    Regex,
    Scoped,
    Score,
    Wildcard,
    children,
)


def shape(node: Node | list) -> str:  # type: ignore[type-arg]
    match node:
        case Wildcard(written=written):
            return written
        case Regex(written=written):
            return f"/{written}/"
        case Named(label=label, name=name):
            return f"{label}<{name}>"
        case Concept(name=name):
            return f"#{name}"
        case Filter(field=field, value=value):
            return f"{field}={value}"
        case Scoped(scope=scope, part=part):
            return f"{scope}:{shape(part)}"
        case Near(left=left, right=right, unit=unit, most=most, ordered=ordered, negated=negated):
            sign = (
                ("!" if negated else "")
                + (">" if ordered else "~")
                + (f"{most}" if most is not None else unit)
            )
            return f"({shape(left)} {sign} {shape(right)})"
        case Score(threshold=threshold, parts=weighed):
            return f"{threshold:g}<({', '.join(f'{weight:g}*{shape(part)}' for weight, part in weighed)})"
        case AtLeast(count=count, part=part):
            return f"{count}x{shape(part)}"
        case Of(count=count, parts=parts):
            return f"{count}of({', '.join(map(shape, parts))})"
        case Phrase(written=written, exact=exact):
            return ("=" if exact else "") + written
        case Not(part=part):
            return f"-{shape(part)}"
        case And(parts=parts):
            return f"({' & '.join(map(shape, parts))})"
        case Or(parts=parts):
            return f"({' | '.join(map(shape, parts))})"
    raise AssertionError([str(error) for error in node] if isinstance(node, list) else node)


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
        ("a NEAR/5 b AND NOT c BEFORE/0 d", "((a ~5 b) & -(c >0 d))"),
        ("a NEAR/5 b NEAR/2 c", "((a ~5 b) ~2 c)"),
        ("a SENTENCE (b OR c) OR d PARAGRAPH e", "((a ~sentence (b | c)) | (d ~paragraph e))"),
        ("a NOT NEAR/10 b AND a NOT SENTENCE c", "((a !~10 b) & (a !~sentence c))"),
        ("ATLEAST 3 (a OR b) NEAR/2 c", "(3x(a | b) ~2 c)"),
        ("2 OF (a OR b AND c OR d)", "2of(a, (b & c), d)"),
        ('title:(a AND b) OR lead:"a b" OR text:a', "(title:(a & b) | lead:a b | text:a)"),
        ("title:a NEAR/2 b", "(title:a ~2 b)"),
        ("mobili* AND organi?ation", "(mobili* & organi?ation)"),
        (
            'person:"Vladimir Putin" NEAR/9 place:(Ukraine OR Russia)',
            "(person<Vladimir Putin> ~9 (place<Ukraine> | place<Russia>))",
        ),
        ("entity:place BEFORE/3 org:NATO OR group:Russian", "((place<> >3 org<NATO>) | group<Russian>)"),
        (
            "concept:troops AND concept:(military-posture/arms OR b.c)",
            "(#troops & (#military-posture/arms | #b.c))",
        ),
        ("a AND language:en AND origin:kz", "(a & language=en & origin=kz)"),
        (
            'a AND source:(reuters.com OR tier:1 OR "The Times")',
            "(a & (source=reuters.com | tier=1 | source=The Times))",
        ),
        ('a AND NOT section:"world news" AND tier:2', "(a & -section=world news & tier=2)"),
        (r"a AND /\b(?i)s[ou]n \(b\)/", r"(a & /\b(?i)s[ou]n \(b\)/)"),
        (
            "SCORE/3 (a WEIGHT/2 OR b AND NOT c OR d WEIGHT/0.5) AND NOT e",
            "(3<(2*a, 1*(b & -c), 0.5*d) & -e)",
        ),
        ("SCORE OR WEIGHT", "(SCORE | WEIGHT)"),
        ('"2 OF" OR 2 OR atleast', "(2 OF | 2 | atleast)"),
    ],
)
def test_precedence_is_distance_then_not_then_and_then_or(query: str, tree: str) -> None:
    assert shape(parse(query)) == tree


ERRORS = [
    ("", [(1, 1, "empty")]),
    ("  \n ", [(1, 1, "empty")]),
    ("troop build-up", [(1, 7, "side by side")]),
    ("troops and tanks", [(1, 8, "`and` here is read as a word")]),
    ("and troops", [(1, 1, "`and` here is read as a word")]),
    ("NOT and mobili*", [(1, 5, "`and` here is read as a word")]),
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
    ("*ise", [(1, 1, "wildcard stands at the beginning")]),
    ("mo*", [(1, 1, "wildcard stands too early")]),
    ("troop-mobili*", [(1, 1, "in more than one word")]),
    ('"organi?ation"', [(1, 1, "`?` can't stand in a phrase")]),
    ("titel:a", [(1, 1, "`titel:` is no field")]),
    ("title: a", [(1, 1, "`title:` without a value")]),
    ("http://example.org", [(1, 1, "`http:` is no field")]),
    ("a NEAR b", [(1, 3, "NEAR without a distance")]),
    ("a NEAR/101 b", [(1, 3, "distance of 101 words")]),
    ("a NEAR/x b", [(1, 3, "`NEAR/x` is no operator")]),
    ("a AFTER/5 b", [(1, 3, "AFTER is kept")]),
    ("a NEAR/5 (b AND c)", [(1, 10, "a side of NEAR says something of the whole article")]),
    ("a SENTENCE NOT b", [(1, 12, "NOT after SENTENCE")]),
    ("a NEAR/5 language:en", [(1, 10, "side of NEAR")]),
    ("a NEAR/5", [(1, 9, "ends too early")]),
    ("NEAR/5 a", [(1, 1, "begins with NEAR")]),
    ("ATLEAST (a)", [(1, 1, "ATLEAST without a number")]),
    ("ATLEAST 0 (a)", [(1, 9, "0 of them")]),
    ("SCORE/3 a", [(1, 1, "SCORE without parentheses")]),
    ("SCORE/x (a)", [(1, 1, "`SCORE/x` is no operator")]),
    ("SCORE (a OR b)", [(1, 1, "SCORE without a number")]),
    ("SCORE/3 (a WEIGHT OR b)", [(1, 12, "WEIGHT without a number")]),
    ("SCORE/3 (a", [(1, 9, "never closed")]),
    ("a WEIGHT/2", [(1, 3, "WEIGHT follows phrase")]),
    ("SCORE/2 (a WEIGHT/2 OR NOT b WEIGHT/2)", [(1, 1, "nothing has to be found")]),
    ("3 OF (a OR b)", [(1, 1, "3 of them")]),
    ("2 OF a", [(1, 3, "OF without parentheses")]),
    ("a AND language:english", [(1, 16, "no code of a language")]),
    ("a AND origin:Kazakhstan", [(1, 14, "no code of a country")]),
    ("a AND tier:one", [(1, 12, "no tier")]),
    ("entity:city", [(1, 8, "no kind of entity")]),
    ("concept:Troops", [(1, 9, "can't be a concept")]),
    ("place:(Ukraine AND Russia)", [(1, 16, "values of place: that are not joined by OR")]),
    ("place:(Ukraine", [(1, 7, "never closed")]),
    ("language:en", [(1, 1, "nothing has to be found")]),
    ("/a+/", [(1, 1, "nothing has to be found")]),
    ("a OR /b/", [(1, 1, "nothing has to be found")]),
    ("1 OF (a OR NOT b)", [(1, 1, "nothing has to be found")]),
    ("a AND /(b/", [(1, 7, "RE2 does not read this: missing )")]),
    ("a AND /(b)\\1/", [(1, 7, "RE2 does not read this")]),
    ("a AND /b*/", [(1, 7, "empty text")]),
    ("a AND " + " AND ".join(["/b/"] * 6), [(1, 47, "more than 5 regular")]),
    ("=US", [(1, 1, "`=` can't stand")]),
    ("'troop'", [(1, 1, "single quotation marks")]),
    ('"…" OR a', [(1, 1, "no word")]),
    ("a\u202eb", [(1, 2, "U+202E")]),
    ("a \u202e b", [(1, 3, "U+202E")]),
    ('a AND "\u202e"', [(1, 8, "U+202E")]),
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


def clauses(query: str) -> list[str]:
    """Give what every piece of a query was written as, the whole first."""
    tree = parse(query)
    assert not isinstance(tree, list), tree

    def written(node: Node) -> list[str]:
        return [query[node.start : node.end], *(text for part in children(node) for text in written(part))]

    return written(tree)


@pytest.mark.parametrize(
    "query",
    [
        "tanks AND NOT (place:X)",
        "(tanks) AND (guns)",
        "((tanks)) OR (guns OR (ships))",
        "NOT ((place:(X OR Y))) AND tanks",
        "(tanks) NEAR/3 (guns) NOT BEFORE/2 (ships)",
        "title:(tanks) AND NOT (title:(text:(guns)))",
        "ATLEAST 2 (tanks) AND 1 OF ((guns) OR (ships))",
        "SCORE/3 ((tanks) WEIGHT/2 OR (guns AND (ships)))",
    ],
)
def test_a_clause_is_shown_with_both_of_its_parentheses_and_its_term_without(query: str) -> None:
    shown = clauses(query)
    assert shown[0] == query
    assert "tanks" in shown
    for clause in shown:
        assert clause.count("(") == clause.count(")"), clause

"""The reference page says what the language does: its grammar and the parser accept the same queries."""

import random
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from processors.query.concepts import MOST_COST, MOST_LEVELS, MOST_TEXTS
from processors.query.lexer import AMOUNTS, DISTANCES, OPERATORS, PREDICATES, RESERVED, SCOPES, Limits
from processors.query.matcher import MOST_EVIDENCE
from processors.query.parse import parse
from processors.query.words import MAX_WORD
from processors.rules import RuleSet, compile_pack

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "reference" / "query-language.md").read_text(encoding="utf-8")
[GRAMMAR] = re.findall(r"```ebnf\n(.*?)```", PAGE, re.DOTALL)
MANY = 1_500
# What the page leaves to words: how it looks, and some of it.
WORDS = rf"(?!(?:{'|'.join((*OPERATORS, *DISTANCES, *RESERVED))})\b)[\w.'-]+"
SAID_IN_WORDS = {
    "words": (r'[^"]*\w[^"]*', ("troop build-up", "AND", "U.S.")),
    "word": (rf"{WORDS}(?![^\s()\"])", ("troops", "build-up", "U.S.", "7", "O'Brien")),
    "value": (
        rf"(?!(?:{'|'.join(OPERATORS)})(?![^\s()\"])|(?:{'|'.join((*SCOPES, *PREDICATES))}):)"
        r"(?=[^\s()\"]*\w)[^\s()\"]+",
        ("Putin", "reuters.com", "A/B:C"),
    ),
    "wildcard": (r"\w{3,}[*?][\w*?]*(?![^\s()\"])", ("mobili*", "organi?ation")),
    "expression": (r"(?:[^/\\\n]|\\.)+", (r"T-\d{2}", r"(?i)tank\/s")),
    "concept": (r"[a-z0-9-]+(?:/[a-z0-9-]+)?(?![^\s()\"])", ("troops", "military-posture/troops")),
    "code": (r"(?!OR|OF)[A-Za-z]{2}(?![^\s()\"])", ("en", "KZ")),
    "amount": (r"-?[0-9]{1,4}(?:\.[0-9]{1,3})?(?![^\s()\"])", ("3", "0.5")),
    "digits": (r"[0-9]{1,3}(?![^\s()\"])", ("1", "2", "100")),
}
# Faults of queries that the grammar allows.
BESIDE_THE_GRAMMAR = (
    "nothing has to be found",
    "says something of the whole article",
    "of them can't be asked for",
)


class Piece(NamedTuple):
    """Of a grammar: `kind` is one of | , . { [ " ? and name; `parts` are pieces or the text itself."""

    kind: str
    parts: tuple["Piece", ...] = ()
    text: str = ""


def read_grammar(text: str) -> dict[str, Piece]:
    rules = {}
    for rule in re.split(r" ;\n", text)[:-1]:
        name, _, body = rule.partition("=")
        tokens = re.findall(r"\"[^\"]+\"|'[^']+'|\?[^?]+\?|[a-z]+|[|,.()\[\]{}]", body)
        rules[name.strip()] = alternatives(tokens)
        assert not tokens, tokens
    return rules


def alternatives(tokens: list[str]) -> Piece:
    return joined(tokens, "|", lambda: joined(tokens, ",", lambda: joined(tokens, ".", lambda: one(tokens))))


def joined(tokens: list[str], by: str, part) -> Piece:  # type: ignore[no-untyped-def]
    parts = [part()]
    while tokens and tokens[0] == by:
        tokens.pop(0)
        parts.append(part())
    return parts[0] if len(parts) == 1 else Piece(by, tuple(parts))


def one(tokens: list[str]) -> Piece:
    first = tokens.pop(0)
    if first in "([{":
        inner = alternatives(tokens)
        assert tokens.pop(0) == {"(": ")", "[": "]", "{": "}"}[first]
        return inner if first == "(" else Piece(first, (inner,))
    if first[0] in "\"'":
        return Piece('"', text=first[1:-1])
    return Piece("?", text=first[1:-1]) if first[0] == "?" else Piece("name", text=first)


RULES = read_grammar(GRAMMAR)


def spoken(piece: Piece, rng: random.Random, depth: int = 0) -> list[str]:
    """Give a query of the grammar, as pieces between which white space may stand."""
    match piece.kind:
        case "name":
            return spoken(RULES[piece.text], rng, depth + 1)
        case "|":
            # Deep down, what ends soonest: the last alternative does.
            return spoken(piece.parts[-1] if depth > 25 else rng.choice(piece.parts), rng, depth)
        case ",":
            return [token for part in piece.parts for token in spoken(part, rng, depth)]
        case ".":
            tokens = [""]
            for part in piece.parts:
                first, *rest = spoken(part, rng, depth) or [""]
                tokens = [*tokens[:-1], tokens[-1] + first, *rest]
            return tokens
        case "[" | "{":
            return spoken(piece.parts[0], rng, depth) if rng.random() < (0.35 if depth < 25 else 0) else []
    return [rng.choice(SAID_IN_WORDS[piece.text][1]) if piece.kind == "?" else piece.text]


def is_of_the_grammar(query: str) -> bool:
    """Say whether the grammar of the page gives a query: by all the places where each piece of it may end."""

    @cache
    def ends(piece: Piece, start: int) -> frozenset[int]:
        match piece.kind:
            case "name":
                return ends(RULES[piece.text], start)
            case "|":
                return frozenset().union(*(ends(part, start) for part in piece.parts))
            case "," | ".":
                places = frozenset({start})
                for number, part in enumerate(piece.parts):
                    if number and piece.kind == ",":
                        places = frozenset(map(after_space, places))
                    places = frozenset().union(*(ends(part, place) for place in places))
                return places
            case "[":
                return ends(piece.parts[0], start) | {start}
            case "{":
                found, waiting = {start}, [start]
                while waiting:
                    more = ends(piece.parts[0], after_space(waiting.pop())) - found
                    found |= more
                    waiting += more
                return frozenset(found)
            case '"':
                pattern = re.escape(piece.text) + (r"(?![^\s()])" if piece.text[-1].isalpha() else "")
            case _:
                pattern = SAID_IN_WORDS[piece.text][0]
        found_here = re.compile(pattern).match(query, start)
        return frozenset({found_here.end()} if found_here else ())

    def after_space(place: int) -> int:
        return len(query) - len(query[place:].lstrip())

    return any(not query[end:].strip() for end in ends(RULES["query"], after_space(0)))


def queries(count: int) -> Iterator[tuple[list[str], random.Random]]:
    for seed in range(count):
        rng = random.Random(seed)
        tokens = spoken(RULES["query"], rng)
        if len(tokens) <= 60:
            yield tokens, rng


def faults(query: str) -> list[str]:
    """Give what is wrong with a query besides what the page says the grammar does not tell."""
    tree = parse(query, Limits(depth=10_000, terms=10_000, regexes=10_000))
    said = [str(error) for error in tree] if isinstance(tree, list) else []
    return [fault for fault in said if not any(known in fault for known in BESIDE_THE_GRAMMAR)]


def test_what_the_grammar_gives_the_parser_accepts() -> None:
    accepted = 0
    for tokens, _ in queries(MANY):
        query = " ".join(tokens)
        assert is_of_the_grammar(query), query
        assert faults(query) == [], query
        accepted += not isinstance(parse(query), list)
    assert accepted > MANY // 12


def test_what_the_grammar_does_not_give_the_parser_refuses() -> None:
    refused = 0
    for tokens, rng in queries(MANY):
        place, other = rng.randrange(len(tokens)), rng.randrange(len(tokens))
        tokens[place : place + 1] = rng.choice([[], [tokens[place]] * 2, [tokens[other]], ["OR"], ["NOT"]])
        query = " ".join(tokens)
        assert is_of_the_grammar(query) == (not faults(query)), query
        refused += bool(faults(query))
    assert refused > MANY // 12


def test_every_piece_of_the_grammar_is_spoken() -> None:
    said = " ".join(token for tokens, _ in queries(MANY) for token in tokens)
    for name in re.findall(r'"([^"\s?]+)"', GRAMMAR):
        assert name in said


@pytest.mark.parametrize("query", re.findall(r"```query\n(.*?)```", PAGE, re.DOTALL))
def test_the_queries_shown_are_accepted(query: str) -> None:
    assert not isinstance(parse(query), list)


def test_every_operator_predicate_scope_and_reserved_name_is_told() -> None:
    [pieces] = re.findall(r"## The pieces\n(.*?)\n## ", PAGE, re.DOTALL)
    for name in (*OPERATORS, *(f"{each}/5" for each in DISTANCES), *(f"{each}/" for each in AMOUNTS)):
        assert re.search(rf"`[^`]*{name}[^`]*`", pieces), name
    for name in (*SCOPES, *PREDICATES):
        assert f"`{name}:" in pieces, name
    for name in RESERVED:
        assert f"`{name}`" in PAGE, name


def test_every_limit_is_told() -> None:
    limits = Limits()
    told = (limits.length, limits.depth, limits.terms, limits.words, limits.distance, limits.regexes)
    for limit in (*told, limits.regex_length, MAX_WORD, MOST_TEXTS, MOST_LEVELS, MOST_COST):
        assert f"| {limit:,} |" in PAGE, limit
    assert f"{MOST_EVIDENCE} at most" in PAGE


def test_the_errors_shown_are_those_given() -> None:
    [shown] = re.findall(r"```errors\n(.*?)```\n\n(.*?)\n", PAGE, re.DOTALL)
    for error, query in zip(shown[0].splitlines(), re.findall(r"`(.*?)`", shown[1]), strict=True):
        found = parse(query)
        assert isinstance(found, list)
        assert str(found[0]) == error


def test_every_query_of_the_shipped_rules_is_of_the_grammar() -> None:
    files = {
        path.relative_to(ROOT / "rules").as_posix(): path.read_text() for path in ROOT.glob("rules/*/*.yaml")
    }
    compiled = compile_pack(files)
    assert isinstance(compiled, RuleSet)
    for rule in compiled.rules:
        assert is_of_the_grammar(rule.query), rule.id

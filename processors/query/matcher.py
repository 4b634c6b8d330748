"""Many queries against one article: one pass finds anchors, and only their queries are evaluated."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick

from processors.models import Article, Evidence
from processors.query.evaluate import anchors, holds, phrases_of, positives
from processors.query.phrases import Pattern, pattern_of
from processors.query.reading import FIELDS, Reading, Span
from processors.query.tree import Node, Phrase

MOST_EVIDENCE = 20  # of one query in one article; the rest is counted


@dataclass(frozen=True)
class Hit:
    """One query that holds: its number, its proof in the order of reading, and how much there was."""

    query: int
    evidence: list[Evidence]
    total: int


class Matcher:
    """A set of queries, compiled. Immutable: everything found of an article is kept in its Reading."""

    def __init__(self, queries: Sequence[tuple[str, Node]]) -> None:
        """Compile queries, each with the text it was parsed from."""
        self._queries = queries
        self._patterns: list[Pattern] = []
        numbers: dict[Pattern, int] = {}
        self._numbers: list[Mapping[Phrase, int]] = []
        for _, node in queries:
            own: dict[Phrase, int] = {}
            for phrase in phrases_of(node):
                pattern = pattern_of(phrase)
                number = numbers.setdefault(pattern, len(numbers))
                if number == len(self._patterns):
                    self._patterns.append(pattern)
                own[phrase] = number
            self._numbers.append(own)
        keys = {key for pattern in self._patterns for variant in pattern.variants for key in variant.split()}
        self._vocabulary = frozenset(keys)
        self._build_automaton()

    def _build_automaton(self) -> None:
        by_pattern: dict[int, list[int]] = defaultdict(list)
        for query, ((_, node), own) in enumerate(zip(self._queries, self._numbers, strict=True)):
            weights = {phrase: _rarity(self._patterns[number]) for phrase, number in own.items()}
            for number in {own[phrase] for phrase in anchors(node, weights)}:
                by_pattern[number].append(query)
        self._by_pattern = dict(by_pattern)
        by_variant: dict[str, list[int]] = defaultdict(list)
        for number in self._by_pattern:
            for variant in self._patterns[number].variants:
                by_variant[variant].append(number)
        self._by_variant = list(by_variant.values())
        self._automaton = AhoCorasick(list(by_variant))

    def match(self, article: Article) -> list[Hit]:
        """Give the queries that hold for an article, by their numbers."""
        reading = Reading(article, self._patterns, self._vocabulary)
        return [
            self._hit(query, reading)
            for query in sorted(self._candidates(reading))
            if holds(self._queries[query][1], reading, self._numbers[query])
        ]

    def _candidates(self, reading: Reading) -> set[int]:
        found: dict[int, set[Span]] = defaultdict(set)
        for field, line in reading.lines():
            for variant, start, end in self._automaton.find_matches_as_indexes(line.keys, overlapping=True):
                span = (field, *line.span(start, end))
                for pattern in self._by_variant[variant]:
                    found[pattern].add(span)
        candidates: set[int] = set()
        for pattern, spans in found.items():
            if reading.found_by_scan(pattern, spans):
                candidates.update(self._by_pattern[pattern])
        return candidates

    def _hit(self, query: int, reading: Reading) -> Hit:
        written, node = self._queries[query]
        numbers = self._numbers[query]
        clauses: dict[str, list[Span]] = {}
        for phrase in positives(node, reading, numbers):
            clause = written[phrase.start : phrase.end]
            clauses[clause] = reading.spans(numbers[phrase])
        chosen = _bounded(clauses)
        return Hit(
            query=query,
            evidence=[_evidence(span, clause, reading) for span, clause in chosen],
            total=sum(map(len, clauses.values())),
        )


def _bounded(clauses: Mapping[str, list[Span]]) -> list[tuple[Span, str]]:
    """Give up to MOST_EVIDENCE hits in the order of reading, the first of every clause before any second."""
    firsts = sorted((spans[0], clause) for clause, spans in clauses.items() if spans)[:MOST_EVIDENCE]
    others = sorted(
        (span, clause) for clause, spans in clauses.items() for span in spans[1 : MOST_EVIDENCE + 1]
    )
    return sorted(firsts + others[: MOST_EVIDENCE - len(firsts)])


def _evidence(span: Span, clause: str, reading: Reading) -> Evidence:
    field, first, last = span
    words = reading.fields[field]
    start, end = words.characters(first, last)
    return Evidence(clause=clause, field=FIELDS[field], start=start, end=end, text=words.text[start:end])


def _rarity(pattern: Pattern) -> float:
    """Guess how rare a phrase is, without a corpus: more words, then more letters."""
    return min(10.0 * variant.count(" ") + len(variant) for variant in pattern.variants)

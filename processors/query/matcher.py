"""Many queries against one article: one pass finds anchors, and only their queries are evaluated."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick

from processors.models import Article, Entities, Evidence
from processors.query.evaluate import proof, truth
from processors.query.named import EntityName, entity_spans
from processors.query.phrases import Pattern
from processors.query.plan import Plan, Planner, anchors, rate
from processors.query.proximity import Hit as Stretch
from processors.query.reading import FIELDS, Reading, Span, Within, nowhere
from processors.query.tree import Node
from processors.query.wildcards import Openings
from processors.query.words import KEYS, PLAIN_KEYS

MOST_EVIDENCE = 20  # of one query in one article; the rest is counted


@dataclass(frozen=True)
class Hit:
    """One query that holds: its number, its proof in the order of reading, and how much there was."""

    query: int
    evidence: list[Evidence]
    total: int


class Matcher:
    """A set of queries, compiled. Immutable: everything found of an article is kept in its Reading."""

    def __init__(
        self,
        queries: Sequence[tuple[str, Node]],
        concepts: Mapping[str, Node] | None = None,
        *,
        tolerant: bool = True,
    ) -> None:
        """Compile queries, each with the text it was parsed from, and the concepts they name.

        Not tolerant, a phrase finds its own letters alone, in any case: no inflection, no variants.
        """
        planner = Planner(concepts or {}, tolerant=tolerant)
        self.texts = [text for text, _ in queries]
        self.plans: list[Plan] = [planner.plan(node) for _, node in queries]
        self._sought = planner.sought
        self._keys = KEYS if tolerant else PLAIN_KEYS
        patterns = [sought for sought in planner.sought if isinstance(sought, Pattern)]
        self._vocabulary = frozenset(
            key for pattern in patterns for variant in pattern.variants for key in variant.split()
        )
        self._entity_questions = frozenset(
            number for number in range(len(planner.sought)) if isinstance(planner.root(number), EntityName)
        )
        self._by_anchor = self._anchored(planner)
        self._build()

    def _anchored(self, planner: Planner) -> dict[int, list[int]]:
        rates = [rate(planner.root(number)) for number in range(len(self._sought))]
        by_anchor: dict[int, list[int]] = defaultdict(list)
        for query, plan in enumerate(self.plans):
            chosen = anchors(plan, rates.__getitem__)
            if chosen is None:
                raise ValueError(f"nothing has to be found for query {query}: the parser refuses such")
            # A scope can't be scanned for; what is in it can.
            for number in {planner.root_number(number) for number in chosen.numbers}:
                by_anchor[number].append(query)
        return dict(by_anchor)

    def _build(self) -> None:
        by_variant: dict[str, list[int]] = defaultdict(list)
        openings, self._names = [], {}
        for number in self._by_anchor:
            sought = self._sought[number]
            match sought:
                case Pattern(variants=variants):
                    for variant in variants:
                        by_variant[variant].append(number)
                case EntityName(key=key):
                    self._names[key] = number
                case _:
                    openings.append((number, sought))
        self._by_variant = list(by_variant.values())
        self._automaton = AhoCorasick(list(by_variant))
        self._openings = Openings(openings)  # type: ignore[arg-type]  # nothing else can be an anchor

    def read(
        self, article: Article, entities: Entities | None = None, *, within: Within = nowhere
    ) -> Reading:
        """Give an article as the queries see it. No entities: they are not known."""
        return Reading(
            article,
            self._sought,
            self._vocabulary,
            keys=self._keys,
            entities=entities,
            within=within,
            entity_questions=self._entity_questions,
        )

    def match(
        self, article: Article, entities: Entities | None = None, *, within: Within = nowhere
    ) -> list[Hit]:
        """Give the queries that hold for an article, by their numbers."""
        reading = self.read(article, entities, within=within)
        return [
            self._hit(query, reading)
            for query in sorted(self._candidates(reading))
            if truth(self.plans[query], reading)
        ]

    def may_match(self, article: Article) -> bool:
        """Say whether any query holds for an article, or may, once its entities are known."""
        reading = self.read(article)
        candidates = self._candidates(reading).union(
            *(self._by_anchor[number] for number in self._names.values())
        )
        return any(truth(self.plans[query], reading) is not False for query in candidates)

    def _candidates(self, reading: Reading) -> set[int]:
        candidates: set[int] = set()
        for number, spans in self._found(reading):
            reading.found(number, spans)
            if spans:
                candidates.update(self._by_anchor[number])
        return candidates

    def _found(self, reading: Reading) -> Iterator[tuple[int, list[Span]]]:
        """Give every anchor that stands in an article, with all its hits."""
        scanned: dict[int, set[Span]] = defaultdict(set)
        for field, line in reading.lines():
            for variant, start, end in self._automaton.find_matches_as_indexes(line.keys, overlapping=True):
                span = (field, *line.span(start, end))
                for number in self._by_variant[variant]:
                    scanned[number].add(span)
        for number, spans in scanned.items():
            yield number, self._sought[number].allowed(reading, spans)  # type: ignore[attr-defined]  # a Pattern
        yield from self._openings.found(reading)
        if self._names:
            for key, mentions in entity_spans(reading).items():
                if key in self._names:
                    yield self._names[key], mentions

    def _hit(self, query: int, reading: Reading) -> Hit:
        text = self.texts[query]
        clauses: dict[str, set[Stretch]] = defaultdict(set)
        for start, end, hit in proof(self.plans[query], reading):
            clauses[text[start:end]].add(hit)
        chosen = _bounded({clause: sorted(hits) for clause, hits in clauses.items()})
        return Hit(
            query=query,
            evidence=[evidence_of(hit, clause, reading) for hit, clause in chosen],
            total=sum(map(len, clauses.values())),
        )


def _bounded(clauses: Mapping[str, list[Stretch]]) -> list[tuple[Stretch, str]]:
    """Give up to MOST_EVIDENCE hits in the order of reading, the first of every clause before any second."""
    firsts = sorted((spans[0], clause) for clause, spans in clauses.items() if spans)[:MOST_EVIDENCE]
    others = sorted(
        (span, clause) for clause, spans in clauses.items() for span in spans[1 : MOST_EVIDENCE + 1]
    )
    return sorted(firsts + others[: MOST_EVIDENCE - len(firsts)])


def evidence_of(hit: Stretch, clause: str, reading: Reading) -> Evidence:
    """Give a hit as the characters that it stands on."""
    field, first, last = hit[:3]
    words = reading.fields[field]
    start, end = words.characters(first, last)
    return Evidence(clause=clause, field=FIELDS[field], start=start, end=end, text=words.text[start:end])

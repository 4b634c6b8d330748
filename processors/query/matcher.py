"""Many queries against one article: one pass finds anchors, and only their queries are evaluated."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick

from processors.entities.places import UNCHARTED, Places
from processors.models import Article, Entities, Evidence
from processors.query.evaluate import proved_by, truth
from processors.query.named import EntityName, entity_spans
from processors.query.phrases import Pattern
from processors.query.plan import Plan, Planner, anchors, rate
from processors.query.proximity import Hit as Stretch
from processors.query.reading import FIELDS, ByAnchor, Reading, Span
from processors.query.tree import Find, Node, Of, Or, children
from processors.query.wildcards import Opening, Openings
from processors.query.words import KEYS, PLAIN_KEYS

Proved = tuple[Stretch, str]  # a hit, and the clause it proves
_FEW = 30
_MANY = 8
# Of so many, a hit that nobody asks for costs less than looking for each that somebody asks for.
_MOST_PHRASES_AT_ONCE = 5_000
_COMMON = 0.3  # … but for words that stand in most articles, many times
MOST_EVIDENCE = 20  # of one query in one article; the rest is counted


@dataclass(frozen=True, slots=True)
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
        places: Places = UNCHARTED,
        tolerant: bool = True,
    ) -> None:
        """Compile queries, each with the text it was parsed from, and the concepts they name.

        `places` says what lies where, for queries that ask for places.
        Not tolerant, a phrase finds its own letters alone, in any case: no inflection, no variants.
        """
        planner = Planner(concepts or {}, places, tolerant=tolerant)
        self._places = places
        self.texts = [text for text, _ in queries]
        self.plans: list[Plan] = [planner.plan(node) for _, node in queries]
        self._sought = planner.sought
        self._keys = KEYS if tolerant else PLAIN_KEYS
        patterns = [sought for sought in planner.sought if isinstance(sought, Pattern)]
        self._vocabulary = frozenset(
            key for pattern in patterns for variant in pattern.variants for key in variant.split()
        )
        self._asking = frozenset(planner.asking)
        self._by_anchor: dict[int, list[int]] = defaultdict(list)
        self._certain: dict[int, list[tuple[int, str]]] = defaultdict(list)
        self._hang_on_anchors(planner)
        self._look_for_more_at_once()
        self._build()
        seen: set[Plan] = set()
        self._parts_by_anchor: dict[Plan, ByAnchor] = {
            part: self._index(part, planner) for plan in self.plans for part in _large(plan, seen)
        }

    def _hang_on_anchors(self, planner: Planner) -> None:
        """Hang each query on its rarest anchors; on all of them with its clause, where any one makes it hold."""
        rates = [rate(planner.root(number)) for number in range(len(self._sought))]
        for query, plan in enumerate(self.plans):
            alternatives = plan.parts if isinstance(plan, Or) else (plan,)
            phrases = [
                part for part in alternatives if isinstance(part, Find) and self._is_phrase(part.number)
            ]
            if len(phrases) == len(alternatives):
                for part in phrases:
                    self._by_anchor.setdefault(part.number, [])
                    self._certain[part.number].append((query, self.texts[query][part.start : part.end]))
                continue
            chosen = anchors(plan, rates.__getitem__)
            if chosen is None:
                raise ValueError(f"nothing has to be found for query {query}: the parser refuses such")
            # A scope can't be scanned for; what is in it can.
            for number in {planner.root_number(number) for number in chosen.numbers}:
                self._by_anchor[number].append(query)

    def _look_for_more_at_once(self) -> None:
        """Add what no query hangs on and is yet found fastest together with what some do."""
        few = sum(map(self._is_phrase, range(len(self._sought)))) <= _MOST_PHRASES_AT_ONCE
        for number, sought in enumerate(self._sought):
            often = rate(sought) or 0.0
            if type(sought) is Opening or (few and type(sought) is Pattern and often < _COMMON):
                self._by_anchor.setdefault(number, [])

    def _is_phrase(self, number: int) -> bool:
        return type(self._sought[number]) is Pattern

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
        self._scanned = frozenset(self._by_anchor)
        self._by_variant = list(by_variant.values())
        self._widths = [variant.count(" ") - 1 for variant in by_variant]
        # What has one variant, in any form, is found in order and once.
        self._simple = frozenset(
            number
            for number in self._by_anchor
            if isinstance(sought := self._sought[number], Pattern) and sought.is_simple
        )
        self._automaton = AhoCorasick(list(by_variant))
        self._openings = Openings(openings)  # type: ignore[arg-type]  # nothing else can be an anchor

    def _index(self, plan: Or | Of, planner: Planner) -> ByAnchor:
        """Give the parts of a plan by their anchors, and those with an anchor that is not scanned for."""
        always: list[Plan] = []
        index: dict[int, list[Plan]] = defaultdict(list)
        for part in plan.parts:
            chosen = anchors(part, lambda number: rate(planner.root(number)))
            numbers = {planner.root_number(number) for number in chosen.numbers} if chosen else set()
            if not numbers or not numbers <= self._scanned:
                always.append(part)
                continue
            for number in numbers:
                index[number].append(part)
        return always, dict(index)

    @property
    def asks_entities(self) -> bool:
        """Whether any query asks for entities."""
        return bool(self._asking)

    def read(self, article: Article, entities: Entities | None = None) -> Reading:
        """Give an article as the queries see it. No entities: they are not known."""
        return Reading(
            article,
            self._sought,
            self._vocabulary,
            keys=self._keys,
            entities=entities,
            places=self._places,
            asking=self._asking,
            scanned=self._scanned,
            by_anchor=self._parts_by_anchor,
        )

    def match(self, article: Article, entities: Entities | None = None) -> list[Hit]:
        """Give the queries that hold for an article, by their numbers."""
        reading = self.read(article, entities)
        proved, candidates = self._anchored_in(reading)
        texts, plans = self.texts, self.plans
        for query in candidates:
            if truth(plans[query], reading):
                text = texts[query]
                proved[query] = [
                    (hit, text[start:end]) for hit, start, end in proved_by(plans[query], reading)
                ]
        return [_hit(query, proved[query], reading) for query in sorted(proved)]

    def may_match(self, article: Article) -> bool:
        """Say whether any query holds for an article, or may, once its entities are known."""
        reading = self.read(article)
        certain, candidates = self._anchored_in(reading)
        if certain:
            return True
        candidates.update(*(self._by_anchor[number] for number in self._names.values()))
        return any(truth(self.plans[query], reading) is not False for query in candidates)

    def _anchored_in(self, reading: Reading) -> tuple[dict[int, list[Proved]], set[int]]:
        """Find every anchor in an article; give the queries that hold by that alone, proved, and those to look at."""
        certain: dict[int, list[Proved]] = defaultdict(list)
        candidates: set[int] = set()
        for number, spans in self._found(reading).items():
            reading.spans[number] = spans
            if spans:
                reading.found.add(number)
                candidates.update(self._by_anchor[number])
                for query, clause in self._certain.get(number, ()):
                    certain[query] += [(span, clause) for span in spans]
        return certain, candidates

    def _found(self, reading: Reading) -> dict[int, list[Span]]:
        """Give all hits of everything that is scanned for, by its number."""
        by_variant: dict[int, list[Span]] = defaultdict(list)
        compounds: set[int] = set()  # variants with a hit in which two words are one, out of order
        find, widths = self._automaton.find_matches_as_indexes, self._widths
        for field, line in reading.lines():
            hits = find(line.keys, overlapping=True)
            if line.has_compounds:
                for variant, start, end in hits:
                    first, last = line.span(start, end)
                    if last - first >= widths[variant]:  # all others stand in the line without compounds, too
                        by_variant[variant].append((field, first, last))
                        compounds.add(variant)
            elif len(hits) > _FEW:  # a table pays
                number_at = line.numbers
                for variant, start, _ in hits:
                    first = number_at[start + 1]
                    by_variant[variant].append((field, first, first + widths[variant] - 1))
            else:
                for variant, start, end in hits:
                    by_variant[variant].append((field, *line.span(start, end)))
        found: dict[int, list[Span]] = {}
        several: dict[int, set[Span]] = defaultdict(set)
        simple, numbers_of = self._simple, self._by_variant
        for variant, spans in by_variant.items():
            for number in numbers_of[variant]:
                if number in simple and variant not in compounds:
                    found[number] = spans
                else:
                    several[number].update(spans)
        for number, each in several.items():
            found[number] = self._sought[number].allowed(reading, each)  # type: ignore[attr-defined]  # a Pattern
        found.update(self._openings.found(reading))
        if self._names:
            names = self._names
            found.update({names[key]: spans for key, spans in entity_spans(reading).items() if key in names})
        return found


def _large(plan: Plan, seen: set[Plan]) -> Iterator[Or | Of]:
    """Give the pieces of a plan, each once, that have many parts."""
    if plan not in seen:
        seen.add(plan)
        if isinstance(plan, (Or, Of)) and len(plan.parts) >= _MANY:
            yield plan
        for part in children(plan):
            yield from _large(part, seen)


def _hit(query: int, proved: list[Proved], reading: Reading) -> Hit:
    if len(proved) > 1:
        proved = sorted(set(proved))
    total = len(proved)
    if total > MOST_EVIDENCE:
        proved = _bounded(proved)
    characters = reading.characters
    evidence = [
        Evidence(clause=clause, field=FIELDS[hit[0]], start=start, end=end, text=text)
        for hit, clause in proved
        for start, end, text in (characters[hit],)
    ]
    return Hit(query, evidence, total)


def _bounded(proved: list[Proved]) -> list[Proved]:
    """Give MOST_EVIDENCE in the order of reading: the first of every clause before any second."""
    firsts: dict[str, Proved] = {}
    for each in proved:
        firsts.setdefault(each[1], each)
    chosen = set(list(firsts.values())[:MOST_EVIDENCE])
    for each in proved:
        if len(chosen) == MOST_EVIDENCE:
            break
        chosen.add(each)
    return sorted(chosen)

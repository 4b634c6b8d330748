"""Many queries against one article: one pass finds anchors, and only their queries are evaluated."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from msgspec import Struct

from processors.entities.places import UNCHARTED, Places
from processors.models import Article, Entities, Evidence, Field
from processors.query.alphabet import Alphabet
from processors.query.anchors import Anchors, anchors, anchors_of
from processors.query.evaluate import proved_by, truth
from processors.query.named import EntityName, entity_spans
from processors.query.phrases import Pattern
from processors.query.plan import Plan, Planner
from processors.query.proximity import Hit as Stretch
from processors.query.reading import FIELDS, Reading
from processors.query.scan import Scanner
from processors.query.sieve import sieve_of
from processors.query.sifted import Sifted
from processors.query.tree import Find, Node, Or
from processors.query.wildcards import Opening, Openings
from processors.query.words import KEYS, PLAIN_KEYS

Proved = tuple[Stretch, str]  # a hit, and the clause it proves
_FEW = 5_000  # phrases
# Words that stand in nearly every article, many times: where they stand is looked up when somebody asks.
_EVERYWHERE = frozenset(
    {
        *(
            " a ",
            " an ",
            " and ",
            " are ",
            " as ",
            " at ",
            " be ",
            " but ",
            " by ",
            " for ",
            " from ",
            " had ",
        ),
        *(" has ", " have ", " he ", " his ", " i ", " in ", " is ", " it ", " not ", " of ", " on ", " or "),
        *(" said ", " that ", " the ", " their ", " they ", " this ", " to ", " was ", " we ", " were "),
        *(" who ", " will ", " with "),
    }
)
_BLOCK_BITS, _BLOCKS_BITS = 5, 10  # a block has 32 words, or more where an article has over 1,024 of them
MOST_EVIDENCE = 20  # of one query in one article; the rest is counted


class Hit(Struct, frozen=True, gc=False):
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
        self._asking = frozenset(planner.asking)
        patterns = {
            number: sought for number, sought in enumerate(planner.sought) if isinstance(sought, Pattern)
        }
        self._alphabet = Alphabet(
            (variant for pattern in patterns.values() for variant in pattern.variants),
            KEYS if tolerant else PLAIN_KEYS,
        )
        self._by_anchor: dict[int, list[int]] = defaultdict(list)
        self._certain: dict[int, list[tuple[int, str]]] = defaultdict(list)
        known = anchors_of(planner)
        self._hang_on_anchors(known, patterns)
        self._anchors, self._certainly = frozenset(self._by_anchor), frozenset(self._certain)
        hung = self._anchors | self._certainly
        openings = {
            number: sought for number, sought in enumerate(planner.sought) if isinstance(sought, Opening)
        }
        self._openings = Openings(openings)
        self._names = {
            sought.key: number
            for number, sought in enumerate(planner.sought)
            if isinstance(sought, EntityName) and number in hung
        }
        sure = {*(patterns.keys() & hung), *openings}
        if few := len(patterns) <= _FEW:
            sure.update(
                number for number in patterns if not _EVERYWHERE.issuperset(patterns[number].variants)
            )
        self._sieve = sieve_of(
            self.plans, planner, known, sure.union(self._names.values()), sure if few else frozenset()
        )
        looked_for = hung.union(self._sieve.numbers, openings)
        self._scanner = Scanner(
            {number: patterns[number] for number in patterns.keys() & looked_for}, self._alphabet, looked_for
        )

    def _hang_on_anchors(self, known: Sequence[Anchors | None], patterns: Mapping[int, Pattern]) -> None:
        """Hang each query on its rarest anchors; on all of them with its clause, where any one makes it hold."""
        for query, plan in enumerate(self.plans):
            alternatives = plan.parts if isinstance(plan, Or) else (plan,)
            phrases = [part for part in alternatives if isinstance(part, Find) and part.number in patterns]
            if len(phrases) == len(alternatives):
                for part in phrases:
                    self._certain[part.number].append((query, self.texts[query][part.start : part.end]))
                continue
            chosen = anchors(plan, known)
            if chosen is None:
                raise ValueError(f"nothing has to be found for query {query}: the parser refuses such")
            for number in chosen.numbers:
                self._by_anchor[number].append(query)

    @property
    def asks_entities(self) -> bool:
        """Whether any query asks for entities."""
        return bool(self._asking)

    def read(self, article: Article, entities: Entities | None = None) -> Reading:
        """Give an article as the queries see it. No entities: they are not known."""
        reading = Reading(
            article,
            self._sought,
            self._alphabet,
            entities=entities,
            places=self._places,
            asking=self._asking,
        )
        scan = reading.spans = self._scanner.scan(reading, self._sought)
        others = self._openings.found(reading)
        if self._names:
            named = entity_spans(reading)
            others.update((number, named[key]) for key, number in self._names.items() if key in named)
        scan.update(others)
        bits = max(_BLOCK_BITS, len(reading.fields[1].letters).bit_length() - _BLOCKS_BITS)

        def blocks() -> dict[int, int]:
            found = scan.blocks(bits)
            for number, spans in others.items():
                for _, first, _ in spans:
                    found[number] |= 1 << (first >> bits)
            return found

        reading.sifted = Sifted(self._sieve, scan.present.union(others), bits, blocks)
        return reading

    def match(self, article: Article, entities: Entities | None = None) -> list[Hit]:
        """Give the queries that hold for an article, by their numbers."""
        reading = self.read(article, entities)
        proved, candidates = self._anchored_in(reading)
        texts, plans = self.texts, self.plans
        for query in candidates:
            plan = plans[query]
            if not reading.sifted.lacks(plan) and truth(plan, reading):
                text = texts[query]
                proved[query] = [(hit, text[start:end]) for hit, start, end in proved_by(plan, reading)]
        return [_hit(query, proved[query], reading) for query in sorted(proved)]

    def match_without(
        self,
        query: int,
        article: Article,
        entities: Entities | None,
        stretches: Iterable[tuple[Field, int, int]],
    ) -> Hit | None:
        """Give what proves one query where the words on these code points do not count, if it holds all the same."""
        reading = self.read(article, entities)
        reading.leave_out(stretches)
        plan, text = self.plans[query], self.texts[query]
        if not truth(plan, reading):
            return None
        proved = [(hit, text[start:end]) for hit, start, end in proved_by(plan, reading)]
        return _hit(query, proved, reading)

    def may_match(self, article: Article) -> bool:
        """Say whether any query holds for an article, or may, once its entities are known."""
        reading = self.read(article)
        certain, candidates = self._anchored_in(reading)
        if certain:
            return True
        candidates.update(*(self._by_anchor.get(number, ()) for number in self._names.values()))
        return any(
            not reading.sifted.lacks(self.plans[query]) and truth(self.plans[query], reading) is not False
            for query in candidates
        )

    def _anchored_in(self, reading: Reading) -> tuple[dict[int, list[Proved]], set[int]]:
        """Give the queries that hold by what was found alone, proved, and those to look at."""
        proved: dict[int, list[Proved]] = defaultdict(list)
        present = reading.sifted.present
        candidates = set(chain.from_iterable(map(self._by_anchor.__getitem__, present & self._anchors)))
        for number in present & self._certainly:
            spans = reading.spans[number]
            if spans:
                certain = self._certain[number]
                for span in spans:
                    for query, clause in certain:
                        proved[query].append((span, clause))
        return proved, candidates


def _hit(query: int, proved: list[Proved], reading: Reading) -> Hit:
    characters = reading.characters
    if len(proved) == 1:
        [(hit, clause)] = proved
        start, end, text = characters[hit]
        return Hit(query, [Evidence(clause=clause, field=FIELDS[hit[0]], start=start, end=end, text=text)], 1)
    proved = sorted(set(proved))
    total = len(proved)
    if total > MOST_EVIDENCE:
        proved = _bounded(proved)
    evidence = []
    for hit, clause in proved:
        start, end, text = characters[hit]
        evidence.append(Evidence(clause=clause, field=FIELDS[hit[0]], start=start, end=end, text=text))
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

"""From the tree of a query to its plan: things sought by number, concepts put in, scopes brought to the leaves.

The plan is a tree of the same pieces, in which each leaf is a Find and each concept a Called. Parts
of AND and OR stand in the order of their cost, so that a regular expression runs where all else held.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

from processors.entities.places import UNCHARTED, Places
from processors.query.named import EntityName, entity_name_of
from processors.query.phrases import Pattern, pattern_of
from processors.query.reading import Reading, Sought, Span
from processors.query.regexes import Expression
from processors.query.tree import (
    And,
    AtLeast,
    Called,
    Concept,
    Filter,
    Find,
    Named,
    Near,
    Node,
    Not,
    Of,
    Or,
    Phrase,
    Regex,
    Scope,
    Scoped,
    Score,
    Wildcard,
    children,
)
from processors.query.wildcards import Opening, opening_of

Scopes = tuple[Scope, ...]


Plan = Node  # of Find, Called, Filter and what joins them


@dataclass(frozen=True, slots=True)
class Within:
    """Something sought, in one stretch of the article alone."""

    sought: int
    scope: Scope

    def find(self, reading: Reading) -> list[Span]:
        """Give the hits that lie in it."""
        hits = reading.spans[self.sought]
        match self.scope:
            case "title":
                return [hit for hit in hits if hit[0] == 0]
            case "text":
                return [hit for hit in hits if hit[0] == 1]
            case "lead":
                return [hit for hit in hits if hit[0] == 0 or hit[2] < reading.lead_words]


class Planner:
    """Numbers all that the queries of one set look for; what several look for is one."""

    def __init__(
        self, concepts: Mapping[str, Node], places: Places = UNCHARTED, *, tolerant: bool = True
    ) -> None:
        """Take the concepts that queries may name, each as a tree; none in a cycle."""
        self._places = places
        self.sought: list[Sought] = []
        self.asking: set[Plan] = set()  # every part of a plan that asks for entities
        self._numbers: dict[Sought, int] = {}
        self._concepts = concepts
        self._called: dict[tuple[str, Scopes], Plan] = {}
        self._tolerant = tolerant

    def plan(self, node: Node, scopes: Scopes = ()) -> Plan:
        """Give the plan of a query. Raises KeyError where a concept is not known."""
        plan = self._plan(node, scopes)
        asks = isinstance(node, Named) or not self.asking.isdisjoint(children(plan))
        if asks:
            self.asking.add(plan)
        return plan

    def _plan(self, node: Node, scopes: Scopes) -> Plan:
        start, end = node.start, node.end
        match node:
            case Phrase():
                return self._find(node, pattern_of(node, tolerant=self._tolerant), scopes)
            case Wildcard():
                return self._find(node, opening_of(node), scopes)
            case Named():
                return self._find(node, entity_name_of(node, self._places), scopes)
            case Regex():
                return self._find(node, Expression(node.written), scopes)
            case Concept(name=name):
                return Called(start=start, end=end, name=name, part=self._concept(name, scopes))
            case Scoped(scope=scope, part=part):
                return self.plan(part, tuple(sorted({*scopes, scope})))
            case And(parts=parts):
                return And(start=start, end=end, parts=self._parts(parts, scopes))
            case Or(parts=parts):
                return Or(start=start, end=end, parts=self._parts(parts, scopes))
            case Not(part=part):
                return Not(start=start, end=end, part=self.plan(part, scopes))
            case Near(left=left, right=right):
                return Near(
                    start=start,
                    end=end,
                    left=self.plan(left, scopes),
                    right=self.plan(right, scopes),
                    unit=node.unit,
                    most=node.most,
                    ordered=node.ordered,
                    negated=node.negated,
                )
            case AtLeast(count=count, part=part):
                return AtLeast(start=start, end=end, count=count, part=self.plan(part, scopes))
            case Of(count=count, parts=parts):
                return Of(start=start, end=end, count=count, parts=self._parts(parts, scopes))
            case Score(threshold=threshold, parts=weighed):
                planned = tuple((weight, self.plan(part, scopes)) for weight, part in weighed)
                return Score(start=start, end=end, threshold=threshold, parts=planned)
            case Filter() | Find() | Called():
                return node

    def _find(self, node: Node, sought: Sought, scopes: Scopes) -> Find:
        number = self._number(sought)
        for scope in scopes:
            number = self._number(Within(number, scope))
        return Find(start=node.start, end=node.end, number=number)

    def _number(self, sought: Sought) -> int:
        number = self._numbers.setdefault(sought, len(self.sought))
        if number == len(self.sought):
            self.sought.append(sought)
        return number

    def _concept(self, name: str, scopes: Scopes) -> Plan:
        planned = self._called.get((name, scopes))
        if planned is None:
            planned = self._called[name, scopes] = self.plan(self._concepts[name], scopes)
        return planned

    def _parts(self, parts: Iterable[Node], scopes: Scopes) -> tuple[Plan, ...]:
        planned = [self.plan(part, scopes) for part in parts]
        return tuple(sorted(planned, key=self.cost)) if len(planned) > 1 else tuple(planned)

    def cost(self, plan: Plan) -> int:
        """Guess what evaluating a plan costs, in lookups of a phrase."""
        match plan:
            case Find(number=number):
                return _COSTS.get(type(self.root(number)), 1)
            case Filter():
                return 1
            case Called():
                return 2
        return 2 + sum(map(self.cost, children(plan)))

    def root_number(self, number: int) -> int:
        """Give the number of what is sought under a number once its scopes are off."""
        sought = self.sought[number]
        return self.root_number(sought.sought) if isinstance(sought, Within) else number

    def root(self, number: int) -> Sought:
        """Give what is sought under a number once its scopes are off."""
        return self.sought[self.root_number(number)]


_COSTS: dict[type, int] = {Opening: 50, Expression: 1_000}


@dataclass(frozen=True, slots=True)
class Anchors:
    """Things sought of which one at least is found wherever a query holds, and how often that may be."""

    numbers: frozenset[int]
    rate: float


def anchors(plan: Plan, rate_of: Callable[[int], float | None]) -> Anchors | None:
    """Give the rarest anchors of a plan, or None where it requires nothing.

    Of an AND, those of its rarest part; of an OR, those of all its parts. `rate_of` guesses in what
    share of articles a thing sought is found, None where it can't be an anchor.
    """
    match plan:
        case Find(number=number):
            rate = rate_of(number)
            return None if rate is None else Anchors(frozenset((number,)), rate)
        case Called(part=part) | AtLeast(part=part):
            return anchors(part, rate_of)
        case And(parts=parts):
            return _rarest(anchors(part, rate_of) for part in parts)
        case Or(parts=parts):
            return _all_of([anchors(part, rate_of) for part in parts])
        case Near(left=left, right=right, negated=negated):
            return _rarest(anchors(side, rate_of) for side in ((left,) if negated else (left, right)))
        case Of(count=count, parts=parts):
            return _all_but([anchors(part, rate_of) for part in parts], [1.0] * len(parts), count)
        case Score(threshold=threshold, parts=weighed):
            each = [anchors(part, rate_of) for _, part in weighed]
            return _all_but(each, [max(weight, 0.0) for weight, _ in weighed], threshold)
    return None


def _rarest(each: Iterable[Anchors | None]) -> Anchors | None:
    return min((chosen for chosen in each if chosen), key=lambda chosen: chosen.rate, default=None)


def _all_of(each: list[Anchors | None]) -> Anchors | None:
    known = [chosen for chosen in each if chosen]
    if len(known) < len(each):
        return None
    numbers = frozenset(chain.from_iterable(chosen.numbers for chosen in known))
    return Anchors(numbers, sum(chosen.rate for chosen in known))


def _all_but(each: list[Anchors | None], weights: list[float], threshold: float) -> Anchors | None:
    """Leave out the commonest as long as those left out can't reach the threshold by themselves."""
    if threshold <= 0:
        return None
    order = sorted(range(len(each)), key=lambda index: -(found.rate if (found := each[index]) else 2.0))
    left_out, kept = 0.0, []
    for index in order:
        if left_out + weights[index] < threshold:
            left_out += weights[index]
        else:
            kept.append(each[index])
    return _all_of(kept)


def rate(sought: Sought) -> float | None:
    """Guess in what share of articles something is found, without a corpus: longer is rarer."""
    match sought:
        case Pattern(variants=variants):
            return sum(map(_rate_of_line, variants))
        case Opening(stem=stem):
            return min(1.0, 4.0 * _rate_of_word(stem))
        case EntityName(key=(label, name)):
            return 0.9 if not name else 0.2 if label == "place" else 0.05
    return None


def _rate_of_line(line: str) -> float:
    rate = 1.0
    for word in line.split():
        rate *= _rate_of_word(word)
    return rate


def _rate_of_word(word: str) -> float:
    return _RATES[min(len(word), len(_RATES) - 1)]


# By a word's letters; what a word of one letter less is in more articles than, roughly, in English news.
_RATES = (1.0, 0.9, 0.8, 0.5, 0.25, 0.12, 0.07, 0.05, 0.035, 0.025, 0.02)

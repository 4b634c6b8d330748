"""From the tree of a query to its plan: things sought by number, concepts put in, scopes brought to the leaves.

The plan is a tree of the same pieces, in which each leaf is a Find and each concept a Called. Parts
of AND and OR stand in the order of their cost, so that a regular expression runs where all else held.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from processors.entities.places import UNCHARTED, Places
from processors.query.named import entity_name_of
from processors.query.phrases import pattern_of
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

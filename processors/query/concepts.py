"""Concepts: lists of words and patterns with a name; how they become one query, and what may be wrong among them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property

from processors.pack import Concept
from processors.query.lexer import END, Limits, QueryError, lex
from processors.query.parse import parse
from processors.query.tree import Concept as Call
from processors.query.tree import Node, children, gives_hits

CALL = "concept:"  # stands in every query that calls one
MOST_TEXTS = 1_000  # of one concept
MOST_LEVELS = 8  # concepts within concepts
MOST_COST = 20_000  # things a rule looks for once its concepts are put in
_SHOWN = 12  # concepts of a circle
_WHOLE = Limits(length=1_000_000, terms=50_000)


@dataclass(frozen=True)
class Joined:
    """A concept as one query: its entries as they are read, and the tree of all, joined by OR."""

    texts: list[str]
    node: Node

    @property
    def query(self) -> str:
        """Give the text that the tree's places count in."""
        return " OR ".join(self.texts)


def query_of(concept: Concept) -> Joined:
    """Give a concept as one query. Raises ValueError where an entry is not to be read."""
    texts = [f"({_phrased(text)})" for text in concept.texts]
    node = parse(" OR ".join(texts), _WHOLE, pack=concept.pack)
    if isinstance(node, list):
        raise ValueError(f"concept {concept.name} can't be read: {node[0]}")
    return Joined(texts, node)


def tree_of(text: str, pack: str) -> Node | list[QueryError]:
    """Give the tree of one entry, or its errors."""
    node = parse(
        _phrased(text), pack=pack
    )  # one that requires nothing, as a regular expression alone, is refused
    if isinstance(node, list) or gives_hits(node):
        return node
    return [
        QueryError(
            line=1,
            column=1,
            what="an entry says something of the whole article, which stands nowhere in it",
            expected="words, phrases, entities and patterns of them, joined by OR or by distances",
            remedy="write AND, NOT and filters in the rules that use the concept",
        )
    ]


def _phrased(text: str) -> str:
    """Read bare words side by side as the phrase they make: a list of words needs no quotation marks."""
    tokens = lex(text, Limits()).tokens
    bare = all(
        token.kind in {"phrase", END} and token.text == text[token.start : token.end] for token in tokens
    )
    return f'"{text}"' if bare and len(tokens) > 2 else text


@dataclass(frozen=True)
class Fault:
    """What is wrong with a call of a concept, at an offset of the query it stands in."""

    start: int
    what: str
    remedy: str


class Calls:
    """Which concepts there are and what each costs, so that a query that calls them can be judged."""

    def __init__(self, concepts: Mapping[str, Node]) -> None:
        """Take concepts by their full names, as trees."""
        self._concepts = concepts
        self._costs: dict[str, int] = {}
        self._levels: dict[str, int] = {}

    def faults(self, node: Node, own: str = "") -> Iterator[Fault]:
        """Give what is wrong with the calls in a tree, which is that of the concept `own` or of a rule."""
        for call in calls(node):
            if call.name not in self._concepts:
                near = get_close_matches(call.name, self._concepts, n=1)
                remedy = (
                    f"did you mean {near[0]}?" if near else "add it under `concepts:` in a file of its pack"
                )
                yield Fault(call.start, f"there is no concept {call.name}", remedy)
        if own in self._closing:
            yield self._closing[own]

    @cached_property
    def _closing(self) -> dict[str, Fault]:
        """Concepts whose call closes a circle, found by a walk that goes into each concept once.

        A circle is told of once, at the call that leads back to a concept on the way there.
        """
        found: dict[str, Fault] = {}
        done: set[str] = set()
        for first in self._concepts:
            way = {} if first in done else {first: calls(self._concepts[first])}  # in order of the walk
            while way:
                name, left = next(reversed(way.items()))
                call = next(left, None)
                if call is None:
                    done.add(name)
                    del way[name]
                elif call.name in way:
                    if name not in found:
                        found[name] = _circle(call, list(way))
                elif call.name in self._concepts and call.name not in done:
                    way[call.name] = calls(self._concepts[call.name])
        return found

    def too_deep(self, name: str) -> Fault | None:
        """Say of a concept that it is the first of its chain to be too deep; all concepts must be without faults."""
        self._settle()
        if self._levels[name] != MOST_LEVELS + 1:
            return None
        what = f"concepts within concepts, {MOST_LEVELS + 1} levels deep, at most {MOST_LEVELS}"
        return Fault(self._concepts[name].start, what, "put some together")

    def excess(self, node: Node) -> Fault | None:
        """Say by how much a tree is too large, if it is; its concepts must be sound."""
        cost = self.cost(node)
        if cost <= MOST_COST:
            return None
        what = f"the query looks for {cost:,} things once its concepts are put in, at most {MOST_COST:,}"
        return Fault(node.start, what, "split the rule, or shorten its concepts")

    def _settle(self) -> None:
        """Find out what each concept costs and how deep it is; not by recursion, which a long chain would end."""
        waiting = [] if self._levels else list(self._concepts)
        while waiting:
            node = self._concepts[waiting[-1]]
            inner = {call.name for call in calls(node)}
            if unsettled := inner - self._levels.keys():
                waiting += unsettled
                continue
            name = waiting.pop()
            self._levels[name] = 1 + max((self._levels[each] for each in inner), default=0)
            self._costs[name] = self._cost(node)

    def cost(self, node: Node) -> int:
        """Count the things that a tree without faults looks for, those of its concepts included."""
        self._settle()
        return self._cost(node)

    def _cost(self, node: Node) -> int:
        if isinstance(node, Call):
            return self._costs[node.name]
        return sum(map(self._cost, children(node))) or 1

    def used(self, node: Node, into: set[str]) -> None:
        """Add the names of all concepts that a tree calls, those of its concepts included."""
        for call in calls(node):
            if call.name not in into and call.name in self._concepts:
                into.add(call.name)
                self.used(self._concepts[call.name], into)


def _circle(call: Call, way: list[str]) -> Fault:
    names = [way[-1], *way[way.index(call.name) :]]
    if len(names) > _SHOWN:
        names[_SHOWN - 2 : -1] = ["…"]
    return Fault(
        call.start, f"concept {way[-1]} calls itself: {' -> '.join(names)}", "take one of these calls out"
    )


def calls(node: Node) -> Iterator[Call]:
    """Give every call of a concept in a tree, in the order written."""
    if isinstance(node, Call):
        yield node
    for child in children(node):
        yield from calls(child)

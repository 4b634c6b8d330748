"""The tree of a query: one frozen type for each piece of the language.

A new piece is a new type here, a row in the parser and one in `plan`, and a function in `evaluate`.
"""

from dataclasses import dataclass
from typing import Literal

from processors.models import Label

Scope = Literal["title", "lead", "text"]
FilterField = Literal["language", "source", "tier", "origin", "section"]
Unit = Literal["sentence", "paragraph"]


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Clause:
    """Base of all pieces: the stretch of the query, start to end, that it was written as.

    Each is equal to itself alone: what is known of a clause is looked up by it, often.
    """

    start: int
    end: int


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Phrase(Clause):
    """Words in a row. `exact`: this form and case only."""

    written: str  # between its quotes
    exact: bool = False


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Wildcard(Clause):
    """A word of which some letters are left open: `*` any number, `?` one."""

    written: str


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Regex(Clause):
    """A regular expression as RE2 reads it."""

    written: str  # between its slashes


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Named(Clause):
    """An entity by its label and name; with no name, any entity of that label."""

    label: Label
    name: str = ""


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Concept(Clause):
    """A list of words and patterns that a pack has given a name."""

    name: str


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Filter(Clause):
    """What the article carries beside its text: its field has this value."""

    field: FilterField
    value: str


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Scoped(Clause):
    """Its part, looked for in one stretch of the article alone."""

    scope: Scope
    part: "Node"


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Near(Clause):
    """Hits of both sides with at most `most` words between, or any number, in one sentence or paragraph.

    `ordered`: left before right. `negated`: hits of the left with no such hit of the right.
    """

    left: "Node"
    right: "Node"
    unit: Unit
    most: int | None
    ordered: bool
    negated: bool


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class AtLeast(Clause):
    """Its part has this many hits of which no two overlap."""

    count: int
    part: "Node"


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Of(Clause):
    """This many of its parts hold."""

    count: int
    parts: tuple["Node", ...]


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Score(Clause):
    """The weights of the parts that hold add up to the threshold."""

    threshold: float
    parts: tuple[tuple[float, "Node"], ...]


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Not(Clause):
    """Holds where its part does not."""

    part: "Node"


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class And(Clause):
    """Holds where all its parts do."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Or(Clause):
    """Holds where any of its parts does."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Find(Clause):
    """In a plan, what a leaf has become: the hits of the thing sought that has this number."""

    number: int


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Called(Clause):
    """In a plan, what a concept has become: all rules that use it share one part."""

    name: str
    part: "Node"


Leaf = Phrase | Wildcard | Regex | Named | Find
Node = Leaf | Concept | Called | Filter | Scoped | Near | AtLeast | Of | Score | Not | And | Or


def children(node: Node) -> tuple[Node, ...]:
    """Give the parts of a piece, as they were written."""
    match node:
        case And(parts=parts) | Or(parts=parts) | Of(parts=parts):
            return parts
        case Score(parts=weighed):
            return tuple(part for _, part in weighed)
        case Near(left=left, right=right):
            return left, right
        case Not(part=part) | Scoped(part=part) | AtLeast(part=part) | Called(part=part):
            return (part,)
    return ()


def gives_hits(node: Node) -> bool:
    """Say whether a piece is about places in the text, and not about the article as a whole."""
    match node:
        case Phrase() | Wildcard() | Regex() | Named() | Find() | Concept() | Called() | Near() | AtLeast():
            return True
        case Or() | Scoped():
            return all(map(gives_hits, children(node)))
    return False


def requires_something(node: Node) -> bool:
    """Say whether the query can hold only where some word, phrase, entity or concept is found.

    A regular expression and a filter do not count: they are looked at once something else is found.
    """
    match node:
        case Phrase() | Wildcard() | Named() | Concept() | Find() | Called():
            return True
        case Not() | Regex() | Filter():
            return False
        case And(parts=parts):
            return any(map(requires_something, parts))
        case Or(parts=parts):
            return all(map(requires_something, parts))
        case Near(left=left, right=right, negated=negated):
            return requires_something(left) or (not negated and requires_something(right))
        case AtLeast(part=part) | Scoped(part=part):
            return requires_something(part)
        case Of(count=count, parts=parts):
            return sum(map(requires_something, parts)) > len(parts) - count
        case Score(threshold=threshold, parts=weighed):
            return (
                sum(weight for weight, part in weighed if weight > 0 and not requires_something(part))
                < threshold
            )

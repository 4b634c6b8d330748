"""The tree of a query: one frozen type for each piece of the language.

A new piece is a new type here, a row in the parser, and a function in `evaluate` and `anchors`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Clause:
    """Base of all pieces: the stretch of the query, start to end, that it was written as."""

    start: int
    end: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Phrase(Clause):
    """Words in a row. `exact`: this form and case only.

    Each is equal to itself alone: what is known of a clause is looked up by it, often.
    """

    written: str  # between its quotes
    exact: bool = False


@dataclass(frozen=True, kw_only=True)
class Not(Clause):
    """Holds where its part does not."""

    part: "Node"


@dataclass(frozen=True, kw_only=True)
class And(Clause):
    """Holds where all its parts do."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, kw_only=True)
class Or(Clause):
    """Holds where any of its parts does."""

    parts: tuple["Node", ...]


Node = Phrase | Not | And | Or


def requires_something(node: Node) -> bool:
    """Say whether the query can hold only where some phrase is found."""
    match node:
        case Phrase():
            return True
        case Not():
            return False
        case And(parts=parts):
            return any(map(requires_something, parts))
        case Or(parts=parts):
            return all(map(requires_something, parts))

"""What the guard gives: marks, and the level of certainty that follows from them by one table."""

from collections.abc import Mapping
from types import MappingProxyType

from processors.models import Certainty, Field, Mark, MarkKind, Value

__all__ = ["CERTAINTY", "Assertion", "Certainty", "Mark", "MarkKind", "Span"]

Span = tuple[Field, int, int]  # where a hit stands: field, start and end in code points

# The table of docs/reference/certainty.md. A hit without marks is asserted; of several marks the lowest counts.
CERTAINTY: Mapping[MarkKind, Certainty] = MappingProxyType(
    {
        "hypothetical": "hedged",
        "exercise": "hedged",
        "reported": "hedged",
        "negated": "doubtful",
        "historical": "doubtful",
        "fiction": "doubtful",
        "other_sense": "doubtful",
    }
)


class Assertion(Value, frozen=True, kw_only=True):
    """How far an article stands behind one hit, and the marks that say so, the gravest first."""

    certainty: Certainty
    marks: tuple[Mark, ...] = ()

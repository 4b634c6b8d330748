"""What the guard gives: marks, and the level of certainty that follows from them by one table."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from processors.models import Field, Value

Certainty = Literal["asserted", "hedged", "doubtful"]
MarkKind = Literal["negated", "hypothetical", "historical", "exercise", "fiction", "reported", "other_sense"]
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


class Mark(Value, frozen=True, kw_only=True):
    """Why a hit is less than asserted: the cue's own characters, start to end of the article's field."""

    kind: MarkKind
    field: Field | Literal["section"]
    start: int
    end: int
    text: str


class Assertion(Value, frozen=True, kw_only=True):
    """How far an article stands behind one hit, and the marks that say so, the gravest first."""

    certainty: Certainty
    marks: tuple[Mark, ...] = ()

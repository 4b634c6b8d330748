"""How sure an article is of what a rule found in it: marks from the words around a hit, and a level."""

from processors.assertion.guard import assess
from processors.assertion.values import CERTAINTY, Assertion, Certainty, Mark, MarkKind, Span
from processors.assertion.words import LANGUAGES

__all__ = ["CERTAINTY", "LANGUAGES", "Assertion", "Certainty", "Mark", "MarkKind", "Span", "assess"]

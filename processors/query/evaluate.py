"""Does a query hold for an article, and which hits of which clauses prove it."""

from collections.abc import Mapping

from processors.query.reading import Reading, Span
from processors.query.tree import And, Node, Not, Or, Phrase

# What makes a query hold: a clause of it and a hit of that clause.
Proof = tuple[Phrase, Span]


def holds(node: Node, reading: Reading, numbers: Mapping[Phrase, int]) -> bool:
    """Say whether a query holds; `numbers` gives each phrase its pattern's number."""
    match node:
        case Phrase():
            return bool(reading.spans(numbers[node]))
        case And(parts=parts):
            return all(holds(part, reading, numbers) for part in parts)
        case Or(parts=parts):
            return any(holds(part, reading, numbers) for part in parts)
        case Not(part=part):
            return not holds(part, reading, numbers)


def positives(node: Node, reading: Reading, numbers: Mapping[Phrase, int]) -> list[Phrase]:
    """Give the phrases that help a query hold which does: those of each alternative that does too."""
    match node:
        case Phrase():
            return [node]
        case And(parts=parts):
            return [phrase for part in parts for phrase in positives(part, reading, numbers)]
        case Or(parts=parts):
            return [
                phrase
                for part in parts
                if holds(part, reading, numbers)
                for phrase in positives(part, reading, numbers)
            ]
        case Not():
            return []


def phrases_of(node: Node) -> list[Phrase]:
    """Give every phrase of a query, in the order written."""
    match node:
        case Phrase():
            return [node]
        case And(parts=parts) | Or(parts=parts):
            return [phrase for part in parts for phrase in phrases_of(part)]
        case Not(part=part):
            return phrases_of(part)


def anchors(node: Node, weights: Mapping[Phrase, float]) -> list[Phrase]:
    """Give phrases of which one at least stands in every article that the query holds for.

    Of an AND, those of its rarest part: the one whose commonest anchor has the greatest weight. Of an
    OR, those of all its parts. A NOT has none, so the parser refuses a query that requires nothing.
    """
    match node:
        case Phrase():
            return [node]
        case And(parts=parts):
            choices = [chosen for part in parts if (chosen := anchors(part, weights))]
            return max(choices, key=lambda chosen: min(weights[phrase] for phrase in chosen), default=[])
        case Or(parts=parts):
            each = [anchors(part, weights) for part in parts]
            return [phrase for chosen in each for phrase in chosen] if all(each) else []
        case Not():
            return []

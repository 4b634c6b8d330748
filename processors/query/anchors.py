"""What has to be found where a query holds: its rarest anchors, and all else that it requires."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from processors.query.named import EntityName
from processors.query.phrases import Pattern
from processors.query.plan import Planner
from processors.query.reading import Sought
from processors.query.tree import And, AtLeast, Called, Find, Near, Node, Of, Or, Score
from processors.query.wildcards import Opening


@dataclass(frozen=True, slots=True)
class Anchors:
    """Things sought of which one at least is found wherever a query holds, and how often that may be."""

    numbers: frozenset[int]
    rate: float


def required(plan: Node, known: Sequence[Anchors | None]) -> list[Anchors]:
    """Give all that a plan requires: of each, one at least is found wherever the plan holds.

    Of an OR, the rarest of each of its parts together. `known` has, by the number of a thing sought, what
    is found where it is; None where it can't be an anchor.
    """
    match plan:
        case Find(number=number):
            return [each] if (each := known[number]) else []
        case Called(part=part) | AtLeast(part=part):
            return required(part, known)
        case And(parts=parts):
            return [each for part in parts for each in required(part, known)]
        case Near(left=left, right=right, negated=negated):
            return required(left, known) + ([] if negated else required(right, known))
        case Or(parts=parts):
            together = _all_of([anchors(part, known) for part in parts])
        case Of(count=count, parts=parts):
            together = _all_but([anchors(part, known) for part in parts], [1.0] * len(parts), count)
        case Score(threshold=threshold, parts=weighed):
            weights = [max(weight, 0.0) for weight, _ in weighed]
            together = _all_but([anchors(part, known) for _, part in weighed], weights, threshold)
        case _:
            together = None
    return [together] if together else []


def anchors(plan: Node, known: Sequence[Anchors | None]) -> Anchors | None:
    """Give the rarest of what a plan requires, or None where it requires nothing."""
    return min(required(plan, known), key=lambda each: each.rate, default=None)


def anchors_of(planner: Planner) -> list[Anchors | None]:
    """Give, by number, what has to be found where a thing sought is found: itself, its scopes off."""
    return [
        None if (often := rate(planner.sought[root])) is None else Anchors(frozenset((root,)), often)
        for root in map(planner.root_number, range(len(planner.sought)))
    ]


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

"""What is known beforehand of a set's plans, to be laid over each article: what they require, and how near."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from processors.query.anchors import Anchors, anchors, required
from processors.query.phrases import Pattern
from processors.query.plan import Plan, Planner
from processors.query.sifted import ByAnchor, Required, Sieve
from processors.query.tree import AtLeast, Called, Find, Near, Not, Of, Or, children
from processors.query.wildcards import Opening

_MANY = 8  # parts of a piece
_WORDS_OF_A_KEY = 2  # a hyphenated compound may be one key


def sieve_of(
    plans: Sequence[Plan],
    planner: Planner,
    known: Sequence[Anchors | None],
    looked_for: AbstractSet[int],
    sure: AbstractSet[int],
) -> Sieve:
    """Give the sieve of plans.

    `looked_for` are the numbers of what may be looked for in every article, and `sure` those of them whose
    absence is then known: entities may be unknown, and what asks for them may hold all the same. Of none,
    nothing is said of what plans require.
    """
    surely = [each if each and each.numbers <= sure else None for each in known]
    needs: dict[Plan, Required] = {}
    parts: dict[Plan, ByAnchor] = {}
    seen: set[Plan] = set()
    for plan in plans:
        for piece in _pieces(plan, seen):
            if isinstance(piece, (Or, Of)) and len(piece.parts) >= _MANY:
                parts[piece] = _by_anchor(piece, known, looked_for)
            if sure and (piece is plan or isinstance(piece, Near)):
                sets = sorted(required(piece, surely), key=lambda each: each.rate)
                needs[piece] = Required(tuple(each.numbers for each in sets), _width(piece, planner))
    return Sieve(needs, parts)


def _pieces(plan: Plan, seen: set[Plan]) -> Iterator[Plan]:
    """Give the pieces of a plan, itself included, but for leaves, what was seen, and what must not be found.

    What must not be found is looked for where all else was.
    """
    if plan not in seen and not isinstance(plan, (Find, Not)):
        seen.add(plan)
        yield plan
        for part in (plan.left,) if isinstance(plan, Near) and plan.negated else children(plan):
            yield from _pieces(part, seen)


def _by_anchor(plan: Or | Of, known: Sequence[Anchors | None], looked_for: AbstractSet[int]) -> ByAnchor:
    """Give the parts of a plan by their anchors, and those with an anchor that nobody looks for up front."""
    always: list[Plan] = []
    index: dict[int, list[Plan]] = defaultdict(list)
    for part in plan.parts:
        chosen = anchors(part, known)
        if chosen is None or not chosen.numbers <= looked_for:
            always.append(part)
        else:
            for number in chosen.numbers:
                index[number].append(part)
    return ByAnchor(always, dict(index), frozenset(index))


def _width(plan: Plan, planner: Planner) -> int | None:
    """Give the most words that a hit of a plan has from its first to its last; None: any number."""
    match plan:
        case Find(number=number):
            match planner.root(number):
                case Pattern(variants=variants):
                    return _WORDS_OF_A_KEY * max(len(variant.split()) for variant in variants)
                case Opening():
                    return 1
            return None
        case Called(part=part) | AtLeast(part=part):
            return _width(part, planner)
        case Or(parts=parts):
            widths = [_width(part, planner) for part in parts]
            return None if None in widths else max(width for width in widths if width is not None)
        case Near(left=left, right=right, most=most, negated=negated):
            first, second = _width(left, planner), 0 if negated else _width(right, planner)
            between = 0 if negated else most
            return None if first is None or second is None or between is None else first + between + second
    return None

"""Which hits stand near which: within so many words, in one sentence or paragraph, in this order.

A hit is a span of words. One made of others carries them as a fourth item: what stands between two
hits is counted from their outermost words, and two that overlap are near if they share no word.
Each hit pairs with its nearest partner on either side, so that work and result grow with the hits
and not with their square. Of those that may overlap it, it looks at the first MOST_OVERLAPPING.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

from processors.query.reading import Reading
from processors.query.tree import Near

Hit = tuple[Any, ...]  # field, first word, last word, and of a hit made of others their spans
Pair = tuple[Hit, Hit]  # left, right
MOST_OVERLAPPING = 100  # a text may be made in which all of them share a word


def pairs(node: Near, left: Sequence[Hit], right: Sequence[Hit], reading: Reading) -> list[Pair]:
    """Give each hit of either side with its nearest partners; both sides sorted, so is what is given."""
    left, right = _whole(node, left, reading), _whole(node, right, reading)
    if not left or not right:
        return []
    found: set[Pair] = set()
    if node.ordered:
        found.update((a, b) for a, b in _after(node, left, right, reading))
        found.update((a, b) for b, a in _before(node, right, left, reading))
    else:
        found.update((a, b) for a, b in _around(node, left, right, reading))
        found.update((a, b) for b, a in _around(node, right, left, reading))
    return sorted(found)


def alone(node: Near, left: Sequence[Hit], right: Sequence[Hit], reading: Reading) -> list[Hit]:
    """Give the hits of the left that no hit of the right is near; one that shares a word with it is."""
    hits, others = _whole(node, left, reading), _whole(node, right, reading)
    taken = {a for a, _ in _after(node, hits, others, reading)}
    if not node.ordered:
        taken |= {a for a, _ in _before(node, hits, others, reading)}
        taken |= _overlapped(left, right)
    return [a for a in left if a not in taken]


def hull(pair: Pair) -> Hit:
    """Give the hit that two make together."""
    a, b = pair
    return (a[0], min(a[1], b[1]), max(a[2], b[2]), tuple(sorted(parts(a) + parts(b))))


def parts(hit: Hit) -> tuple[Hit, ...]:
    """Give the spans that a hit is made of."""
    return hit[3] if len(hit) > 3 else (hit,)


def words_between(a: Hit, b: Hit) -> int:
    """Give how many words stand between two hits of one field; 0 where they overlap."""
    return max(0, int(b[1] - a[2] - 1), int(a[1] - b[2] - 1))


def disjoint(hits: Sequence[Hit]) -> int:
    """Count hits so that no two overlap: the most that can be had.

    A hit made of others is as wide as from its first word to its last: two that interleave count as one.
    """
    count, field, last = 0, -1, -1
    for hit in sorted(hits, key=lambda hit: (hit[0], hit[2], hit[1])):
        if hit[0] != field or hit[1] > last:
            count, field, last = count + 1, hit[0], hit[2]
    return count


def _around(node: Near, hits: Sequence[Hit], others: Sequence[Hit], reading: Reading) -> Iterator[Pair]:
    yield from _after(node, hits, others, reading)
    yield from _before(node, hits, others, reading)
    if any(len(hit) > 3 for side in (hits, others) for hit in side):
        yield from _interleaved(hits, others)


def _after(node: Near, hits: Sequence[Hit], others: Sequence[Hit], reading: Reading) -> Iterator[Pair]:
    """Give each hit with the first of the others that begins after it, if that is near."""
    starts = [(other[0], other[1]) for other in others]
    for hit in hits:
        index = bisect_right(starts, (hit[0], hit[2]))
        if index < len(others) and _reaches(node, hit, *starts[index], reading):
            yield hit, others[index]


def _before(node: Near, hits: Sequence[Hit], others: Sequence[Hit], reading: Reading) -> Iterator[Pair]:
    """Give each hit with the last of the others that ends before it, if that is near."""
    backwards = sorted(others, key=lambda other: (other[0], other[2], other[1]))
    ends = [(other[0], other[2]) for other in backwards]
    for hit in hits:
        index = bisect_left(ends, (hit[0], hit[1])) - 1
        if index >= 0 and _reaches(node, hit, *ends[index], reading):
            yield hit, backwards[index]


def _interleaved(hits: Sequence[Hit], others: Sequence[Hit]) -> Iterator[Pair]:
    """Give each hit with the first of the others that overlaps it and yet shares no word with it."""
    starts = [(other[0], other[1]) for other in others]
    farthest = list(accumulate(((other[0], other[2]) for other in others), max))
    for hit in hits:
        # From the first that may reach the hit to the last that begins in it.
        first = bisect_left(farthest, (hit[0], hit[1]))
        last = bisect_right(starts, (hit[0], hit[2]))
        for other in others[first : min(last, first + MOST_OVERLAPPING)]:
            if other[2] >= hit[1] and _share_no_word(hit, other):
                yield hit, other
                break


def _overlapped(hits: Sequence[Hit], others: Sequence[Hit]) -> set[Hit]:
    """Give the hits that overlap one of the others."""
    starts = [(other[0], other[1]) for other in others]
    farthest = list(accumulate(((other[0], other[2]) for other in others), max))
    found = set()
    for hit in hits:
        index = bisect_right(starts, (hit[0], hit[2])) - 1  # the last that does not begin behind it
        if index >= 0 and farthest[index] >= (hit[0], hit[1]):
            found.add(hit)
    return found


def _reaches(node: Near, hit: Hit, field: int, word: int, reading: Reading) -> bool:
    """Say whether the nearer end of another hit is near enough and in the same sentence or paragraph."""
    if field != hit[0]:
        return False
    if node.most is not None and max(word - hit[2], hit[1] - word) - 1 > node.most:
        return False
    first, last = (hit[2], word) if word > hit[2] else (word, hit[1])
    return reading.together(node.unit, field, first, last)


def _whole(node: Near, hits: Sequence[Hit], reading: Reading) -> Sequence[Hit]:
    """Give the hits that stand in one sentence or paragraph; no other is near anything."""
    together, unit = reading.together, node.unit
    return [hit for hit in hits if hit[1] == hit[2] or together(unit, hit[0], hit[1], hit[2])]


def _share_no_word(a: Hit, b: Hit) -> bool:
    return not any(one[1] <= another[2] and another[1] <= one[2] for one in parts(a) for another in parts(b))

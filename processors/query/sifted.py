"""What can't hold for an article, told by where single things stand: cheaper than evaluating it.

Where things stand is told by blocks: a whole number with a bit for each block of words in which one begins.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

from processors.query.tree import Node, Of, Or


@dataclass(frozen=True, slots=True)
class ByAnchor:
    """The parts of a piece of many: those that may always hold, and those that may where an anchor is found."""

    always: Sequence[Node]
    parts: Mapping[int, Sequence[Node]]
    anchors: frozenset[int]


@dataclass(frozen=True, slots=True)
class Required:
    """Sets of things, of each of which one at least is found wherever a plan holds.

    `reach`: how many words apart two of those may begin that make it hold; None: anywhere.
    """

    sets: tuple[frozenset[int], ...]
    reach: int | None


@dataclass(frozen=True, slots=True)
class Sieve:
    """What is known of a matcher's plans and their parts."""

    required: Mapping[Node, Required] = field(default_factory=dict)
    parts: Mapping[Node, ByAnchor] = field(default_factory=dict)

    @property
    def numbers(self) -> set[int]:
        """Give the numbers of all that has to be looked for in every article."""
        sets = (numbers for each in self.required.values() for numbers in each.sets)
        return set().union(*sets, *(each.anchors for each in self.parts.values()))


class Sifted:
    """A sieve laid over one article."""

    def __init__(
        self,
        sieve: Sieve = Sieve(),
        present: AbstractSet[int] = frozenset(),
        bits: int = 0,
        blocks: Callable[[], Mapping[int, int]] = dict,
    ) -> None:
        """Take the numbers of all that may stand there and the sieve asks for, and what gives their blocks.

        A block has 2 ** `bits` words.
        """
        self.present = present
        self._sieve, self._bits, self._give = sieve, bits, blocks
        self._blocks_of: dict[frozenset[int], int] = {}

    @cached_property
    def _blocks(self) -> Mapping[int, int]:
        return self._give()

    def lacks(self, plan: Node) -> bool:
        """Say whether what a plan requires is not there, or not near enough; where it is, it may yet not hold."""
        required = self._sieve.required.get(plan)
        if required is None:
            return False
        if any(map(self.present.isdisjoint, required.sets)):
            return True
        if required.reach is None:
            return False
        blocks = -1
        apart = (required.reach >> self._bits) + 1
        for numbers in required.sets:
            near = each = self._any_of(numbers)
            for shift in range(1, apart + 1):
                near |= each << shift | each >> shift
            blocks &= near
            if not blocks:
                return True
        return False

    def _any_of(self, numbers: frozenset[int]) -> int:
        blocks = self._blocks_of.get(numbers)
        if blocks is None:
            blocks = 0
            for number in numbers & self.present:
                blocks |= self._blocks[number]
            self._blocks_of[numbers] = blocks
        return blocks

    def possible(self, plan: Or | Of) -> Iterable[Node]:
        """Give the parts of a piece that may hold; those of many are told by their anchors."""
        index = self._sieve.parts.get(plan)
        if index is None:
            return plan.parts
        found = index.anchors & self.present
        return dict.fromkeys(chain(index.always, *map(index.parts.__getitem__, found)))

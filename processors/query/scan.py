"""One pass of an automaton over an article's words: which of many phrases stand in it, and where."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from itertools import chain

from ahocorasick_rs import AhoCorasick

from processors.query.alphabet import Alphabet
from processors.query.phrases import Pattern
from processors.query.reading import Reading, Sought, Span, Spans
from processors.query.words import Line

Found = tuple[int, int, int]  # a variant, start and end in the letters of a line


class Scanner:
    """Many phrases by their numbers. Immutable."""

    def __init__(
        self,
        phrases: Mapping[int, Pattern],
        alphabet: Alphabet,
        looked_for: AbstractSet[int] = frozenset(),
    ) -> None:
        """Build the automaton. What else is `looked_for` is put into the scan where it is found."""
        numbers: dict[str, list[int]] = defaultdict(list)
        for number, phrase in phrases.items():
            for variant in map(alphabet.spelled, phrase.variants):
                numbers[variant].append(number)
        self.phrases, self.looked_for = phrases, looked_for
        self.numbers = list(numbers.values())  # of the phrases that a variant belongs to
        self.widths = [len(variant) - 1 for variant in numbers]  # from its first to its last word
        # What can stand in one way only stands where its variant does; of the others, all their variants.
        self.simple = [[number for number in each if phrases[number].is_simple] for each in self.numbers]
        self.variants: dict[int, list[int]] = defaultdict(list)
        for place, each in enumerate(self.numbers):
            for number in each:
                if not phrases[number].is_simple:
                    self.variants[number].append(place)
        self._automaton = AhoCorasick(list(numbers))

    def scan(self, reading: Reading, sought: Sequence[Sought]) -> "Scan":
        """Look for every phrase in an article; `sought` is all that may be asked for, phrases included."""
        find = self._automaton.find_matches_as_indexes
        lines = [(field, line, find(line.letters, overlapping=True)) for field, line in reading.lines]
        return Scan(self, reading, sought, lines)


class Scan(Spans):
    """The hits of all that is sought in one article, worked out when somebody asks for them."""

    def __init__(
        self,
        scanner: Scanner,
        reading: Reading,
        sought: Sequence[Sought],
        lines: Sequence[tuple[int, Line, Sequence[Found]]],
    ) -> None:
        """Take what the automaton has found in each line, and the number of its field."""
        super().__init__(reading, sought)
        self._scanner, self._lines = scanner, lines
        variants = {found[0] for _, _, each in lines for found in each}
        # Of all phrases that stand there in some form.
        self.present = set(chain.from_iterable(map(scanner.numbers.__getitem__, variants)))

    def __missing__(self, number: int) -> list[Span]:
        if number not in self.present:
            return [] if number in self._scanner.looked_for else super().__missing__(number)
        standing, variants = self._standing, self._scanner.variants.get(number)
        if variants is None:
            return self[number]  # now it is there
        spans = set(chain.from_iterable(standing[variant] for variant in variants if variant in standing))
        found = self[number] = self._scanner.phrases[number].allowed(self._reading, sorted(spans))
        return found

    @cached_property
    def _standing(self) -> dict[int, list[Span]]:
        """Where each variant stands; and of those that can stand in one way only, the hits are these."""
        standing: dict[int, list[Span]] = defaultdict(list)
        joined: dict[int, list[Span]] = defaultdict(list)  # two words that are one
        widths = self._scanner.widths
        for field, line, found in self._lines:
            if line.has_compounds:
                for variant, start, end in found:
                    first, last = line.span(start, end)
                    if last - first > widths[variant]:  # all others stand in the line without compounds, too
                        joined[variant].append((field, first, last))
            else:
                firsts = line.words_at([start for _, start, _ in found])
                for (variant, _, _), first in zip(found, firsts, strict=True):
                    standing[variant].append((field, first, first + widths[variant]))
        for variant, spans in joined.items():
            standing[variant] = sorted({*standing[variant], *spans})
        simple = self._scanner.simple
        for variant, spans in standing.items():
            for number in simple[variant]:
                self[number] = spans
        return standing

    def blocks(self, bits: int) -> dict[int, int]:
        """Give, by the number of each phrase that stands there in some form, the blocks it begins in.

        A block has 2 ** `bits` words and is a bit of what is given; fields are not told apart.
        """
        found: dict[int, int] = defaultdict(int)
        numbers = self._scanner.numbers
        for variant, spans in self._standing.items():
            blocks = 0
            for _, first, _ in spans:
                blocks |= 1 << (first >> bits)
            for number in numbers[variant]:
                found[number] |= blocks
        return found

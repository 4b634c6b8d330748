"""A word of which some letters are left open: `mobili*`, `organi?ation`."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from processors.query.lexer import MIN_STEM
from processors.query.reading import Reading, Span
from processors.query.tree import Wildcard
from processors.query.words import BREAK, CUT, KEYS, MAX_WORD, PLAIN_KEYS, fold

_MOST_STRETCHES = 200_000
_WILD = re.compile(r"[*?]")
_FORMS = {"*": r"\w*", "?": r"\w"}


@dataclass(frozen=True, slots=True)
class Opening:
    """What is sought for a wildcard: `stem` is what stands before the first open letter, folded."""

    written: str
    stem: str
    capitals: bool
    form: re.Pattern[str]

    def fits(self, surface: str) -> bool:
        """Say whether a word as it stands in the text is one of those meant."""
        return (
            not (self.capitals and surface.islower()) and self.form.fullmatch(PLAIN_KEYS[surface]) is not None
        )

    def find(self, reading: Reading) -> list[Span]:
        """Give the words of an article that fit, in order."""
        return [
            (field, place, place)
            for field, words in enumerate(reading.fields)
            for place, surface in enumerate(words.surfaces)
            if self.fits(surface)
        ]


def opening_of(wildcard: Wildcard) -> Opening:
    """Give what to look for; a word written in capitals does not find its lower-case form."""
    written = wildcard.written
    pieces = re.split(r"([*?])", written)
    form = "".join(_FORMS.get(piece, re.escape(fold(piece)) if piece else "") for piece in pieces)
    letters = _WILD.sub("", written)
    return Opening(written, fold(pieces[0]), len(letters) > 1 and letters.isupper(), re.compile(form))


class Openings:
    """Many wildcards looked for at once: of each stretch of text met so far it is kept which its words fit."""

    def __init__(self, openings: Mapping[int, Opening]) -> None:
        """Take wildcards by their numbers."""
        self._by_letters: dict[str, list[tuple[int, Opening]]] = defaultdict(list)
        for number, opening in openings.items():
            self._by_letters[opening.stem[:MIN_STEM]].append((number, opening))
        self._met: set[str] = set()
        self._long: list[str] = []
        self._fitting: dict[str, list[tuple[int, list[int]]]] = {}  # its words that fit, and what they fit

    def found(self, reading: Reading) -> dict[int, list[Span]]:
        """Give the numbers of those that stand in an article, with all their hits in order."""
        hits: dict[int, list[Span]] = defaultdict(list)
        for field, words in enumerate(reading.fields if self._by_letters else ()):
            self._meet(words.distinct)
            if words.distinct.isdisjoint(self._fitting):
                continue
            for first, stretch in words.where(self._fitting):
                for place, numbers in self._fitting[stretch]:
                    for number in numbers:
                        hits[number].append((field, first + place, first + place))
        return hits

    def _meet(self, stretches: set[str]) -> None:
        for stretch in self._long:
            self._fitting.pop(stretch, None)
        self._long.clear()
        if len(self._met) > _MOST_STRETCHES:
            self._met, self._fitting = set(), {}
        for stretch in stretches - self._met:
            words = [token for token in CUT[stretch] if KEYS[token] != BREAK]
            fitting = [
                (place, numbers) for place, word in enumerate(words) if (numbers := self._numbers(word))
            ]
            if fitting:
                self._fitting[stretch] = fitting
            if len(stretch) <= MAX_WORD:
                self._met.add(stretch)
            else:
                self._long.append(stretch)  # kept for one text alone

    def _numbers(self, token: str) -> list[int]:
        near = self._by_letters.get(PLAIN_KEYS[token][:MIN_STEM], ())
        return [number for number, opening in near if opening.fits(token)]

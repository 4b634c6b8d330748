"""A word of which some letters are left open: `mobili*`, `organi?ation`."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from processors.query.lexer import MIN_STEM
from processors.query.reading import Reading, Span
from processors.query.tree import Wildcard
from processors.query.words import MAX_WORD, PLAIN_KEYS, fold, places_of

_MOST_WORDS = 200_000
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
    """Many wildcards looked for at once: of each word met so far it is kept which it fits."""

    def __init__(self, openings: Mapping[int, Opening]) -> None:
        """Take wildcards by their numbers."""
        self._by_letters: dict[str, list[tuple[int, Opening]]] = defaultdict(list)
        for number, opening in openings.items():
            self._by_letters[opening.stem[:MIN_STEM]].append((number, opening))
        self._met: set[str] = set()
        self._fitting: dict[str, list[int]] = {}

    def found(self, reading: Reading) -> dict[int, list[Span]]:
        """Give the numbers of those that stand in an article, with all their hits in order."""
        hits: dict[int, list[Span]] = defaultdict(list)
        for field, words in enumerate(reading.fields if self._by_letters else ()):
            tokens = set(words.tokens)
            self._meet(tokens)
            for token in tokens & self._fitting.keys():
                for place in places_of(token, words.surfaces):
                    for number in self._fitting[token]:
                        hits[number].append((field, place, place))
        return {number: sorted(spans) for number, spans in hits.items()}

    def _meet(self, tokens: set[str]) -> None:
        if len(self._met) > _MOST_WORDS:
            self._met, self._fitting = set(), {}
        for token in tokens - self._met:
            near = self._by_letters.get(PLAIN_KEYS[token][:MIN_STEM], ())
            numbers = [number for number, opening in near if opening.fits(token)]
            if numbers:
                self._fitting[token] = numbers
            if len(token) <= MAX_WORD:
                self._met.add(token)

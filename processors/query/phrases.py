"""A phrase made ready: the ways it can stand in a text, and what else must hold where one is found."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from processors.query.reading import Reading, Span
from processors.query.tree import Phrase
from processors.query.words import KEYS, PLAIN_KEYS, Words, cut, fold, joins_tightly

_MOST_JOINTS = 4  # hyphens of one phrase that may each be a hyphen, a space or nothing


@dataclass(frozen=True, slots=True)
class Pattern:
    """What is sought for a phrase. Equal patterns of different rules are one.

    `variants` are keys between single spaces, as lines have them. `capitals` gives for each word that
    the author wrote in capitals its place and folded form. `form` is the only form and case allowed.
    """

    variants: tuple[str, ...]
    words: int
    capitals: tuple[tuple[int, str], ...] = ()
    form: str | None = None

    @property
    def is_simple(self) -> bool:
        """Say whether it can stand in one way only, whatever its form."""
        return len(self.variants) == 1 and self.form is None and not self.capitals

    def find(self, reading: Reading) -> list[Span]:
        """Give the hits of this phrase in an article, sorted."""
        spans: list[Span] = []
        for variant in map(reading.alphabet.spelled, self.variants):
            for field, line in reading.lines:
                spans += [(field, *span) for span in line.spans_of(variant)]
        return self.allowed(reading, sorted(set(spans))) if spans else spans

    def allowed(self, reading: Reading, spans: list[Span]) -> list[Span]:
        """Give those hits of the variants that stand in the form asked for."""
        if self.form is None and not self.capitals:
            return spans
        return [span for span in spans if self.accepts(reading.fields[span[0]], span[1], span[2])]

    def accepts(self, words: Words, first: int, last: int) -> bool:
        """Say whether the words from first to last, whose keys fit, also stand in the form asked for."""
        if self.form is not None:
            if not self.form.startswith(_form(words.surfaces[first])):
                return False  # most often its case; no offsets are needed to see it
            start, end = words.characters(first, last)
            return self._has_form(words.text, start, end)
        if not self.capitals:
            return True
        if last - first + 1 != self.words:  # joined or parted: only the whole can be looked at
            return not "".join(words.surfaces[first : last + 1]).islower()
        return all(_in_capitals(words.surfaces[first + place], form) for place, form in self.capitals)

    def _has_form(self, text: str, start: int, end: int) -> bool:
        form = self.form or ""
        found = _form(text[start:end])
        return found == form or (found + _form(text[end : end + 2])) == form


def pattern_of(phrase: Phrase, *, tolerant: bool = True) -> Pattern:
    """Give the pattern of a phrase that the parser accepted; not tolerant, of its letters in any case alone."""
    pieces = cut(phrase.written)
    words = [word for word, _ in pieces]
    if phrase.exact:
        start = len(pieces[0][1])
        core = phrase.written[start:].rstrip()
        while core and not (core[-1].isalnum() or core.endswith(words[-1])):
            core = core[:-1]
        return Pattern((_line(words, KEYS if tolerant else PLAIN_KEYS),), len(words), form=_form(core))
    if not tolerant:
        return Pattern((_line(words, PLAIN_KEYS),), len(words))
    variants: tuple[str, ...]
    if len(pieces) > 1 and any(joins_tightly(gap) for _, gap in pieces[1:]):
        gaps = [joins_tightly(gap) for _, gap in pieces[1:]]
        variants = tuple(
            dict.fromkeys(_line(list(_joined(words, chosen)), KEYS) for chosen in _choices(gaps))
        )
    else:
        variants = (_line(words, KEYS),)
    if phrase.written.islower():
        return Pattern(variants, len(words))
    capitals = tuple(
        (place, fold(word)) for place, word in enumerate(words) if len(word) > 1 and word.isupper()
    )
    return Pattern(variants, len(words), capitals)


def _line(words: list[str], keys: Mapping[str, str]) -> str:
    return f" {' '.join(keys[word] for word in words)} "


def _choices(gaps: list[bool]) -> Iterator[tuple[bool, ...]]:
    """Give which gaps are closed up, for each variant: only a hyphen can be."""
    if sum(gaps) <= _MOST_JOINTS:
        yield from product(*([False, True] if gap else [False] for gap in gaps))
    else:
        yield tuple(False for _ in gaps)
        yield tuple(gaps)


def _joined(words: list[str], closed: tuple[bool, ...]) -> Iterator[str]:
    current = words[0]
    for word, close in zip(words[1:], closed, strict=True):
        if close:
            current += word
        else:
            yield current
            current = word
    yield current


def _form(text: str) -> str:
    return " ".join(text.translate(_STRAIGHT).split())


_STRAIGHT = str.maketrans("’ʼ‘＇“”„", "''''\"\"\"")


def _in_capitals(surface: str, form: str) -> bool:
    """Say whether a word is the one written in capitals: `Nato` is `NATO` and `ICBMs` is `ICBM`."""
    return not surface.islower() and fold(surface) in (form, form + "s")

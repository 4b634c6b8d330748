"""Cut published text into words, so that a phrase finds its variants and every hit keeps its offsets.

Nothing is rewritten before the cut, so no map of offsets is needed: a word is a stretch of the text
as published, and only its *key*, which is what phrases are compared by, is normalised.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate

from processors.query.inflection import inflection_stem

MAX_WORD = 100  # characters; what is longer is no word and has a key that no query has
BREAK = "\n"  # stands between words that no phrase may join
_UNREADABLE = "\ufffc"
_CACHE_LIMIT = 200_000

# Scripts written without spaces, and Korean with its attached particles: one character is one word.
_SOLO = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
# Combining marks, soft hyphen and joiners, which may stand inside a word.
_INNER = (
    "\u00ad\u034f\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a"
    "\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0900-\u0963\u0970-\u0df3"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u200b-\u200d\u2060\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\ufeff"
)
_LETTER = rf"[^\W_{_SOLO}]"
# The first two rows only save time: most words are plain, and most gaps begin with a space.
WORD = re.compile(
    r"((?![\x00-/:-@\[-`{-\x7f])(?:"
    r"[A-Za-z]{2,}+(?![0-9\x80-\U0010ffff])"
    rf"|(?![sS](?<=\w['’ʼ＇][sS])(?!\w))"  # a possessive s is no word
    rf"(?:[^\W\d_](?:\.[^\W\d_])+(?!\w)\.?"  # U.S., e.g.
    rf"|\d+(?:[.,]\d+)+"  # 150,000
    rf"|[{_SOLO}]"
    rf"|(?:{_LETTER}++[{_INNER}]*+)++)))"
)
DASHES = "-\u00ad\u058a\u05be\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u2e3a\u2e3b\ufe58\ufe63\uff0d"
_QUOTES = "'\"`´‘’‚‛“”„‟‹›«»「」『』ʼ＇＂()[]{}*_"
# All that may stand between two words of a phrase.
_TRANSPARENT = re.compile(
    rf"(?:['’ʼ＇][sS])?[\s{re.escape(DASHES + _QUOTES)}{_INNER}\u200e\u200f\u202a-\u202e\u2066-\u2069]*"
)
_PARAGRAPH = re.compile(r"[\n\v\f\x85\u2028\u2029][ \t\r\u00a0]*[\n\v\f\x85\u2028\u2029]|\u2029|\f")
_TIGHT = re.compile(rf"[{re.escape(DASHES)}]\s?")
_ANY_DASH = re.compile(rf"\w[{re.escape(DASHES)}]\s?\w")
_STOPS = (". ", ".\n", '. "', ". “")  # gaps that end a sentence, or follow an abbreviation
_NOT_SPACE = re.compile(r"[^\s.]+")
_INVISIBLE = re.compile("[\u00ad\u034f\u200b-\u200d\u2060\ufe00-\ufe0f\ufeff]+")

# Words whose full stop ends no sentence.
ABBREVIATIONS = frozenset(
    {
        *(
            "Mr",
            "Mrs",
            "Ms",
            "Dr",
            "Gen",
            "Lt",
            "Col",
            "Sgt",
            "Capt",
            "Cpt",
            "Maj",
            "Cmdr",
            "Adm",
            "Brig",
            "Sen",
        ),
        *("Rep", "Gov", "Prof", "Rev", "Fr", "St", "Mt", "Ft", "Jr", "Sr", "vs", "Nos", "Pvt", "Cpl", "Hon"),
        *("Pres", "Supt", "Det", "Insp", "Amb", "Sec", "Mme", "Mlle"),
        *"ABCDEFGHJKLMNOPQRSTUVWXYZ",  # initials; I is a pronoun
    }
)


class _Memo(dict[str, str]):
    """A function's results, kept up to a limit: a lookup that hits never leaves C."""

    def __init__(self, function: Callable[[str], str]) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, argument: str) -> str:
        result = self._function(argument)
        if len(argument) <= MAX_WORD:
            if len(self) >= _CACHE_LIMIT:
                self.clear()
            self[argument] = result
        return result


def fold(word: str) -> str:
    """Give a word without what differs between ways to write it: compatibility forms, case, soft hyphens."""
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", word)).casefold()
    return "".join(_NOT_SPACE.findall(unicodedata.normalize("NFKC", plain)))


def _key(word: str) -> str:
    if len(word) > MAX_WORD:
        return _UNREADABLE
    folded = fold(word)
    return (folded if "." in word else inflection_stem(folded)) or _UNREADABLE


def _separator(gap: str) -> str:
    joins = _TRANSPARENT.fullmatch(gap) and not _PARAGRAPH.search(gap)
    return " " if joins else f" {BREAK} "


def _plain_key(word: str) -> str:
    return (fold(word) if len(word) <= MAX_WORD else "") or _UNREADABLE


KEYS = _Memo(_key)  # tolerant to inflection
PLAIN_KEYS = _Memo(_plain_key)  # letters as they are, but for case and compatibility forms
SEPARATORS = _Memo(_separator)


class Line:
    """The words of a field as their keys between single spaces, to be searched as a string."""

    def __init__(self, parts: list[str]) -> None:
        """Take key, separator, key, …; of a compound read as one word, all but the first key are empty."""
        self.keys = f" {''.join(parts)} "
        self._parts: list[str] | None = parts
        self._starts: list[int] = []
        self._whole = True  # each key is one word

    def span(self, start: int, end: int, width: int | None = None) -> tuple[int, int]:
        """Give the first and last word of what stands at start to end of `keys`, spaces included.

        `width` is how many keys that is, where it is known.
        """
        if self._parts is not None:
            self._starts = list(accumulate(map(len, self._parts), initial=1))[::2]
            self._whole = "" not in self._parts
            self._parts = None
        first = bisect_left(self._starts, start + 1)
        if width is not None and self._whole:
            return first, first + width - 1
        return first, bisect_right(self._starts, end - 1) - 1


class Words:
    """The words of one field, in order, with their code point offsets in the published text."""

    def __init__(self, text: str, vocabulary: frozenset[str], keys: Mapping[str, str] = KEYS) -> None:
        """Cut `text`; `vocabulary` is every key that is sought, `keys` gives a word's key."""
        pieces = WORD.split(text)
        self._pieces = pieces
        self.text = text
        self.surfaces: list[str] = pieces[1::2]
        self._offsets: list[int] | None = None
        gaps = pieces[2:-1:2]
        parts = [""] * max(len(pieces) - 2, 0)
        parts[0::2] = map(keys.__getitem__, self.surfaces)
        parts[1::2] = map(SEPARATORS.__getitem__, gaps)
        for stop in _STOPS:
            for index in _places(stop, gaps) if stop in text else ():
                if self.surfaces[index] in ABBREVIATIONS:
                    parts[2 * index + 1] = " "
        self.lines = [Line(parts)] if keys is PLAIN_KEYS else [Line(parts), *self._joined(parts, vocabulary)]

    def _joined(self, parts: list[str], vocabulary: frozenset[str]) -> Iterator[Line]:
        """Give further lines where a hyphenated compound that a query writes as one word is one.

        Two are enough: of `a-b-c`, one has `ab` and the other `bc`.
        """
        if not _ANY_DASH.search(self.text):
            return
        compounds = {
            index: key
            for index, gap in enumerate(self._pieces[2:-1:2])
            if gap[:1] in DASHES
            and _TIGHT.fullmatch(gap)
            and (key := KEYS[self.surfaces[index] + self.surfaces[index + 1]]) in vocabulary
        }
        while compounds:
            line, overlapping, free = parts.copy(), {}, 0
            for index, key in compounds.items():
                if index < free:
                    overlapping[index] = key
                    continue
                free = index + 2
                line[2 * index : 2 * index + 3] = key, "", ""
            yield Line(line)
            compounds = overlapping

    def _starts(self) -> list[int]:
        if self._offsets is None:
            self._offsets = list(accumulate(map(len, self._pieces)))[0::2]
        return self._offsets

    def characters(self, first: int, last: int) -> tuple[int, int]:
        """Give the code points, start and end, from one word to another."""
        starts = self._starts()
        return starts[first], starts[last] + len(self.surfaces[last])

    def covering(self, start: int, end: int) -> tuple[int, int] | None:
        """Give the first and last word that the code points start to end touch, if they touch one."""
        starts = self._starts()
        first = bisect_right(starts, start, 0, len(self.surfaces)) - 1
        if first < 0 or starts[first] + len(self.surfaces[first]) <= start:
            first += 1
        last = bisect_left(starts, end, 0, len(self.surfaces)) - 1
        return (first, last) if first <= last else None

    def paragraph_ends(self) -> list[int]:
        """Give the code points at which paragraphs end, but for the last."""
        return [found.start() for found in _PARAGRAPH.finditer(self.text)]

    def lead(self, most: int) -> int:
        """Give how many words the first paragraphs have that together have at most `most`; of a longer first, most."""
        starts = self._starts()[: len(self.surfaces)]
        counts = [bisect_left(starts, end) for end in self.paragraph_ends()] + [len(starts)]
        return max((count for count in counts if count <= most), default=0) or min(most, len(starts))


def _places(gap: str, gaps: list[str]) -> Iterator[int]:
    """Give where a gap stands among gaps; most stand nowhere, which list.index tells fastest."""
    at = -1
    try:
        while True:
            at = gaps.index(gap, at + 1)
            yield at
    except ValueError:
        return


def cut(text: str) -> Sequence[tuple[str, str]]:
    """Give each word of a query's phrase and the gap before it."""
    pieces = WORD.split(text)
    return list(zip(pieces[1::2], pieces[0::2], strict=False))


def joins_tightly(gap: str) -> bool:
    """Say whether a gap is a hyphen or dash with no space before it."""
    return _TIGHT.fullmatch(gap) is not None

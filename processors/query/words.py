"""Cut published text into words, so that a phrase finds its variants and every hit keeps its offsets.

Nothing is rewritten before the cut, so no map of offsets is needed: a word is a stretch of the text
as published, and only its *key*, which is what phrases are compared by, is normalised.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate, compress, count
from operator import add, itemgetter

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
_WORD = (
    r"(?![\x00-/:-@\[-`{-\x7f])(?:"
    r"[A-Za-z]{2,}+(?![0-9\x80-\U0010ffff])"
    rf"|(?![sS](?<=\w['’ʼ＇][sS])(?!\w))"  # a possessive s is no word
    rf"(?:[^\W\d_](?:\.[^\W\d_])+(?!\w)\.?"  # U.S., e.g.
    rf"|\d+(?:[.,]\d+)+"  # 150,000
    rf"|[{_SOLO}]"
    rf"|(?:{_LETTER}++[{_INNER}]*+)++))"
)
WORD = re.compile(f"({_WORD})")
DASHES = "-\u00ad\u058a\u05be\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u2e3a\u2e3b\ufe58\ufe63\uff0d"
_QUOTES = "'\"`´‘’‚‛“”„‟‹›«»「」『』ʼ＇＂()[]{}*_"
# Besides white space, all that may stand between two words of a phrase.
_TRANSPARENT = re.escape(DASHES + _QUOTES) + _INNER + "\u200e\u200f\u202a-\u202e\u2066-\u2069"
_PARAGRAPH = r"[\n\v\f\x85\u2028\u2029][ \t\r\u00a0]*[\n\v\f\x85\u2028\u2029]|\u2029|\f"
_PARAGRAPHS = re.compile(_PARAGRAPH)
# A word, or what no phrase goes across: other punctuation, the end of a paragraph.
# The space and the first row only save time.
_TOKEN = re.compile(
    rf" ?+([A-Za-z]{{2,}}+(?![0-9\x80-\U0010ffff])|{_WORD}|[^\w\s{_TRANSPARENT}]+|{_PARAGRAPH})"
)
_TIGHT = re.compile(rf"[{re.escape(DASHES)}]\s?")
_JOINT = re.compile(rf"(?<=[^\W_])[{re.escape(DASHES)}]\s?(?=[^\W_])")
_BEFORE = re.compile(r"[^\W_]++\Z")
_AFTER = re.compile(r"[^\W_]+")
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


def _key(token: str) -> str:
    plain = _plain_key(token)
    return plain if "." in token or plain == BREAK else inflection_stem(plain)


def _plain_key(token: str) -> str:
    if not WORD.match(token):
        return BREAK
    return (fold(token) if len(token) <= MAX_WORD else "") or _UNREADABLE


def _are_keys(parts: list[str]) -> Iterator[bool]:
    return map(BREAK.__ne__, parts)


def _are_ascii_words(tokens: list[str]) -> Iterator[bool]:
    return map(str.isalnum, map(itemgetter(0), tokens))


KEYS = _Memo(_key)  # tolerant to inflection
PLAIN_KEYS = _Memo(_plain_key)  # letters as they are, but for case and compatibility forms


class Line:
    """The words of a field as their keys between single spaces, to be searched as a string."""

    def __init__(
        self,
        parts: list[str],
        are_words: Callable[[list[str]], Iterator[bool]] = _are_keys,
        numbers: list[int] | None = None,
        total: int = 0,
    ) -> None:
        """Take keys and breaks, and what tells them apart.

        Of a line with compounds, `numbers` are the first of each key's words, of `total` words in all.
        """
        self.keys = f" {' '.join(parts)} "
        self._parts, self._are_words = parts, are_words
        self._numbers, self._total = numbers, total

    @cached_property
    def _starts(self) -> list[int]:
        """Where each key begins that is no break."""
        # Each part is followed by one space; the line begins with one.
        starts = map(add, accumulate(map(len, self._parts), initial=0), count(1))
        return list(compress(starts, self._are_words(self._parts)))

    @property
    def has_compounds(self) -> bool:
        """Whether a key may be more than one word."""
        return self._numbers is not None

    @cached_property
    def numbers(self) -> dict[int, int]:
        """The number of the key that begins at a place of `keys`."""
        return dict(zip(self._starts, count(), strict=False))

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Give the first and last word of what stands at start to end of `keys`, spaces included."""
        first = bisect_left(self._starts, start + 1)
        last = bisect_right(self._starts, end - 1) - 1
        if self._numbers is None:
            return first, last
        after = self._numbers[last + 1] if last + 1 < len(self._numbers) else self._total
        return self._numbers[first], after - 1


class Words:
    """The words of one field, in order, with their code point offsets in the published text."""

    def __init__(self, text: str, vocabulary: frozenset[str], keys: Mapping[str, str] = KEYS) -> None:
        """Cut `text`; `vocabulary` is every key that is sought, `keys` gives a word's key."""
        self.text = text
        tokens: list[str] = _TOKEN.findall(text)
        for stop in [at for at in _places(".", tokens) if at and tokens[at - 1] in ABBREVIATIONS][::-1]:
            del tokens[stop]
        self._tokens = tokens
        self._are_words: Callable[[list[str]], Iterator[bool]] = _are_keys
        if keys is PLAIN_KEYS and text.isascii():  # a word's key is the word, but for case
            self._parts = tokens
            self._are_words = _are_ascii_words
            line = Line(tokens, _are_ascii_words)
            line.keys = line.keys.lower()
            self.lines = [line]
        else:
            self._parts = list(map(keys.__getitem__, tokens))
            self.lines = [Line(self._parts)]
        if keys is not PLAIN_KEYS:
            self.lines += self._joined(vocabulary)

    @cached_property
    def surfaces(self) -> list[str]:
        """The words as they stand in the text."""
        return list(compress(self._tokens, self._are_words(self._parts)))

    def _joined(self, vocabulary: frozenset[str]) -> Iterator[Line]:
        """Give further lines where a hyphenated compound that a query writes as one word is one.

        Two are enough: of `a-b-c`, one has `ab` and the other `bc`.
        """
        if not any(compound in vocabulary for compound in self._compounds()):
            return
        surfaces = self.surfaces
        compounds = {
            index: key
            for index, gap in enumerate(self._pieces[2:-1:2])
            if _TIGHT.fullmatch(gap) and (key := KEYS[surfaces[index] + surfaces[index + 1]]) in vocabulary
        }
        places = [place for place, part in enumerate(self._parts) if part != BREAK]
        while compounds:
            parts, numbers = self._parts.copy(), list(range(len(places)))
            overlapping, free = {}, 0
            for index, key in compounds.items():
                if index < free:
                    overlapping[index] = key
                    continue
                free = index + 2
                parts[places[index]], parts[places[index + 1]] = key, ""
                numbers[index + 1] = -1
            yield Line(
                [part for part in parts if part],
                numbers=[each for each in numbers if each >= 0],
                total=len(places),
            )
            compounds = overlapping

    def _compounds(self) -> Iterator[str]:
        """Give the keys of hyphenated words as one, by a look that is fast and may be wrong either way at marks."""
        text = self.text
        for joint in _JOINT.finditer(text):
            left = _BEFORE.search(text, max(0, joint.start() - MAX_WORD), joint.start())
            right = _AFTER.match(text, joint.end(), joint.end() + MAX_WORD)
            if left and right:
                yield KEYS[left[0] + right[0]]

    @cached_property
    def _pieces(self) -> list[str]:
        """Gap, word, gap, word, …, gap: cut again, since most articles are asked for no offset."""
        return WORD.split(self.text)

    @cached_property
    def _starts(self) -> list[int]:
        return list(accumulate(map(len, self._pieces)))[0::2]

    def characters(self, first: int, last: int) -> tuple[int, int]:
        """Give the code points, start and end, from one word to another."""
        starts = self._starts
        return starts[first], starts[last] + len(self.surfaces[last])

    def covering(self, start: int, end: int) -> tuple[int, int] | None:
        """Give the first and last word that the code points start to end touch, if they touch one."""
        starts = self._starts
        first = bisect_right(starts, start, 0, len(self.surfaces)) - 1
        if first < 0 or starts[first] + len(self.surfaces[first]) <= start:
            first += 1
        last = bisect_left(starts, end, 0, len(self.surfaces)) - 1
        return (first, last) if first <= last else None

    def paragraph_ends(self) -> list[int]:
        """Give the code points at which paragraphs end, but for the last."""
        return [found.start() for found in _PARAGRAPHS.finditer(self.text)]

    def lead(self, most: int) -> int:
        """Give how many words the first paragraphs have that together have at most `most`; of a longer first, most."""
        starts = self._starts[: len(self.surfaces)]
        counts = [bisect_left(starts, end) for end in self.paragraph_ends()] + [len(starts)]
        return max((count for count in counts if count <= most), default=0) or min(most, len(starts))


def _places(wanted: str, tokens: list[str]) -> Iterator[int]:
    """Give where a token stands among others; list.index is the fastest to tell."""
    at = -1
    try:
        while True:
            at = tokens.index(wanted, at + 1)
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

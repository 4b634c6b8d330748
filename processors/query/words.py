"""Cut published text into words, so that a phrase finds its variants and every hit keeps its offsets.

Nothing is rewritten before the cut, so no map of offsets is needed: a word is a stretch of the text
as published, and only its *key*, which is what phrases are compared by, is normalised.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from itertools import accumulate, chain, combinations, compress, count, pairwise, zip_longest
from typing import TYPE_CHECKING, TypeVar

from processors.query.inflection import inflection_stem

if TYPE_CHECKING:
    from processors.query.alphabet import Alphabet

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
# What it may begin with first: nothing else need be tried at every character.
_PARAGRAPHS = re.compile(
    r"[\n\v\f\x85\u2028\u2029](?:[ \t\r\u00a0]*[\n\v\f\x85\u2028\u2029]|(?<=[\f\u2029]))"
)
# A word, or what no phrase goes across: other punctuation. The first row only saves time.
_TOKEN = re.compile(rf"[A-Za-z]{{2,}}+(?![0-9\x80-\U0010ffff])|{_WORD}|[^\w\s{_TRANSPARENT}{_SOLO}]+")
_FEW = 30
_MOST_CHOICES = 4  # compounds near each other that are given in every choice
_DASHES = frozenset(DASHES)
_LONE_S = frozenset("sS")
_TIGHT = re.compile(rf"[{re.escape(DASHES)}]\s?")
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


_Result = TypeVar("_Result")


class _Memo(dict[str, _Result]):
    """A function's results, kept up to a limit: a lookup that hits never leaves C."""

    def __init__(self, function: Callable[[str], _Result]) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, argument: str) -> _Result:
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


def _cut(stretch: str) -> tuple[str, ...]:
    tokens: list[str] = _TOKEN.findall(stretch)
    before = ["", *tokens]
    return tuple(
        each for each, last in zip(tokens, before, strict=False) if each != "." or last not in ABBREVIATIONS
    )


CUT = _Memo(_cut)  # the words of a stretch without white space, and what stands for breaks
KEYS = _Memo(_key)  # tolerant to inflection
PLAIN_KEYS = _Memo(_plain_key)  # letters as they are, but for case and compatibility forms


class Line:
    """The words of a field as letters of an alphabet, to be searched as a string."""

    def __init__(self, letters: str, numbers: list[tuple[int, int]] | None = None) -> None:
        """Take letters and breaks; where two words may be one letter, the first and last word of each."""
        self.letters = letters
        self._numbers = numbers

    @property
    def has_compounds(self) -> bool:
        """Whether a letter may be more than one word."""
        return self._numbers is not None

    @cached_property
    def _word_at(self) -> list[int]:
        return list(accumulate(map(BREAK.__ne__, self.letters), initial=0))

    def words_at(self, starts: Sequence[int]) -> Sequence[int]:
        """Give the numbers of the words at places of a line without compounds."""
        if len(starts) > _FEW:  # a table pays
            return list(map(self._word_at.__getitem__, starts))
        return [start - self.letters.count(BREAK, 0, start) for start in starts]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Give the first and last word of a phrase that stands at start to end of a line with compounds."""
        assert self._numbers is not None  # noqa: S101
        return self._numbers[start][0], self._numbers[end - 1][1]

    def spans_of(self, phrase: str) -> list[tuple[int, int]]:
        """Give the first and last word of a phrase, given as its letters, wherever it stands."""
        starts, find = [], self.letters.find
        at = find(phrase)
        while at >= 0:
            starts.append(at)
            at = find(phrase, at + 1)
        if self._numbers is not None:
            return [self.span(start, start + len(phrase)) for start in starts]
        return [(first, first + len(phrase) - 1) for first in self.words_at(starts)]


class Words:
    """The words of one field, in order, with their code point offsets in the published text."""

    def __init__(self, text: str, alphabet: "Alphabet") -> None:
        """Cut `text`."""
        self.text, self._alphabet = text, alphabet
        # Stretches between white space: most were met before, and are cut by looking them up.
        self._stretches = [paragraph.split() for paragraph in _PARAGRAPHS.split(text)]
        self.letters = BREAK.join(alphabet.spell(self._stretches))
        self._ends: list[int] = []  # of the first tokens, as far as somebody asked
        self.lines = [Line(self.letters)]
        if alphabet.joining and not alphabet.joining.isdisjoint(self.distinct):
            self.lines += self._joined()

    @cached_property
    def distinct(self) -> set[str]:
        """Each stretch between white space, once."""
        return set(chain.from_iterable(self._stretches))

    @cached_property
    def tokens(self) -> list[str]:
        """The words and what stands for breaks."""
        tokens: list[str] = []
        for stretches, end in zip_longest(self._stretches, _PARAGRAPHS.findall(self.text)):
            tokens += chain.from_iterable(map(CUT.__getitem__, stretches))
            if end:
                tokens.append(end)
        return tokens

    @cached_property
    def surfaces(self) -> list[str]:
        """The words as they stand in the text."""
        return [self.tokens[place] for place in self._places]

    @cached_property
    def _places(self) -> list[int]:
        """Where among the tokens each word stands."""
        return list(compress(count(), map(BREAK.__ne__, self.letters)))

    def _joined(self) -> Iterator[Line]:
        """Give further lines where hyphenated compounds that a query writes as one word are one.

        A phrase may have one compound as one word and the next as two: near each other, a few are given
        in every choice of those that share no word. Of more, all that can be are one at once, the first
        of two that overlap and then the second.
        """
        longest = self._alphabet.longest
        for near in _groups(dict(self._compounds()), longest):
            for chosen in _choices(near) if len(near) <= _MOST_CHOICES else _alternating(near):
                yield self._around(chosen, longest)

    def _compounds(self) -> Iterator[tuple[int, str]]:
        """Give the first words of compounds, in order, and the letter of each as one word."""
        alphabet = self._alphabet
        for first, stretch in self.where(alphabet.joining):
            for index, key in self._joints(first, stretch):
                if key in alphabet.letters:
                    yield index, alphabet.letters[key]

    def where(self, wanted: Container[str]) -> Iterator[tuple[int, str]]:
        """Give each stretch that is wanted, in order, and the number of its first word."""
        place = counted = breaks = 0
        for stretches in self._stretches:
            for stretch in stretches:
                if stretch in wanted:
                    breaks += self.letters.count(BREAK, counted, place)
                    counted = place
                    yield place - breaks, stretch
                place += len(self._alphabet[stretch])
            place += 1  # the break between paragraphs

    def _joints(self, first: int, stretch: str) -> Iterator[tuple[int, str]]:
        """Give the words of a stretch that a hyphen joins to the next, and the key of both as one."""
        pieces = WORD.split(stretch)
        words = pieces[1::2]
        for number, gap in enumerate(pieces[2:-1:2]):
            if _TIGHT.fullmatch(gap):
                yield first + number, KEYS[words[number] + words[number + 1]]
        last = first + len(words) - 1
        if _TIGHT.fullmatch(pieces[-1]) and last + 1 < len(self._places):
            (_, end), (start, after) = self.characters(last, last), self.characters(last + 1, last + 1)
            if _TIGHT.fullmatch(self.text, end, start):
                yield last, KEYS[words[-1] + self.text[start:after]]

    def _around(self, compounds: Mapping[int, str], longest: int) -> Line:
        """Give the line of what a phrase of so many words may reach that has a compound in it."""
        places = self._places
        letters, numbers = list[str](), list[tuple[int, int]]()
        last = -1  # the last word that is in the line
        for compound in compounds:
            index = max(compound - longest, last + 1)
            while index < min(compound + longest + 2, len(places)):
                if index > last + 1 or (index and places[index] - places[index - 1] > 1):
                    letters.append(BREAK)
                    numbers.append((-1, -1))
                wide = index in compounds
                letters.append(compounds[index] if wide else self.letters[places[index]])
                last = index + wide
                numbers.append((index, last))
                index = last + 1
        return Line("".join(letters), numbers)

    def _locate(self, place: int) -> list[int]:
        """Give where tokens end, up to one of them at least: looked for again, since few articles are asked."""
        ends, text, find = self._ends, self.text, self.text.find
        if place >= len(ends):
            at = ends[-1] if ends else 0
            # All that stands between two tokens is no letter of either, but for a possessive s.
            ends += [
                at := (_next_word(text, at) if token in _LONE_S else find(token, at)) + len(token)
                for token in self.tokens[len(ends) : place + 1]
            ]
        return ends

    @cached_property
    def _starts(self) -> list[int]:
        ends, tokens = self._locate(len(self.tokens) - 1), self.tokens
        return [ends[place] - len(tokens[place]) for place in self._places]

    def characters(self, first: int, last: int) -> tuple[int, int]:
        """Give the code points, start and end, from one word to another."""
        begin, end = self._places[first], self._places[last]
        ends = self._locate(end)
        return ends[begin] - len(self.tokens[begin]), ends[end]

    def covering(self, start: int, end: int) -> tuple[int, int] | None:
        """Give the first and last word that the code points start to end touch, if they touch one."""
        starts = self._starts
        first = bisect_right(starts, start) - 1
        if first < 0 or starts[first] + len(self.surfaces[first]) <= start:
            first += 1
        last = bisect_left(starts, end) - 1
        return (first, last) if first <= last else None

    @cached_property
    def breaks(self) -> list[tuple[str, int]]:
        """What no phrase goes across, each with the number of words before it."""
        places = list(compress(count(), map(BREAK.__eq__, self.letters)))
        return [(self.tokens[place], place - number) for number, place in enumerate(places)]

    def word_from(self, place: int) -> int:
        """Give the first word that begins at a code point or after it."""
        return bisect_left(self._starts, place)

    def paragraph_ends(self) -> list[int]:
        """Give the code points at which paragraphs end, but for the last."""
        return [found.start() for found in _PARAGRAPHS.finditer(self.text)]

    def lead(self, most: int) -> int:
        """Give how many words the first paragraphs have that together have at most `most`; of a longer first, most."""
        starts = self._starts
        counts = [bisect_left(starts, end) for end in self.paragraph_ends()] + [len(starts)]
        return max((count for count in counts if count <= most), default=0) or min(most, len(starts))


def _next_word(text: str, start: int) -> int:
    """Give where the next word begins; there is one."""
    found = WORD.search(text, start)
    assert found  # noqa: S101
    return found.start()


def joins(stretch: str, known: AbstractSet[str]) -> bool:
    """Say whether a stretch without white space may have hyphenated words that as one are known."""
    if _DASHES.isdisjoint(stretch):
        return False
    pieces = WORD.split(stretch)
    # A hyphen at its end may join the last of its words to one of the next line.
    return (len(pieces) > 1 and stretch[-1] in _DASHES) or any(
        _TIGHT.fullmatch(pieces[at]) and KEYS[pieces[at - 1] + pieces[at + 1]] in known
        for at in range(2, len(pieces) - 1, 2)
    )


def _groups(compounds: Mapping[int, str], longest: int) -> Iterator[dict[int, str]]:
    """Give compounds, by their first words, in groups that no phrase reaches out of."""
    group: dict[int, str] = {}
    last = 0
    for index, letter in compounds.items():
        if group and index - last > longest + 1:
            yield group
            group = {}
        group[index], last = letter, index
    if group:
        yield group


def _choices(compounds: Mapping[int, str]) -> Iterator[dict[int, str]]:
    """Give every choice of compounds of which no two share a word."""
    for size in range(1, len(compounds) + 1):
        for chosen in combinations(compounds, size):
            if all(second - first > 1 for first, second in pairwise(chosen)):
                yield {index: compounds[index] for index in chosen}


def _alternating(compounds: Mapping[int, str]) -> Iterator[dict[int, str]]:
    """Give compounds as few times as let each be there once and no two share a word."""
    left = dict(compounds)
    while left:
        chosen, free = dict[int, str](), 0
        for index, letter in left.items():
            if index >= free:
                chosen[index], free = letter, index + 2
        yield chosen
        left = {index: letter for index, letter in left.items() if index not in chosen}


def is_paragraph(mark: str) -> bool:
    """Say whether a break between words is the end of a paragraph."""
    return _PARAGRAPHS.match(mark) is not None


def cut(text: str) -> Sequence[tuple[str, str]]:
    """Give each word of a query's phrase and the gap before it."""
    pieces = WORD.split(text)
    return list(zip(pieces[1::2], pieces[0::2], strict=False))


def joins_tightly(gap: str) -> bool:
    """Say whether a gap is a hyphen or dash with no space before it."""
    return _TIGHT.fullmatch(gap) is not None

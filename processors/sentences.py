"""The sentence around an offset, for showing evidence: light, bounded, and good enough for a reader."""

import re
from collections.abc import Iterator

from processors.query.words import ABBREVIATIONS

MOST_CHARACTERS = 400

# All branches begin after one set of characters: such a pattern is found several times as fast.
_END = re.compile(
    r"[.!?…\n。！？](?:"
    r"(?<=[.!?…])(?<![.!?…]{2})(?P<stops>[.!?…]*+)(?:[\"'’”“»)\]]|[ \u00a0\u202f]»)*+(?=\s|$)"
    r"|(?<=[。！？])[。！？]*[」』”]*"
    r"|(?<=\n)\s*)"
)
_STOPS = frozenset(".!?…。！？")
_CLOSING = _STOPS | frozenset("\"'’”“»)]」』 \u00a0\u202f\n")  # what may be of an end begun before
_MOST_CLOSING = 20
_LAST_WORD = re.compile(r"[\w.]+$")
_LOWER = re.compile(r"\s+[a-zß-ÿ]")
_MONTH = r"\s+(?:Jan|Jän|Feb|März|Apr|Mai|Juni|Juli|Aug|Sept|Okt|Nov|Dez)[a-z]*\b"  # "am 5. Januar"
_BREAK = re.compile(r"\n\s*")
_ITEM = re.compile(rf"(?:[-*•·▪◦‣●■]|\d{{1,2}}(?:\)|\.(?!{_MONTH})))[ \t\u00a0]+\S")
_LETTERS = re.compile(r"(?<![\w.])[a-zäöü]\.\s?$")  # of "z. B.", before the last

# Words whose full stop ends no sentence before what is said here.
_BEFORE = {
    **dict.fromkeys(
        (
            *("Jan", "Feb", "Mar", "Apr", "Jun", "Jul", "Aug", "Sep", "Sept", "Oct", "Nov", "Dec"),
            *("Mrz", "Okt", "Dez", "janv", "févr", "avr", "juill", "oct", "nov", "déc"),
            *("No", "Nr", "Fig", "fig", "Figs", "figs", "Vol", "vol", "Vols", "vols", "Art", "art", "Arts"),
            *("pp", "approx", "Abs", "Bd", "ca", "Ca", "ch", "Ch", "para", "paras"),
        ),
        re.compile(r"\s+[(§#]?\d"),
    ),
    **dict.fromkeys("abcdefghijklmnopqrstuvwxyz", re.compile(r"\s*(?:[(§#]?\d|[^\W\d_]\.)")),  # p. 5, z. B.
    **dict.fromkeys(map(str, range(1, 32)), re.compile(_MONTH)),
}


def sentence_around(text: str, start: int, end: int, *, most: int = MOST_CHARACTERS) -> tuple[int, int]:
    """Give start and end of the sentence or sentences that hold start to end of `text`, in code points.

    At most `most` characters, or end - start where that is more: a longer sentence is cut at spaces
    on both sides of what is to be shown. No more than that of the text is read, however long it is.
    """
    room = max(most - (end - start), 0)
    floor, ceiling = max(0, start - room), min(len(text), end + room)
    before = (at for found in reversed([*_found(text, floor, start)]) for at in reversed(_ends(text, found)))
    after = (at for found in _found(text, end, ceiling) for at in _ends(text, found))
    first = next((at for at in before if at <= start), floor)
    last = next((at for at in after if at >= end), ceiling)
    left, right = _shares(start - first, last - end, room)
    return _whole_words(text, start - left, start, end, end + right)


def sentence_ends(text: str) -> list[int]:
    """Give the code points at which sentences end: at stops, and where an item of a list begins a line.

    No other line break ends one, as in wrapped text.
    """
    return [match.end() for match in _END.finditer(text) if _is_stop(text, match)]


def item_starts(text: str) -> list[int]:
    """Give where lines begin that are items of a list, with a bullet or a number; the first line is none."""
    return [found.end() for found in _BREAK.finditer(text) if _ITEM.match(text, found.end())]


def ends_sentence(text: str, start: int, end: int) -> bool:
    """Say whether a sentence ends between two words, the first from `start` on and the last up to `end`."""
    # One letter of the last word is enough to see that a stop before it ends nothing.
    return any(_is_stop(text, match) for match in _END.finditer(text, start, end) if match.end() < end)


def may_end_sentence(marks: str) -> bool:
    """Say whether what stands between two words may end a sentence: it has a stop in it.

    What ends a sentence and has none is the beginning of an item: `item_starts` gives those.
    """
    return not _STOPS.isdisjoint(marks)


def _found(text: str, floor: int, ceiling: int) -> Iterator[re.Match[str]]:
    """Give what may end a sentence or a line between two offsets, both included."""
    start = max(floor - 1, 0)
    while start and text[start] in _CLOSING and floor - start < _MOST_CLOSING:
        start -= 1
    return _END.finditer(text, start, min(ceiling + 1, len(text)))


def _ends(text: str, found: re.Match[str]) -> tuple[int, ...]:
    """Give where sentences and lines end, or begin, at what may end them."""
    if text[found.start()] == "\n":
        return found.span()
    return (found.end(),) if _is_stop(text, found) else ()


def _is_stop(text: str, found: re.Match[str]) -> bool:
    """Say whether a sentence ends at what may end one."""
    start, after = found.span()
    if text[start] == "\n":
        return _ITEM.match(text, after) is not None
    stops = found["stops"]
    if stops is None:  # a full-width one
        return True
    if _LOWER.match(text, after, after + 10):
        return text[after - 1] in "!?"  # what is quoted or left open goes on
    return bool(stops) or text[start] != "." or not _abbreviates(text, start, after)


def _abbreviates(text: str, stop: int, after: int) -> bool:
    """Say whether a full stop belongs to an abbreviation, an initial, or the number of a day or an item."""
    found = _LAST_WORD.search(text, max(0, stop - 20), stop)
    if not found:
        return False
    word = found[0]
    if word in ABBREVIATIONS or (word[-2:-1] == "." and word[-1].isalpha()):
        return True
    if goes_on(word, text, after):
        return True
    if len(word) > 2:
        return False
    before = text[max(0, found.start() - 10) : found.start()]
    if word.isdecimal():
        return before.rpartition("\n")[2].isspace() or before[-1:] in {"", "\n"}
    return len(word) == 1 and _LETTERS.search(before) is not None


def goes_on(word: str, text: str, after: int) -> bool:
    """Say whether a word whose stop is at `after` is short for something by what follows: "on Jan. 5"."""
    follows = _BEFORE.get(word)
    return follows is not None and follows.match(text, after, after + 30) is not None


def _shares(left: int, right: int, room: int) -> tuple[int, int]:
    """Divide the room on both sides of what is shown: half each, and more where the other needs less."""
    if left + right <= room:
        return left, right
    half = room // 2
    shown_left = min(left, max(half, room - right))
    return shown_left, min(right, room - shown_left)


def _whole_words(text: str, first: int, start: int, end: int, last: int) -> tuple[int, int]:
    """Move both ends inwards, over a word that was cut and over white space."""
    if 0 < first < start and text[first - 1].isalnum() and text[first].isalnum():
        space = text.find(" ", first, start)
        first = space if space >= 0 else first
    if end < last < len(text) and text[last - 1].isalnum() and text[last].isalnum():
        space = text.rfind(" ", end, last)
        last = space if space >= 0 else last
    while first < start and text[first].isspace():
        first += 1
    while last > end and text[last - 1].isspace():
        last -= 1
    return first, last

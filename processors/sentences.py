"""The sentence around an offset, for showing evidence: light, bounded, and good enough for a reader."""

import re
from collections.abc import Iterator

from processors.query.words import ABBREVIATIONS

MOST_CHARACTERS = 400

# All branches begin after one set of characters: such a pattern is found several times as fast.
_END = re.compile(
    r"[.!?…\n。！？](?:"
    r"(?<=[.!?…])(?P<stops>[.!?…]*)[\"'’”»)\]]*(?=\s|$)"
    r"|(?<=[。！？])[。！？]*[」』”]*"
    r"|(?<=\n)\s*)"
)
_STOPS = frozenset(".!?…。！？")
_LAST_WORD = re.compile(r"[\w.]+$")
_LOWER = re.compile(r"\s+[a-zß-ÿ]")


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
    """Give the code points at which sentences end; a line break alone, as in wrapped text, ends none."""
    return [match.end() for match in _END.finditer(text) if _is_stop(text, match)]


def ends_sentence(text: str, start: int, end: int) -> bool:
    """Say whether a sentence ends between two words, the first from `start` on and the last up to `end`."""
    # One letter of the last word is enough to see that a stop before it ends nothing.
    return any(_is_stop(text, match) for match in _END.finditer(text, start, end) if match.end() < end)


def may_end_sentence(marks: str) -> bool:
    """Say whether what stands between two words may end a sentence: it has a stop in it."""
    return not _STOPS.isdisjoint(marks)


def _found(text: str, floor: int, ceiling: int) -> Iterator[re.Match[str]]:
    """Give what may end a sentence or a line between two offsets, both included."""
    return _END.finditer(text, max(floor - 1, 0), min(ceiling + 1, len(text)))


def _ends(text: str, found: re.Match[str]) -> tuple[int, ...]:
    """Give where sentences and lines end, or begin, at what may end them."""
    if text[found.start()] == "\n":
        return found.span()
    return (found.end(),) if _is_stop(text, found) else ()


def _is_stop(text: str, found: re.Match[str]) -> bool:
    """Say whether a sentence ends there; no line break, no full stop of an abbreviation does that."""
    mark = text[found.start()]
    alone = mark == "." and not found["stops"]
    return mark != "\n" and not (alone and _goes_on(text, found.start(), found.end()))


def _goes_on(text: str, stop: int, after: int) -> bool:
    """Say whether a full stop belongs to an abbreviation or initial, or the next word is in lower case."""
    word = _LAST_WORD.search(text, max(0, stop - 20), stop)
    if word and (word[0] in ABBREVIATIONS or "." in word[0]):
        return True
    return _LOWER.match(text, after, after + 10) is not None


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

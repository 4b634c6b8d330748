"""The sentence around an offset, for showing evidence: light, bounded, and good enough for a reader."""

import re

from processors.query.words import ABBREVIATIONS

MOST_CHARACTERS = 400

_END = re.compile(
    r"(?P<stop>[.!?…]+)[\"'’”»)\]]*(?=\s|$)"
    r"|[。！？]+[」』”]*"
    r"|(?P<line>\n\s*)"
)
_LAST_WORD = re.compile(r"[\w.]+$")
_LOWER = re.compile(r"\s+[a-zß-ÿ]")


def sentence_around(text: str, start: int, end: int, *, most: int = MOST_CHARACTERS) -> tuple[int, int]:
    """Give start and end of the sentence or sentences that hold start to end of `text`, in code points.

    At most `most` characters, or end - start where that is more: a longer sentence is cut at spaces
    on both sides of what is to be shown. No more than that of the text is read, however long it is.
    """
    room = max(most - (end - start), 0)
    floor, ceiling = max(0, start - room), min(len(text), end + room)
    first = max((ends for ends in _ends(text, floor, start) if ends <= start), default=floor)
    last = min((ends for ends in _ends(text, end, ceiling) if ends >= end), default=ceiling)
    left, right = _shares(start - first, last - end, room)
    return _whole_words(text, start - left, start, end, end + right)


def sentence_ends(text: str) -> list[int]:
    """Give the code points at which sentences end; a line break alone, as in wrapped text, ends none."""
    return [
        match.end()
        for match in _END.finditer(text)
        if not match["line"] and not (match["stop"] == "." and _goes_on(text, match.start(), match.end()))
    ]


def _ends(text: str, floor: int, ceiling: int) -> list[int]:
    """Give where sentences and lines end, or begin, between two offsets, both included."""
    found = []
    for match in _END.finditer(text, max(floor - 1, 0), min(ceiling + 1, len(text))):
        if match["line"]:
            found += [match.start(), match.end()]
        elif not (match["stop"] == "." and _goes_on(text, match.start(), match.end())):
            found.append(match.end())
    return found


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

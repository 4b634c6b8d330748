"""The sentence around a hit, read once: its cues, what they amount to, and where its clauses end."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple, get_args

from processors.assertion.cues import CLAUSE, SENTENCE, Cue, Cues, Language, lowered
from processors.assertion.values import MarkKind
from processors.query.words import ABBREVIATIONS
from processors.sentences import goes_on

MOST_CHARACTERS = 600  # read on each side of a hit

_MARKS: Sequence[MarkKind] = get_args(MarkKind)
_ROOMS = (150, MOST_CHARACTERS)  # most sentences begin near, and looking back is dear
_END = re.compile(r"[.!?…\n。！？](?:(?<=[\n。！？])|[\"'’”»)\]]*\s+(?![a-zß-ÿ\s]))")
# No clause ends at the comma of a date, or of a list: "no tanks, guns or men".
_LISTED = re.compile(r"(?<=\d), \d|, [\w-]+(?: [\w-]+)?(?:,| (?:or|nor|ou|ni|oder) )")
# What stands before a year that opens its sentence, and so tells when all of it was: "In October 1991".
_OPENING = re.compile(r"\W*(?:(?:and|but|et|mais|und|aber) )?(?:in|en|im) (?:[\w.]+ ){0,2}$")
_ATTRIBUTION = 6  # words between a party and its verb
_COMPARISON = 5  # words from "since" to a time that only measures the present


class Sentence(NamedTuple):
    """A sentence where it stands, in lower case; all in it is counted from its start."""

    start: int
    end: int
    lower: str
    cues: Sequence[Cue]  # those that mark, in order
    now: Sequence[Cue]
    stops: dict[str, list[int]]  # where clauses end, by what ends them

    def divided(self, left: int, right: int, ends: Sequence[str]) -> bool:
        """Say whether a clause ends between two offsets."""
        for kind in ends:
            stops = self.stops[kind]
            at = bisect_left(stops, left)
            if at < len(stops) and stops[at] < right:
                return True
        return False

    def words(self, left: int, right: int) -> int:
        """Give how many words stand between two that end at `left` and begin at `right`."""
        return self.lower.count(" ", left, right) - 1


def read(text: str, start: int, end: int, cues: Cues, *, newest: int, headline: bool) -> Sentence:
    """Read the sentence around start to end of `text`; a year up to `newest` is past."""
    first, last = _bounds(text, start, end)
    shown = text[first:last]
    lower = lowered(shown)
    found: dict[str, list[Cue]] = defaultdict(list)
    for cue in cues.find(shown, headline=headline):
        found[cue.kind].append(cue)
    past = [
        cue._replace(reach=CLAUSE) if _OPENING.match(lower, 0, cue.start) else cue
        for cue in found["year"]
        if _is_past(cue, lower, cues.language, newest)
    ]
    found["historical"] = [
        cue._replace(kind="historical")
        for cue in found["historical"] + past
        if not any(_is_measured(cue, since, lower) for since in found["since"])
    ]
    found["reported"] += _reports(lower, found["party"], found["speech"])
    stops = {kind: [cue.start for cue in found[kind]] for kind in ("stop", "soft")}
    stops["comma"] = [cue.start for cue in found["comma"] if not _LISTED.match(lower, cue.start)]
    marking = sorted(cue for kind in _MARKS for cue in found[kind])
    return Sentence(first, last, lower, marking, found["now"], stops)


def _is_measured(time: Cue, since: Cue, lower: str) -> bool:
    """Say whether a time only measures the present: "the largest since 1991"."""
    return since.end <= time.start and lower.count(" ", since.end, time.start) <= _COMPARISON


def _is_past(year: Cue, lower: str, language: Language, newest: int) -> bool:
    """Say whether figures are a year, and one that is past; "1960s" is."""
    figures, rest = lower[year.start : year.start + 4], lower[year.start + 4 : year.end]
    if not figures.isdecimal() or rest[:1].isdecimal() or int(figures) > newest:
        return False
    before, after = lower[max(0, year.start - 16) : year.start], lower[year.end : year.end + 16]
    if after.startswith("'s "):
        return True
    found = language.before_year.search(before)
    return found is not None and not (found.lastgroup == "unsure" and language.counted.match(after))


def _reports(lower: str, parties: Sequence[Cue], speeches: Sequence[Cue]) -> Iterator[Cue]:
    """Give where a party to the matter says it, from the party to its verb or the other way round."""
    for speech in speeches:
        for party in parties:
            left, right = sorted((party, speech))
            if lower.count(" ", left.end, right.start) <= _ATTRIBUTION:
                yield Cue(left.start, right.end, "reported", "around", SENTENCE)
                break


def _bounds(text: str, start: int, end: int) -> tuple[int, int]:
    """Give start and end of the sentence around a hit, for a machine: `sentences` finds them for a reader.

    It looks outwards and stops at the first end; beyond the most that is read it is cut at a space.
    """
    limit = end + MOST_CHARACTERS
    last = next(_ends(text, end, limit), None)
    if last is None:
        last = len(text) if limit >= len(text) else max(text.rfind(" ", end, limit), end)
    floor = start
    for room in _ROOMS:
        floor = max(0, start - room)
        if ends := list(_ends(text, floor, start)):
            return ends[-1], last
        if not floor:
            return 0, last
    space = text.find(" ", floor, start)
    return (start if space < 0 else space), last


def _ends(text: str, floor: int, ceiling: int) -> Iterator[int]:
    """Give where sentences and lines end between two offsets."""
    for found in _END.finditer(text, floor, ceiling):
        if text[found.start()] == ".":
            word = text[max(0, found.start() - 20) : found.start()].rpartition(" ")[2]
            if word in ABBREVIATIONS or "." in word or goes_on(word, text, found.start() + 1):
                continue
        yield found.end()

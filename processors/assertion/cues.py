"""Cues of one language, compiled into one automaton that finds them all in one pass of a sentence."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from ahocorasick_rs import AhoCorasick

from processors.assertion.values import MarkKind

Side = Literal["before", "after", "around"]
# What is no mark of its own. `plain`: looks like a cue and is none ("not only"). `stop`: ends a clause for all
# cues; `comma` and `soft` for some. `now`: says that it is news. `since`: turns a time into a mere comparison.
# `party` and `speech`: together, a report by an interested party. `year`: four figures, to be judged.
Role = Literal["plain", "stop", "comma", "soft", "now", "since", "party", "speech", "year"]

SENTENCE = 1_000  # a reach that clauses do not end
CLAUSE = 30
NEAR = 6
WITHIN = -9  # of a set expression that holds the hit itself


class Row(NamedTuple):
    """Phrases that say the same of a hit that stands on one side of them, at most `reach` words away.

    Phrases are in lower case, between commas and spaces. A star is the rest of a word: `threaten*`, `*n't`.
    """

    kind: MarkKind | Role
    phrases: str
    side: Side = "before"
    reach: int = CLAUSE
    case: Literal["any", "lower", "capital"] = "any"  # months are written with a capital, `may` without

    def split(self) -> list[str]:
        """Give the phrases one by one."""
        return [
            phrase for line in self.phrases.splitlines() for phrase in line.strip(" ,").split(", ") if phrase
        ]


class Cue(NamedTuple):
    """A cue where it stands: start and end in its sentence."""

    start: int
    end: int
    kind: MarkKind | Role
    side: Side
    reach: int


@dataclass(frozen=True)
class Language:
    """What one language is read with."""

    rows: tuple[Row, ...]
    before_year: re.Pattern[
        str
    ]  # what ends right before four figures where they are a year; `unsure`: may be one
    counted: re.Pattern[str]  # what follows four figures that count something and are no year


class _Pattern(NamedTuple):
    row: Row
    open_left: bool
    open_right: bool
    word_left: bool
    word_right: bool
    case: str


class Cues:
    """The cues of one language. Immutable; finding keeps nothing."""

    def __init__(self, language: Language) -> None:
        """Compile a language's rows."""
        self.language = language
        found = {phrase: row for row in (*language.rows, *_PUNCTUATION) for phrase in row.split()}
        found[","] = Row("comma", "")
        self._patterns = [_pattern(phrase, row) for phrase, row in found.items()]
        self._automaton = AhoCorasick([phrase.strip("*") for phrase in found])

    def find(self, sentence: str, *, headline: bool = False) -> list[Cue]:
        """Give the cues of a sentence in the order of reading, without those inside a longer one."""
        lower = lowered(sentence)
        cues = []
        for number, first, last in self._automaton.find_matches_as_indexes(lower, overlapping=True):
            row, open_left, open_right, word_left, word_right, case = self._patterns[number]
            start, end = first, last
            if open_left:
                start = _word_start(lower, start)
            elif word_left and start and _in_word(lower[start - 1]):
                continue
            if open_right:
                end = _word_end(lower, end)
            elif word_right and end < len(lower) and _in_word(lower[end]):
                continue
            if case != "any" and not headline and (case == "lower") != sentence[start:end].islower():
                continue
            cues.append((start, -end, row))
        cues.sort(key=_by_place)
        kept: list[Cue] = []
        reached = 0
        for start, minus_end, row in cues:
            if -minus_end > reached:
                reached = -minus_end
                kept.append(Cue(start, reached, row.kind, row.side, row.reach))
        return kept


def lowered(text: str) -> str:
    """Give a text in lower case, with plain apostrophes and spaces, every character where it was."""
    lower = text.lower()
    if len(lower) != len(text):
        lower = "".join(one if len(one := character.lower()) == 1 else character for character in text)
    return lower.replace("’", "'").replace("\n", " ")


_PUNCTUATION: Iterable[Row] = (Row("stop", ";, :, (, ), —, –, --"),)


def _pattern(phrase: str, row: Row) -> _Pattern:
    return _Pattern(
        row=row,
        open_left=phrase.startswith("*"),
        open_right=phrase.endswith("*"),
        word_left=phrase[0].isalnum(),
        word_right=phrase[-1].isalnum(),
        case=row.case,
    )


def _by_place(cue: tuple[int, int, Row]) -> tuple[int, int]:
    return cue[0], cue[1]


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "-"


def _word_start(text: str, at: int) -> int:
    while at and _in_word(text[at - 1]):
        at -= 1
    return at


def _word_end(text: str, at: int) -> int:
    while at < len(text) and _in_word(text[at]):
        at += 1
    return at

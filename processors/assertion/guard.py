"""Mark hits from the cues around them: what is denied, imagined, long past, played, claimed or meant otherwise.

The method is that of NegEx (Chapman, Bridewell, Hanbury, Cooper and Buchanan 2001) and ConText (Chapman, Chu
and Dowling 2007; Harkema, Dowling, Thornblade and Chapman 2009): cues in the hit's sentence, each with a side
and a reach, ended by words that begin another clause, and set phrases that only look like cues.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import get_args

from processors.assertion.cues import SENTENCE, Cue, Cues
from processors.assertion.reading import MOST_CHARACTERS, Sentence, read
from processors.assertion.values import CERTAINTY, Assertion, Certainty, Mark, Span
from processors.assertion.words import LANGUAGES, SECTIONS, TITLES
from processors.models import Article

YEARS_PAST = 2  # a year this much before publication is history
NEWS_BEGINS = 2000  # where publication is unknown, no news is of a year before
MOST_MARKS = 8  # of one hit

_ASSERTED = Assertion(certainty="asserted")
_LEVELS: tuple[Certainty, ...] = get_args(Certainty)
# What ends a cue's clause.
_CLAUSE = ("stop",)
_ENDS = {"negated": ("stop", "comma", "soft"), "historical": ("stop", "comma"), "fiction": ("stop", "comma")}
_FRONTED = 20  # characters from the beginning of a clause within which a time holds for all of it


def assess(article: Article, spans: Iterable[Span]) -> list[Assertion]:
    """Give, for each hit and in their order, how far the article stands behind it.

    A hit is field, start and end in code points. Only the sentence around it is read, at most
    `MOST_CHARACTERS` on each side, besides title and section; hits that share a sentence share the
    reading. A hit in a language without a table is asserted and has no marks. Nothing is dropped.
    """
    hits = list(spans)
    cues = _cues(article.language)
    if not cues or not hits:
        return [_ASSERTED] * len(hits)
    newest, whole = _newest_past(article), _of_article(article)
    found: dict[Span, Assertion] = {}
    sentence, its_field = None, None
    for hit in sorted(set(hits)):
        field, start, end = hit
        text = article.title if field == "title" else article.text
        if not sentence or field != its_field or start < sentence.start or sentence.end < end:
            sentence = read(text, start, end, cues, newest=newest, headline=field == "title")
            its_field = field
        found[hit] = _assertion([*_marks(text, hit, sentence), *whole])
    return [found[hit] for hit in hits]


@cache
def _cues(language: str) -> Cues | None:
    table = LANGUAGES.get(language)
    return Cues(table) if table else None


def _newest_past(article: Article) -> int:
    """Give the last year that is history for an article."""
    if article.published and article.published_quality in {"exact", "naive", "date"}:
        return int(article.published[:4]) - YEARS_PAST
    return NEWS_BEGINS - 1


def _of_article(article: Article) -> list[Mark]:
    """Give the marks that hold for every hit, from section and title."""
    section = article.section or ""
    kind = SECTIONS.get(section.strip().lower())
    marks = [Mark(kind=kind, field="section", start=0, end=len(section), text=section)] if kind else []
    for told, pattern in TITLES:
        if found := pattern.search(article.title, 0, MOST_CHARACTERS):
            marks.append(Mark(kind=told, field="title", start=found.start(), end=found.end(), text=found[0]))
    return marks


def _marks(text: str, hit: Span, sentence: Sentence) -> Iterator[Mark]:
    field, start, end = hit
    for cue in sentence.cues:
        if _holds(cue, start - sentence.start, end - sentence.start, sentence):
            first, last = cue.start + sentence.start, cue.end + sentence.start
            # `read` leaves no cue but those that mark.
            yield Mark(kind=cue.kind, field=field, start=first, end=last, text=text[first:last])  # type: ignore[arg-type]


def _holds(cue: Cue, start: int, end: int, sentence: Sentence) -> bool:
    """Say whether a cue reaches the hit that stands at start to end of its sentence."""
    if cue.end <= start:
        left, right, wrong = cue.end, start, "after"
    elif end <= cue.start:
        left, right, wrong = end, cue.start, "before"
    else:
        return _holds_within(cue, start, end)
    if cue.side == wrong:
        return False
    if cue.reach != SENTENCE:
        fronted = cue.kind == "historical" and wrong == "after" and _is_fronted(cue, sentence)
        ends = _CLAUSE if fronted else _ENDS.get(cue.kind, _CLAUSE)
        if sentence.words(left, right) > cue.reach or sentence.divided(left, right, ends):
            return False
    return cue.kind != "historical" or not _is_nearer_now(sentence, start, end, right - left)


def _holds_within(cue: Cue, start: int, end: int) -> bool:
    """Say whether a cue that overlaps a hit is a set expression that holds it and more: it says what it means.

    A cue inside a hit is the rule's own words.
    """
    holds = cue.start <= start and end <= cue.end and cue.end - cue.start > end - start
    return holds and (cue.kind == "other_sense" or cue.reach == SENTENCE)


def _is_fronted(cue: Cue, sentence: Sentence) -> bool:
    return cue.start <= _FRONTED or sentence.divided(cue.start - _FRONTED, cue.start, _CLAUSE)


def _is_nearer_now(sentence: Sentence, start: int, end: int, distance: int) -> bool:
    """Say whether a word for the present stands nearer to the hit than the past does."""
    return any((start - now.end if now.end <= start else now.start - end) < distance for now in sentence.now)


def _assertion(marks: list[Mark]) -> Assertion:
    if not marks:
        return _ASSERTED
    marks.sort(key=_weight, reverse=True)
    return Assertion(certainty=CERTAINTY[marks[0].kind], marks=tuple(marks[:MOST_MARKS]))


def _weight(mark: Mark) -> int:
    return _LEVELS.index(CERTAINTY[mark.kind])

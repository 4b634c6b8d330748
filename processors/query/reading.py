"""One article as queries see it: where each thing sought stands, found once whoever asks."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Protocol

from processors.models import Article, Entities, Field
from processors.query.tree import Unit
from processors.query.words import KEYS, Line, Words
from processors.sentences import sentence_ends

# A hit: field (0 title, 1 text), first and last word. Sorted, hits are in the order of reading.
Span = tuple[int, int, int]
FIELDS: tuple[Field, ...] = ("title", "text")
LEAD_WORDS = 100

# Gives, folded, the names of all that a place lies in.
Within = Callable[[str], frozenset[str]]


def nowhere(name: str) -> frozenset[str]:
    """Know of no place where it lies."""
    return frozenset()


class Sought(Protocol):
    """What a query looks for in a text: a phrase, a wildcard, an entity, a regular expression."""

    def find(self, reading: "Reading") -> list[Span]:
        """Give its hits in an article, sorted."""


class Reading:
    """The words of an article's fields, its entities, and what was found in them so far."""

    def __init__(
        self,
        article: Article,
        sought: Sequence[Sought],
        vocabulary: frozenset[str],
        *,
        keys: Mapping[str, str] = KEYS,
        entities: Entities | None = None,
        within: Within = nowhere,
        entity_questions: frozenset[int] = frozenset(),
    ) -> None:
        """Cut an article's fields into words, for things sought whose keys are all in `vocabulary`.

        `entity_questions` are the numbers of those that ask for entities.
        """
        self.article = article
        self.fields = (Words(article.title, vocabulary, keys), Words(article.text, vocabulary, keys))
        self.entities = entities.items if entities else []
        # Beyond a bound that was reached there may be more entities: what is not found is not known.
        self.knows_entities = (
            entities is not None and entities.knowledge == "known" and not entities.truncated
        )
        self.within = within
        self.memo: dict[Any, Any] = {}  # by piece of a query: what is found of it
        self.asks_entities = entity_questions.__contains__
        self._sought = sought
        self._spans: dict[int, list[Span]] = {}

    def lines(self) -> Iterator[tuple[int, Line]]:
        """Give every line to be searched, and its field's number."""
        for field, words in enumerate(self.fields):
            for line in words.lines:
                yield field, line

    def spans(self, number: int) -> list[Span]:
        """Give the hits of the thing sought that has this number, sorted."""
        found = self._spans.get(number)
        if found is None:
            found = self._spans[number] = self._sought[number].find(self)
        return found

    def found(self, number: int, spans: list[Span]) -> None:
        """Take all hits of a thing sought, found elsewhere."""
        self._spans[number] = spans

    def unit(self, unit: Unit, field: int, word: int) -> int:
        """Give the number of the sentence or paragraph in which a word stands; a title is one of each."""
        if field == 0:
            return 0
        start, _ = self.fields[field].characters(word, word)
        return bisect_right(self._ends[unit], start)

    @cached_property
    def _ends(self) -> Mapping[Unit, list[int]]:
        paragraphs = self.fields[1].paragraph_ends()
        return {
            "paragraph": paragraphs,
            "sentence": sorted({*paragraphs, *sentence_ends(self.fields[1].text)}),
        }

    @cached_property
    def lead_words(self) -> int:
        """How many words of the text are its lead: those of the first paragraphs, at most LEAD_WORDS."""
        return self.fields[1].lead(LEAD_WORDS)

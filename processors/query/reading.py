"""One article as queries see it: where each thing sought stands, found once whoever asks."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from types import MappingProxyType
from typing import Any, Protocol

from processors.entities.places import UNCHARTED, Places
from processors.models import Article, Entities, Field
from processors.query.tree import Node, Of, Or, Unit
from processors.query.words import KEYS, Line, Words
from processors.sentences import sentence_ends

# A hit: field (0 title, 1 text), first and last word. Sorted, hits are in the order of reading.
Span = tuple[int, int, int]
# Of a piece of many parts: those that may always hold, and those that may where an anchor is found.
ByAnchor = tuple[list[Node], dict[int, list[Node]]]
FIELDS: tuple[Field, ...] = ("title", "text")
LEAD_WORDS = 100


class Sought(Protocol):
    """What a query looks for in a text: a phrase, a wildcard, an entity, a regular expression."""

    def find(self, reading: "Reading") -> list[Span]:
        """Give its hits in an article, sorted."""


class _Spans(dict[int, list[Span]]):
    """The hits of each thing sought by its number, looked for when first asked for."""

    def __init__(self, reading: "Reading", sought: Sequence[Sought], scanned: frozenset[int]) -> None:
        super().__init__()
        self._reading, self._sought, self.scanned = reading, sought, scanned

    def __missing__(self, number: int) -> list[Span]:
        found = [] if number in self.scanned else self._sought[number].find(self._reading)
        self[number] = found
        return found


class _Characters(dict[tuple[Any, ...], tuple[int, int, str]]):
    """The code points, start and end, on which a hit stands, and what they say."""

    def __init__(self, fields: Sequence[Words]) -> None:
        super().__init__()
        self._fields = fields

    def __missing__(self, hit: tuple[Any, ...]) -> tuple[int, int, str]:
        words = self._fields[hit[0]]
        start, end = words.characters(hit[1], hit[2])
        found = self[hit] = start, end, words.text[start:end]
        return found


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
        places: Places = UNCHARTED,
        asking: frozenset[Node] = frozenset(),
        scanned: frozenset[int] = frozenset(),
        by_anchor: Mapping[Node, ByAnchor] = MappingProxyType({}),
    ) -> None:
        """Cut an article's fields into words, for things sought whose keys are all in `vocabulary`.

        `asking` are the parts of plans that ask for entities; `scanned` the numbers of those whose
        hits are all put into `spans` before anybody asks. `by_anchor` gives, for a piece of many
        parts, which of them may hold by what was found.
        """
        self.article = article
        self.fields = (Words(article.title, vocabulary, keys), Words(article.text, vocabulary, keys))
        self.entities = entities.items if entities else []
        # Beyond a bound that was reached there may be more entities: what is not found is not known.
        self.knows_entities = (
            entities is not None and entities.knowledge == "known" and not entities.truncated
        )
        self.places = places
        self.memo: dict[Any, Any] = {}  # by piece of a query: what is found of it
        self.asking = asking
        self.found: set[int] = set()  # the numbers of what was scanned for and found
        self._by_anchor = by_anchor
        self.spans = _Spans(self, sought, scanned)
        self.characters = _Characters(self.fields)

    def lines(self) -> Iterator[tuple[int, Line]]:
        """Give every line to be searched, and its field's number."""
        for field, words in enumerate(self.fields):
            for line in words.lines:
                yield field, line

    def has_words_of(self, variant: str) -> bool:
        """Say whether all keys of a phrase stand in the article, anywhere: cheaper than looking for it."""
        return self._keys.issuperset(variant.split())

    @cached_property
    def _keys(self) -> set[str]:
        return {key for _, line in self.lines() for key in line.keys.split(" ")}

    def possible(self, plan: Or | Of) -> Iterable[Node]:
        """Give the parts of a piece that may hold; those of many are told by what was scanned for."""
        index = self._by_anchor.get(plan)
        if index is None:
            return plan.parts
        always, parts = index
        return dict.fromkeys(chain(always, *(parts[number] for number in self.found & parts.keys())))

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

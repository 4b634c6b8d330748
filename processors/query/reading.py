"""One article as queries see it: where each thing sought stands, found once whoever asks."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from typing import Any, Protocol

from processors.entities.places import UNCHARTED, Places
from processors.models import Article, Entities, Field
from processors.query.alphabet import Alphabet
from processors.query.sifted import Sifted
from processors.query.tree import Node, Unit
from processors.query.words import Words, is_paragraph
from processors.sentences import ends_sentence, item_starts, may_end_sentence, sentence_ends

# A hit: field (0 title, 1 text), first and last word. Sorted, hits are in the order of reading.
Span = tuple[int, int, int]
FIELDS: tuple[Field, ...] = ("title", "text")
LEAD_WORDS = 100
_FEW_STOPS = 8


class Sought(Protocol):
    """What a query looks for in a text: a phrase, a wildcard, an entity, a regular expression."""

    def find(self, reading: "Reading") -> list[Span]:
        """Give its hits in an article, sorted."""


class Spans(dict[int, list[Span]]):
    """The hits of each thing sought by its number, looked for when first asked for."""

    def __init__(self, reading: "Reading", sought: Sequence[Sought]) -> None:
        """Take an article and what may be asked for."""
        super().__init__()
        self._reading, self._sought = reading, sought

    def __missing__(self, number: int) -> list[Span]:
        found = self[number] = self._sought[number].find(self._reading)
        return found


class _Without(Spans):
    """The hits of a reading but for those with a word that does not count."""

    def __init__(self, spans: Spans, words: AbstractSet[tuple[int, int]]) -> None:
        super().__init__(spans._reading, spans._sought)
        self._spans, self._words = spans, words

    def __missing__(self, number: int) -> list[Span]:
        found = self[number] = [
            span
            for span in self._spans[number]
            if not any((span[0], word) in self._words for word in range(span[1], span[2] + 1))
        ]
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
        alphabet: Alphabet,
        *,
        entities: Entities | None = None,
        places: Places = UNCHARTED,
        asking: frozenset[Node] = frozenset(),
    ) -> None:
        """Cut an article's fields into words, for things sought whose words all have a letter.

        `asking` are the parts of plans that ask for entities.
        """
        self.article = article
        self.fields = (Words(article.title, alphabet), Words(article.text, alphabet))
        self.alphabet = alphabet
        self.lines = [(field, line) for field, words in enumerate(self.fields) for line in words.lines]
        self.entities = entities.items if entities else []
        # Beyond a bound that was reached there may be more entities: what is not found is not known.
        self.knows_entities = (
            entities is not None and entities.knowledge == "known" and not entities.truncated
        )
        self.places = places
        self.memo: dict[Any, Any] = {}  # by piece of a query: what is found of it
        self.asking = asking
        self.spans = Spans(self, sought)
        self.characters = _Characters(self.fields)
        self.sifted = Sifted()
        self._ended: dict[int, bool] = {}

    def leave_out(self, stretches: Iterable[tuple[Field, int, int]]) -> None:
        """Have the words count no more that touch these code points, each field, start and end."""
        words: set[tuple[int, int]] = set()
        for field, start, end in stretches:
            number = FIELDS.index(field)
            if covered := self.fields[number].covering(start, end):
                words.update((number, word) for word in range(covered[0], covered[1] + 1))
        self.spans = _Without(self.spans, words)

    def together(self, unit: Unit, field: int, first: int, last: int) -> bool:
        """Say whether two words of a field, in order, stand in one sentence or paragraph; a title is one of each."""
        if field == 0 or first == last:
            return True
        if _parted(self._paragraphs, first, last):
            return False
        if unit == "paragraph" or not _parted(self._stops, first, last):
            return True
        begin, end = bisect_right(self._stops, first), bisect_right(self._stops, last)
        if end - begin > _FEW_STOPS:
            return not _parted(self._sentences, first, last)
        return not any(map(self._ends_before, self._stops[begin:end]))

    def _ends_before(self, word: int) -> bool:
        """Say whether a sentence ends before a word of the text."""
        known: bool | None = self._ended.get(word)
        if known is None:
            words = self.fields[1]
            known = self._ended[word] = ends_sentence(words.text, *words.characters(word - 1, word))
        return known

    @cached_property
    def _paragraphs(self) -> list[int]:
        """The words of the text with which a paragraph begins."""
        return [word for mark, word in self.fields[1].breaks if is_paragraph(mark)]

    @cached_property
    def _stops(self) -> list[int]:
        """The words of the text with which a sentence may begin: a stop stands before them, or they begin an item."""
        words = self.fields[1]
        stops = [word for mark, word in words.breaks if word and may_end_sentence(mark)]
        items = map(words.word_from, item_starts(words.text))
        return sorted({*stops, *items})

    @cached_property
    def _sentences(self) -> list[int]:
        """The words of the text with which a sentence begins."""
        words = self.fields[1]
        return [words.word_from(end) for end in sentence_ends(words.text)]

    @cached_property
    def lead_words(self) -> int:
        """How many words of the text are its lead: those of the first paragraphs, at most LEAD_WORDS."""
        return self.fields[1].lead(LEAD_WORDS)


def _parted(starts: Sequence[int], first: int, last: int) -> bool:
    """Say whether something begins after one word and not after another."""
    return bisect_right(starts, first) < bisect_right(starts, last)

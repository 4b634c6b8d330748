"""One article as queries see it: where each phrase stands, found once whoever asks."""

from collections.abc import Iterator, Sequence

from processors.models import Article, Field
from processors.query.phrases import Pattern
from processors.query.words import Line, Words

# A hit: field (0 title, 1 text), first and last word. Sorted, hits are in the order of reading.
Span = tuple[int, int, int]
FIELDS: tuple[Field, ...] = ("title", "text")


class Reading:
    """The words of an article's fields and the hits of phrases in them."""

    def __init__(self, article: Article, patterns: Sequence[Pattern], vocabulary: frozenset[str]) -> None:
        """Cut an article's fields into words, for patterns whose keys are all in `vocabulary`."""
        self.fields = (Words(article.title, vocabulary), Words(article.text, vocabulary))
        self._patterns = patterns
        self._spans: dict[int, list[Span]] = {}

    def lines(self) -> Iterator[tuple[int, Line]]:
        """Give every line to be searched, and its field's number."""
        for field, words in enumerate(self.fields):
            for line in words.lines:
                yield field, line

    def spans(self, pattern: int) -> list[Span]:
        """Give the hits of a pattern, by its number, sorted."""
        found = self._spans.get(pattern)
        if found is None:
            found = self._spans[pattern] = self._accepted(pattern, self._search(self._patterns[pattern]))
        return found

    def found_by_scan(self, pattern: int, spans: set[Span]) -> list[Span]:
        """Take all hits of a pattern's variants, found elsewhere; give those that its form allows."""
        accepted = self._spans[pattern] = self._accepted(pattern, spans)
        return accepted

    def _search(self, pattern: Pattern) -> set[Span]:
        spans = set()
        for field, line in self.lines():
            for variant in pattern.variants:
                at = line.keys.find(variant)
                while at >= 0:
                    spans.add((field, *line.span(at, at + len(variant))))
                    at = line.keys.find(variant, at + 1)
        return spans

    def _accepted(self, number: int, spans: set[Span]) -> list[Span]:
        pattern = self._patterns[number]
        if pattern.form is None and not pattern.capitals:
            return sorted(spans)
        return sorted(span for span in spans if pattern.accepts(self.fields[span[0]], span[1], span[2]))

"""Turns what a model took for names into clean spans: cut, judged, completed, agreed over the text."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from processors.entities.edges import Edges
from processors.entities.facts import Facts
from processors.entities.gazetteer import Gazetteer
from processors.entities.kinds import Kinds
from processors.entities.recase import DATELINE
from processors.models import Label

# What labels mean. The English models use OntoNotes' labels, the others WikiNER's four. A label that is
# not here ("", French MISC included) is kept only where gazetteer or grammar says what the span is.
LABELS: dict[str, Label] = {
    "PERSON": "person", "PER": "person", "GPE": "place", "LOC": "place", "FAC": "place",
    "ORG": "org", "NORP": "group",
}  # fmt: skip
# Of these, what gazetteer and grammar can't settle is no name at all.
DOUBTFUL = frozenset({"MISC", "PRODUCT", "WORK_OF_ART", "EVENT", "LAW", "LANGUAGE"})

HYPHEN = re.compile(r"[-–‑/]")
JOINED = re.compile(r"\b[A-Z]\w+(?:[-–‑][A-Z]\w+)+(?: [A-Z]\w+){1,3}")


class Span(NamedTuple):
    """A name found: code points start to end of the text that was read, and its kind."""

    start: int
    end: int
    label: Label


class Reading:
    """One text, with what is needed to judge spans of it."""

    def __init__(self, text: str, source: str, facts: Facts, gazetteer: Gazetteer) -> None:
        """Hold a text as the model read it (see `recase`) and as it stands in the article."""
        self.text = text
        self.source = source
        self.facts = facts
        self.gazetteer = gazetteer
        self.edges = Edges(text, source, facts, gazetteer)
        self.kinds = Kinds(text, facts, gazetteer)
        self._taken = bytearray(len(text))
        self._shown: dict[str, Counter[Label]] = {}  # kinds that the words around a name have shown

    def spans(self, found: Iterable[tuple[int, int, str]]) -> list[Span]:
        """Give clean spans, in order and apart, of what a model found (start, end, its label)."""
        kept = [span for span in (*self._datelines(), *self._joined()) if self._take(span)]
        for start, end, label in found:
            if label not in LABELS and label not in DOUBTFUL:
                continue
            for piece_start, piece_end in self.edges.pieces(start, end):
                for span in self._clean(piece_start, piece_end, label):
                    if self._take(span):
                        kept.append(span)
        kept = self._agree(kept)
        kept += self._missed()
        kept += self._repeated(kept)
        kept.sort()
        return kept

    def _datelines(self) -> Iterator[Span]:
        """Give the place before an agency's name at the head of a line: GENEVA (AP) -."""
        for match in DATELINE.finditer(self.text):
            yield Span(match.start(1), match.end(1), "place")

    def _joined(self) -> Iterator[Span]:
        """Give organisations named after a pair: what is NATO and Russia Council to a tokenizer."""
        for match in JOINED.finditer(self.text):
            words = match[0].split(" ")
            while len(words) > 1 and words[-1].lower() not in self.facts.org_heads:
                words.pop()
            if len(words) > 1:
                yield Span(match.start(), match.start() + len(" ".join(words)), "org")

    def _take(self, span: Span) -> bool:
        if self._taken.find(1, span.start, span.end) >= 0 or self.source[span.end - 1] == "\n":
            return False
        self._taken[span.start : span.end] = b"\1" * (span.end - span.start)
        return True

    def _clean(self, start: int, end: int, raw: str) -> Iterator[Span]:
        label, edges = LABELS.get(raw), self.edges
        start, end = edges.trim(start, end)
        start = edges.without_prefix(edges.without_article(start, end, label), end)
        end = edges.without_tail(start, end)
        text = self.text[start:end]
        if not any(map(str.isupper, text)):
            return
        if HYPHEN.search(text) and " " not in text:
            parts = list(self._hyphenated(start, end))
            if parts or self.kinds.is_compass(text):
                yield from parts
                return
        end = edges.to_head(edges.to_hyphen_end(start, end), label)
        start, titled = edges.without_titles(start, end, label)
        if label == "person":
            start, end = edges.with_particles(start, end)
        decided = self._judged(start, end, label, raw, titled=titled)
        if decided and self.kinds.is_name(start, end, decided):
            yield Span(start, end, decided)

    def _judged(self, start: int, end: int, label: Label | None, raw: str, *, titled: bool) -> Label | None:
        """Give a span's kind, and remember where its neighbours have shown it."""
        text = self.text[start:end]
        decided = self.kinds.decide(text, label, raw, titled=titled)
        if decided == "place" and self.kinds.is_people(start, end):
            return "group"
        if titled and decided == "person":
            self._shown.setdefault(text, Counter())["person"] += 1
        elif decided in ("person", "org") and self.kinds.is_located(start, end):
            decided = "place"
            self._shown.setdefault(text, Counter())["place"] += 1
        return decided

    def _hyphenated(self, start: int, end: int) -> Iterator[Span]:
        """Give the names in a pair such as US-Russia, or the one in Moscow-led."""
        at = start
        parts: list[tuple[int, int]] = []
        for match in HYPHEN.finditer(self.text, start, end):
            parts.append((at, match.start()))
            at = match.end()
        parts.append((at, end))
        known = [(a, b, self.gazetteer.kind_of(self.text[a:b])) for a, b in parts if b > a]
        names = [part for part in known if self.text[part[0]].isupper()]
        if not names or not any(kind for _, _, kind in names):
            return
        rest = [part for part in names if part[2] is None]
        if self.text[start:end] in self.gazetteer.places or len(rest) > 1:
            return
        if all(kind or self.text[a:b].isupper() for a, b, kind in names):
            for a, b, kind in names:
                yield Span(a, b, kind or "org")

    def _agree(self, spans: list[Span]) -> list[Span]:
        """Give a name that stands several times in a text the kind that most of them have."""
        votes: dict[str, Counter[Label]] = {}
        for span in spans:
            votes.setdefault(self.text[span.start : span.end], Counter())[span.label] += 1
        surnames = {
            text.rpartition(" ")[2] for text, kinds in votes.items() if kinds["person"] and " " in text
        }
        settled: dict[str, Label] = {}
        for text, kinds in votes.items():
            if text in self._shown:
                settled[text] = self._shown[text].most_common(1)[0][0]
            elif text in surnames and text not in self.gazetteer.places:
                settled[text] = "person"
            elif text in self.gazetteer.places and text not in surnames:
                settled[text] = "place"
            elif len(kinds) > 1:
                settled[text] = kinds.most_common(1)[0][0]
        return [
            span._replace(label=settled.get(self.text[span.start : span.end], span.label)) for span in spans
        ]

    def _missed(self) -> list[Span]:
        """Give places and nationalities that the gazetteer is certain of and the model left out."""
        added = []
        for start, end in self.gazetteer.occurrences(self.text):
            kind = self.gazetteer.kind_of(self.text[start:end])
            if kind and not self.kinds.goes_on(start, end):
                span = Span(start, end, kind)
                if self._take(span):
                    added.append(span)
        return added

    def _repeated(self, spans: list[Span]) -> list[Span]:
        """Give what stands elsewhere in the text as a name and was left out here."""
        added = []
        text = self.text
        for name, label in {text[span.start : span.end]: span.label for span in spans}.items():
            at = -1 if len(name) < 3 or name.lower() in self.facts.compass else text.find(name)
            while at >= 0:
                span = Span(at, at + len(name), label)
                alone = not (at and text[at - 1].isalnum()) and not text[span.end : span.end + 1].isalnum()
                if alone and not self.kinds.goes_on(at, span.end) and self._take(span):
                    added.append(span)
                at = text.find(name, span.end)
        return added

"""Turns what a model took for names into clean spans: cut, split, relabelled, completed."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from processors.entities.facts import Facts
from processors.entities.gazetteer import Gazetteer
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

BREAK = re.compile(
    r"\s*\n\s*|\s+[-–—|/•]\s+|\s*[;:•|]\s+|\s+\(|\s*[\[\])]\s*|(?<=\w{3})/(?=[A-Z])|\s*@"
    r"|\s*[\"“”«»]\s*|\s*…|\.\.\.|--|—"
)
EDGE = " \t\n\r'\"‘’“”«»()[]{}<>,;:!?*•|/\\-–—_…`^~@#"
POSSESSIVE = re.compile(r"(?:['’][sS]|(?<=[sSzZ])['’])$")
INITIALS = re.compile(r"(?:^|[\s.])[A-Z]\.$")
ABBREVIATED = re.compile(r"\b(?:Inc|Corp|Ltd|Co|Jr|Sr|St|Bros)\.$")
HYPHEN = re.compile(r"[-–‑/]")
TOKEN = re.compile(r"[^\s]+")
GOES_ON = re.compile(r"[-‑]([A-Z]\w+)(?![\w-])")
APPOSITION = re.compile(r", ([A-Z]\w+(?: [A-Z]\w+)?)(?!\w)")
IS_A = re.compile(r" (?:is|was|est|était) (?:an?|the|une?|la|le) (?:\w+ )?(\w+)")
TAIL = re.compile(r"(?: [A-Z]\w+){1,3}(?!\w)")
JOINED = re.compile(r"\b[A-Z]\w+(?:[-–‑][A-Z]\w+)+(?: [A-Z]\w+){1,3}")


class Span(NamedTuple):
    """A name found: code points start to end of the text that was read, and its kind."""

    start: int
    end: int
    label: Label


class Reading:
    """One text, with what is needed to judge spans of it."""

    def __init__(self, text: str, facts: Facts, gazetteer: Gazetteer) -> None:
        """Hold a text as the model read it (see `recase`), and what is known of its language."""
        self.text = text
        self.facts = facts
        self.gazetteer = gazetteer
        self._taken = bytearray(len(text))
        self._shown: dict[str, Counter[Label]] = {}  # kinds that the words around a name have shown

    def spans(self, found: Iterable[tuple[int, int, str]]) -> list[Span]:
        """Give clean spans, in order and apart, of what a model found (start, end, its label)."""
        kept = [span for span in (*self._datelines(), *self._joined()) if self._take(span)]
        for start, end, label in found:
            if label not in LABELS and label not in DOUBTFUL:
                continue
            for piece_start, piece_end in self._pieces(start, end):
                for span in self._clean(piece_start, piece_end, label):
                    if self._take(span):
                        kept.append(span)
        kept = self._agree(kept)
        kept += self._missed(kept)
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
        if self._taken.find(1, span.start, span.end) >= 0:
            return False
        self._taken[span.start : span.end] = b"\1" * (span.end - span.start)
        return True

    def _pieces(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Cut a span where no name goes on: at a new line, a spaced dash, a bracket, a quote."""
        text = self.text[start:end]
        at = 0
        for match in BREAK.finditer(text):
            if match.start() > at:
                yield start + at, start + match.start()
            at = match.end()
        if at < len(text):
            yield start + at, end

    def _trim(self, start: int, end: int) -> tuple[int, int]:
        """Leave out quotes, punctuation and a possessive at the edges."""
        text = self.text
        while start < end and text[start] in EDGE + ".":
            start += 1
        while start < end:
            last = text[end - 1]
            possessive = POSSESSIVE.search(text, start, end) if last in "sS'’" else None
            if possessive and possessive.start() > start:
                end = possessive.start()
            elif last in EDGE or (last == "." and not self._abbreviates(start, end)):
                end -= 1
            else:
                break
        return start, end

    def _abbreviates(self, start: int, end: int) -> bool:
        text = self.text[start:end]
        return bool(INITIALS.search(text) or ABBREVIATED.search(text))

    def _clean(self, start: int, end: int, raw: str) -> Iterator[Span]:
        start, end = self._trim(start, end)
        label = LABELS.get(raw)
        start = self._without_prefix(self._without_article(start, end, label), end)
        if self.facts.capitalised:
            end = self._without_tail(start, end)
        text = self.text[start:end]
        if not text or not any(map(str.isupper, text)):
            return
        if HYPHEN.search(text) and " " not in text:
            parts = list(self._hyphenated(start, end, label))
            if parts or self._is_compass(text):
                yield from parts
                return
        end = self._to_head(self._to_hyphen_end(start, end), label)
        start, titled = self._without_titles(start, end, label)
        text = self.text[start:end]
        decided = self._decide(text, label, raw, titled=titled)
        if titled and decided == "person":
            self._shown.setdefault(text, Counter())["person"] += 1
        elif decided in ("person", "org") and self._is_located(start, end):
            self._shown.setdefault(text, Counter())["place"] += 1
            decided = "place"
        if decided and self._is_name(start, end, decided):
            yield Span(start, end, decided)

    def _without_prefix(self, start: int, end: int) -> int:
        """Step over pro- and ex-."""
        head, hyphen, _ = self.text[start:end].partition("-")
        return start + len(head) + 1 if hyphen and head.lower() in self.facts.prefixes else start

    def _without_tail(self, start: int, end: int) -> int:
        """Leave out small words at the end, unless they are what the name is the name of."""
        while True:
            space = self.text.rfind(" ", start, end)
            last = self.text[space + 1 : end]
            if space < 0 or not last.islower() or self._is_head(last):
                return end
            end = space

    def _is_head(self, word: str) -> bool:
        return word in self.facts.org_heads or word in self.facts.place_heads

    def _to_hyphen_end(self, start: int, end: int) -> int:
        """Go on to the end of a name that was cut at its hyphen: Saxony-Anhalt, not US-Russia."""
        match = GOES_ON.match(self.text, end)
        if not match or self._known(match[1]) or self.text[start:end].isupper():
            return end
        return match.end()

    def _to_head(self, end: int, label: Label | None) -> int:
        """Go on to the head of an organisation's name that was cut before it."""
        match = TAIL.match(self.text, end) if label in ("person", "org") else None
        if not match:
            return end
        words = match[0].split(" ")
        while words and words[-1].lower() not in self.facts.org_heads:
            words.pop()
        return end + len(" ".join(words))

    def _is_located(self, start: int, end: int) -> bool:
        """Tell by its neighbours that a name the gazetteer doesn't know is a place's."""
        text, name = self.text, self.text[start:end]
        if name.isupper() or not name[-1].isalpha() or self._is_persons(name.split()):
            return False
        after = APPOSITION.match(text, end)
        if after and after[1] in self.gazetteer.places and after[1] not in self.gazetteer.given_names:
            return True
        kind = IS_A.match(text, end)
        if kind and kind[1].lower() in self.facts.settlements:
            return True
        before = text[max(0, start - 9) : start].split(" ")
        return (
            " " not in name
            and len(before) > 1
            and before[-2] in self.facts.located
            and not text.startswith(("'", "’", "-", " ("), end)
            and not self._goes_on(start, end)
            and name.lower() not in self.facts.org_heads
        )

    def _without_article(self, start: int, end: int, label: Label | None) -> int:
        first = TOKEN.match(self.text, start, end)
        if first and first.end() < end and first[0].lower() in self.facts.articles:
            if first[0].islower() or label in ("place", "group") or self._is_sentence_start(start):
                return first.end() + 1
        return start

    def _is_sentence_start(self, start: int) -> bool:
        before = self.text[max(0, start - 3) : start].rstrip(" ")
        return not before or before[-1] in '.!?\n"“:'

    def _without_titles(self, start: int, end: int, label: Label | None) -> tuple[int, bool]:
        """Step over offices that stand before a person's name; tell whether there were any."""
        if label == "place":
            return start, False
        titles, at, titled = self.facts.titles, start, False
        for match in TOKEN.finditer(self.text, start, end):
            word = match[0].strip(".,").lower()
            if word in titles or (titled and word in self.facts.office):
                titled = True
            elif titled and word in self.facts.departments:
                pass
            elif titled:
                at = match.start()
                break
            else:
                break
        return (at, True) if at > start else (start, False)

    def _hyphenated(self, start: int, end: int, label: Label | None) -> Iterator[Span]:
        """Give the names in a pair such as US-Russia, or the one in Moscow-led."""
        at = start
        parts: list[tuple[int, int]] = []
        for match in HYPHEN.finditer(self.text, start, end):
            parts.append((at, match.start()))
            at = match.end()
        parts.append((at, end))
        known = [(a, b, self._known(self.text[a:b])) for a, b in parts if b > a]
        names = [part for part in known if self.text[part[0]].isupper()]
        if not names or not any(kind for _, _, kind in names):
            return
        rest = [part for part in names if part[2] is None]
        if self.text[start:end] in self.gazetteer.places or len(rest) > 1:
            return
        if all(kind or self.text[a:b].isupper() for a, b, kind in names):
            for a, b, kind in names:
                yield Span(a, b, kind or "org")

    def _known(self, text: str) -> Label | None:
        if text in self.gazetteer.places:
            return "place"
        return "group" if text in self.gazetteer.groups else None

    def _is_compass(self, text: str) -> bool:
        return all(part.lower() in self.facts.compass for part in HYPHEN.split(text))

    def _decide(self, text: str, label: Label | None, raw: str, *, titled: bool) -> Label | None:
        """Give the kind of a name: what gazetteer and grammar know goes before the model's guess."""
        words = text.split()
        if not words:
            return None
        known = self._known(text)
        if known and not titled and (label != "person" or known == "group" or len(words) > 1):
            return known
        first, last = words[0].strip(".,").lower(), words[-1].strip(".,").lower()
        if len(words) > 1 and (last in self.facts.org_heads or self._is_headed(words)):
            return "org"
        if len(words) > 1 and label != "org" and last in self.facts.place_heads:
            return "place"
        if len(words) > 1 and first in self.facts.place_openers and label in ("person", "org"):
            return "place"
        if titled and label != "group":
            return "person"
        if label == "person" and text.lower() in self.facts.org_heads:
            return "org"
        if label in ("org", None, "place") and self._is_persons(words):
            return "person"
        if known and label is None:
            return known
        if label is None and raw == "MISC" and text.endswith(self.facts.group_endings or ("\0",)):
            return "group" if len(words) == 1 else None
        return label

    def _is_headed(self, words: list[str]) -> bool:
        """Tell University of X, Ministry of X: a head before a small word."""
        return words[1] in self.facts.office and words[0].lower() in self.facts.org_heads and len(words) > 2

    def _is_persons(self, words: list[str]) -> bool:
        """Tell a given name and a surname that nothing else claims."""
        if not 2 <= len(words) <= 3 or words[0] not in self.gazetteer.given_names:
            return False
        rest = words[1:]
        return all(
            word[0].isupper() and not word.isupper() and word.replace("-", "").replace("'", "").isalpha()
            and self._known(word) is None
            for word in rest
        )  # fmt: skip

    def _is_name(self, start: int, end: int, label: Label) -> bool:
        text = self.text[start:end]
        if label == "person" and (any(map(str.isdigit, text)) or text.count(" ") > 4):
            return False
        if text.count(" ") > 9 or "://" in text:
            return False
        if end - start < 2 or not any(map(str.isupper, text)) or text.lower() in self.facts.never:
            return False
        if text.strip(".").lower() in self.facts.titles or text.lower() in self.facts.compass:
            return text.lower() in ("west", "ouest")
        if text.strip(".").lower() in self.facts.generic:
            return False
        if text.lower() in self.facts.departments:
            before = self.text[max(0, start - 12) : start].lower().split()
            return not (len(before) > 1 and before[-1] in self.facts.office)
        return True

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

    def _missed(self, spans: list[Span]) -> list[Span]:
        """Give places and nationalities that the gazetteer is certain of and the model left out."""
        added = []
        for start, end in self.gazetteer.occurrences(self.text):
            kind = self._known(self.text[start:end])
            if kind and not self._goes_on(start, end):
                span = Span(start, end, kind)
                if self._take(span):
                    added.append(span)
        return added

    def _goes_on(self, start: int, end: int) -> bool:
        """Tell whether a capitalised word beside this one may make it part of a longer name."""
        after = self.text[end : end + 2]
        return len(after) == 2 and after[0] == " " and after[1].isupper()

    def _repeated(self, spans: list[Span]) -> list[Span]:
        """Give what stands elsewhere in the text as a name and was left out here."""
        added = []
        for text, label in {self.text[span.start : span.end]: span.label for span in spans}.items():
            if len(text) < 3:
                continue
            at = self.text.find(text)
            while at >= 0:
                end = at + len(text)
                whole = not (
                    (at and self.text[at - 1].isalnum())
                    or (end < len(self.text) and self.text[end].isalnum())
                )
                span = Span(at, end, label)
                if whole and self._taken.find(1, at, end) < 0 and not self._goes_on(at, end):
                    self._take(span)
                    added.append(span)
                at = self.text.find(text, end)
        return added

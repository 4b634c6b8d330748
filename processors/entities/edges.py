"""Where a name begins and ends: cuts what a model took along, completes what it cut off."""

import re
from collections.abc import Iterator

from processors.entities.facts import Facts
from processors.entities.gazetteer import Gazetteer
from processors.models import Label

BREAK = re.compile(
    r"\s*\n\s*|\s+[-–—|/•]\s+|\s*[;:•|]\s+|\s+\(|\s*[\[\])]\s*|(?<=\w{3})/(?=[A-Z])|\s*@"
    r"|\s*[\"“”«»]\s*|\s*…|\.\.\.|--|—"
)
EDGE = " \t\n\r'\"‘’“”«»()[]{}<>,;:!?*•|/\\-–—_…`^~@#"
POSSESSIVE = re.compile(r"(?:['’][sS]|(?<=[sSzZ])['’])$")
INITIALS = re.compile(r"(?:^|[\s.])[A-Z]\.$")
ABBREVIATED = re.compile(r"\b(?:Inc|Corp|Ltd|Co|Jr|Sr|St|Bros)\.$")
OWNER = re.compile(r"(\w[\w. ]+)['’][sS] (?=[A-Z])")
PARTICLES = re.compile(r"((?: [a-z]{2,5}){1,3}) [A-Z][\w'’-]+")
PARTICLES_BEFORE = re.compile(r"(?:\b[A-Za-z]{2,5} ){1,3}$")
TOKEN = re.compile(r"[^\s]+")
GOES_ON = re.compile(r"[-‑]([A-Z]\w+)(?![\w-])")
TAIL = re.compile(r"(?: [A-Z]\w+){1,3}(?!\w)")


class Edges:
    """The edges of names in one text, as code points start to end."""

    def __init__(self, text: str, source: str, facts: Facts, gazetteer: Gazetteer) -> None:
        """Hold a text as the model read it and as it stands in the article, of one length."""
        self.text = text
        self.source = source
        self.facts = facts
        self.gazetteer = gazetteer

    def pieces(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Cut a span where no name goes on: at a new line, a spaced dash, a bracket, a quote."""
        text = self.text[start:end]
        at = 0
        owner = OWNER.match(text)
        if owner and self.gazetteer.kind_of(owner[1]):
            yield start, start + owner.end(1)
            at = owner.end()
        for match in BREAK.finditer(text):
            if match.start() > at:
                yield start + at, start + match.start()
            at = max(at, match.end())
        if at < len(text):
            yield start + at, end

    def trim(self, start: int, end: int) -> tuple[int, int]:
        """Leave out quotes, punctuation and a possessive at the edges."""
        text = self.text
        while start < end and text[start] in EDGE + ".":
            start += 1
        while start < end:
            last = text[end - 1]
            possessive = POSSESSIVE.search(text, start, end) if last in "sS'’" else None
            if possessive and possessive.start() > start:
                end = possessive.start()
            elif (
                last in EDGE
                or self.source[end - 1] == "\n"
                or (last == "." and not self._abbreviates(start, end))
            ):
                end -= 1
            else:
                break
        return start, end

    def _abbreviates(self, start: int, end: int) -> bool:
        text = self.text[start:end]
        return bool(INITIALS.search(text) or ABBREVIATED.search(text))

    def without_article(self, start: int, end: int, label: Label | None) -> int:
        first = TOKEN.match(self.text, start, end)
        if not first or first.end() >= end or first[0].lower() not in self.facts.articles:
            return start
        needless = first[0].islower() or label in ("place", "group") or self._is_sentence_start(start)
        return first.end() + 1 if needless else start

    def _is_sentence_start(self, start: int) -> bool:
        before = self.text[max(0, start - 3) : start].rstrip(" ")
        return not before or before[-1] in '.!?\n"“:'

    def without_prefix(self, start: int, end: int) -> int:
        """Step over pro- and ex-."""
        head, hyphen, _ = self.text[start:end].partition("-")
        return start + len(head) + 1 if hyphen and head.lower() in self.facts.prefixes else start

    def without_tail(self, start: int, end: int) -> int:
        """Leave out small words at the end, unless they are what the name is the name of."""
        while self.facts.capitalised:
            space = self.text.rfind(" ", start, end)
            last = self.text[space + 1 : end]
            if space < 0 or not last.islower() or self.facts.is_head(last):
                break
            end = space
        return end

    def to_hyphen_end(self, start: int, end: int) -> int:
        """Go on to the end of a name that was cut at its hyphen: Saxony-Anhalt, not US-Russia."""
        match = GOES_ON.match(self.text, end)
        if not match or self.gazetteer.kind_of(match[1]) or self.text[start:end].isupper():
            return end
        return match.end()

    def with_particles(self, start: int, end: int) -> tuple[int, int]:
        """Go on over von der and bin, which a model leaves out of a person's name or ends it at."""
        particles = self.facts.particles
        after = PARTICLES.match(self.text, end)
        if after and particles.issuperset(after[1].split()):
            end = after.end()
        before = PARTICLES_BEFORE.search(self.text, max(0, start - 18), start)
        for word in reversed(before[0].split()) if before else ():
            if word.lower() not in particles or start < len(word) + 1:
                break
            start -= len(word) + 1
        return start, end

    def to_head(self, end: int, label: Label | None) -> int:
        """Go on to the head of an organisation's name that was cut before it."""
        match = TAIL.match(self.text, end) if label in ("person", "org") else None
        if not match:
            return end
        words = match[0].split(" ")
        while words and words[-1].lower() not in self.facts.org_heads:
            words.pop()
        return end + len(" ".join(words))

    def without_titles(self, start: int, end: int, label: Label | None) -> tuple[int, bool]:
        """Step over offices that stand before a person's name; tell whether there were any."""
        if label == "place" or self.text[start:end].rpartition(" ")[2].lower() in self.facts.org_heads:
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

"""Writes a text as its model learned to read: capitals undone, paragraphs ended, rubbish blanked.

Everything here keeps each character's place, so what the model finds in the rewritten text stands
at the same offsets in the article.
"""

import re
from collections import Counter

from processors.entities.gazetteer import Gazetteer

LONGEST_WORD = 200
FEW_WORDS = 12  # a text with fewer different words tells nothing of how others are written
RUN_ON = re.compile(rf"\S{{{LONGEST_WORD},}}")
SHOUTED_POSSESSIVE = re.compile(r"(?<=[A-Z])(['’])S\b")
SHOUTED = re.compile(r"\b[A-Z][A-Z'’-]{3,}\b")
WORD = re.compile(r"[^\W\d_](?:[\w'’&]*\w)?")
# GENEVA (AP) -, BRUSSELS, Jan 12 (Reuters) -: a line that begins with where its news comes from.
DATELINE = re.compile(
    r"^([A-Z][\w.'’-]+(?: [A-Z][\w.'’-]+){0,3})(?:,[^()\n]{1,40})? \([A-Z][\w /-]{1,20}\) ?[-–—]",
    re.MULTILINE,
)
UNENDED = re.compile(r"(?<=[\w)'\"’”])\n\n")


def readable(title: str, text: str, gazetteer: Gazetteer, separator: str) -> str:
    """Give title, separator and text for a model to read, each character in its own place."""
    body = RUN_ON.sub(_blank, text)
    head = RUN_ON.sub(_blank, title)
    known = _Casing(body, gazetteer)
    if _is_loud(head):
        head = WORD.sub(lambda match: known.of(match[0]), head)
    body = "\n".join(_line(line, known) for line in body.split("\n"))
    return UNENDED.sub(".\n", SHOUTED_POSSESSIVE.sub(r"\1s", head + separator + body))


def _line(line: str, known: "_Casing") -> str:
    if not SHOUTED.search(line):
        return line
    if _is_loud(line):
        return WORD.sub(lambda match: known.of(match[0]), line)
    dateline = DATELINE.match(line)
    if dateline and dateline[1].isupper():
        place = WORD.sub(lambda match: match[0].capitalize(), dateline[1])
        if len(place) == dateline.end(1):
            line = place + line[len(place) :]
    return SHOUTED.sub(lambda match: known.of_shouted(match[0]), line)


def _is_loud(line: str) -> bool:
    """Tell whether a line is written in capitals: three words or more, no small letter but in 's."""
    return line.count(" ") >= 2 and line.replace("'s", "").replace("’s", "").isupper()


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


class _Casing:
    """How a text itself and the gazetteer write words that stand in capitals."""

    def __init__(self, body: str, gazetteer: Gazetteer) -> None:
        self._body = body
        self._gazetteer = gazetteer
        self._forms: dict[str, str] | None = None

    def of(self, word: str) -> str:
        """Give a word of a line in capitals as the text writes it elsewhere, or as words mostly are."""
        form = self._usual().get(word.casefold()) or self._known(word)
        if form is None:
            # A headline hardly names what its article never does: TELLS is none where that says told.
            said = len(self._usual()) < FEW_WORDS or word.capitalize() in self._gazetteer.given_names
            form = word.capitalize() if said else word.lower()
        return form if len(form) == len(word) else word

    def of_shouted(self, word: str) -> str:
        """Give a capitalised form of a word in capitals that the gazetteer or the text knows."""
        form = self._known(word) or word.capitalize()
        if len(form) != len(word) or not (self._known(word) or self._stands(form)):
            return word
        return form

    def _stands(self, form: str) -> bool:
        at = self._body.find(form)
        return at >= 0 and not self._body[at + len(form) : at + len(form) + 1].isalnum()

    def _known(self, word: str) -> str | None:
        known = self._gazetteer
        if word in known.places:  # US, UAE
            return word
        form = word.capitalize()
        return form if form in known.places or form in known.groups else None

    def _usual(self) -> dict[str, str]:
        if self._forms is None:
            counts: Counter[str] = Counter()
            for line in self._body.split("\n"):
                if not _is_loud(line):
                    counts.update(WORD.findall(line))
            self._forms = {}
            for form, _ in counts.most_common():
                self._forms.setdefault(form.casefold(), form)
        return self._forms

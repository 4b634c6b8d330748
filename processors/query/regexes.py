"""Regular expressions by RE2 alone: linear time whatever is written, bounded memory, offsets in code points."""

import re2

from processors.query.reading import Reading, Span

MOST_MEMORY = 1 << 20  # bytes of one compiled expression and of its automaton while it runs


def compiled(written: str) -> "re2._Regexp[str]":
    """Give an expression ready to search. Raises re2.error where RE2 does not read it."""
    options = re2.Options()
    options.max_mem = MOST_MEMORY
    options.log_errors = False
    return re2.compile(written, options)


def fault_of(written: str) -> str | None:
    """Say what RE2 finds wrong with an expression, if anything; one that matches nothing is a fault too."""
    try:
        expression = compiled(written)
    except re2.error as error:
        said = error.args[0]
        return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return "it matches the empty text, which stands everywhere" if expression.search("") else None


class Expression:
    """What is sought for a regular expression; hits are the words it touches. Equal where written alike."""

    __slots__ = ("_compiled", "written")

    def __init__(self, written: str) -> None:
        """Compile it. Raises re2.error where RE2 does not read it."""
        self.written = written
        self._compiled = compiled(written)

    def __eq__(self, other: object) -> bool:
        """Say whether both were written alike."""
        return isinstance(other, Expression) and other.written == self.written

    def __hash__(self) -> int:
        """Hash what was written."""
        return hash((Expression, self.written))

    def find(self, reading: Reading) -> list[Span]:
        """Give the stretches of words that it touches, sorted; what touches no word is no hit."""
        spans = set()
        for field, words in enumerate(reading.fields):
            for found in self._compiled.finditer(words.text):
                covered = words.covering(*found.span()) if found.start() < found.end() else None
                if covered:
                    spans.add((field, *covered))
        return sorted(spans)

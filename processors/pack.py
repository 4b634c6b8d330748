"""What a pack of rules says: rules, concepts and examples as values, and what may be wrong with them."""

from processors.models import MarkKind, Severity, Value


class Problem(Value, frozen=True, kw_only=True, order=True):
    """What is wrong with a rule file, where, and how to mend it. Lines and columns count from 1."""

    file: str
    line: int
    column: int
    what: str
    remedy: str

    def __str__(self) -> str:
        """Read it as one line."""
        return f"{self.file}:{self.line}:{self.column}: {self.what}; {self.remedy}"


class Example(Value, frozen=True, kw_only=True):
    """A text that a rule must fire on, or must not, and where it stands in its file."""

    title: str = ""
    text: str = ""
    finds: tuple[str, ...] = ()  # what the evidence must contain
    line: int
    column: int


class Concept(Value, frozen=True, kw_only=True):
    """A list of words and patterns that rules may call by name."""

    name: str  # with its pack's: military-posture/troops
    pack: (
        str  # the folder of its file, "" at the top: where the concepts it names itself are looked for first
    )
    texts: tuple[str, ...]  # each a query that gives hits, or bare words that make a phrase
    file: str
    line: int
    column: int


class Rule(Value, frozen=True, kw_only=True):
    """What fires, how it is called, and the examples that show it.

    `revision` is of all that decides what an alert says: not of examples, and of the concepts it names.
    """

    id: str
    pack: str
    title: str
    severity: Severity
    description: str
    families: tuple[str, ...]
    query: str
    exclude: tuple[MarkKind, ...] = ()  # a hit with such a mark does not count
    fires: tuple[Example, ...]
    silent: tuple[Example, ...]
    revision: str = ""
    file: str
    line: int
    column: int

    @property
    def examples(self) -> tuple[tuple[bool, Example], ...]:
        """Give every example, and whether the rule must fire on it."""
        return (*((True, entry) for entry in self.fires), *((False, entry) for entry in self.silent))

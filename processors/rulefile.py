"""One rule file: from YAML to what its rules say, with every fault named where it stands."""

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import accumulate
from typing import get_args

from processors.models import MarkKind, Severity
from processors.pack import Concept, Example, Problem, Rule
from processors.query.concepts import MOST_TEXTS, query_of, tree_of
from processors.query.parse import parse
from processors.query.predicates import CONCEPT_NAME, full_name
from processors.query.tree import Node, Phrase
from processors.strictyaml import Items, Mapping, Place, Scalar, YamlFault, place_in, read
from processors.strictyaml import Node as Yaml

RULE_ID = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*(?:/[a-z0-9]+(?:[-_.][a-z0-9]+)*)*")
FAMILY = re.compile(r"[A-Z][A-Z0-9_]*")
MOST_PROBLEMS = 100  # of one set of files

_TOP = ("rules", "concepts")
_RULE = ("id", "title", "severity", "description", "families", "query", "exclude", "examples")
_REQUIRED = ("id", "title", "severity", "query")
_EXAMPLES = ("fires", "silent")
_EXAMPLE = ("title", "text", "finds")
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_LENGTHS = {"id": 120, "title": 200, "description": 4_000}

Locate = Callable[[int], Place]  # from an offset in a query to its place in the file


@dataclass(frozen=True)
class Read:
    """What a file says: rules and concepts with their trees, where things stand, and what is wrong."""

    rules: list[tuple[Rule, Node, Locate]] = field(default_factory=list)
    concepts: list[tuple[Concept, Node, Locate]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_rule_file(file: str, text: str) -> Read:
    """Read a file, given its path below the folder of rules: the first folder is its pack."""
    reader = _Reader(file, text)
    try:
        root = read(text)
    except YamlFault as fault:
        reader.refuse(fault.place, fault.what, fault.remedy)
        return reader.read
    if root is None:
        remedy = "begin it with `rules:` and a list, or delete it"
        reader.refuse(Place(line=1, column=1), "the file is empty", remedy)
    else:
        reader.top(root)
    return reader.read


class _Reader:
    def __init__(self, file: str, text: str) -> None:
        self.file, self.text = file, text
        self.pack = file.split("/", 1)[0] if "/" in file else ""
        self.read = Read()

    def refuse(self, place: Place, what: str, remedy: str) -> None:
        if len(self.read.problems) < MOST_PROBLEMS:
            self.read.problems.append(
                Problem(file=self.file, line=place.line, column=place.column, what=what, remedy=remedy)
            )

    def top(self, root: Yaml) -> None:
        top = self.mapping(root, "the file", _TOP, ())
        if isinstance(root, Mapping) and not top:
            self.refuse(root.place, "the file has neither `rules` nor `concepts`", "add `rules:` and a list")
        concepts, rules = top.get("concepts"), top.get("rules")
        if concepts is not None:
            self.concepts(concepts)
        if isinstance(rules, Items):
            for item in rules.nodes:
                self.rule(item)
        elif rules is not None:
            remedy = "write each rule as an item that begins with `- id:`"
            self.refuse(rules.place, "`rules` is not a list", remedy)

    def concepts(self, node: Yaml) -> None:
        if not isinstance(node, Mapping):
            remedy = "write each as its name and a list: troops: [troops, soldiers]"
            self.refuse(node.place, "`concepts` is not a mapping of names to lists", remedy)
            return
        for name, (written, texts) in node.fields.items():
            if not CONCEPT_NAME.fullmatch(name) or "/" in name:
                self.refuse(
                    written.place,
                    f"`{_short(name)}` can't name a concept",
                    "lower-case letters, digits and hyphens, as in troop-movement",
                )
            else:
                self.concept(written, texts)

    def concept(self, name: Scalar, node: Yaml) -> None:
        before = len(self.read.problems)
        scalars = self.texts(node, name.value, f"{name.value}: [troops, soldiers]")
        if not 0 < len(scalars) <= MOST_TEXTS:
            what = (
                f"concept {name.value} has {len(scalars):,} entries"
                if scalars
                else f"concept {name.value} is empty"
            )
            self.refuse(node.place, what, f"write from 1 to {MOST_TEXTS:,}; a concept may name others")
        for scalar in scalars:
            tree = tree_of(scalar.value, self.pack)
            if isinstance(tree, list):
                for error in tree:
                    place = self.locate(scalar)(_offset(scalar.value, error.line, error.column))
                    self.refuse(place, f"{error.what}; expected {error.expected}", error.remedy)
        if len(self.read.problems) > before:  # it is there all the same: its calls are not at fault
            there = Concept(
                name=full_name(name.value, self.pack),
                pack=self.pack,
                texts=(),
                file=self.file,
                line=name.place.line,
                column=name.place.column,
            )
            self.read.concepts.append((there, Phrase(start=0, end=0, written=name.value), self.locate(name)))
            return
        concept = Concept(
            name=full_name(name.value, self.pack),
            pack=self.pack,
            texts=tuple(scalar.value for scalar in scalars),
            file=self.file,
            line=name.place.line,
            column=name.place.column,
        )
        joined = query_of(concept)
        starts = list(accumulate((len(text) + len(" OR ") for text in joined.texts), initial=0))

        def locate(offset: int) -> Place:
            entry = min(bisect_right(starts, offset), len(scalars)) - 1
            return self.locate(scalars[entry])(max(offset - starts[entry] - 1, 0))

        self.read.concepts.append((concept, joined.node, locate))

    def locate(self, scalar: Scalar) -> Locate:
        return lambda offset: place_in(self.text, scalar, offset)

    def rule(self, node: Yaml) -> None:
        before = len(self.read.problems)
        fields = self.mapping(node, "a rule", _RULE, _REQUIRED)
        rule_id = self.text_of(fields, "id")
        if rule_id and not RULE_ID.fullmatch(rule_id):
            self.refuse(
                fields["id"].place,
                f"`{_short(rule_id)}` can't be an id",
                "lower-case letters, digits, hyphens and slashes, as in military-posture/troop-build-up",
            )
        severity = self.severity(fields)
        families = self.families(fields.get("families"))
        exclude = self.exclude(fields.get("exclude"))
        fires, silent = self.examples(fields.get("examples"))
        title, description = self.text_of(fields, "title"), self.text_of(fields, "description")
        self.in_order(fields)
        query, tree = self.query(fields.get("query"))
        if len(self.read.problems) > before or severity is None or tree is None:
            return
        rule = Rule(
            id=rule_id,
            pack=self.pack,
            title=title,
            severity=severity,
            description=" ".join(description.split()),
            families=families,
            query=query,
            exclude=exclude,
            fires=fires,
            silent=silent,
            file=self.file,
            line=node.place.line,
            column=node.place.column,
        )
        self.read.rules.append((rule, tree, self.locate(fields["query"])))  # type: ignore[arg-type]  # it was read as one

    def mapping(
        self, node: Yaml, name: str, known: tuple[str, ...], required: tuple[str, ...]
    ) -> dict[str, Yaml]:
        if not isinstance(node, Mapping):
            self.refuse(node.place, f"{name} is not a mapping of names to values", f"write {known[0]}: …")
            return {}
        for name_there, (written, _) in node.fields.items():
            if name_there not in known:
                near = get_close_matches(name_there[:100], known, n=1)
                self.refuse(
                    written.place,
                    f"`{_short(name_there)}` is no field of {name}",
                    f"did you mean `{near[0]}`?" if near else f"known are {', '.join(known)}",
                )
        for needed in required:
            if needed not in node.fields:
                self.refuse(node.place, f"{name} has no `{needed}`", f"add `{needed}:`")
        return {there: value for there, (_, value) in node.fields.items() if there in known}

    def text_of(self, fields: dict[str, Yaml], name: str) -> str:
        node = fields.get(name)
        if node is None:
            return ""
        if not isinstance(node, Scalar):
            self.refuse(node.place, f"`{name}` is not text", "write it as one line of text")
            return ""
        value = node.value.strip()
        if not value and name in _REQUIRED:
            self.refuse(node.place, f"`{name}` is empty", "write what it says")
        if len(value) > _LENGTHS.get(name, len(value)):
            self.refuse(
                node.place,
                f"`{name}` has {len(value):,} characters, at most {_LENGTHS[name]:,}",
                "shorten it",
            )
        return value

    def in_order(self, fields: dict[str, Yaml]) -> None:
        """Refuse what shows letters in another order than they stand in: screens and alerts have these texts."""
        for name in ("title", "description"):
            node = fields.get(name)
            if isinstance(node, Scalar) and (hidden := _TURNING.search(node.value)):
                what = (
                    f"`{name}` has an invisible character, U+{ord(hidden[0]):04X}, that turns letters round"
                )
                self.refuse(node.place, what, "delete it, or write the text again by hand")

    def severity(self, fields: dict[str, Yaml]) -> Severity | None:
        value = self.text_of(fields, "severity")
        for severity in get_args(Severity):
            if value == severity:
                return severity  # type: ignore[no-any-return]  # get_args gives Any; it is a Severity
        if value:
            near = get_close_matches(value.lower()[:100], get_args(Severity), n=1)
            self.refuse(
                fields["severity"].place,
                f"`{_short(value)}` is no severity",
                (f"did you mean `{near[0]}`? " if near else "") + f"one of {', '.join(get_args(Severity))}",
            )
        return None

    def families(self, node: Yaml | None) -> tuple[str, ...]:
        names = self.texts(node, "families", "families: [MILITARY_POSTURE]")
        for name in names:
            if not FAMILY.fullmatch(name.value):
                self.refuse(
                    name.place,
                    f"`{_short(name.value)}` can't be a family",
                    "capitals, digits and underscores, as in MILITARY_POSTURE",
                )
        return tuple(sorted({name.value for name in names}))

    def exclude(self, node: Yaml | None) -> tuple[MarkKind, ...]:
        kinds = get_args(MarkKind)
        marks = self.texts(node, "exclude", "exclude: [historical, negated]")
        for mark in marks:
            if mark.value not in kinds:
                near = get_close_matches(mark.value.lower()[:100], kinds, n=1)
                remedy = (f"did you mean `{near[0]}`? " if near else "") + f"one of {', '.join(kinds)}"
                self.refuse(mark.place, f"`{_short(mark.value)}` is no mark", remedy)
        return tuple(kind for kind in kinds if any(mark.value == kind for mark in marks))

    def texts(self, node: Yaml | None, name: str, form: str) -> list[Scalar]:
        if node is None:
            return []
        nodes = node.nodes if isinstance(node, Items) else (node,)
        if not isinstance(node, Items) or not all(isinstance(item, Scalar) for item in nodes):
            self.refuse(node.place, f"`{name}` is not a list of texts", f"write `{form}`")
        return [item for item in nodes if isinstance(item, Scalar)]

    def examples(self, node: Yaml | None) -> tuple[tuple[Example, ...], tuple[Example, ...]]:
        if node is None:
            return (), ()
        fields = self.mapping(node, "examples", _EXAMPLES, ())
        return self.entries(fields.get("fires"), finds=True), self.entries(fields.get("silent"), finds=False)

    def entries(self, node: Yaml | None, *, finds: bool) -> tuple[Example, ...]:
        if node is None:
            return ()
        if not isinstance(node, Items):
            self.refuse(node.place, "examples are not a list", "write each as an item that begins with `- `")
            return ()
        return tuple(self.example(entry, finds=finds) for entry in node.nodes)

    def example(self, node: Yaml, *, finds: bool) -> Example:
        line, column = node.place.line, node.place.column
        if isinstance(node, Scalar):
            return Example(text=node.value.strip(), line=line, column=column)
        fields = self.mapping(node, "an example", _EXAMPLE if finds else _EXAMPLE[:2], ())
        found = self.texts(fields.get("finds"), "finds", "finds: [troop build-up]")
        return Example(
            title=self.text_of(fields, "title"),
            text=self.text_of(fields, "text"),
            finds=tuple(item.value for item in found),
            line=line,
            column=column,
        )

    def query(self, node: Yaml | None) -> tuple[str, Node | None]:
        if node is None:
            return "", None
        if not isinstance(node, Scalar):
            self.refuse(node.place, "`query` is not text", "write it on the lines after `query: |`")
            return "", None
        query = node.value.rstrip()
        tree = parse(query, pack=self.pack)
        if isinstance(tree, list):
            for error in tree:
                place = self.locate(node)(_offset(query, error.line, error.column))
                self.refuse(place, f"{error.what}; expected {error.expected}", error.remedy)
            return query, None
        return query, tree


def _offset(text: str, line: int, column: int) -> int:
    """Give the offset of a line and column, both from 1."""
    return sum(len(each) + 1 for each in text.split("\n", line - 1)[: line - 1]) + column - 1


def _short(value: str) -> str:
    return repr(value if len(value) <= 60 else value[:60] + "…")[1:-1]

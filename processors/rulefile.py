"""One rule file: from YAML to what its rules say, with every fault named where it stands."""

import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import get_args

from processors.models import Severity, Value
from processors.query.parse import parse
from processors.query.tree import Node
from processors.strictyaml import Items, Mapping, Place, Scalar, YamlFault, place_in, read
from processors.strictyaml import Node as Yaml

RULE_ID = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*(?:/[a-z0-9]+(?:[-_.][a-z0-9]+)*)*")
FAMILY = re.compile(r"[A-Z][A-Z0-9_]*")
MOST_PROBLEMS = 100  # of one set of files

_TOP = ("rules",)
_RULE = ("id", "title", "severity", "description", "families", "query", "examples")
_REQUIRED = ("id", "title", "severity", "query")
_EXAMPLES = ("fires", "silent")
_EXAMPLE = ("title", "text", "finds")
_LENGTHS = {"id": 120, "title": 200, "description": 4_000}


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


class Draft(Value, frozen=True, kw_only=True):
    """A rule as one file says it, its query read."""

    id: str
    title: str
    severity: Severity
    description: str
    families: tuple[str, ...]
    query: str
    fires: tuple[Example, ...]
    silent: tuple[Example, ...]
    file: str
    line: int
    column: int


def read_rule_file(file: str, text: str) -> tuple[list[tuple[Draft, Node]], list[Problem]]:
    """Give the rules of a file, each with its query's tree, and all that is wrong with it."""
    reader = _Reader(file, text)
    try:
        root = read(text)
    except YamlFault as fault:
        reader.refuse(fault.place, fault.what, fault.remedy)
        return [], reader.problems
    if root is None:
        reader.refuse(
            Place(line=1, column=1), "the file is empty", "begin it with `rules:` and a list, or delete it"
        )
        return [], reader.problems
    return list(reader.rules(root)), reader.problems


class _Reader:
    def __init__(self, file: str, text: str) -> None:
        self.file, self.text = file, text
        self.problems: list[Problem] = []

    def refuse(self, place: Place, what: str, remedy: str) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(
                Problem(file=self.file, line=place.line, column=place.column, what=what, remedy=remedy)
            )

    def rules(self, root: Yaml) -> Iterable[tuple[Draft, Node]]:
        top = self.mapping(root, "the file", _TOP, ("rules",))
        if "rules" not in top:
            return
        items = top["rules"]
        if not isinstance(items, Items):
            self.refuse(
                items.place, "`rules` is not a list", "write each rule as an item that begins with `- id:`"
            )
            return
        for item in items.nodes:
            rule = self.rule(item)
            if rule is not None:
                yield rule

    def rule(self, node: Yaml) -> tuple[Draft, Node] | None:
        before = len(self.problems)
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
        fires, silent = self.examples(fields.get("examples"))
        title, description = self.text_of(fields, "title"), self.text_of(fields, "description")
        query, tree = self.query(fields.get("query"))
        if len(self.problems) > before or severity is None or tree is None:
            return None
        draft = Draft(
            id=rule_id,
            title=title,
            severity=severity,
            description=" ".join(description.split()),
            families=families,
            query=query,
            fires=fires,
            silent=silent,
            file=self.file,
            line=node.place.line,
            column=node.place.column,
        )
        return draft, tree

    def mapping(
        self, node: Yaml, name: str, known: tuple[str, ...], required: tuple[str, ...]
    ) -> dict[str, Yaml]:
        if not isinstance(node, Mapping):
            self.refuse(node.place, f"{name} is not a mapping of names to values", f"write {known[0]}: …")
            return {}
        for field, (written, _) in node.fields.items():
            if field not in known:
                near = get_close_matches(field[:100], known, n=1)
                self.refuse(
                    written.place,
                    f"`{_short(field)}` is no field of {name}",
                    f"did you mean `{near[0]}`?" if near else f"known are {', '.join(known)}",
                )
        for field in required:
            if field not in node.fields:
                self.refuse(node.place, f"{name} has no `{field}`", f"add `{field}:`")
        return {field: value for field, (_, value) in node.fields.items() if field in known}

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
        tree = parse(query)
        if isinstance(tree, list):
            starts = _line_starts(query)
            for error in tree:
                place = place_in(self.text, node, starts(error.line) + error.column - 1)
                self.refuse(place, f"{error.what}; expected {error.expected}", error.remedy)
            return query, None
        return query, tree


def _line_starts(text: str) -> Callable[[int], int]:
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    return lambda line: starts[line - 1]


def _short(value: str) -> str:
    return repr(value if len(value) <= 60 else value[:60] + "…")[1:-1]

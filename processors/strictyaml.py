"""YAML with the place of everything, and without what makes it dangerous: anchors, aliases, tags, depth.

Every scalar is text: `no` is a word and `1` a string, until somebody who knows the field says otherwise.
"""

from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

MOST_BYTES = 4 * 1024 * 1024
MOST_LINE = 40_000  # characters
MOST_DEPTH = 20


@dataclass(frozen=True, kw_only=True)
class Place:
    """Line and column, both from 1, columns in code points."""

    line: int
    column: int


@dataclass(frozen=True, kw_only=True)
class Scalar:
    """Text, where it begins, and the offset of its source in the file."""

    place: Place
    value: str
    offset: int


@dataclass(frozen=True, kw_only=True)
class Items:
    """A list."""

    place: Place
    nodes: tuple["Node", ...]


@dataclass(frozen=True, kw_only=True)
class Mapping:
    """Fields in the order written; no name stands twice."""

    place: Place
    fields: dict[str, tuple[Scalar, "Node"]]  # the name as it stands there, and what it holds


Node = Scalar | Items | Mapping


class YamlFault(Exception):
    """Text that is refused: where, why and how to mend it."""

    def __init__(self, place: Place, what: str, remedy: str) -> None:
        super().__init__(what)
        self.place, self.what, self.remedy = place, what, remedy


def read(text: str) -> Node | None:
    """Give the tree of one YAML document; None where there is none.

    Raises:
        YamlFault: it is too large or too deep, is no YAML, or has anchors, aliases, tags, a name
            twice in one mapping, or a second document.
    """
    _check_size(text)
    parser = YAML(typ="safe", pure=True)
    builder = _Builder()
    try:
        for event in parser.parse(text):
            builder.take(event)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(line=mark.line + 1, column=mark.column + 1) if mark else Place(line=1, column=1)
        raise YamlFault(
            place, f"this is not YAML: {error.problem or error.context}", _remedy(text, place)
        ) from error
    except YAMLError as error:
        raise YamlFault(
            Place(line=1, column=1),
            f"this is not YAML: {str(error).splitlines()[0]}",
            "delete what can't be printed, and save the file as UTF-8",
        ) from error
    return builder.root


def place_in(text: str, scalar: Scalar, offset: int) -> Place:
    """Give the place in the file of an offset into a scalar's value, whatever style it is written in."""
    position, value = scalar.offset, scalar.value
    if text[position : position + 1] in ("|", ">"):
        position = text.find("\n", position) + 1
    for character in value[: offset + 1]:
        if character.isspace():
            while position < len(text) and not text[position].isspace():
                position += 1
            while position + 1 < len(text) and text[position + 1].isspace():
                position += 1
        else:
            while position < len(text) and text[position] != character:
                position += 1
        position += 1
    position = min(position if offset >= len(value) else position - 1, len(text))
    line_start = text.rfind("\n", 0, position) + 1
    return Place(line=text.count("\n", 0, position) + 1, column=position - line_start + 1)


def _check_size(text: str) -> None:
    if len(text) > MOST_BYTES:
        raise YamlFault(
            Place(line=1, column=1),
            f"the file has {len(text):,} characters, at most {MOST_BYTES:,}",
            "split it into several files of the same folder",
        )
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > MOST_LINE:
            raise YamlFault(
                Place(line=number, column=1),
                f"a line of {len(line):,} characters, at most {MOST_LINE:,}",
                "a query has 10,000 characters at most: split it into several rules",
            )


def _remedy(text: str, place: Place) -> str:
    lines = text.splitlines()
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    if ': "' in line or ": =" in line:
        return "a query that begins with a quotation mark goes on a line of its own, after `query: |`"
    return "check the indentation, and quote text that holds `: ` or ` #`"


class _Builder:
    """Makes nodes of events: what is refused never becomes a node, so no bomb can go off."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self._open: list[tuple[Place, str, list[Node]]] = []
        self._documents = 0

    def take(self, event: Any) -> None:
        kind = type(event).__name__
        mark = event.start_mark
        place = Place(line=mark.line + 1, column=mark.column + 1)
        if kind == "DocumentStartEvent":
            self._documents += 1
            if self._documents > 1:
                raise YamlFault(place, "a second document begins", "put it into a file of its own")
        elif kind == "AliasEvent" or getattr(event, "anchor", None):
            raise YamlFault(
                place,
                "anchors and aliases (`&`, `*`) are refused: a few can fill any memory",
                "write it out; quote text that begins with & or *",
            )
        elif getattr(event, "ctag", None) is not None:
            raise YamlFault(place, "tags (`!`) are refused", "take it out; quote text that begins with !")
        elif kind == "ScalarEvent":
            self._add(Scalar(place=place, value=event.value, offset=mark.index))
        elif kind in ("MappingStartEvent", "SequenceStartEvent"):
            if len(self._open) >= MOST_DEPTH:
                raise YamlFault(place, f"more than {MOST_DEPTH} levels", "rule files need no more than six")
            self._open.append((place, kind, []))
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            opened, opening, nodes = self._open.pop()
            self._add(
                _mapping(opened, nodes)
                if opening == "MappingStartEvent"
                else Items(place=opened, nodes=tuple(nodes))
            )

    def _add(self, node: Node) -> None:
        if self._open:
            self._open[-1][2].append(node)
        else:
            self.root = node


def _mapping(place: Place, nodes: list[Node]) -> Mapping:
    fields: dict[str, tuple[Scalar, Node]] = {}
    for name, node in zip(nodes[0::2], nodes[1::2], strict=True):
        if not isinstance(name, Scalar):
            raise YamlFault(name.place, "a name must be a word", "write `name: value`")
        if name.value in fields:
            first = fields[name.value][0].place.line
            raise YamlFault(
                name.place, f"`{name.value}` stands here twice, first in line {first}", "keep one of them"
            )
        fields[name.value] = (name, node)
    return Mapping(place=place, fields=fields)

"""What is likely a mistake in rules that compile: what can't fire, fires on everything, says a thing twice."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import combinations
from typing import Literal

from processors.entities.places import Places
from processors.models import Value
from processors.pack import Concept as NamedList
from processors.pack import Rule
from processors.query.concepts import MOST_COST, Calls, query_of
from processors.query.logic import Logic, in_a_row
from processors.query.parse import parse
from processors.query.tree import (
    And,
    Named,
    Node,
    Of,
    Or,
    children,
)
from processors.rulefile import Locate, read_rule_file
from processors.rules import RuleSet

NEAR_MOST_COST = 0.8  # of what a rule may cost
MOST_FINDINGS = 200
_SHORT = 60


class Finding(Value, frozen=True, kw_only=True, order=True):
    """What is likely wrong, where, and how to mend it. An error makes a rule useless; a warning may be meant."""

    file: str
    line: int
    column: int
    level: Literal["error", "warning"]
    what: str
    remedy: str

    def __str__(self) -> str:
        """Read it as one line."""
        return f"{self.file}:{self.line}:{self.column}: {self.level}: {self.what}; {self.remedy}"


def lint(
    ruleset: RuleSet,
    files: Mapping[str, str] | None = None,
    *,
    common_words: Collection[str] = (),
    places: Callable[[], Places] | None = None,
) -> list[Finding]:
    """Give what is likely wrong with rules, MOST_FINDINGS at most, in the order of their places.

    `files` are those that the rules were compiled from: with them a finding points into a query, without
    at its rule. `common_words` are in lower case; `places`, where names can be looked up, is called once
    and only where a rule names a place.
    """
    located = _Located(files or {})
    joined = {concept.name: query_of(concept) for concept in ruleset.concepts}
    trees = {name: each.node for name, each in joined.items()}
    rules = [
        (rule, node)
        for rule in ruleset.rules
        if not isinstance(node := parse(rule.query, pack=rule.pack), list)
    ]
    named = [(concept, joined[concept.name].query, trees[concept.name]) for concept in ruleset.concepts]
    said: list[tuple[Rule | NamedList, str, Node]] = [(rule, rule.query, node) for rule, node in rules]
    said += named
    findings = [
        *(
            located.finding(rule, *found)
            for rule, node in rules
            for found in _of_rule(rule, node, trees, common_words)
        ),
        *(located.finding(*found) for found in _same_queries(rules, Logic(trees))),
        *(located.finding(*found) for found in _concepts(rules, named, trees)),
        *(
            located.finding(owner, *found)
            for owner, text, node in said
            for found in _twice(text, node, trees)
        ),
        *(located.finding(*found) for found in _unknown_places(said, places)),
    ]
    # Where there are too many, no error is left out for a warning.
    return sorted(sorted(set(findings), key=lambda found: (found.level, found))[:MOST_FINDINGS])


_Found = tuple[Literal["error", "warning"], int, str, str]  # level, offset in the query, what, remedy


class _Located:
    """Where in its file an offset of a rule's query, or of a concept's, stands."""

    def __init__(self, files: Mapping[str, str]) -> None:
        read = [read_rule_file(file, text) for file, text in files.items()]
        self._rules = {rule.id: locate for each in read for rule, _, locate in each.rules}
        self._concepts = {concept.name: locate for each in read for concept, _, locate in each.concepts}

    def _locate(self, owner: Rule | NamedList) -> Locate | None:
        return self._rules.get(owner.id) if isinstance(owner, Rule) else self._concepts.get(owner.name)

    def finding(
        self, owner: Rule | NamedList, level: Literal["error", "warning"], start: int, what: str, remedy: str
    ) -> Finding:
        locate = self._locate(owner) if start >= 0 else None
        place = locate(start) if locate else owner
        name = owner.id if isinstance(owner, Rule) else f"concept {owner.name}"
        return Finding(
            file=owner.file,
            line=place.line,
            column=place.column,
            level=level,
            what=f"{name}: {what}",
            remedy=remedy,
        )


def _of_rule(rule: Rule, node: Node, trees: Mapping[str, Node], common: Collection[str]) -> Iterator[_Found]:
    logic, text = Logic(trees), rule.query
    if dead := logic.never(node):
        yield "error", dead.start, f"it can never fire: {dead.why}", dead.remedy
    else:
        for part in logic.idle(node):
            what = f"the alternative {_short(text, part.node)} can never fire: {part.why}"
            yield "warning", part.node.start, what, "take it out, or what excludes it"
    if found := logic.usual(node, common):
        what = f"it fires on almost every article: {_short(text, found)} is in most of them"
        yield "warning", found.start, what, "require something rarer with it"
    cost = Calls(trees).cost(node)
    if cost > NEAR_MOST_COST * MOST_COST:
        what = (
            f"it looks for {cost:,} things once its concepts are put in; more than {MOST_COST:,} are refused"
        )
        yield "warning", node.start, what, "split the rule, or shorten its concepts"
    if not rule.examples:
        what = "it has no examples, so nobody sees when an edit breaks it"
        yield "warning", -1, what, "add `examples:` with texts under `fires:` and under `silent:`"


def _same_queries(
    rules: Iterable[tuple[Rule, Node]], logic: Logic
) -> Iterator[tuple[Rule, Literal["warning"], int, str, str]]:
    first: dict[object, Rule] = {}
    for rule, node in rules:
        known = first.setdefault(logic.meaning(node), rule)
        if known is not rule:
            what = f"it asks the same as {known.id}"
            yield (
                rule,
                "warning",
                node.start,
                what,
                "delete one of the two, or say in its query how it differs",
            )


def _twice(text: str, node: Node, trees: Mapping[str, Node]) -> Iterator[_Found]:
    """Give what one OR, AND or OF says twice."""
    logic = Logic(trees)
    if isinstance(node, Or | And | Of):
        seen: dict[object, Node] = {}
        for part in children(node) if isinstance(node, Of) else in_a_row(node):
            if seen.setdefault(logic.meaning(part), part) is not part:
                joint = type(node).__name__.upper()
                earlier = _short(text, seen[logic.meaning(part)])
                what = f"{_short(text, part)} says what {earlier} in the same {joint} says"
                yield "warning", part.start, what, "take it out"
    for part in in_a_row(node) if isinstance(node, Or | And) else children(node):
        yield from _twice(text, part, trees)


def _concepts(
    rules: Iterable[tuple[Rule, Node]],
    named: Iterable[tuple[NamedList, str, Node]],
    trees: Mapping[str, Node],
) -> Iterator[tuple[NamedList, Literal["warning"], int, str, str]]:
    calls, used = Calls(trees), set[str]()
    for _, node in rules:
        calls.used(node, used)
    for concept, text, node in named:
        if concept.name not in used:
            yield concept, "warning", -1, "no rule uses it", "delete it, or call it in a rule"
        for entry, by in _covered(node, Logic(trees)):
            what = f"the entry {_short(text, entry)} finds nothing that {_short(text, by)} does not"
            yield concept, "warning", entry.start, what, "take it out"


def _covered(node: Node, logic: Logic) -> Iterator[tuple[Node, Node]]:
    """Give each entry of a concept that another one covers, with that; two that mean the same are `_twice`'s."""
    entries = node.parts if isinstance(node, Or) else ()
    told: set[Node] = set()
    for one, other in combinations(entries, 2):
        if logic.meaning(one) == logic.meaning(other):
            continue
        for entry, by in ((one, other), (other, one)):
            if entry not in told and logic.implies(entry, by):
                told.add(entry)
                yield entry, by


def _unknown_places(
    said: Iterable[tuple[Rule | NamedList, str, Node]], load: Callable[[], Places] | None
) -> Iterator[tuple[Rule | NamedList, Literal["warning"], int, str, str]]:
    asked = [(owner, named) for owner, _, node in said for named in _places_in(node)]
    if not asked or load is None:
        return
    places = load()
    for owner, named in asked:
        if not places.known(named.name):
            near = places.nearest(named.name)
            remedy = f"did you mean {near}? " if near else ""
            what = f"no gazetteer knows a place {named.name!r}: it is found by this very name alone"
            yield owner, "warning", named.start, what, f"{remedy}leave it if the name is right"


def _places_in(node: Node) -> Iterator[Named]:
    if isinstance(node, Named) and node.label == "place" and node.name:
        yield node
    for child in children(node):
        yield from _places_in(child)


def _short(text: str, node: Node) -> str:
    line = " ".join(text[node.start : node.end].split())
    return f"`{line if len(line) <= _SHORT else line[: _SHORT - 1] + '…'}`"

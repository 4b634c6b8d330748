"""Why a query holds for an article or does not: its tree as written, with truth, places and what was missing."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from msgspec import field
from msgspec.structs import replace

from processors.entities.places import UNCHARTED, Places
from processors.models import Article, Entities, Field, Label, Value
from processors.query.alphabet import Alphabet
from processors.query.concepts import Calls, Joined, query_of
from processors.query.evaluate import Truth, hits, proof, truth
from processors.query.missing import Missing, kin, missing
from processors.query.parse import parse
from processors.query.phrases import Pattern
from processors.query.plan import Plan, Planner
from processors.query.proximity import Hit, parts
from processors.query.reading import FIELDS, Reading
from processors.query.tree import (
    And,
    AtLeast,
    Called,
    Concept,
    Filter,
    Named,
    Near,
    Node,
    Not,
    Of,
    Or,
    Phrase,
    Regex,
    Scope,
    Scoped,
    Score,
    Wildcard,
    children,
)
from processors.rules import Rule, RuleSet

MOST_PLACES = 10  # of one clause; the rest is counted
MOST_PARTS = 20  # of one clause; those that matter most are kept
_MOST_REASONS = 3

Kind = Literal[
    "phrase", "wildcard", "regex", "entity", "concept", "filter", "scope",
    "near", "atleast", "of", "score", "not", "and", "or",
]  # fmt: skip


class Place(Value, frozen=True, kw_only=True):
    """Where a clause stands: code points of the article's field. `proves`: it is part of the proof."""

    field: Field
    start: int
    end: int
    text: str
    proves: bool


class Clause(Value, frozen=True, kw_only=True):
    """A piece of the query and what became of it; `holds` is null where entities are not known.

    `spans` are given for words, entities and concepts, those that prove something first; where more
    are found than given, `spans_total` counts all. So it is with `parts`, which stand as written.
    """

    clause: str  # as the rule's author wrote it
    kind: Kind
    holds: bool | None
    note: str = ""  # how far it was, what came close, or how near it is
    spans: list[Place] = field(default_factory=list)
    spans_total: int = 0
    parts: list["Clause"] = field(default_factory=list)
    parts_total: int = 0


class Explanation(Value, frozen=True, kw_only=True):
    """Why a rule fires on an article, or does not."""

    schema_version: int = 1
    rule_id: str = ""
    rule_revision: str = ""
    article_key: str = ""
    article_revision: str = ""
    holds: bool | None
    verdict: str
    nearest: str = ""  # of a miss: what failed by the least, and by how much
    evidence_total: int
    tree: Clause


def explain(
    text: str,
    node: Node,
    article: Article,
    *,
    concepts: Mapping[str, Joined] | None = None,
    entities: Entities | None = None,
    places: Places = UNCHARTED,
) -> Explanation:
    """Explain a query, given as its text and its tree, against an article; the concepts it calls must be among these.

    `entities` and `places` are what a matcher is given. Raises KeyError where a concept is not known.
    """
    concepts = concepts or {}
    planner = Planner({name: joined.node for name, joined in concepts.items()}, places)
    plan = planner.plan(node)
    trees = [node, *(joined.node for joined in concepts.values())]
    reading = _read(planner, trees, article, entities, places)
    holds = truth(plan, reading)
    proven = proof(plan, reading) if holds else {}
    explainer = _Explainer(reading, concepts, entities)
    seen = explainer.seen(node, plan, _Level(text, lambda leaf: proven.get((leaf.start, leaf.end), ())))
    total = len({(text[start:end], hit) for (start, end), found in proven.items() for hit in found})
    return Explanation(
        article_key=article.key,
        article_revision=article.revision,
        holds=holds,
        verdict=_verdict(holds, total),
        nearest="" if holds else _told(seen.why),
        evidence_total=total,
        tree=seen.clause,
    )


def explain_rule(
    ruleset: RuleSet, rule_id: str, article: Article, entities: Entities | None = None
) -> Explanation:
    """Explain a rule of a set. Raises KeyError where the set has none of that id."""
    rule, node, concepts = _looked_up(ruleset, rule_id)
    found = explain(rule.query, node, article, concepts=concepts, entities=entities, places=ruleset.places)
    if found.holds:
        counted = [match for match in ruleset.match(article, entities) if match.rule_id == rule.id]
        total = sum(match.evidence_total for match in counted)
        verdict = _verdict(bool(counted), total)
        if (less := found.evidence_total - total) and counted:
            verdict += f"; {less:,} more do not count, for what is {' or '.join(rule.exclude)} is excluded"
        nearest = "" if counted else f"exclude: what proves it is {' or '.join(rule.exclude)}"
        found = replace(found, holds=bool(counted), verdict=verdict, nearest=nearest, evidence_total=total)
    return replace(found, rule_id=rule.id, rule_revision=rule.revision)


def labels_asked(ruleset: RuleSet, rule_id: str) -> frozenset[Label]:
    """Give the labels of entities that a rule asks for, itself or by concepts; none: it reads words alone.

    Raises KeyError where the set has none of that id.
    """
    _, node, concepts = _looked_up(ruleset, rule_id)
    trees = {name: joined.node for name, joined in concepts.items()}
    used: set[str] = set()
    Calls(trees).used(node, used)
    return frozenset(label for tree in (node, *map(trees.__getitem__, used)) for label in _labels(tree))


def _labels(node: Node) -> Iterator[Label]:
    if isinstance(node, Named):
        yield node.label
    for child in children(node):
        yield from _labels(child)


def _looked_up(ruleset: RuleSet, rule_id: str) -> tuple[Rule, Node, dict[str, Joined]]:
    rule = next((rule for rule in ruleset.rules if rule.id == rule_id), None)
    if rule is None:
        raise KeyError(rule_id)
    node = parse(rule.query, pack=rule.pack)
    assert not isinstance(node, list)  # noqa: S101  a set holds no rule that can't be read
    return rule, node, {concept.name: query_of(concept) for concept in ruleset.concepts}


def _read(
    planner: Planner, trees: Iterable[Node], article: Article, entities: Entities | None, places: Places
) -> Reading:
    """Give an article to a plan alone: a matcher's reading knows of no hits but those it scanned for."""
    patterns = [sought for sought in planner.sought if isinstance(sought, Pattern)]
    patterns += [pattern for tree in trees for pattern in kin(tree)]
    return Reading(
        article,
        planner.sought,
        Alphabet(variant for pattern in patterns for variant in pattern.variants),
        entities=entities,
        places=places,
        asking=frozenset(planner.asking),
    )


def _verdict(holds: Truth, total: int) -> str:
    if holds is None:
        return "not known: it hangs on entities that nobody could read"
    if not holds:
        return "does not fire"
    return f"fires: {total:,} hit{'' if total == 1 else 's'} prove{'s' if total == 1 else ''} it"


def _told(reasons: Sequence[str]) -> str:
    more = len(reasons) - _MOST_REASONS
    return "; ".join(reasons[:_MOST_REASONS]) + (f"; and {more} more" if more > 0 else "")


@dataclass(frozen=True)
class _Level:
    """The text that a tree's places count in, the hits of a leaf that prove something, the scopes around."""

    text: str
    proving: Callable[[Plan], Collection[Hit]]
    scopes: tuple[Scope, ...] = ()


@dataclass(frozen=True)
class _Seen:
    """A clause explained; where it does not hold, by how much it fails (1: a word that is nowhere) and why."""

    clause: Clause
    gap: float = 0.0
    why: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Explainer:
    reading: Reading
    concepts: Mapping[str, Joined]
    entities: Entities | None

    def seen(self, node: Node, plan: Plan, level: _Level) -> _Seen:
        clause = level.text[node.start : node.end]
        holds = truth(plan, self.reading)
        below = [self.seen(*part) for part in self._below(node, plan, level)]
        found = missing(
            node,
            plan,
            self.reading,
            scopes=level.scopes,
            entities=self.entities,
            parts=(sum(part.clause.holds is True for part in below), len(below)),
        )
        places = self._places(plan, level) if isinstance(node, (*_LEAVES, Concept)) else []
        shown = _most_telling(node, below)
        seen = Clause(
            clause=clause,
            kind=_KINDS[type(node)],
            holds=holds,
            note=found.note,
            spans=sorted(places[:MOST_PLACES], key=lambda place: (place.field == "text", place.start)),
            spans_total=len(places),
            parts=[part.clause for part in shown],
            parts_total=len(below),
        )
        return _Seen(seen) if holds else _Seen(seen, *_blame(node, below, found, clause))

    def _below(self, node: Node, plan: Plan, level: _Level) -> Iterator[tuple[Node, Plan, _Level]]:
        """Give the parts of a clause with their plans: these stand by cost, and are put as written."""
        match node:
            case Concept(name=name) if isinstance(plan, Called):
                joined = self.concepts.get(name)
                if joined is None:
                    return
                mine = level.proving(plan)
                inner = _Level(joined.query, lambda leaf: mine, level.scopes)
                entry, planned = joined.node, plan.part
                yield from (
                    ((entry, planned, inner),)
                    if len(joined.texts) == 1
                    else self._below(entry, planned, inner)
                )
            case Scoped(part=part, scope=scope):
                yield part, plan, _Level(level.text, level.proving, (*level.scopes, scope))
            case _:
                as_written = sorted(children(plan), key=lambda part: part.start)
                for part, planned in zip(children(node), as_written, strict=False):
                    yield part, planned, level

    def _places(self, plan: Plan, level: _Level) -> list[Place]:
        proving = frozenset(level.proving(plan))
        found = {part for hit in hits(plan, self.reading) for part in parts(hit)}
        return [
            self._place(hit, proves=hit in proving)
            for hit in sorted(found, key=lambda hit: (hit not in proving, hit))
        ]

    def _place(self, hit: Hit, *, proves: bool) -> Place:
        start, end, text = self.reading.characters[hit[:3]]
        return Place(field=FIELDS[hit[0]], start=start, end=end, text=text, proves=proves)


def _most_telling(node: Node, below: list[_Seen]) -> list[_Seen]:
    """Give the parts to be shown, as written: of alternatives those that hold, else those that fail, nearest first."""
    if len(below) <= MOST_PARTS:
        return below
    wants_failures = isinstance(node, And)

    def weight(number: int) -> tuple[bool, float]:
        return (below[number].clause.holds is True) == wants_failures, below[number].gap

    return [below[number] for number in sorted(sorted(range(len(below)), key=weight)[:MOST_PARTS])]


def _blame(node: Node, below: list[_Seen], found: Missing, clause: str) -> tuple[float, tuple[str, ...]]:
    """Say by how much a clause fails and why: of alternatives the nearest, of what must all hold the sum."""
    failed = sorted((part for part in below if not part.clause.holds), key=lambda part: part.gap)
    said = f"{clause}: {found.note}" if isinstance(node, _LEAVES) else found.note or clause
    own = (found.gap, (said,))
    match node:
        case And():
            return _together(failed)
        case Or():
            best = failed[0]
            if best.gap >= 1 and len(failed) > 1:
                return 1.0, (f"none of {len(failed)} alternatives is there: {_short(clause)}",)
            return best.gap, best.why
        case Of(count=count):
            lacking = count - (len(below) - len(failed))
            gap, _ = _together(failed[:lacking])
            return gap, (*own[1], *failed[0].why) if failed[0].gap < 1 else own[1]
        case Near() if not found.measured:
            return _together(below[:1] if node.negated else failed) if failed else own
        case AtLeast() | Scoped() | Not() if failed:
            return failed[0].gap, failed[0].why
        case Concept() if failed and failed[0].gap < 1:
            return failed[0].gap, failed[0].why
    return own


def _together(failed: Sequence[_Seen]) -> tuple[float, tuple[str, ...]]:
    return sum(part.gap for part in failed), tuple(reason for part in failed for reason in part.why)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:59] + "…"


_LEAVES = (Phrase, Wildcard, Regex, Named)
_KINDS: dict[type, Kind] = {
    Phrase: "phrase",
    Wildcard: "wildcard",
    Regex: "regex",
    Named: "entity",
    Concept: "concept",
    Filter: "filter",
    Scoped: "scope",
    Near: "near",
    AtLeast: "atleast",
    Of: "of",
    Score: "score",
    Not: "not",
    And: "and",
    Or: "or",
}

"""Rules: one immutable, compiled set, made whole or not at all."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from processors import ids, language
from processors.assertion import Assertion, assess
from processors.entities.places import UNCHARTED, Places
from processors.models import Article, Certainty, Context, Entities, Evidence, Match
from processors.pack import Concept, Example, Problem, Rule
from processors.query.alphabet import TooManyWords
from processors.query.concepts import CALL, Calls, query_of
from processors.query.matcher import Matcher
from processors.query.parse import parse
from processors.query.tree import Node
from processors.rulefile import MOST_PROBLEMS, Locate, read_rule_file
from processors.sentences import sentence_around

_MOST_ROUNDS = 20  # in which words are left out, before what is left of the evidence has to do

__all__ = ["Concept", "Example", "Problem", "Rule", "RuleSet", "build", "compile_pack"]


class RuleSet:
    """Rules in the order of their ids, ready to match. Never changes; pickled, it travels as its values."""

    rules: tuple[Rule, ...]
    concepts: tuple[Concept, ...]
    revision: str
    places: Places

    def __init__(
        self,
        rules: Iterable[tuple[Rule, Node]],
        concepts: Iterable[tuple[Concept, Node]] = (),
        places: Places = UNCHARTED,
    ) -> None:
        """Compile rules and concepts, each with its tree, that were found to be sound together.

        `places` says what lies where, for rules that ask for places.
        """
        pairs = sorted(rules, key=lambda pair: pair[0].id)
        named = sorted(concepts, key=lambda pair: pair[0].name)
        trees = {concept.name: tree for concept, tree in named}
        revise = _reviser({concept.name: concept for concept, _ in named}, Calls(trees))
        self.rules = tuple(replace(rule, revision=revise(rule, tree)) for rule, tree in pairs)
        self.concepts = tuple(concept for concept, _ in named)
        self.revision = ids.content_id(
            "rules", *(part for rule in self.rules for part in (rule.id, rule.revision))
        )
        self.matcher = Matcher([(rule.query, tree) for rule, tree in pairs], trees, places=places)
        self.places = places

    def match(self, article: Article, entities: Entities | None = None) -> list[Match]:
        """Give the rules that hold for an article, in the order of their ids, with what proves it.

        `entities` are those of the article; None: they are not known.
        """
        hits = self.matcher.match(article, entities)
        found = [(item.field, item.start, item.end) for hit in hits for item in hit.evidence]
        assertions = iter(assess(article, found))
        matches = []
        for hit in hits:
            rule = self.rules[hit.query]
            evidence = [_weighed(item, next(assertions)) for item in hit.evidence]
            total = hit.total
            if rule.exclude:
                evidence, total = self._counted(hit.query, article, entities, evidence, total)
            if evidence:
                matches.append(_match(rule, article, evidence, total))
        return matches

    def _counted(
        self, query: int, article: Article, entities: Entities | None, evidence: list[Evidence], total: int
    ) -> tuple[list[Evidence], int]:
        """Give what proves a rule without the words it excludes, and how much there is; nothing where it then fails."""
        exclude, left_out = self.rules[query].exclude, list[Evidence]()
        for _ in range(_MOST_ROUNDS):
            marked = [item for item in evidence if any(mark.kind in exclude for mark in item.marks)]
            if not marked:
                return evidence, total
            left_out += marked
            stretches = [(item.field, item.start, item.end) for item in left_out]
            hit = self.matcher.match_without(query, article, entities, stretches)
            if hit is None:
                return [], 0
            found = assess(article, [(item.field, item.start, item.end) for item in hit.evidence])
            evidence, total = list(map(_weighed, hit.evidence, found)), hit.total
        kept = [item for item in evidence if not any(mark.kind in exclude for mark in item.marks)]
        return kept, total - len(evidence) + len(kept)

    def may_match(self, article: Article) -> bool:
        """Say whether any rule holds for an article, or may once its entities are known."""
        return self.matcher.may_match(article)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the values; trees and automaton are built again where they arrive."""
        return _rebuilt, (self.rules, self.concepts, self.places)


def compile_pack(files: Mapping[str, str], places: Places = UNCHARTED) -> RuleSet | list[Problem]:
    """Compile rule files, given as path and YAML text, into one set, or give all that is wrong with them.

    One fault refuses the whole set: half a set of rules would be silent where nobody expects it.
    """
    rules: list[tuple[Rule, Node, Locate | None]] = []
    concepts: list[tuple[Concept, Node, Locate | None]] = []
    problems: list[Problem] = []
    for file, text in sorted(files.items()):
        read = read_rule_file(file, text)
        rules += read.rules
        concepts += read.concepts
        problems += read.problems
    return _compiled(rules, concepts, problems, places)


def build(
    rules: Iterable[Rule], concepts: Iterable[Concept], places: Places = UNCHARTED
) -> RuleSet | list[Problem]:
    """Compile rules and concepts that are values already, or give all that is wrong with them."""
    problems: list[Problem] = []
    read_rules: list[tuple[Rule, Node, Locate | None]] = []
    read_concepts: list[tuple[Concept, Node, Locate | None]] = []
    for concept in concepts:
        try:
            read_concepts.append((concept, query_of(concept).node, None))
        except ValueError as error:
            problems.append(_problem(concept, None, 0, str(error), "publish the concept again"))
    for rule in rules:
        tree = parse(rule.query, pack=rule.pack)
        if isinstance(tree, list):
            problems += [_problem(rule, None, 0, f"{rule.id}: {error}", "publish it again") for error in tree]
        else:
            read_rules.append((rule, tree, None))
    return _compiled(read_rules, read_concepts, problems, places)


def run_examples(
    ruleset: RuleSet, read: Callable[[Article], Entities | None] = lambda article: None
) -> list[Problem]:
    """Give every example that a rule does not meet: silent where it must fire, or the other way round.

    `read` gives an example's entities; where it does not, they are not known.
    """
    problems = []
    for rule in ruleset.rules:
        for must_fire, example in rule.examples:
            article = _article(example)
            matches = ruleset.match(article, read(article))
            evidence = [item for match in matches if match.rule_id == rule.id for item in match.evidence]
            what = _unmet(evidence, example, must_fire=must_fire)
            if what:
                problems.append(
                    Problem(
                        file=rule.file,
                        line=example.line,
                        column=example.column,
                        what=f"{rule.id} {what}: {(example.title or example.text)[:80]!r}",
                        remedy="change the query, or the example if it asks for the wrong thing",
                    )
                )
    return problems


def _compiled(
    rules: Sequence[tuple[Rule, Node, Locate | None]],
    concepts: Sequence[tuple[Concept, Node, Locate | None]],
    problems: list[Problem],
    places: Places,
) -> RuleSet | list[Problem]:
    problems += _twice("id", [(rule.id, rule) for rule, _, _ in rules])
    problems += _twice("name", [(concept.name, concept) for concept, _, _ in concepts])
    problems += _miscalled(rules, concepts)
    if problems:
        return sorted(problems)[:MOST_PROBLEMS]
    try:
        return RuleSet(
            ((rule, tree) for rule, tree, _ in rules),
            ((concept, tree) for concept, tree, _ in concepts),
            places,
        )
    except TooManyWords as error:
        file = min(rule.file for rule, _, _ in rules)
        return [
            Problem(file=file, line=1, column=1, what=str(error), remedy="give some rules to another worker")
        ]


def _miscalled(
    rules: Sequence[tuple[Rule, Node, Locate | None]], concepts: Sequence[tuple[Concept, Node, Locate | None]]
) -> list[Problem]:
    """Give the calls of concepts that are not there, go in a circle or make a query too large."""
    known = Calls({concept.name: tree for concept, tree, _ in concepts})
    rules = [read for read in rules if CALL in read[0].query]  # most large sets call none
    problems = [
        _problem(concept, locate, fault.start, fault.what, fault.remedy)
        for concept, tree, locate in concepts
        for fault in known.faults(tree, concept.name)
    ]
    problems += [
        _problem(rule, locate, fault.start, fault.what, fault.remedy)
        for rule, tree, locate in rules
        for fault in known.faults(tree)
    ]
    if not problems:  # how deep a call leads can be told only where all calls lead somewhere
        problems = [
            _problem(concept, locate, fault.start, fault.what, fault.remedy)
            for concept, _, locate in concepts
            if (fault := known.too_deep(concept.name))
        ]
    if not problems:
        for rule, tree, locate in rules:
            if fault := known.excess(tree):
                problems.append(_problem(rule, locate, fault.start, fault.what, fault.remedy))
    return problems


def _problem(said: Rule | Concept, locate: Locate | None, offset: int, what: str, remedy: str) -> Problem:
    place = locate(offset) if locate else said
    return Problem(file=said.file, line=place.line, column=place.column, what=what, remedy=remedy)


def _twice(name: str, given: Iterable[tuple[str, Rule | Concept]]) -> Iterable[Problem]:
    first: dict[str, Rule | Concept] = {}
    for key, said in given:
        known = first.setdefault(key, said)
        if known is not said:
            yield Problem(
                file=said.file,
                line=said.line,
                column=said.column,
                what=f"the {name} {key!r} is taken, by {known.file}:{known.line}",
                remedy=f"give one of the two another {name}, or delete it",
            )


def _reviser(concepts: Mapping[str, Concept], known: Calls) -> Callable[[Rule, Node], str]:
    said_by = ("id", "title", "severity", "description", "families", "query")

    def revise(rule: Rule, tree: Node) -> str:
        said: dict[str, Any] = {name: getattr(rule, name) for name in said_by}
        used: set[str] = set()
        if CALL in rule.query:
            known.used(tree, used)
        if rule.exclude:
            said["exclude"] = rule.exclude
        if used:
            said["concepts"] = {name: concepts[name].texts for name in used}
        return ids.rule_revision(said)

    return revise


def _unmet(evidence: Sequence[Evidence], example: Example, *, must_fire: bool) -> str:
    if must_fire and not evidence:
        return "does not fire on an example"
    if not must_fire and evidence:
        return f"fires on {evidence[0].text!r} in an example that must be silent"
    missing = [text for text in example.finds if not any(text in item.text for item in evidence)]
    if missing:
        return f"fires without finding {missing[0]!r} in an example"
    return ""


def _article(example: Example) -> Article:
    spoken = language.detect(f"{example.text} {example.title}", None)
    return Article(
        key="example", id="example", revision="", title=example.title, text=example.text, language=spoken
    )


def _rebuilt(rules: tuple[Rule, ...], concepts: tuple[Concept, ...], places: Places) -> RuleSet:
    built = build(rules, concepts, places)
    if isinstance(built, list):
        raise ValueError(f"the rules were accepted once and are not now: {built[0]}")
    return built


def _match(rule: Rule, article: Article, evidence: list[Evidence], total: int) -> Match:
    return Match(
        match_id=ids.match_id(rule.id, article.key, article.revision),
        rule_id=rule.id,
        rule_revision=rule.revision,
        rule_title=rule.title,
        severity=rule.severity,
        evidence=evidence,
        evidence_total=total,
        certainty=max((item.certainty for item in evidence), key=_RANKS.__getitem__),
        context=_contexts(article, evidence),
    )


_RANKS: Mapping[Certainty, int] = {"doubtful": 0, "hedged": 1, "asserted": 2}


def _weighed(item: Evidence, assertion: Assertion) -> Evidence:
    return replace(item, certainty=assertion.certainty, marks=assertion.marks) if assertion.marks else item


def _contexts(article: Article, evidence: Sequence[Evidence]) -> list[Context]:
    """Give the sentences in which evidence stands, each once, in the order of reading."""
    contexts: list[Context] = []
    for item in evidence:
        last = contexts[-1] if contexts else None
        if last and last.field == item.field and last.start <= item.start and item.end <= last.end:
            continue
        text = article.title if item.field == "title" else article.text
        start, end = sentence_around(text, item.start, item.end)
        contexts.append(Context(field=item.field, start=start, end=end, text=text[start:end]))
    return contexts

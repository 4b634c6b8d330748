"""Rules: one immutable, compiled set, made from rule files whole or not at all."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from processors import ids
from processors.models import Article, Context, Evidence, Match, Severity, Value
from processors.query.matcher import Matcher
from processors.query.parse import parse
from processors.query.tree import Node
from processors.rulefile import MOST_PROBLEMS, Draft, Example, Problem, read_rule_file
from processors.sentences import sentence_around

__all__ = ["Example", "Problem", "Rule", "RuleSet", "compile_pack", "run_examples"]


class Rule(Value, frozen=True, kw_only=True):
    """What fires, how it is called, and the examples that show it. `revision` is of all but its examples."""

    id: str
    title: str
    severity: Severity
    description: str
    families: tuple[str, ...]
    query: str
    fires: tuple[Example, ...]
    silent: tuple[Example, ...]
    revision: str
    file: str
    line: int
    column: int

    @property
    def examples(self) -> tuple[tuple[bool, Example], ...]:
        """Give every example, and whether the rule must fire on it."""
        return (*((True, entry) for entry in self.fires), *((False, entry) for entry in self.silent))


class RuleSet:
    """Rules in the order of their ids, ready to match. Never changes; pickled, it travels as its rules."""

    rules: tuple[Rule, ...]
    revision: str

    def __init__(self, rules: Iterable[tuple[Rule, Node]]) -> None:
        """Compile rules, each with its query's tree."""
        pairs = sorted(rules, key=lambda pair: pair[0].id)
        self.rules = tuple(rule for rule, _ in pairs)
        self.revision = ids.content_id(
            "rules", *(part for rule in self.rules for part in (rule.id, rule.revision))
        )
        self._matcher = Matcher([(rule.query, tree) for rule, tree in pairs])

    def match(self, article: Article) -> list[Match]:
        """Give the rules that hold for an article, in the order of their ids, with what proves it."""
        return [
            _match(self.rules[hit.query], article, hit.evidence, hit.total)
            for hit in self._matcher.match(article)
        ]

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the rules; the automaton is built again where they arrive."""
        return _rebuilt, (self.rules,)


def compile_pack(files: Mapping[str, str]) -> RuleSet | list[Problem]:
    """Compile rule files, given as name and YAML text, into one set, or give all that is wrong with them.

    One fault refuses the whole set: half a set of rules would be silent where nobody expects it.
    """
    problems: list[Problem] = []
    drafts: list[tuple[Draft, Node]] = []
    for file, text in sorted(files.items()):
        found, faults = read_rule_file(file, text)
        drafts += found
        problems += faults
    problems += _twice(draft for draft, _ in drafts)
    if problems:
        return sorted(problems)[:MOST_PROBLEMS]
    return RuleSet((_rule(draft), tree) for draft, tree in drafts)


def run_examples(ruleset: RuleSet) -> list[Problem]:
    """Give every example that a rule does not meet: silent where it must fire, or the other way round."""
    problems = []
    for rule in ruleset.rules:
        alone = RuleSet([(rule, _tree(rule))])
        for must_fire, example in rule.examples:
            what = _unmet(alone.match(_article(example)), example, must_fire=must_fire)
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


def _unmet(matches: Sequence[Match], example: Example, *, must_fire: bool) -> str:
    evidence = [item for match in matches for item in match.evidence]
    if must_fire and not matches:
        return "does not fire on an example"
    if not must_fire and matches:
        return f"fires on {evidence[0].text!r} in an example that must be silent"
    missing = [text for text in example.finds if not any(text in item.text for item in evidence)]
    if missing:
        return f"fires without finding {missing[0]!r} in an example"
    return ""


def _article(example: Example) -> Article:
    return Article(key="example", id="example", revision="", title=example.title, text=example.text)


def _twice(drafts: Iterable[Draft]) -> Iterable[Problem]:
    first: dict[str, Draft] = {}
    for draft in drafts:
        known = first.setdefault(draft.id, draft)
        if known is not draft:
            yield Problem(
                file=draft.file,
                line=draft.line,
                column=draft.column,
                what=f"the id {draft.id!r} is taken, by {known.file}:{known.line}",
                remedy="give one of the two another id, or delete it",
            )


def _rule(draft: Draft) -> Rule:
    said = {
        name: getattr(draft, name) for name in ("id", "title", "severity", "description", "families", "query")
    }
    return Rule(
        **said,
        fires=draft.fires,
        silent=draft.silent,
        revision=ids.rule_revision(said),
        file=draft.file,
        line=draft.line,
        column=draft.column,
    )


def _tree(rule: Rule) -> Node:
    tree = parse(rule.query)
    if isinstance(tree, list):
        raise ValueError(f"{rule.id}: the query was accepted once and is not now: {tree[0]}")
    return tree


def _rebuilt(rules: tuple[Rule, ...]) -> RuleSet:
    return RuleSet((rule, _tree(rule)) for rule in rules)


def _match(rule: Rule, article: Article, evidence: list[Evidence], total: int) -> Match:
    return Match(
        match_id=ids.match_id(rule.id, article.key, article.revision),
        rule_id=rule.id,
        rule_revision=rule.revision,
        rule_title=rule.title,
        severity=rule.severity,
        evidence=evidence,
        evidence_total=total,
        context=_contexts(article, evidence),
    )


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

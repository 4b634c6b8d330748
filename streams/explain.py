"""`wirewatch explain`: one rule against one article in a file, and the tree that says why, on a terminal."""

from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from processors import codec, entities, render, text
from processors.models import Article, Dropped, Entities, RawArticle, Rejected
from processors.query.explain import Clause, Explanation, Place, explain_rule, labels_asked
from processors.rules import RuleSet
from streams import articlefiles, rulefiles
from streams.settings import Settings

MOST_SHOWN = 3  # places of a clause
_MOST_CLAUSE = 100
_GLYPHS = {True: ("✓", "green"), False: ("✗", "red"), None: ("?", "yellow")}
_OPERATORS = {"and": "AND", "or": "OR", "not": "NOT"}
_SAID_BY_NOTE = ("near", "atleast", "of", "score")  # their notes begin with the operator


class ExplainError(ValueError):
    """There is no such rule or article, or no rule sees it; the message says how to mend it."""


def explained(
    settings: Settings, rule_id: str, file: Path, *, article_id: str | None, now_ms: int
) -> Explanation:
    """Explain a rule of the folder that is set against the article in a file, read as a worker would.

    Raises:
        ExplainError: there is no such rule or article, or the article would not reach the rules.
        FileError: the file can't be read.
        ModelError: a model that the rule needs can't be loaded.
        RuleError: the rules can't be used.
    """
    rules = rulefiles.load(settings.rules_dir)
    try:
        labels = labels_asked(rules, rule_id)
    except KeyError:
        raise ExplainError(_no_rule(rules, rule_id)) from None
    article = _article(settings, file, article_id, now_ms)
    if not labels or settings.entities == "off":
        return explain_rule(rules, rule_id, article, Entities(knowledge="off"))
    from streams import readers  # noqa: PLC0415 - importing spaCy takes a second

    (named,) = entities.recognise(readers.load(settings.models), [article])
    return explain_rule(rules, rule_id, article, named)


def _no_rule(rules: RuleSet, rule_id: str) -> str:
    near = get_close_matches(rule_id, [rule.id for rule in rules.rules], n=1, cutoff=0.4)
    remedy = f"did you mean {near[0]}?" if near else "`wirewatch rules list` shows those there are"
    return f"there is no rule {rule_id!r}; {remedy}"


def _article(settings: Settings, file: Path, article_id: str | None, now_ms: int) -> Article:
    values = articlefiles.values(file, max_bytes=settings.article_max_bytes)
    outcome = _chosen(values, file, article_id, settings.article_max_bytes)
    article = outcome if isinstance(outcome, Rejected) else text.clean(outcome, now_ms=now_ms)
    if isinstance(article, Rejected | Dropped):
        raise ExplainError(f"{file}: the article reaches no rule ({article.reason}): {article.detail}")
    return article


def _chosen(values: Iterator[bytes], file: Path, article_id: str | None, most: int) -> RawArticle | Rejected:
    """Give the article asked for; without an id, the only one."""
    found = (codec.decode(value, max_bytes=most) for value in values)
    if article_id is not None:
        for outcome in found:
            if not isinstance(outcome, Rejected) and article_id in (outcome.id, outcome.url):
                return outcome
        raise ExplainError(
            f"{file}: no article has the id {article_id!r}; give an `id` or `url` that is in it"
        )
    first = next(found, None)
    if first is None:
        raise ExplainError(f"{file}: there is no article in it; give a text file or JSON lines")
    if next(found, None) is not None:
        raise ExplainError(f"{file}: there are several articles in it; say which one with --id")
    return first


def show(console: Console, explanation: Explanation) -> None:
    """Show an explanation as a tree; text of the article is laid out, never interpreted."""
    _, colour = _GLYPHS[explanation.holds]
    console.print(Text.assemble((explanation.rule_id, "bold"), " ", (explanation.verdict, f"bold {colour}")))
    if explanation.nearest:
        console.print(Text(f"nearest: {render.shown(explanation.nearest, most=1_000)}", style=colour))
    tree = Tree(_label(explanation.tree), guide_style="dim")
    _grow(tree, explanation.tree)
    console.print(tree)


def _grow(tree: Tree, clause: Clause) -> None:
    for part in clause.parts:
        _grow(tree.add(_label(part)), part)
    if more := clause.parts_total - len(clause.parts):
        tree.add(Text(f"… and {more:,} more", style="dim"))


def _label(clause: Clause) -> Text:
    glyph, colour = _GLYPHS[clause.holds]
    label = Text.assemble((glyph, colour), " ", (_head(clause), "bold" if clause.holds else ""))
    if clause.note and _head(clause) != clause.note:
        label.append(f"  {render.shown(clause.note)}", style=colour if not clause.holds else "dim")
    for place in clause.spans[:MOST_SHOWN]:
        label.append(f"  {_place(place)}", style="bold" if place.proves else "dim")
    if more := clause.spans_total - len(clause.spans[:MOST_SHOWN]):
        label.append(f"  and {more:,} more", style="dim")
    return label


def _head(clause: Clause) -> str:
    if clause.kind == "scope":
        return clause.clause.partition(":")[0] + ":"
    if clause.note and (clause.kind in _SAID_BY_NOTE or (clause.kind == "not" and not clause.holds)):
        return clause.note
    return _OPERATORS.get(clause.kind) or render.shown(clause.clause, most=_MOST_CLAUSE)


def _place(place: Place) -> str:
    where = "title " if place.field == "title" else ""
    return f"‘{render.shown(place.text, most=_MOST_CLAUSE)}’ {where}{place.start}–{place.end}"

"""`wirewatch evaluate`: rules against labelled files, through the very stages a worker runs."""

import json
import re
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from rich.console import Console
from rich.table import Table
from rich.text import Text

from processors import render
from processors.analyse import Engine, analyse_batch
from processors.evaluation import Evaluation, Fired, Item, Mistake, Score, evaluate, item_of, weighed
from processors.models import Article, Enriched, Entities, Origin, Record
from processors.query.explain import Clause, explain_rule
from processors.rules import RuleSet
from streams import articlefiles, screen
from streams.articlefiles import FileError
from streams.engine import build, spec_of
from streams.settings import Settings

BATCH = 64
NOTE = (
    "Intervals are 95 %: Wilson's, for weighted texts with Kish's effective size; F1 has none. "
    "Counts are texts; shares are of what the texts stand for. "
    "* is of the texts alone on which a firing could count as wrong; F1 takes all."
)


def run(
    settings: Settings,
    files: Sequence[Path],
    *,
    families: Sequence[str] = (),
    strata: Sequence[str] = (),
    weights: Path | None = None,
    nearest: int = 0,
    notes: Console,
) -> Evaluation:
    """Evaluate the rules of a folder on labelled files; progress on `notes`.

    `families` are NAME or FILE=NAME, `strata` NAME=COUNT; `weights` is a JSON file that says both
    for each file: {"file.jsonl": {"family": "PROTEST", "stands_for": {"A": 3747}}}. Of each family's
    misses the heaviest, `nearest` of them, say what the rule that came closest lacked.

    Raises:
        FileError: a file can't be read, or a line, a family or a stratum does not make sense.
        RuleError: the rules can't be used.
        ModelError: a rule asks for entities, and a model can't be loaded.
    """
    engine = _engine(settings)
    known = {family for rule in engine.rules.rules for family in rule.families}
    told = _told(weights)
    items: list[Item] = []
    for path in files:
        mine = told.get(path.name, told.get(str(path), {}))
        family = _family(families, path) or mine.get("family") or _named_by(path, known)
        if family and family not in known:
            raise FileError(
                f"{path}: no rule is for the family {family!r}; there are {', '.join(sorted(known)) or 'none'}"
            )
        items += read(path, family=family, stands_for=_stands_for(strata) or mine.get("stands_for", {}))
    with screen.progress(notes) as progress:
        bar = progress.add_task("evaluating", total=len(items))
        fired = []
        for found in _fired(engine, items):
            fired.append(found)
            progress.update(bar, advance=1)
        return _with_nearest(engine.rules, evaluate(engine.rules.rules, items, fired), nearest)


def read(path: Path, *, family: str | None, stands_for: Mapping[str, float]) -> list[Item]:
    """Give the labelled texts of a file of JSON lines, weighed where it has strata and we know of them.

    Raises:
        FileError: it can't be read, or a line is no labelled text.
    """
    items: list[Item] = []
    for number, value in enumerate(articlefiles.values(path, max_bytes=16 * 1024 * 1024), 1):
        try:
            items.append(item_of(json.loads(value), family=family, file=path.name))
        except ValueError as error:  # also what is no JSON
            raise FileError(f"{path}:{number}: {error}") from error
    if not items:
        raise FileError(f"{path}: no labelled text is in this file; give JSON lines")
    try:
        return weighed(items, stands_for) if stands_for and any(item.stratum for item in items) else items
    except ValueError as error:
        raise FileError(f"{path}: {error}") from error


def _with_nearest(rules: RuleSet, found: Evaluation, most: int) -> Evaluation:
    """Say of the heaviest misses of each family, so many, what the rule that came closest lacked."""
    told: dict[int, Mistake] = {}
    for family in found.families:
        misses = [e for e in found.errors if (e.family, e.kind) == (family, "miss")]
        for miss in heaviest(misses)[:most]:
            article = Article(key=miss.id, id=miss.id, revision="", title="", text=miss.text)
            closest = max(
                (
                    explain_rule(rules, rule.id, article, Entities(knowledge="off"))
                    for rule in rules.rules
                    if family in rule.families
                ),
                key=lambda explanation: _stands(explanation.tree),
            )
            told[id(miss)] = replace(miss, nearest_rule=closest.rule_id, nearest=closest.nearest)
    return replace(found, errors=[told.get(id(error), error) for error in found.errors])


def _stands(clause: Clause) -> int:
    """Count the words, entities and concepts of a tree that stand in the text."""
    return sum(map(_stands, clause.parts)) if clause.parts else int(clause.spans_total > 0)


def heaviest(mistakes: Sequence[Mistake]) -> list[Mistake]:
    """Give errors by what they stand for, most first."""
    return sorted(mistakes, key=lambda mistake: -mistake.weight)


def show(out: Console, found: Evaluation, *, errors: int) -> None:
    """Show scores by file and family, by rule, and at most so many errors of a kind and family."""
    for file, families in found.files.items():
        out.print(_table(Text(f"{file}"), "family", families))
        out.print()
    if len(found.files) > 1:
        out.print(_table(Text("all files"), "family", found.families))
        out.print()
    out.print(_table(Text("by rule"), "rule", found.rules))
    if found.without_rules:
        out.print(Text(f"\nno rule is for: {', '.join(found.without_rules)}", style="dim"))
    out.print(Text(f"\n{NOTE}", style="dim"))
    for family in found.families:
        for kind in ("false positive", "miss"):
            _show_errors(out, [e for e in found.errors if (e.family, e.kind) == (family, kind)], errors)


def _show_errors(out: Console, mistakes: Sequence[Mistake], most: int) -> None:
    if not mistakes or not most:
        return
    plural = {"false positive": "false positives", "miss": "misses"}[mistakes[0].kind]
    out.print(Text(f"\n{mistakes[0].family}, {plural}: {len(mistakes)}", style="bold"))
    for one in heaviest(mistakes)[:most]:
        where = " ".join(part for part in (one.file, one.id, one.sense) if part)
        stands = f", stands for {one.weight:.1f}" if one.weight != 1 else ""
        out.print(Text(f"  {where}{stands}", style="dim"))
        out.print(Text(f"    {render.shown(one.text)}"))
        for rule, words in one.fired.items():
            shown = "; ".join(render.title(word) for word in dict.fromkeys(words))
            out.print(Text(f"    {rule}: {shown}", style="yellow"))
        if one.nearest:
            out.print(Text(f"    nearest, {one.nearest_rule}: {render.shown(one.nearest)}", style="cyan"))
    if len(mistakes) > most:
        out.print(Text(f"  and {len(mistakes) - most} more; --errors says how many are shown", style="dim"))


def _table(title: Text, name: str, scores: Mapping[str, Score]) -> Table:
    table = Table(title=title, title_justify="left", box=None, padding=(0, 1))
    table.add_column(name)
    for column in ("true pos.", "false pos.", "misses", "precision", "recall", "F1"):
        table.add_column(column, justify="right", no_wrap=True)
    for key, one in scores.items():
        table.add_row(
            Text(key),
            *(str(count) for count in (one.tp, one.fp, one.fn)),
            precision(one),
            shown(one.recall, one.recall_interval),
            shown(one.f1),
        )
    return table


def precision(one: Score) -> str:
    """Give the precision to go by; starred where it leaves out texts on which nothing could count as wrong."""
    said = shown(one.coded_precision, one.coded_precision_interval)
    return f"{said}*" if one.coded_precision is not None and one.coded_tp < one.tp else said


def shown(share: float | None, interval: tuple[float, float] | None = None) -> str:
    """Give a share and its interval as they stand in a table."""
    if share is None:
        return "–"
    return f"{share:.3f}" + (f" ({interval[0]:.2f}–{interval[1]:.2f})" if interval else "")


def _engine(settings: Settings) -> Engine:
    spec = replace(spec_of(settings.model_copy(update={"rules_from": "files"})), entity_mode="off")
    engine = build(spec)
    # Models take seconds to load and most of the time of a text: only where a rule has use for them.
    return build(replace(spec, entity_mode="all")) if engine.rules.matcher.asks_entities else engine


def _fired(engine: Engine, items: Sequence[Item]) -> Iterator[Fired]:
    now = int(time.time() * 1000)
    for first in range(0, len(items), BATCH):
        records = [_record(first + number, item, now) for number, item in enumerate(items[first:][:BATCH])]
        for outcome in analyse_batch(records, engine, time.perf_counter)[0]:
            matches = outcome.matches if isinstance(outcome, Enriched) else []
            yield {match.rule_id: [proof.text for proof in match.evidence] for match in matches}


def _record(number: int, item: Item, now: int) -> Record:
    value = json.dumps({"id": str(number), "text": item.text, "source": "labelled"}).encode()
    origin = Origin(partition=0, offset=number, ingested_ms=now)
    return Record(topic="file", partition=0, offset=number, timestamp_ms=now, value=value, origin=origin)


def _family(families: Sequence[str], path: Path) -> str | None:
    pairs = [family.rpartition("=") for family in families]
    named = [family for file, _, family in pairs if file in {path.name, str(path)}]
    return next(iter(named or [family for file, _, family in pairs if not file]), None)


def _named_by(path: Path, known: Collection[str]) -> str | None:
    """Give the one family that shares a word with a file's name, if there is one: posture_dev, MILITARY_POSTURE."""
    words = set(re.findall(r"[a-z]+", path.stem.lower()))
    named = [family for family in known if words & set(re.findall(r"[a-z]+", family.lower()))]
    return named[0] if len(named) == 1 else None


def _stands_for(strata: Sequence[str]) -> dict[str, float]:
    counts: dict[str, float] = {}
    for stratum in strata:
        name, _, count = stratum.rpartition("=")
        try:
            counts[name] = float(count)
        except ValueError:
            counts[name] = 0.0
        if not name or counts[name] <= 0:
            raise FileError(f"--stratum takes NAME=COUNT, as in A=533, and got {stratum!r}")
    return counts


def _told(weights: Path | None) -> dict[str, Any]:
    if weights is None:
        return {}
    try:
        told = json.loads(weights.read_bytes())
        sound = all(
            isinstance(name, str) and count > 0
            for said in told.values()
            for name, count in said.get("stands_for", {}).items()
        )
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise FileError(f"{weights}: {error}; {HOW}") from error
    if not sound:
        raise FileError(f"{weights}: a stratum stands for no text; {HOW}")
    return dict(told)


HOW = 'give JSON, as in {"file.jsonl": {"family": "PROTEST", "stands_for": {"A": 3747, "C": 109703}}}'

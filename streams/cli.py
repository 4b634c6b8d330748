"""The command line: `wirewatch COMMAND`. Thin; what a command does lives in the module it names.

Exit status: 0 well; 1 the command ran and found something wrong; 2 wrong usage, settings, rules or
files; 3 no broker; 130 interrupted. Modules that take long to import are imported by the command
that needs them, so that --help is quick.
"""

import json
import logging
import sys
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from streams import logs, settings

if TYPE_CHECKING:
    from streams.summary import Summary

WELL, WRONG, USAGE, NO_BROKER, INTERRUPTED = 0, 1, 2, 3, 130

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
)
topics_app = typer.Typer(no_args_is_help=True, help="Create, check and show the Kafka topics.")
rules_app = typer.Typer(no_args_is_help=True, help="Check, test, list and publish rule packs.")
app.add_typer(topics_app, name="topics")
app.add_typer(rules_app, name="rules")


class Entities(StrEnum):
    """Which articles have their entities read."""

    all = "all"
    matched = "matched"
    off = "off"


Json = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]
RulesDir = Annotated[
    Path | None, typer.Option("--rules", metavar="DIR", help="Folder of rule packs [default: those shipped].")
]
Config = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="Settings file, TOML [default: wirewatch.toml]."),
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="NAME=VALUE", help="A setting, over environment and file; repeat for more."
    ),
]
Files = Annotated[
    list[Path], typer.Argument(metavar="FILE...", help="JSON lines (plain, .gz, .zst), or a text file.")
]


@app.command()
def demo(
    articles: Annotated[
        Path | None, typer.Option("--articles", metavar="FILE", help="Your articles, as JSON lines or text.")
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Leave everything running until interrupted.")] = False,
    rules: RulesDir = None,
    as_json: Json = False,
    config: Config = None,
    set_: Set = None,
) -> None:
    """Run the whole pipeline on an embedded broker and show its alerts. Needs nothing but Python."""
    from streams import demo_run, screen

    small = {
        "article_partitions": 4,
        "shards": 4,
        "session_timeout_seconds": 3.0,
        "metrics_port": 0,
        "log_level": "ERROR",
        "rules_dir": rules,
    }
    loaded = _loaded(config, set_, **small)
    out, notes = Console(highlight=False), Console(stderr=True, highlight=False)
    view = demo_run.View(alerts=None if as_json else out, notes=notes)

    def told(running: settings.Settings, summary: "Summary") -> None:
        if as_json:
            _print_json(summary)
        else:
            screen.show_summary(out, summary, WHERE_NEXT)
        if keep:
            sys.stdout.flush()
            _wait(running, notes)

    summary = demo_run.run(loaded.settings, articles=articles, view=view, then=told)
    if not summary.adds_up:
        raise typer.Exit(WRONG)


WHERE_NEXT = (
    "your own articles: wirewatch demo --articles FILE",
    "without a broker, an article a line: wirewatch analyse FILE",
    "the rules that fired: rules/military-posture, or `wirewatch rules list`",
    "on a real Kafka: docs/guide/run-on-kafka.md",
)


def _wait(running: settings.Settings, notes: Console) -> None:
    import threading

    notes.print(f"still running: broker {running.bootstrap}")
    notes.print(f"metrics: http://{running.metrics_host}:{running.metrics_port}/metrics")
    notes.print(f"alerts: wirewatch watch --from-start --set bootstrap={running.bootstrap}")
    notes.print("stop it with Ctrl-C")
    threading.Event().wait()


@app.command()
def worker(config: Config = None, set_: Set = None) -> None:
    """Run a worker: articles in, matches and alerts out. Stops whole on SIGTERM."""
    loaded = _loaded(config, set_)
    from streams import worker as worker_module

    raise typer.Exit(worker_module.run(loaded.settings))


@app.command()
def analyse(
    files: Files,
    rules: RulesDir = None,
    jobs: Annotated[int, typer.Option("--jobs", min=1, max=64, help="Processes.")] = 1,
    entities: Annotated[Entities, typer.Option(help="Whose entities are read.")] = Entities.all,
    config: Config = None,
    set_: Set = None,
) -> None:
    """Analyse articles without a broker: one JSON object an article on standard output."""
    loaded = _loaded(config, set_, rules_dir=rules, entities=entities.value)
    from streams import analyse_files

    notes = Console(stderr=True, highlight=False)
    analyse_files.run(loaded.settings, files, jobs=jobs, out=sys.stdout.buffer, notes=notes)


@app.command()
def stories(
    files: Files,
    rules: Annotated[
        Path | None,
        typer.Option("--rules", metavar="DIR", help="Group only articles that match a rule, rule by rule."),
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", min=1, max=64, help="Processes.")] = 1,
    entities: Annotated[Entities, typer.Option(help="Whose entities are read.")] = Entities.all,
    as_json: Json = False,
    config: Config = None,
    set_: Set = None,
) -> None:
    """Group articles into stories without a broker: copies of a text, and reports of one event by others.

    JSON is one object a story: its id, the keys of its articles in the order they came, and the lists of keys that
    are copies of each other.
    """
    loaded = _loaded(config, set_, rules_dir=rules, entities=entities.value)
    from streams import stories as stories_module

    notes = Console(stderr=True, highlight=False)
    found = stories_module.run(loaded.settings, files, by_rule=rules is not None, jobs=jobs, notes=notes)
    for story in found.stories if as_json else ():
        _print_json(story)
    if not as_json:
        stories_module.show(Console(highlight=False, width=None if sys.stdout.isatty() else 160), found)
    if found.dropped or found.dead:
        _complain(
            f"not grouped: {found.dropped} dropped, {found.dead} unreadable; `wirewatch analyse` says why"
        )


@app.command(name="evaluate")
def evaluate_rules(
    labelled: Annotated[
        list[Path] | None,
        typer.Option(
            "--labelled", metavar="FILE", help="Labelled texts as JSON lines; repeat, or name more."
        ),
    ] = None,
    more: Annotated[list[Path] | None, typer.Argument(metavar="FILE...", help="More labelled files.")] = None,
    rules: RulesDir = None,
    family: Annotated[
        list[str] | None,
        typer.Option(
            "--family",
            metavar="[FILE=]NAME",
            help="What the labels yes, partial and no of a file are about. "
            "[default: the family its name shares a word with]",
        ),
    ] = None,
    stratum: Annotated[
        list[str] | None,
        typer.Option("--stratum", metavar="NAME=COUNT", help="How many texts a stratum stands for; repeat."),
    ] = None,
    weights: Annotated[
        Path | None,
        typer.Option("--weights", metavar="FILE", help="Family and strata of every file, as JSON."),
    ] = None,
    errors: Annotated[int, typer.Option(min=0, help="Errors shown of a family and kind.")] = 10,
    as_json: Json = False,
    config: Config = None,
    set_: Set = None,
) -> None:
    """Measure rules on labelled texts: precision, recall and F1, by rule and family, and the errors.

    A line is {"id", "text", "families", "neg_valid_for"}, the last being the families for which a missing
    label is a real negative; or {"id", "text", "label"} with yes, partial or no for the family of --family,
    where partial counts neither way. It may have "sense", "stratum" and "weight". The JSON of --weights is
    {"FILE": {"family": NAME, "stands_for": {STRATUM: COUNT}}}.
    """
    loaded = _loaded(config, set_, rules_dir=rules)
    files = [*(labelled or []), *(more or [])]
    if not files:
        raise typer.BadParameter("name files of labelled texts with --labelled")
    from streams import evaluate

    found = evaluate.run(
        loaded.settings,
        files,
        families=family or [],
        strata=stratum or [],
        weights=weights,
        nearest=errors,
        notes=Console(stderr=True, highlight=False),
    )
    if as_json:
        _print_json(found)
    else:
        evaluate.show(
            Console(highlight=False, width=None if sys.stdout.isatty() else 160), found, errors=errors
        )


@app.command()
def explain(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="Id of a rule.")],
    article: Annotated[Path, typer.Argument(metavar="ARTICLE", help="A text file, or JSON lines.")],
    id_: Annotated[str | None, typer.Option("--id", help="Which article, by id or url.")] = None,
    rules: RulesDir = None,
    as_json: Json = False,
    config: Config = None,
    set_: Set = None,
) -> None:
    """Say why a rule fires on an article or does not: its query as a tree, what stands where, what was missed."""
    import time

    from streams import explain as explain_module

    loaded = _loaded(config, set_, rules_dir=rules)
    now_ms = int(time.time() * 1000)
    explanation = explain_module.explained(loaded.settings, rule, article, article_id=id_, now_ms=now_ms)
    if as_json:
        _print_json(explanation)
    else:
        explain_module.show(Console(highlight=False, width=None if sys.stdout.isatty() else 240), explanation)


@app.command()
def backtest(
    articles: Annotated[
        list[Path] | None,
        typer.Option("--articles", metavar="FILE", help="Articles of the past; repeat, or name more."),
    ] = None,
    more: Annotated[list[Path] | None, typer.Argument(metavar="FILE...", help="More files.")] = None,
    rules: RulesDir = None,
    against: Annotated[
        Path | None,
        typer.Option("--against", metavar="DIR", help="Rules from before an edit: what it gains and loses."),
    ] = None,
    topic: Annotated[
        str | None,
        typer.Option("--topic", metavar="NAME", help="Read a Kafka topic instead, such as articles."),
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="WHEN", help="From a time, or an age: 24h, 7d.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write a report that needs nothing else.")
    ] = None,
    samples: Annotated[int, typer.Option(min=0, max=5, help="Samples shown of a rule.")] = 3,
    jobs: Annotated[
        int | None, typer.Option("--jobs", min=1, max=64, help="Processes [default: all cores].")
    ] = None,
    as_json: Json = False,
    config: Config = None,
    set_: Set = None,
) -> None:
    """Run rules on articles of the past: matches, articles, sources, days, samples, and what an edit changes."""
    loaded = _loaded(config, set_, rules_dir=rules)
    files = [*(articles or []), *(more or [])]
    if bool(files) == bool(topic):
        raise typer.BadParameter("name files with --articles, or a topic with --topic")
    if since and not topic:
        raise typer.BadParameter("--since is for --topic; a file is read whole")
    if html and not html.absolute().parent.is_dir():
        raise typer.BadParameter(f"there is no folder {html.absolute().parent} to write {html.name} into")
    from streams import backtest as past
    from streams import backtest_page, backtest_screen

    read = loaded.settings
    source, size = past.from_topic(read, topic, since) if topic else past.from_files(read, files)
    notes = Console(stderr=True, highlight=False)
    found, seconds = past.run(
        read, source, size=size, against=against, jobs=jobs or read.pool_children, notes=notes
    )
    if html:
        where = topic or ", ".join(file.name for file in files)
        html.write_text(
            backtest_page.page(found, title=f"Backtest: {where}", seconds=seconds), encoding="utf-8"
        )
        notes.print(f"written: {html}", markup=False)
    if as_json:
        _print_json(found)
    elif not html:
        out = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
        backtest_screen.show(out, found, seconds=seconds, samples=samples)


@app.command()
def publish(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILE...", help="JSON lines (plain, .gz, .zst), or a text file."),
    ] = None,
    sample: Annotated[bool, typer.Option("--sample", help="Publish the demo's own articles.")] = False,
    rate: Annotated[float | None, typer.Option(min=0.01, help="Articles a second, at most.")] = None,
    as_json: Json = False,
    config: Config = None,
    set_: Set = None,
) -> None:
    """Publish articles to Kafka. What can't be read is published too: the pipeline dead-letters it."""
    loaded = _loaded(config, set_)
    if bool(files) == sample:
        raise typer.BadParameter("name files to publish, or --sample for the demo's own articles")
    import time

    from streams import articlefiles, demo, screen
    from streams.publish import publish as publish_values

    read = loaded.settings
    values = (
        demo.load(int(time.time() * 1000))
        if not files
        else (v for file in files for v in articlefiles.values(file, max_bytes=read.article_max_bytes))
    )
    with screen.progress(Console(stderr=True)) as progress:
        bar = progress.add_task("articles", total=None)
        result = publish_values(read, values, rate=rate, done=lambda n: progress.update(bar, advance=n))
    if as_json:
        _print_json(result)
    else:
        print(f"{result.published} published, {result.failed} failed")
    if result.failed:
        _complain(f"first failure: {result.first_error}")
        raise typer.Exit(WRONG)


@app.command()
def watch(
    from_start: Annotated[bool, typer.Option("--from-start", help="Begin with what is there.")] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="Stop after so many.")] = None,
    as_json: Json = False,
    config: Config = None,
    set_: Set = None,
) -> None:
    """Show alerts live, as they are written."""
    loaded = _loaded(config, set_)
    from streams import watch as watch_module

    out = Console(highlight=False)
    watch_module.run(loaded.settings, out=out, from_start=from_start, limit=limit, as_json=as_json)


@app.command(name="config")
def show_config(as_json: Json = False, config: Config = None, set_: Set = None) -> None:
    """Show the settings in force and where each came from; secrets are masked."""
    rows = _loaded(config, set_).rows()
    if as_json:
        _print_json(rows)
        return
    table = Table("setting", "value", "from", box=None)
    for row in rows:
        table.add_row(row["name"], escape(str(row["value"])), escape(row["from"]))
    _print_table(table)


@topics_app.command("create")
def topics_create(config: Config = None, set_: Set = None) -> None:
    """Create the topics that are missing."""
    from streams import topics

    made = topics.create(_loaded(config, set_).settings)
    print("\n".join(f"created {name}" for name in made) or "all topics are there")


@topics_app.command("check")
def topics_check(as_json: Json = False, config: Config = None, set_: Set = None) -> None:
    """Compare the topics with what a worker needs; status 1 where it could not run."""
    from streams import topics

    found = topics.check(_loaded(config, set_).settings)
    if as_json:
        _print_json(found)
    else:
        print("\n".join(f"{finding.level}: {finding}" for finding in found) or "all topics are fit")
    if any(finding.level == "error" for finding in found):
        raise typer.Exit(WRONG)


@topics_app.command("show")
def topics_show(as_json: Json = False, config: Config = None, set_: Set = None) -> None:
    """Show every topic: key, content, partitions and limits, by the settings and on the broker."""
    from streams import topics

    read = _loaded(config, set_).settings
    there = topics.seen(read)
    rows = topics.described(read, there)
    if as_json:
        _print_json(rows)
        return
    table = Table("topic", "key", "holds", "partitions", "there", "largest", "days", box=None)
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    _print_table(table)


@rules_app.command("check")
def rules_check(
    rules: RulesDir = None,
    strict: Annotated[bool, typer.Option("--strict", help="Status 1 for warnings too.")] = False,
    as_json: Json = False,
) -> None:
    """Compile every rule and name what is likely a mistake, with file, line, column and remedy.

    Status 1 where a rule does not compile or can never fire; warnings alone are status 0.
    """
    from streams import rulefiles

    try:
        compiled = rulefiles.load(rules)
    except rulefiles.RuleError as error:
        _show_problems(error.problems, as_json)
        raise typer.Exit(WRONG) from None
    from processors.lint import lint
    from streams.gazetteers import load_places
    from streams.stopwords import common_words

    found = lint(compiled, rulefiles.read_files(rules), common_words=common_words(), places=load_places)
    if as_json:
        _print_json({"rules": len(compiled.rules), "revision": compiled.revision, "problems": found})
    else:
        _show_problems(found, as_json)
        print(f"{len(compiled.rules)} rules compile, revision {compiled.revision}")
    if any(strict or finding.level == "error" for finding in found):
        raise typer.Exit(WRONG)


@rules_app.command("test")
def rules_test(rules: RulesDir = None, as_json: Json = False) -> None:
    """Run every rule's own examples."""
    from streams import examples, rulefiles

    compiled = rulefiles.load(rules)
    problems = examples.run(compiled, _loaded(None, None).settings.models)
    count = sum(len(rule.examples) for rule in compiled.rules)
    if problems or as_json:
        _show_problems(problems, as_json)
    else:
        print(f"{count} examples of {len(compiled.rules)} rules hold")
    if problems:
        raise typer.Exit(WRONG)


@rules_app.command("publish")
def rules_publish(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of rule packs.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    as_json: Json = False,
    config: Config = None,
    set_: Set = None,
) -> None:
    """Make these rules the ones in force, once they compile and meet their examples."""
    loaded = _loaded(config, set_)
    from streams import examples, rulefiles, rulestopic, screen

    rules = rulefiles.load(folder)
    if problems := examples.run(rules, loaded.settings.models):
        _show_problems(problems, as_json)
        raise typer.Exit(WRONG)
    with screen.progress(Console(stderr=True)) as progress:
        bar = progress.add_task("records", total=None)
        done = rulestopic.publish(
            loaded.settings, rules, dry_run=dry_run, done=lambda n: progress.update(bar, advance=n)
        )
    if as_json:
        _print_json(done)
    else:
        print("\n".join(rulestopic.told(done, dry_run=dry_run)))


@rules_app.command("list")
def rules_list(rules: RulesDir = None, as_json: Json = False) -> None:
    """List the rules: id, title, severity, families, revision."""
    from streams import rulefiles

    rows = [
        {
            "id": rule.id,
            "title": rule.title,
            "severity": rule.severity,
            "families": list(rule.families),
            "revision": rule.revision,
        }
        for rule in rulefiles.load(rules).rules
    ]
    if as_json:
        _print_json(rows)
        return
    table = Table("id", "severity", "title", "families", box=None)
    for row in rows:
        table.add_row(
            str(row["id"]), str(row["severity"]), escape(str(row["title"])), ", ".join(row["families"])
        )
    _print_table(table)


@app.callback(invoke_without_command=True)
def _main(show_version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False) -> None:
    """News monitoring on Kafka: entities, rules, and alerts a desk can trust and explain."""
    if show_version:
        print(version("wirewatch"))
        raise typer.Exit(WELL)


def main() -> None:
    """Run the command line; expected failures are one clear line on standard error."""
    try:
        app(standalone_mode=True)
    except settings.SettingsError as error:
        _fail(USAGE, str(error))
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None
    except BrokenPipeError:  # whoever read our output has seen enough
        sys.stderr.close()
        raise SystemExit(WELL) from None
    except Exception as error:
        status = _status(error)
        if status is None:
            raise
        hint = "; is a broker there? set bootstrap to where it is" if status == NO_BROKER else ""
        _fail(status, (str(error) or type(error).__name__) + hint)


def _status(error: Exception) -> int | None:
    """Give the exit status of an error that is expected, None for a fault of ours."""
    from kafka.errors import KafkaError

    from streams.articlefiles import FileError
    from streams.rulefiles import RuleError

    table: tuple[tuple[type[Exception], int], ...] = (
        (RuleError, USAGE),
        (FileError, USAGE),
        (KafkaError, NO_BROKER),
    )
    by_name = {
        "ExplainError": USAGE,
        "DemoError": WRONG,
        "ModelError": USAGE,
        "PoolError": WRONG,
        "EmbeddedBrokerError": WRONG,
    }
    known = next((status for kind, status in table if isinstance(error, kind)), None)
    return known if known is not None else by_name.get(type(error).__name__)


def _loaded(config: Path | None, pairs: list[str] | None, **defaults: Any) -> settings.Loaded:
    flags = dict(defaults)
    for pair in pairs or []:
        name, equals, value = pair.partition("=")
        if not equals:
            raise typer.BadParameter(f"--set takes NAME=VALUE, got {pair!r}")
        flags[name] = tuple(value.split(",")) if name == "models" else value
    loaded = settings.load(flags, file=config)
    logs.set_up(loaded.settings.log_level, loaded.settings.log_format)
    return loaded


def _show_problems(problems: Any, as_json: bool) -> None:
    if as_json:
        _print_json({"problems": problems})
    else:
        for problem in problems:
            _complain(str(problem))


def _print_json(value: Any) -> None:
    from msgspec import to_builtins

    print(json.dumps(to_builtins(value), ensure_ascii=False))


def _print_table(table: Table) -> None:
    # Into a pipe or file, lines are as long as they need be.
    Console(highlight=False, width=None if sys.stdout.isatty() else 240).print(table)


def _complain(text: str) -> None:
    print("\n".join(map(logs.escaped, text.split("\n"))), file=sys.stderr)


def _fail(status: int, text: str) -> None:
    _complain(f"wirewatch: {text}")
    logging.shutdown()
    raise SystemExit(status)


if __name__ == "__main__":
    main()

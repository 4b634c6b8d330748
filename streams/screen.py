"""Alerts and tables on a terminal. Untrusted text is laid out, never interpreted."""

from collections.abc import Sequence

from rich.console import Console, Group
from rich.padding import Padding
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from processors import render
from processors.models import Alert
from streams.summary import Summary

COLOURS = {"critical": "red", "high": "dark_orange", "medium": "yellow3", "low": "cyan", "info": "blue"}
FIRED = "bold reverse"
WIDEST = 110


def show_alert(console: Console, alert: Alert, *, now_ms: int, ingested_ms: int | None) -> None:
    """Show one version of an alert; times are milliseconds since 1970."""
    colour = "grey50" if alert.state == "withdrawn" else COLOURS[alert.severity]
    lines: list[Text | Table | Padding] = [Text(render.title(alert.article.title), style="bold")]
    lines.append(
        Text(f"{render.source_line(alert.article.source)} · ", style="dim").append(
            render.ages(alert, now_ms=now_ms, ingested_ms=ingested_ms)
        )
    )
    if marked := render.marks(alert):
        lines.append(Text(" · ".join(marked), style=f"bold {colour}"))
    lines += [_sentence(alert, index) for index in range(min(len(alert.context), render.MOST_CONTEXTS))]
    lines.append(_names(alert))
    if alert.version > 1:
        lines.append(Text(f"what changed: {render.changes(alert)}", style="italic"))
    title = Text.assemble(
        (f" {alert.severity.upper()} ", f"bold reverse {colour}"),
        (f" {render.title(alert.rule_title)} ", "bold"),
        (f"{alert.rule_id} ", "dim"),
        (f"v{alert.version} " if alert.version > 1 else "", "dim"),
    )
    console.print(
        Panel(
            Group(*lines),
            title=title,
            title_align="left",
            border_style=colour,
            width=min(console.width, WIDEST),
        )
    )


def _sentence(alert: Alert, index: int) -> Padding:
    sentence = Text()
    for segment, fired in render.highlights(alert.context[index], alert.evidence):
        sentence.append(render.shown(segment), style=FIRED if fired else "")
    return Padding(sentence, (0, 0, 0, 2))


def _names(alert: Alert) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for label, listed in render.names(alert.entities, alert.article.language):
        table.add_row(label, Text(listed))
    return table


def show_summary(console: Console, summary: Summary, where_next: Sequence[str]) -> None:
    """Show the final table of a run, and where to look next."""
    table = Table(title="what came of it", title_justify="left", show_header=False, box=None, padding=(0, 2))
    table.add_column()
    table.add_column(justify="right")
    table.add_column(style="dim", overflow="fold")
    rows: list[tuple[str, object, str]] = [
        ("articles in", summary.articles_in, ""),
        ("enriched", summary.enriched, ""),
        ("dropped", sum(summary.dropped.values()), _reasons(summary.dropped)),
        ("dead letters", sum(summary.dead.values()), _reasons(summary.dead)),
        ("matches", summary.matches, ""),
        ("alerts", summary.alerts, ""),
    ]
    latency = summary.ingest_to_alert_seconds
    for name, seconds in (("median", latency.p50), ("p99", latency.p99)):
        if seconds is not None:
            rows.append((f"arrival to alert, {name}", f"{seconds:.2f} s", ""))
    if summary.articles_per_second:
        rows.append(
            ("articles a second", summary.articles_per_second, "from the first published to the last decided")
        )
    for name, value, more in rows:
        table.add_row(name, str(value), more)
    console.print()
    console.print(table)
    accounted = "every article has exactly one outcome" if summary.adds_up else "the outcomes do not add up"
    console.print(Text(f"\n{accounted}\n", style="green" if summary.adds_up else "bold red"))
    for line in where_next:
        console.print(Text(f"  {line}", style="dim"))


def _reasons(counts: dict[str, int]) -> str:
    return ", ".join(f"{reason} {count}" for reason, count in counts.items())


def progress(console: Console) -> Progress:
    """Give a progress bar on a console; it leaves nothing behind."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )

"""A backtest on a terminal: a table of the rules, samples with what fired, and what an edit changes."""

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from processors import render
from processors.backtest import Backtest, Change, Comparison, Sample, binned
from streams import screen

BARS = "▁▂▃▄▅▆▇█"
MOST_BARS = 24


def show(out: Console, found: Backtest, *, seconds: float, samples: int) -> None:
    """Show what was counted, at most so many samples of each rule, and what an edit changes."""
    out.print(_summary(found, seconds))
    table = Table(box=None, padding=(0, 1))
    table.add_column("rule")
    table.add_column("severity")
    for name in ("matches", "articles", "sources"):
        table.add_column(name, justify="right")
    table.add_column("over time", no_wrap=True)
    for rule, count in found.by_rule.items():
        table.add_row(
            Text(rule),
            Text(count.severity, style=screen.COLOURS[count.severity]),
            *(f"{number:,}" for number in (count.matches, count.articles, count.sources)),
            Text(over_time(count.days)),
        )
    out.print(table)
    for rule, count in found.by_rule.items():
        if count.samples[:samples]:
            out.print(
                Text(f"\n{rule}: {min(samples, len(count.samples))} of {count.matches:,}", style="bold")
            )
        for one in count.samples[:samples]:
            _show_sample(out, one)
    if found.against:
        _show_changes(out, found.against, samples)


def over_time(days: dict[str, int]) -> str:
    """Give counts over time as a row of small bars, and the time they span."""
    _, counts = binned(days, most=MOST_BARS)
    if not counts:
        return ""
    most = max(count for _, count in counts) or 1
    bars = "".join(BARS[-(-count * (len(BARS) - 1) // most)] if count else " " for _, count in counts)
    span = counts[0][0] if len(counts) == 1 else f"{counts[0][0]} to {counts[-1][0]}"
    return f"{bars} {span}"


def _summary(found: Backtest, seconds: float) -> Text:
    parts = [
        f"{found.articles:,} articles",
        f"{found.analysed:,} analysed",
        *(f"{count:,} dropped: {reason}" for reason, count in found.dropped.items()),
        *(f"{count:,} unreadable: {reason}" for reason, count in found.unreadable.items()),
        f"{found.matches:,} matches in {found.matched_articles:,} articles of {found.sources:,} sources",
        f"{found.articles / seconds:,.0f} articles/s" if seconds else "",
    ]
    return Text("; ".join(part for part in parts if part) + "\n")


def _show_sample(out: Console, one: Sample) -> None:
    out.print(
        Text(f"  {render.title(one.title) or one.id} · {render.title(one.source)} · {one.day}", style="dim")
    )
    for sentence in one.sentences:
        line = Text()
        for segment, fired in sentence:
            line.append(render.shown(segment), style=screen.FIRED if fired else "")
        out.print(Padding(line, (0, 0, 0, 4)))


def _show_changes(out: Console, against: Comparison, samples: int) -> None:
    out.print(
        Text(
            f"\nagainst the other rules: {against.gained:,} matches gained, {against.lost:,} lost, "
            f"{against.kept:,} kept; articles gained {against.articles_gained:,}, lost {against.articles_lost:,}",
            style="bold",
        )
    )
    table = Table("rule", box=None, padding=(0, 1))
    for name in ("gained", "lost", "kept"):
        table.add_column(name, justify="right")
    for rule, counts in against.by_rule.items():
        table.add_row(Text(rule), f"{counts.gained:,}", f"{counts.lost:,}", f"{counts.kept:,}")
    out.print(table)
    shown: dict[tuple[str, str], list[Change]] = {}
    for change in against.changes:
        shown.setdefault((change.rule, change.kind), []).append(change)
    for (rule, kind), changes in sorted(shown.items()):
        out.print(Text(f"\n{rule}, {kind}: {len(changes):,}", style="bold"))
        for change in changes[:samples]:
            _show_sample(out, change.sample)

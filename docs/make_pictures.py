"""Draws docs/alert.svg: what the demo shows, from its own articles through the pure core.

`python docs/make_pictures.py` writes it. No broker and no clock: the same code gives the same picture.
"""

import io
import re
from datetime import UTC, datetime
from pathlib import Path

from msgspec import structs
from rich.console import Console
from rich.terminal_theme import TerminalTheme

from processors import analyse, codec, decide, outputs
from processors.models import Alert, Dropped, Enriched, MatchPayload, Origin, Record, Rejected
from streams import demo, engine, screen, settings
from streams.summary import Quantiles, Summary, Tallies

HERE = Path(__file__).resolve().parent
NOW_MS = int(datetime(2026, 3, 2, 18, 2, tzinfo=UTC).timestamp() * 1000)
SHOWN = (("sarovia-1", 1), ("es-80", 2))  # article and version, as they are to be drawn
WIDTH = 92
THEME = TerminalTheme(
    (16, 20, 28),
    (214, 219, 228),
    [
        (60, 66, 78),
        (240, 96, 92),
        (126, 200, 130),
        (232, 196, 90),
        (98, 160, 240),
        (190, 140, 230),
        (90, 200, 210),
        (214, 219, 228),
    ],
)


def main() -> None:
    """Write the picture."""
    alerts, summary = run_day()
    wanted = [alert for alert in alerts if (alert.article.id, alert.version) in SHOWN]
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, highlight=False)
    for alert in wanted:
        screen.show_alert(console, alert, now_ms=NOW_MS, ingested_ms=None)
    screen.show_summary(console, summary, ())
    drawn = console.export_svg(title="wirewatch demo", theme=THEME)
    # The picture asks no other server for its letters.
    drawn = re.sub(r"@font-face \{.*?\}\n", "", drawn, flags=re.DOTALL)
    drawn = drawn.replace(
        "Fira Code, monospace", "ui-monospace, Menlo, Consolas, DejaVu Sans Mono, monospace"
    )
    # A column is 12.2 wide and a letter of these 0.602 of its size: whoever ignores textLength sees no gaps.
    drawn = drawn.replace("font-size: 20px", "font-size: 20.27px")
    drawn = "\n".join(line.rstrip() for line in drawn.splitlines()) + "\n"
    (HERE / "alert.svg").write_text(drawn, encoding="utf-8")


def run_day() -> tuple[list[Alert], Summary]:
    """Give every alert version of the demo's day, in the order of its articles, and what it came to."""
    read = settings.load({}, environ={}).settings
    records = [_record(offset, value) for offset, value in enumerate(demo.load(NOW_MS))]
    outcomes, _ = analyse.analyse_batch(records, engine.build(engine.spec_of(read)), lambda: 0.0)
    state, tallies = decide.ShardState(), Tallies()
    versions: list[Alert] = []
    for record, outcome in zip(records, outcomes, strict=True):
        source = str(record.offset).encode()
        match outcome:
            case Enriched():
                tallies.outcome(source, "enriched")
                for output in outputs.matches(outcome, record, shards=1):
                    matched = codec.read_as(output.value, MatchPayload)
                    for hit in matched.hits:
                        tallies.match(hit.match_id)
                    versions += decide.decide(state, matched, record.origin)
            case Dropped():
                tallies.outcome(source, "dropped", outcome.reason)
            case Rejected():
                tallies.outcome(source, "dead", outcome.reason)
    for alert in versions:
        tallies.alert(alert.alert_id, alert.version, 0.0)
    untimed = Quantiles(p50=None, p99=None)
    summary = structs.replace(tallies.summary(len(records), 0.0), ingest_to_alert_seconds=untimed)
    return versions, summary


def _record(offset: int, value: bytes) -> Record:
    return Record(
        topic="articles",
        partition=0,
        offset=offset,
        timestamp_ms=NOW_MS,
        value=value,
        origin=Origin(partition=0, offset=offset, ingested_ms=NOW_MS),
    )


if __name__ == "__main__":
    main()

"""The screen: lays untrusted text out, never interprets it, and marks what a reader must know."""

import io

import pytest
from msgspec import structs
from rich.cells import cell_len
from rich.console import Console

from processors.models import Alert, ArticleRef, Context, Evidence, Names, Source
from streams import screen
from streams.summary import Quantiles, Summary

NOW = 1_772_452_800_000
SENTENCE = (
    "Norvik denies a troop build-up [bold]near[/bold] the strait, whatever the pictures of Monday show."
)

ARTICLE = ArticleRef(
    key="example.org/1",
    id="1",
    revision="r1",
    title="[red]Norvik[/red] sends troops",
    source=Source(name="Tribune", country="GB", tier=2),
    language="en",
)
ALERT = Alert(
    alert_id="a",
    version=1,
    what_changed=["first report"],
    rule_id="posture/build-up",
    rule_revision="1",
    rule_title="Troop build-up",
    severity="high",
    story=ARTICLE.key,
    article=ARTICLE,
    sources=[ARTICLE.source],
    evidence=[Evidence(clause="", field="text", start=16, end=30, text="troop build-up")],
    evidence_total=1,
    context=[Context(field="text", start=0, end=len(SENTENCE), text=SENTENCE)],
    entities=Names(
        people=["Ana Lindqvist"], places=["Norvik", "Ardenia", "Port Lumen", "Skarhavn", "Geneva"]
    ),
    revisions=["r1"],
)


def shown(alert: Alert, *, width: int = 100, terminal: bool = False) -> str:
    out = io.StringIO()
    console = Console(
        file=out,
        width=width,
        force_terminal=terminal,
        highlight=False,
        color_system="standard" if terminal else "auto",
    )
    screen.show_alert(console, alert, now_ms=NOW, ingested_ms=NOW - 1_000)
    return out.getvalue()


def of(**changes: object) -> Alert:
    return structs.replace(ALERT, article=structs.replace(ARTICLE, **changes))


def test_markup_in_a_headline_or_sentence_shows_as_it_is() -> None:
    said = shown(ALERT)
    assert "[red]Norvik[/red] sends troops" in said
    assert "[bold]near[/bold]" in said


def test_an_alert_says_severity_rule_source_age_and_names() -> None:
    said = shown(ALERT)
    for part in (
        "HIGH",
        "Troop build-up",
        "posture/build-up",
        "Tribune (GB, tier 2)",
        "publication time unknown, arrived 1.0 s ago",
        "Ana Lindqvist",
        "Norvik, Ardenia",
    ):
        assert part in said
    assert "what changed" not in said


@pytest.mark.parametrize(
    "alert",
    [
        ALERT,
        of(title="Norvik " * 60),
        of(title="N" * 5_000, source=Source(name="S" * 5_000)),
        of(title="兵力集結" * 40),
        structs.replace(ALERT, rule_title="R" * 500, entities=Names(people=["P" * 500])),
        structs.replace(ALERT, version=3, what_changed=["new evidence: " + "x" * 500]),
    ],
)
def test_nothing_is_wider_than_the_console(alert: Alert) -> None:
    assert max(cell_len(line) for line in shown(alert, width=60).splitlines()) <= 60


def test_a_terminal_highlights_what_fired_and_a_file_holds_no_escape_code() -> None:
    assert "\x1b[1;7mtroop build-up\x1b[0m" in shown(ALERT, terminal=True)
    assert "\x1b" not in shown(ALERT)


def test_an_escape_code_in_a_headline_does_not_reach_the_terminal() -> None:
    assert "\x1b[31" not in shown(of(title="\x1b[31mred\x1b]0;title\x07"), terminal=True)


@pytest.mark.parametrize(
    ("changes", "mark"),
    [
        ({"status": "corrected"}, "corrected"),
        ({"status": "retracted"}, "retracted"),
        ({"mode": "backfill"}, "backfill"),
        ({"paywalled": True}, "only the teaser was read"),
    ],
)
def test_what_qualifies_an_article_is_marked(changes: dict[str, object], mark: str) -> None:
    assert mark not in shown(ALERT)
    assert mark in shown(of(**changes))


def test_a_later_version_says_what_changed_and_whether_it_is_withdrawn() -> None:
    said = shown(
        structs.replace(ALERT, version=2, state="withdrawn", what_changed=["the article was retracted"])
    )
    assert "v2" in said
    assert "withdrawn" in said
    assert "what changed: the article was retracted" in said


def test_a_language_that_no_model_reads_says_so() -> None:
    alert = structs.replace(of(language="es"), entities=Names(knowledge="unknown"))
    assert "entities unknown: no model reads es" in shown(alert)


def summary(**changes: object) -> Summary:
    whole = Summary(
        articles_in=10,
        enriched=7,
        dropped={"no_text": 1},
        dead={"bad_utf8": 2},
        matches=5,
        alerts=4,
        ingest_to_alert_seconds=Quantiles(p50=0.5, p99=1.25),
        articles_per_second=41.5,
    )
    return structs.replace(whole, **changes)


def summarised(of_run: Summary) -> str:
    out = io.StringIO()
    screen.show_summary(Console(file=out, width=100, highlight=False), of_run, ["next: [this]"])
    return out.getvalue()


def test_the_summary_shows_every_count_its_reasons_and_where_to_look_next() -> None:
    rows = [line.split() for line in summarised(summary()).splitlines()]
    for row in (
        ["articles", "in", "10"],
        ["enriched", "7"],
        ["dropped", "1", "no_text", "1"],
        ["dead", "letters", "2", "bad_utf8", "2"],
        ["matches", "5"],
        ["alerts", "4"],
        ["arrival", "to", "alert,", "median", "0.50", "s"],
        ["arrival", "to", "alert,", "p99", "1.25", "s"],
        ["next:", "[this]"],
    ):
        assert row in rows
    assert "every article has exactly one outcome" in summarised(summary())


def test_a_summary_that_does_not_add_up_says_so() -> None:
    assert "the outcomes do not add up" in summarised(summary(enriched=6))


def test_a_run_without_alerts_says_nothing_of_latency() -> None:
    assert "arrival to alert" in summarised(summary())
    assert "arrival to alert" not in summarised(
        summary(ingest_to_alert_seconds=Quantiles(p50=None, p99=None))
    )

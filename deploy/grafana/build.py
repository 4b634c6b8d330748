"""Builds the dashboards Pipeline (is it healthy?) and Desk (what is happening in the news?).

`python -m deploy.grafana.build` writes dashboards/*.json; `--check` fails where they have drifted.
A panel is a row of a table: title, meaning, unit, and its queries with their legends.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grafana_foundation_sdk.builders import dashboard, prometheus, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import DataSourceRef, GridPos

HERE = Path(__file__).parent / "dashboards"
SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
WIDTH, HEIGHT = 8, 7  # of 24 columns
PICK = "$pick"  # in a query, the instances it asks about
PICKED = 'instance=~"$instance"'


@dataclass(frozen=True)
class Panel:
    """One panel. `quiet`: rightly without a result while all is well."""

    title: str
    meaning: str
    unit: str
    queries: Mapping[str, str]  # legend -> expression, with PICK for the instances picked
    quiet: bool = False


def rate(metric: str, by: str, more: str = "") -> str:
    """Give a rate over the dashboard's interval, summed by labels."""
    labels = f"{PICK}, {more}" if more else PICK
    return f"sum by ({by}) (rate(wirewatch_{metric}{{{labels}}}[$__rate_interval]))"


def quantile(share: float, metric: str, by: str = "") -> str:
    """Give a quantile of a histogram over the dashboard's interval."""
    labels = f"le, {by}" if by else "le"
    return (
        f"histogram_quantile({share}, sum by ({labels}) "
        f"(rate(wirewatch_{metric}_bucket{{{PICK}}}[$__rate_interval])))"
    )


def gauge(metric: str, function: str = "sum", by: str = "") -> str:
    """Give a gauge over the instances picked."""
    grouped = f" by ({by})" if by else ""
    return f"{function}{grouped} (wirewatch_{metric}{{{PICK}}})"


PIPELINE = (
    Panel(
        "Ready workers",
        "Workers that say they are ready. Less than you run is a page.",
        "short",
        {"ready": gauge("ready"), "alive": f"count(wirewatch_ready{{{PICK}}})"},
    ),
    Panel(
        "Articles by outcome",
        "Every article ends as exactly one of these.",
        "ops",
        {"{{outcome}}": rate("articles_processed_total", "outcome")},
    ),
    Panel(
        "Dropped and dead, by reason",
        "Why articles were not enriched.",
        "ops",
        {
            "{{outcome}} {{reason}}": rate(
                "articles_processed_total", "outcome, reason", 'outcome!="enriched"'
            )
        },
    ),
    Panel(
        "Ingest to alert",
        "From arrival on articles to an acknowledged alert, live articles; the objective is 30 s.",
        "s",
        {
            "p50": quantile(0.5, "ingest_to_alert_seconds"),
            "p99": quantile(0.99, "ingest_to_alert_seconds"),
        },
    ),
    Panel(
        "Ingest to done",
        "From arrival to all outputs acknowledged, every article.",
        "s",
        {"p50": quantile(0.5, "ingest_to_done_seconds"), "p99": quantile(0.99, "ingest_to_done_seconds")},
    ),
    Panel(
        "Records read",
        "Records acknowledged, by topic. Flat while others publish is a stall.",
        "ops",
        {"{{topic}}": rate("articles_consumed_total", "topic")},
    ),
    Panel(
        "Records written",
        "Records the broker acknowledged, by topic.",
        "ops",
        {"{{topic}}": rate("produced_total", "topic")},
    ),
    Panel(
        "Dead letters",
        "Records written to articles.dead, by stage and reason.",
        "ops",
        {"{{stage}} {{reason}}": rate("dead_letters_total", "stage, reason")},
    ),
    Panel(
        "Writes stalled",
        "1 while outputs can't be written: everything behind them waits, nothing is lost.",
        "short",
        {"{{instance}}": gauge("write_stalled", "max", "instance")},
    ),
    Panel(
        "Failed writes",
        "Writes that failed and were tried again, by error.",
        "ops",
        {"{{error}}": rate("produce_errors_total", "error")},
        quiet=True,
    ),
    Panel(
        "Seconds since the last record",
        "Since a record of a topic was last acknowledged.",
        "s",
        {
            "{{topic}}": f"time() - max by (topic) (wirewatch_last_acknowledged_timestamp_seconds{{{PICK}}} > 0)"
        },
    ),
    Panel(
        "Partitions held",
        "Over all workers it is the number of partitions of the topic.",
        "short",
        {"{{topic}}": gauge("assigned_partitions", "sum", "topic")},
    ),
    Panel(
        "Rebalances",
        "Assignments received. A steady rate is a loop.",
        "ops",
        {"{{stage}}": rate("rebalances_total", "stage")},
    ),
    Panel(
        "Pool",
        "Children alive, those with a batch, and batches that wait for one.",
        "short",
        {
            "children": gauge("pool_children"),
            "busy": gauge("pool_busy"),
            "queued": gauge("pool_queued_batches"),
        },
    ),
    Panel(
        "Pool use",
        "Share of the children's time spent on batches; near 1 is saturated.",
        "percentunit",
        {
            "use": f"sum(rate(wirewatch_pool_busy_seconds_total{{{PICK}}}[$__rate_interval]))"
            f" / sum(wirewatch_pool_children{{{PICK}}})"
        },
    ),
    Panel(
        "Children replaced",
        "By what ended them; recycled is routine.",
        "ops",
        {"{{reason}}": rate("pool_restarts_total", "reason")},
    ),
    Panel(
        "Time by stage",
        "Seconds of child time a second, by stage: where the time goes.",
        "short",
        {"{{stage}}": rate("stage_duration_seconds_sum", "stage")},
    ),
    Panel(
        "Wait for a child",
        "How long a batch waits before a child takes it.",
        "s",
        {"p50": quantile(0.5, "pool_wait_seconds"), "p99": quantile(0.99, "pool_wait_seconds")},
    ),
    Panel(
        "Event loop lag",
        "How late the loop ran its last heartbeat; seconds mean that something blocks it.",
        "s",
        {"{{instance}}": gauge("event_loop_lag_seconds", "max", "instance")},
    ),
    Panel(
        "Rules in force",
        "Rules loaded, by worker; they should agree.",
        "short",
        {"{{instance}}": gauge("rules_loaded", "max", "instance")},
    ),
    Panel(
        "Newest rules refused",
        "1 while the newest rules are not in force: the last good ones are.",
        "short",
        {"{{instance}}": gauge("rules_refused", "max", "instance")},
    ),
    Panel(
        "New rule sets",
        "Rule sets seen, by what became of them.",
        "ops",
        {"{{result}}": rate("rule_loads_total", "result")},
    ),
    Panel(
        "Age of the rules in force",
        "Since the rule set in force came into force, by worker.",
        "s",
        {"{{instance}}": f"time() - max by (instance) (wirewatch_rules_changed_timestamp_seconds{{{PICK}}})"},
    ),
    Panel(
        "Time to bring rules into force",
        "From the moment new rules were read until every batch met them, the last time.",
        "s",
        {"{{instance}}": gauge("rules_change_seconds", "max", "instance")},
    ),
    Panel(
        "Batch size",
        "Articles a child is given at once.",
        "short",
        {"p50": quantile(0.5, "nlp_batch_articles")},
    ),
)

DESK = (
    Panel(
        "Alerts opened, by severity",
        "New alerts.",
        "ops",
        {"{{severity}}": rate("alerts_by_severity_total", "severity", 'event="opened"')},
    ),
    Panel(
        "Alert versions, by event",
        "Opened, updated, withdrawn.",
        "ops",
        {"{{event}}": rate("alerts_by_severity_total", "event")},
    ),
    Panel(
        "Alerts by rule",
        "Alert versions by rule.",
        "ops",
        {"{{rule_id}}": rate("alerts_total", "rule_id")},
    ),
    Panel(
        "Matches by rule",
        "Matches by rule; far more than alerts is one article that keeps updating.",
        "ops",
        {"{{rule_id}}": rate("rule_matches_total", "rule_id")},
    ),
    Panel(
        "Publication to alert",
        "How old the news was when it became an alert.",
        "s",
        {
            "p50": quantile(0.5, "publish_to_alert_seconds"),
            "p90": quantile(0.9, "publish_to_alert_seconds"),
        },
    ),
    Panel(
        "Age on arrival, by source class",
        "From publication to arrival, median.",
        "s",
        {"{{source_class}}": quantile(0.5, "article_age_seconds", "source_class")},
    ),
    Panel(
        "Entities by label",
        "People, places, organisations and groups named.",
        "ops",
        {"{{label}}": rate("entities_total", "label")},
    ),
    Panel(
        "Articles nobody reads the names of",
        "Articles in a language without a loaded model: matched, their entities unknown.",
        "ops",
        {"unknown language": f"sum(rate(wirewatch_nlp_unknown_language_total{{{PICK}}}[$__rate_interval]))"},
    ),
    Panel(
        "Publication times that are not exact",
        "By what is wrong with them.",
        "ops",
        {"{{quality}}": rate("timestamps_invalid_total", "quality")},
    ),
    Panel(
        "Words read",
        "Words of clean text.",
        "ops",
        {"words": f"sum(rate(wirewatch_nlp_words_total{{{PICK}}}[$__rate_interval]))"},
    ),
    Panel(
        "Texts read in part",
        "Articles whose entities met a bound.",
        "ops",
        {"truncated": f"sum(rate(wirewatch_nlp_truncated_total{{{PICK}}}[$__rate_interval]))"},
    ),
    Panel(
        "Alerts that can still change",
        "Alerts a later revision may update, and those forgotten because a bound was reached.",
        "short",
        {"remembered": gauge("alerts_remembered"), "forgotten": gauge("alerts_forgotten")},
    ),
)

DASHBOARDS = {
    "pipeline": ("wirewatch: Pipeline", "Is it healthy?", PIPELINE),
    "desk": ("wirewatch: Desk", "What is happening in the news?", DESK),
}


def expression(query: str, instances: str = PICKED) -> str:
    """Give a query with the instances it asks about."""
    return query.replace(PICK, instances)


def queries(panels: tuple[Panel, ...]) -> Iterator[tuple[Panel, str]]:
    """Give each panel's expressions as Prometheus takes them: every instance, an interval of 30 s."""
    for panel in panels:
        for query in panel.queries.values():
            yield panel, expression(query, 'instance=~".+"').replace("$__rate_interval", "30s")


def build(name: str) -> dict[str, Any]:
    """Give a dashboard as the JSON that Grafana imports."""
    title, description, panels = DASHBOARDS[name]
    made = (
        dashboard.Dashboard(title)
        .uid(f"wirewatch-{name}")
        .description(description)
        .tags(["wirewatch"])
        .refresh("30s")
        .time("now-1h", "now")
        .with_variable(dashboard.DatasourceVariable("datasource").label("Prometheus").type("prometheus"))
        .with_variable(
            dashboard.QueryVariable("instance")
            .label("Worker")
            .datasource(SOURCE)
            .query("label_values(wirewatch_ready, instance)")
            .multi(True)
            .include_all(True)
            .all_value(".+")
        )
    )
    for number, panel in enumerate(panels):
        made = made.with_panel(_panel(number, panel))
    written: dict[str, Any] = json.loads(JSONEncoder(sort_keys=True).encode(made.build()))
    return written


def _panel(number: int, panel: Panel) -> timeseries.Panel:
    built = (
        timeseries.Panel()
        .id(number + 1)
        .title(panel.title)
        .description(panel.meaning)
        .datasource(SOURCE)
        .unit(panel.unit)
        .min(0)
        .grid_pos(_place(number))
        .fill_opacity(10)
        .line_width(2)
    )
    for index, (legend, query) in enumerate(panel.queries.items()):
        built = built.with_target(
            prometheus.Dataquery()
            .ref_id(chr(ord("A") + index))
            .expr(expression(query))
            .legend_format(legend)
            .datasource(SOURCE)
        )
    return built


def _place(number: int) -> GridPos:
    in_row = 24 // WIDTH
    return GridPos(h=HEIGHT, w=WIDTH, x=WIDTH * (number % in_row), y=HEIGHT * (number // in_row))


def main() -> int:
    """Write the dashboards, or with --check tell whether they have drifted."""
    drifted = []
    for name in DASHBOARDS:
        path = HERE / f"{name}.json"
        text = json.dumps(build(name), indent=2, sort_keys=True) + "\n"
        if "--check" in sys.argv and (not path.is_file() or path.read_text() != text):
            drifted.append(path.name)
        elif "--check" not in sys.argv:
            path.write_text(text)
    if drifted:
        print(f"{', '.join(drifted)}: not what the code builds; run python -m deploy.grafana.build")
    return 1 if drifted else 0


if __name__ == "__main__":
    sys.exit(main())

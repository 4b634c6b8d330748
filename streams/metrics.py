"""Every metric once: name, meaning, labels and buckets. The reference in docs is generated from here.

Seconds and bytes; label sets are bounded; children are created at zero so that a rate has a start.
"""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, disable_created_metrics

disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series a counter that nobody reads

MOST_RULES = 500  # rules with a label of their own; the rest share OTHER
OTHER = "other"

# 30 s, the objective for ingest to alert, is an edge: a ratio can be read off exactly.
LATENCY = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30, 60, 300, 1_800)
PUBLISHED = (5, 15, 30, 60, 120, 300, 900, 3_600, 14_400, 86_400, 604_800)
STAGE = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

OUTCOMES = ("enriched", "dropped", "dead")
STAGES = ("decode", "clean", "match", "entities", "encode")
LABELS = ("person", "place", "org", "group")
SEVERITIES = ("info", "low", "medium", "high", "critical")
ALERT_EVENTS = ("opened", "updated", "withdrawn")
RESTARTS = ("crash", "oom", "timeout", "recycled")
SOURCE_CLASSES = ("tier1", "tier2", "tier3", "other")
LOADS = ("in_force", "unchanged", "refused", "failed")
QUALITIES = ("naive", "date", "future", "invalid", "missing")
WRITTEN = ("articles.enriched", "articles.dropped", "articles.dead", "matches", "alerts")
READ = ("articles", "matches")


class Metrics:
    """The metrics of one worker, in a registry of their own."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry if registry is not None else CollectorRegistry()

        # flow
        self.consumed = self._counter("articles_consumed", "Records acknowledged, by topic read.", topic=READ)
        self.processed = self._counter(
            "articles_processed",
            "Articles by outcome, and why where it is not enriched.",
            "outcome",
            "reason",
        )
        for outcome in OUTCOMES:
            self.processed.labels(outcome, "")
        self.age = self._histogram(
            "article_age_seconds",
            "From publication to arrival, by source class; live articles with an exact time only.",
            PUBLISHED,
            source_class=SOURCE_CLASSES,
        )
        self.timestamps = self._counter(
            "timestamps_invalid", "Publication times that are not exact, by what is wrong.", quality=QUALITIES
        )
        self.publish_to_alert = self._histogram(
            "publish_to_alert_seconds", "From publication to an acknowledged alert, live articles.", PUBLISHED
        )
        self.ingest_to_alert = self._histogram(
            "ingest_to_alert_seconds",
            "From arrival on `articles` to an acknowledged alert, live articles.",
            LATENCY,
        )
        self.ingest_to_done = self._histogram(
            "ingest_to_done_seconds", "From arrival on `articles` to all its outputs acknowledged.", LATENCY
        )
        self.stage = self._histogram(
            "stage_duration_seconds", "Time a batch spends in a stage, in its child.", STAGE, stage=STAGES
        )

        # NLP
        self.batch_seconds = self._histogram(
            "nlp_batch_duration_seconds", "Time a child works on a batch.", STAGE
        )
        self.batch_articles = self._histogram(
            "nlp_batch_articles", "Articles in a batch.", (1, 2, 4, 8, 16, 32, 64, 128)
        )
        self.words = self._counter("nlp_words", "Words of clean text analysed.")
        self.entities = self._counter("entities", "Entities named, by label.", label=LABELS)
        self.truncated = self._counter("nlp_truncated", "Articles whose entities met a bound.")
        self.unknown = self._counter("nlp_unknown_language", "Articles whose language no loaded model reads.")
        self.pool_children = self._gauge("pool_children", "Children of the pool that are alive.")
        self.pool_busy = self._gauge("pool_busy", "Children that have a batch.")
        self.pool_queued = self._gauge("pool_queued_batches", "Batches that wait for a child.")
        self.pool_busy_seconds = self._counter("pool_busy_seconds", "Time children spent on batches.")
        self.pool_wait = self._histogram("pool_wait_seconds", "Time a batch waits for a child.", STAGE)
        self.pool_restarts = self._counter(
            "pool_restarts", "Children replaced, by what ended them.", reason=RESTARTS
        )

        # rules
        self.rules_loaded = self._gauge("rules_loaded", "Rules in the set that is in force.")
        self.rules_info = Info("wirewatch_rules", "The rule set in force.", registry=self.registry)
        self.rules_refused = self._gauge(
            "rules_refused", "1 while the newest rules are not in force: refused, gone or not to be loaded."
        )
        self.rule_loads = self._counter("rule_loads", "New rule sets, by what became of them.", result=LOADS)
        self.rules_changed = self._gauge(
            "rules_changed_timestamp_seconds", "When the rule set in force came into force."
        )
        self.rules_change_seconds = self._gauge(
            "rules_change_seconds", "Time it took to bring the rule set in force into force."
        )
        self.matches = self._counter(
            "rule_matches", f"Matches by rule; rules past {MOST_RULES} count as '{OTHER}'.", "rule_id"
        )

        # alerts
        self.alerts = self._counter(
            "alerts",
            f"Alert versions by rule and event; rules past {MOST_RULES} count as '{OTHER}'.",
            "rule_id",
            "event",
        )
        self.alerts_by_severity = self._counter(
            "alerts_by_severity",
            "Alert versions by severity and event.",
            severity=SEVERITIES,
            event=ALERT_EVENTS,
        )
        self.alerts_remembered = self._gauge(
            "alerts_remembered", "Alerts that a later revision may still change, over all shards held."
        )
        self.alerts_forgotten = self._gauge(
            "alerts_forgotten", "Alerts forgotten because a shard's bound was reached, over all shards held."
        )

        # dead letters
        self.dead_letters = self._counter(
            "dead_letters", "Records written to articles.dead, by stage and reason.", "stage", "reason"
        )

        # Kafka
        self.produced = self._counter(
            "produced", "Records acknowledged by the broker, by topic.", topic=WRITTEN
        )
        self.produce_errors = self._counter(
            "produce_errors", "Writes that failed and were tried again.", "error"
        )
        self.write_stalled = self._gauge(
            "write_stalled", "1 while outputs can't be written and everything behind them waits."
        )
        self.assigned = self._gauge("assigned_partitions", "Partitions held, by topic.", topic=READ)
        self.rebalances = self._counter(
            "rebalances", "Assignments received, by stage.", stage=("analyse", "decide")
        )
        self.last_commit = self._gauge(
            "last_acknowledged_timestamp_seconds",
            "When a record was last acknowledged, by topic read.",
            topic=READ,
        )

        # process
        self.ready = self._gauge("ready", "1 while the worker is ready.")
        self.loop_lag = self._gauge(
            "event_loop_lag_seconds", "How late the event loop ran its last heartbeat."
        )
        self.build = Info("wirewatch_build", "What is running.", registry=self.registry)
        self._named_rules: frozenset[str] = frozenset()

    def load_rules(self, rule_ids: Iterable[str], revision: str, *, count: int | None = None) -> None:
        """Take note of the set in force: its first rules get labels, those of no rule are removed.

        `count` says how many there are where not all are named.
        """
        every = sorted(rule_ids)
        named = frozenset(every[:MOST_RULES])
        for rule_id in self._named_rules - named:
            self.matches.remove(rule_id)
            for event in ALERT_EVENTS:
                self.alerts.remove(rule_id, event)
        for rule_id in (*named, OTHER):
            self.matches.labels(rule_id)
            for event in ALERT_EVENTS:
                self.alerts.labels(rule_id, event)
        self._named_rules = named
        self.rules_loaded.set(len(every) if count is None else count)
        self.rules_info.info({"revision": revision})

    def rule_label(self, rule_id: str) -> str:
        """Give the label under which a rule counts."""
        return rule_id if rule_id in self._named_rules else OTHER

    def _counter(self, name: str, help_text: str, *open_labels: str, **labels: Iterable[str]) -> Counter:
        metric = Counter(f"wirewatch_{name}", help_text, [*open_labels, *labels], registry=self.registry)
        _at_zero(metric, open_labels, labels)
        return metric

    def _gauge(self, name: str, help_text: str, **labels: Iterable[str]) -> Gauge:
        metric = Gauge(f"wirewatch_{name}", help_text, list(labels), registry=self.registry)
        _at_zero(metric, (), labels)
        return metric

    def _histogram(
        self, name: str, help_text: str, buckets: tuple[float, ...], **labels: Iterable[str]
    ) -> Histogram:
        metric = Histogram(
            f"wirewatch_{name}", help_text, list(labels), buckets=buckets, registry=self.registry
        )
        _at_zero(metric, (), labels)
        return metric


def _at_zero(
    metric: Counter | Gauge | Histogram, open_labels: tuple[str, ...], labels: dict[str, Iterable[str]]
) -> None:
    if open_labels or not labels:
        return
    combinations: list[tuple[str, ...]] = [()]
    for values in labels.values():
        combinations = [(*before, value) for before in combinations for value in values]
    for combination in combinations:
        metric.labels(*combination)

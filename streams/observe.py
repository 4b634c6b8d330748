"""What happens in a worker, told in its own words and turned into metrics, readiness and log lines."""

import logging
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from processors.decide import ShardState
from processors.models import Alert, ArticleRef, Record
from streams.child import BatchReply, Tally
from streams.health import Health
from streams.metrics import OTHER, QUALITIES, Metrics
from streams.rulesource import Rules

log = logging.getLogger(__name__)


READS = {"analyse": "articles", "decide": "matches"}


class Observer:
    """The worker's one way to tell what it does."""

    def __init__(self, metrics: Metrics, health: Health) -> None:
        self.metrics = metrics
        self.health = health
        # Asked at each scrape, on the server's thread: a blocked loop must not keep its last good word.
        metrics.ready.set_function(lambda: float(health.ready))
        metrics.loop_lag.set_function(lambda: health.lag)
        self._stalled: set[str] = set()
        self._decided: dict[tuple[int, int], list[Alert]] = {}

    # ANALYSE

    def analysed(self, records: Sequence[Record], reply: BatchReply) -> None:
        """A batch came back from the pool."""
        for stage, seconds in reply.seconds.items():
            self.metrics.stage.labels(stage).observe(seconds)
        for record, each in zip(records, reply.replies, strict=True):
            self._tally(record, each.tally)

    def _tally(self, record: Record, tally: Tally) -> None:
        metrics = self.metrics
        metrics.processed.labels(tally.outcome, tally.reason).inc()
        if tally.outcome == "dead":
            self.dead(record, tally.stage, tally.reason)
        if tally.outcome != "enriched":
            return
        metrics.words.inc(tally.words)
        for label, count in tally.entities.items():
            metrics.entities.labels(label).inc(count)
        if tally.truncated:
            metrics.truncated.inc()
        if tally.knowledge == "unknown":
            metrics.unknown.inc()
        for rule_id, _ in tally.rules:
            metrics.matches.labels(metrics.rule_label(rule_id)).inc()
        if tally.published_quality in QUALITIES:
            metrics.timestamps.labels(tally.published_quality).inc()
        elif tally.mode == "live" and tally.published:
            age = record.timestamp_ms / 1000 - _seconds(tally.published)
            source = f"tier{tally.tier}" if tally.tier in (1, 2, 3) else OTHER
            metrics.age.labels(source).observe(max(0.0, age))

    def batch(self, articles: int, waited: float, worked: float) -> None:
        """A child finished a batch; seconds it waited for the child, and seconds the child worked."""
        self.metrics.batch_articles.observe(articles)
        self.metrics.pool_wait.observe(waited)
        self.metrics.batch_seconds.observe(worked)
        self.metrics.pool_busy_seconds.inc(worked)

    def child_replaced(self, reason: str) -> None:
        """A child of the pool is replaced."""
        self.metrics.pool_restarts.labels(reason).inc()
        if reason != "recycled":
            log.warning("a pool child is replaced: %s", reason)

    # rules

    def rules_in_force(self, rules: Rules, seconds: float) -> None:
        """These rules are in force, `seconds` after they were seen."""
        self.metrics.load_rules(rules.ids, rules.revision, count=rules.count)
        self.metrics.rules_changed.set(time.time())
        self.metrics.rules_change_seconds.set(seconds)
        self._rules_judged("in_force", count=rules.count, revision=rules.revision)
        log.info("%d rules in force, revision %s, after %.1f s", rules.count, rules.revision, seconds)

    def rules_unchanged(self) -> None:
        """What is there says the same as the rules in force."""
        self._rules_judged("unchanged")

    def rules_refused(self, why: str, *, result: Literal["refused", "failed"] = "refused") -> None:
        """The newest rules can't be put in force; those before, if any, stay."""
        self._rules_judged(result, refused=why)
        log.error("the newest rules are not in force (%s): %s", result, why)

    def _rules_judged(self, result: str, *, refused: str | None = None, **known: Any) -> None:
        self.metrics.rule_loads.labels(result).inc()
        self.metrics.rules_refused.set(refused is not None)
        self.health.tell("rules", **known, refused=refused)

    # DECIDE

    def decided(self, record: Record, versions: Sequence[Alert]) -> None:
        """A match was decided; its versions count once they are acknowledged."""
        if versions:
            self._decided[(record.partition, record.offset)] = list(versions)

    def shards(self, states: Mapping[int, ShardState]) -> None:
        """These shards are held."""
        self.metrics.alerts_remembered.set(sum(map(len, states.values())))
        self.metrics.alerts_forgotten.set(sum(state.forgotten for state in states.values()))

    # writing and acknowledging

    def acknowledged(self, records: Sequence[Record]) -> None:
        """All outputs of these records are written and the records acknowledged."""
        now = time.time()
        for record in records:
            self.metrics.consumed.labels(plain := self.plain(record.topic)).inc()
            self.metrics.last_commit.labels(plain).set(now)
            if plain == "articles":
                self.metrics.ingest_to_done.observe(max(0.0, now - record.origin.ingested_ms / 1000))
            for alert in self._decided.pop((record.partition, record.offset), ()):
                self._alerted(alert, record, now)

    def _alerted(self, alert: Alert, record: Record, now: float) -> None:
        event = "withdrawn" if alert.state == "withdrawn" else "opened" if alert.version == 1 else "updated"
        self.metrics.alerts.labels(self.metrics.rule_label(alert.rule_id), event).inc()
        self.metrics.alerts_by_severity.labels(alert.severity, event).inc()
        if alert.article.mode == "live":
            self.metrics.ingest_to_alert.observe(max(0.0, now - record.origin.ingested_ms / 1000))
            if (published := _exact(alert.article)) is not None:
                self.metrics.publish_to_alert.observe(max(0.0, now - published))

    def produced(self, topic: str, count: int) -> None:
        """So many messages of a topic are acknowledged."""
        self.metrics.produced.labels(topic).inc(count)

    def failed(self, error: str) -> None:
        """A write failed and will be tried again."""
        self.metrics.produce_errors.labels(error).inc()

    def dead(self, record: Record, stage: str, reason: str) -> None:
        """A record is a dead letter."""
        self.metrics.dead_letters.labels(stage, reason).inc()
        log.warning(
            "dead letter: %s in %s",
            reason,
            stage,
            extra={"topic": record.topic, "partition": record.partition, "offset": record.offset},
        )

    def reachable(self, stage: str, ok: bool, why: str) -> None:
        """A stage can or can't reach the broker for its work at the moment."""
        if ok:
            self._stalled.discard(stage)
        else:
            self._stalled.add(stage)
        self.metrics.write_stalled.set(bool(self._stalled))
        self.health.set(f"{stage} broker", ok, why)

    # groups

    def assigned(self, stage: str, partitions: int) -> None:
        """A stage received its partitions: none is well too, others have them."""
        self.metrics.rebalances.labels(stage).inc()
        self.metrics.assigned.labels(READS[stage]).set(partitions)
        self.health.set(f"{stage} group", True)

    @staticmethod
    def plain(topic: str) -> str:
        """Give the plain name of a topic the worker reads."""
        return "matches" if topic.endswith("matches") else "articles"


def _seconds(iso: str) -> float:
    return datetime.fromisoformat(iso).timestamp()


def _exact(article: ArticleRef) -> float | None:
    return _seconds(article.published) if article.published and article.published_quality == "exact" else None

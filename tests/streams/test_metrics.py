"""Metrics: bounded label sets, children at zero, rules that come and go."""

from prometheus_client import CollectorRegistry

from streams.metrics import MOST_RULES, OTHER, Metrics


def samples(metrics: Metrics, name: str) -> dict[tuple[str, ...], float]:
    return {
        tuple(sample.labels.values()): sample.value
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name == name
    }


def test_each_has_a_registry_of_its_own() -> None:
    first, second = Metrics(), Metrics(CollectorRegistry())
    first.words.inc(3)
    assert samples(second, "wirewatch_nlp_words_total") == {(): 0.0}


def test_children_with_known_labels_stand_at_zero_from_the_start() -> None:
    metrics = Metrics()
    assert samples(metrics, "wirewatch_articles_processed_total") == {
        ("enriched", ""): 0.0,
        ("dropped", ""): 0.0,
        ("dead", ""): 0.0,
    }
    assert all(value == 0 for value in samples(metrics, "wirewatch_alerts_by_severity_total").values())


def test_rules_past_the_bound_share_a_label() -> None:
    metrics = Metrics()
    metrics.load_rules([f"rule-{number:04}" for number in range(MOST_RULES + 50)], "r1")
    assert metrics.rule_label("rule-0000") == "rule-0000"
    assert metrics.rule_label(f"rule-{MOST_RULES + 1:04}") == OTHER
    assert len(samples(metrics, "wirewatch_rule_matches_total")) == MOST_RULES + 1


def test_rules_are_counted_where_not_all_are_named() -> None:
    metrics = Metrics()
    metrics.load_rules(["a", "b"], "r1", count=100_000)
    assert samples(metrics, "wirewatch_rules_loaded") == {(): 100_000.0}


def test_the_labels_of_a_rule_that_is_gone_are_removed() -> None:
    metrics = Metrics()
    metrics.load_rules(["a", "b"], "r1")
    metrics.load_rules(["b", "c"], "r2")
    assert set(samples(metrics, "wirewatch_rule_matches_total")) == {("b",), ("c",), (OTHER,)}
    assert metrics.rule_label("a") == OTHER


def test_the_objectives_thresholds_are_edges_of_buckets() -> None:
    edges = {labels[0] for labels in samples(Metrics(), "wirewatch_ingest_to_alert_seconds_bucket")}
    assert {"3.0", "30.0"} <= edges


def test_no_second_series_tells_when_a_counter_was_made() -> None:
    names = {sample.name for family in Metrics().registry.collect() for sample in family.samples}
    assert not [name for name in names if name.endswith("_created")]

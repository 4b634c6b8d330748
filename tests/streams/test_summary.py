"""The sums of a run: each article one outcome, repeats counted once, and it says when they do not add up."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from streams.summary import Quantiles, Tallies

kinds = st.sampled_from(
    [("enriched", ""), ("dropped", "no_text"), ("dropped", "no_letters"), ("dead", "bad_utf8")]
)


def test_a_run_of_nothing_adds_up() -> None:
    total = Tallies().summary(0, 0.0)
    assert total.adds_up
    assert (total.articles_in, total.articles_per_second) == (0, 0.0)
    assert total.ingest_to_alert_seconds == Quantiles(p50=None, p99=None)


@given(st.dictionaries(st.binary(max_size=3), kinds), st.integers(1, 3))
def test_outcomes_add_up_however_often_each_was_written(
    outcomes: dict[bytes, tuple[str, str]], times: int
) -> None:
    tallies = Tallies()
    for _ in range(times):
        for source, (kind, reason) in outcomes.items():
            tallies.outcome(source, kind, reason)
    total = tallies.summary(len(outcomes), 1.0)
    assert tallies.outcomes == len(outcomes)
    assert total.adds_up
    assert total.enriched == sum(kind == "enriched" for kind, _ in outcomes.values())
    for found, kind in ((total.dropped, "dropped"), (total.dead, "dead")):
        reasons = [reason for k, reason in outcomes.values() if k == kind]
        assert found == {reason: reasons.count(reason) for reason in set(reasons)}


def test_an_article_without_an_outcome_does_not_add_up() -> None:
    tallies = Tallies()
    tallies.outcome(b"0/1", "enriched")
    assert tallies.summary(1, 1.0).adds_up
    assert not tallies.summary(2, 1.0).adds_up


def test_an_article_with_one_outcome_too_many_does_not_add_up() -> None:
    tallies = Tallies()
    tallies.outcome(b"0/1", "enriched")
    assert not structs.replace(tallies.summary(1, 1.0), dead={"bad_utf8": 1}).adds_up


def test_matches_and_alert_versions_are_counted_once() -> None:
    tallies = Tallies()
    for match_id in ("m1", "m2", "m1"):
        tallies.match(match_id)
    assert [tallies.alert("a", 1, 0.1), tallies.alert("a", 1, 9.0), tallies.alert("a", 2, 0.3)] == [
        True,
        False,
        True,
    ]
    assert tallies.alert("b", 1, 0.2)
    total = tallies.summary(2, 1.0)
    assert (total.matches, total.alerts) == (2, 2)
    assert total.ingest_to_alert_seconds == Quantiles(p50=0.2, p99=0.3)


@given(st.lists(st.floats(0, 1_000), min_size=1, max_size=50))
def test_quantiles_are_seconds_that_were_measured_and_in_order(seconds: list[float]) -> None:
    tallies = Tallies()
    for number, second in enumerate(seconds):
        tallies.alert(str(number), 1, second)
    found = tallies.summary(0, 1.0).ingest_to_alert_seconds
    assert found.p50 is not None and found.p99 is not None
    assert {found.p50, found.p99} <= {round(second, 3) for second in seconds}
    assert found.p50 <= found.p99


def test_the_rate_is_articles_over_seconds() -> None:
    assert Tallies().summary(90, 4.0).articles_per_second == 22.5

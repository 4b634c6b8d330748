"""DECIDE: one alert for a rule and an article, its versions without gaps, the same after any replay."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from processors import ids
from processors.decide import MAX_ALERTS, ShardState, decide
from processors.models import Alert, ArticleRef, Evidence, Match, MatchPayload, Names, Origin, Source, Status

RULE = "posture/build-up"


def article(revision: str = "r1", *, status: Status = "new", updated: str | None = None) -> ArticleRef:
    return ArticleRef(
        key="example.org/1",
        id="1",
        revision=revision,
        title="Headline",
        source=Source(name="Example"),
        status=status,
        updated=updated,
    )


def hit(*words: str, rule_id: str = RULE) -> Match:
    return Match(
        match_id=ids.match_id(rule_id, "example.org/1", "r1"),
        rule_id=rule_id,
        rule_revision="v1",
        rule_title="Troop build-up",
        severity="high",
        evidence=[
            Evidence(clause=f'"{word}"', field="text", start=0, end=len(word), text=word) for word in words
        ],
        evidence_total=len(words),
    )


def record(ref: ArticleRef, *hits: Match) -> MatchPayload:
    return MatchPayload(shard=0, article=ref, entities=Names(), hits=list(hits))


def at(offset: int, partition: int = 0) -> Origin:
    return Origin(partition=partition, offset=offset, ingested_ms=1_000 + offset)


def test_a_first_match_opens_version_one_with_the_id_of_rule_and_article() -> None:
    [alert] = decide(ShardState(), record(article(), hit("troop build-up")), at(0))
    assert (alert.version, alert.state) == (1, "open")
    assert alert.alert_id == ids.alert_id(RULE, "example.org/1")
    assert [e.text for e in alert.evidence] == ["troop build-up"]


def test_the_same_record_again_decides_nothing() -> None:
    state = ShardState()
    match = record(article(), hit("troop build-up"))
    assert len(decide(state, match, at(0))) == 1
    assert decide(state, match, at(0)) == []


def test_the_same_article_published_again_decides_nothing() -> None:
    state = ShardState()
    match = record(article(), hit("troop build-up"))
    decide(state, match, at(0))
    assert decide(state, match, at(7)) == []


def test_a_new_revision_that_says_the_same_makes_no_version() -> None:
    state = ShardState()
    decide(state, record(article("r1"), hit("troop build-up")), at(0))
    assert decide(state, record(article("r2", status="updated"), hit("Troop build-up")), at(1)) == []


def test_new_evidence_makes_the_next_version_and_says_so() -> None:
    state = ShardState()
    decide(state, record(article("r1"), hit("troop build-up")), at(0))
    newer = record(article("r2", status="updated"), hit("troop build-up", "massing troops"))
    [second] = decide(state, newer, at(1))
    assert second.version == 2
    assert second.what_changed == ["new evidence: massing troops"]


def test_a_retraction_withdraws_the_alert_even_where_the_words_still_stand() -> None:
    state = ShardState()
    decide(state, record(article("r1"), hit("troop build-up")), at(0))
    [second] = decide(state, record(article("r1", status="retracted"), hit("troop build-up")), at(1))
    assert (second.version, second.state) == (2, "withdrawn")
    assert second.what_changed == ["the article was retracted"]


def test_a_correction_without_the_words_withdraws_and_their_return_opens_again() -> None:
    state = ShardState()
    decide(state, record(article("r1"), hit("troop build-up")), at(0))
    [second] = decide(state, record(article("r2", status="corrected")), at(1))
    assert second.state == "withdrawn"
    assert second.evidence == []
    assert "the rule no longer fires on what the article says now" in second.what_changed
    [third] = decide(state, record(article("r3", status="corrected"), hit("troop build-up")), at(2))
    assert (third.version, third.state) == (3, "open")


def test_an_article_that_goes_back_to_an_earlier_text_is_followed_back() -> None:
    state = ShardState()
    first = record(article("r1", status="updated"), hit("troop build-up"))
    second = record(article("r2", status="updated"))
    states = [v.state for n, m in enumerate([first, second] * 2) for v in decide(state, m, at(n))]
    assert states == ["open", "withdrawn", "open", "withdrawn"]


def test_evidence_that_is_gone_makes_a_version_that_says_so() -> None:
    state = ShardState()
    decide(state, record(article("r1"), hit("troop build-up", "massing troops")), at(0))
    [second] = decide(state, record(article("r2", status="updated"), hit("troop build-up")), at(1))
    assert (second.state, second.what_changed) == ("open", ["no longer said: massing troops"])


def test_an_update_without_hits_and_without_an_alert_decides_nothing() -> None:
    assert decide(ShardState(), record(article("r2", status="updated")), at(0)) == []


def test_a_retracted_article_never_opens_an_alert() -> None:
    retracted = record(article(status="retracted"), hit("troop build-up"))
    assert decide(ShardState(), retracted, at(0)) == []


def test_an_older_revision_that_arrives_late_changes_nothing_even_from_another_partition() -> None:
    state = ShardState()
    decide(state, record(article("r2", updated="2022-01-12T10:00:00Z"), hit("troop build-up")), at(5))
    late = article("r1", updated="2022-01-12T09:00:00Z", status="updated")
    assert decide(state, record(late, hit("massing troops")), at(4)) == []
    assert decide(state, record(late, hit("massing troops")), at(900, partition=1)) == []


def test_the_state_is_bounded_and_counts_what_it_forgets() -> None:
    state = ShardState()
    [alert] = decide(ShardState(), record(article(), hit("troop build-up")), at(0))
    for number in range(MAX_ALERTS + 3):
        ref = structs.replace(alert.article, key=f"example.org/{number}")
        state.remember(structs.replace(alert, alert_id=str(number), article=ref), at(number))
    assert len(state) == MAX_ALERTS
    assert state.forgotten == 3
    assert state.get("0") is None
    assert state.of_article("example.org/0") == []


statuses = st.sampled_from(["new", "updated", "corrected", "retracted"])
words = st.lists(st.sampled_from(["alpha", "beta", "gamma"]), unique=True, max_size=3)
histories = st.lists(st.tuples(st.sampled_from(["r1", "r2", "r3"]), statuses, words, words), max_size=12)
History = list[tuple[str, Status, list[str], list[str]]]
Published = list[tuple[Alert, Origin]]


def replay(history: History, state: ShardState, start: int = 0) -> Published:
    published = []
    for offset, (revision, status, first, second) in enumerate(history[start:], start):
        hits = [hit(*said, rule_id=rule) for rule, said in (("a", first), ("b", second)) if said]
        match = record(article(revision, status=status), *hits)
        published += [(alert, at(offset)) for alert in decide(state, match, at(offset))]
    return published


@given(histories)
def test_versions_are_one_two_three_without_gaps(history: History) -> None:
    published = [alert for alert, _ in replay(history, ShardState())]
    for alert_id in {alert.alert_id for alert in published}:
        versions = [alert.version for alert in published if alert.alert_id == alert_id]
        assert versions == list(range(1, len(versions) + 1))


@given(histories, st.data())
def test_a_new_owner_who_reads_the_published_versions_decides_the_same(
    history: History, data: st.DataObject
) -> None:
    """Crash anywhere: versions are published, and the input is read again from any earlier record."""
    whole = replay(history, ShardState())
    crash = data.draw(st.integers(0, len(history)))
    before = replay(history[:crash], ShardState())
    heir = ShardState()
    for alert, origin in before:
        heir.remember(alert, origin)
    after = replay(history, heir, start=data.draw(st.integers(0, crash)))
    assert before + after == whole

"""A backtest's numbers add up, whatever comes in whatever order, and an edit is told by what it gains and loses."""

from collections import Counter
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from processors.backtest import MOST_SAMPLES, UNDATED, Comparing, Counting, Seen, binned
from processors.models import ArticleRef, Context, Evidence, Match, Source
from processors.pack import Rule

RULES = [
    Rule(
        id=name, pack="", title=name.title(), severity="low", description="", families=(), query="",
        fires=(), silent=(), file="", line=1, column=1,
    )
    for name in ("march", "talks", "never")
]  # fmt: skip


def hit(rule: str, key: str) -> Match:
    said = f"A {rule} it was."
    return Match(
        match_id=f"{hash((rule, key)) & 0xFFFF:04x}",
        rule_id=rule,
        rule_revision="",
        rule_title=rule,
        severity="low",
        evidence=[Evidence(clause=rule, field="text", start=2, end=2 + len(rule), text=rule)],
        evidence_total=1,
        context=[Context(field="text", start=0, end=len(said), text=said)],
    )


def article(key: str, rules: Sequence[str], *, day: str | None = "2022-01-12", source: str = "Post") -> Seen:
    published = day and f"{day}T00:00:00Z"
    ref = ArticleRef(key=key, id=key, revision="", title=key, source=Source(name=source), published=published)
    return Seen(
        outcome="enriched",
        published=published,
        article=ref if rules else None,
        hits=[hit(rule, key) for rule in rules],
    )


ARTICLES = st.builds(
    article,
    st.sampled_from("abcdefgh"),
    st.lists(st.sampled_from(["march", "talks"]), unique=True),
    day=st.sampled_from([None, "2022-01-12", "1987-03-01"]),
    source=st.sampled_from(["Post", "Tribune"]),
)
OTHERS = st.builds(Seen, outcome=st.sampled_from(["dropped", "dead"]), reason=st.sampled_from(["a", "b"]))


@given(st.lists(ARTICLES | OTHERS))
def test_the_numbers_add_up(given_articles: list[Seen]) -> None:
    counting = Counting(RULES)
    for one in given_articles:
        counting.add(one)
    found = counting.counted()
    assert found.articles == len(given_articles)
    assert found.articles == found.analysed + sum(found.dropped.values()) + sum(found.unreadable.values())
    assert sum(found.days.values()) == found.analysed
    assert found.matches == sum(count.matches for count in found.by_rule.values())
    assert list(found.by_rule) == ["march", "talks", "never"]
    matched = [one for one in given_articles if one.article is not None]
    assert found.matched_articles == len({one.article.key for one in matched if one.article})
    for rule, count in found.by_rule.items():
        mine = [one for one in matched if any(match.rule_id == rule for match in one.hits)]
        assert count.matches == len(mine) == sum(count.days.values()) == sum(count.top_sources.values())
        assert count.articles == len({one.article.key for one in mine if one.article})
        assert len(count.samples) == min(MOST_SAMPLES, count.articles)


@given(st.permutations([article(key, ["march"]) for key in "abcdefghij"]))
def test_the_samples_are_the_same_in_whatever_order_articles_come(given_articles: list[Seen]) -> None:
    counting, sorted_counting = Counting(RULES), Counting(RULES)
    for one in given_articles:
        counting.add(one)
    for one in sorted(given_articles, key=lambda one: one.article.key if one.article else ""):
        sorted_counting.add(one)
    assert counting.counted() == sorted_counting.counted()


def test_a_sample_shows_its_sentence_with_what_fired() -> None:
    counting = Counting(RULES)
    counting.add(article("a", ["march"]))
    [sample] = counting.counted().by_rule["march"].samples
    assert sample.sentences == [[("A ", False), ("march", True), (" it was.", False)]]
    assert (sample.source, sample.day) == ("Post", "2022-01-12")


def test_an_edit_is_told_by_each_article_it_gains_and_loses() -> None:
    comparing = Comparing()
    comparing.add(article("both", ["march"]), article("both", ["march"]))
    comparing.add(article("new", ["march", "talks"]), article("new", ["talks"]))
    comparing.add(article("first", ["march"]), article("first", []))
    comparing.add(article("gone", []), article("gone", ["talks"]))
    comparing.add(article("quiet", []), article("quiet", []))
    found = comparing.compared()
    assert (found.gained, found.lost, found.kept) == (2, 1, 2)
    assert (found.articles_gained, found.articles_lost) == (1, 1)
    assert [(change.kind, change.rule, change.sample.key) for change in found.changes] == [
        ("gained", "march", "new"),
        ("gained", "march", "first"),
        ("lost", "talks", "gone"),
    ]


@given(
    st.dictionaries(st.dates().map(str) | st.just(UNDATED), st.integers(1, 9), max_size=30),
    st.integers(31, 400),
)
def test_bars_hold_every_dated_count_and_leave_no_gap(days: dict[str, int], most: int) -> None:
    unit, counts = binned(days, most=most)
    assert len(counts) <= most
    assert sum(count for _, count in counts) == sum(n for day, n in days.items() if day != UNDATED)
    length = {"day": 10, "month": 7, "year": 4}[unit]
    expected = Counter[str]()
    for day, count in days.items():
        if day != UNDATED:
            expected[day[:length]] += count
    assert {label: count for label, count in counts if count} == expected
    assert [label for label, _ in counts] == sorted({label for label, _ in counts})


def test_bars_are_days_then_months_then_years() -> None:
    assert binned({"2022-01-30": 1, "2022-02-01": 2}, most=10) == (
        "day",
        [("2022-01-30", 1), ("2022-01-31", 0), ("2022-02-01", 2)],
    )
    assert binned({"2021-12-30": 1, "2022-02-01": 2}, most=10) == (
        "month",
        [("2021-12", 1), ("2022-01", 0), ("2022-02", 2)],
    )
    assert binned({"2019-12-30": 1, "2021-02-01": 2}, most=10)[1] == [("2019", 1), ("2020", 0), ("2021", 2)]

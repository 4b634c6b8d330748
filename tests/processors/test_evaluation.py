"""What is said of rules on labelled text: every text counts once, where its label is known, and with its weight."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.evaluation import Item, evaluate, item_of, score, weighed, wilson
from processors.pack import Rule


def rule(name: str, *families: str) -> Rule:
    return Rule(
        id=name, pack="", title=name, severity="low", description="", families=families, query="",
        fires=(), silent=(), file="", line=1, column=1,
    )  # fmt: skip


def item(name: str, *, positive: str = "", negative: str = "", weight: float | None = None) -> Item:
    return Item(
        id=name,
        text=name,
        positive=frozenset(positive.split()),
        negative=frozenset(negative.split()),
        coded=frozenset(negative.split()),
        weight=weight,
        file="here",
    )


RULES = [rule("loud", "PROTEST"), rule("quiet", "PROTEST"), rule("other", "TALKS")]


def test_a_firing_counts_only_where_the_label_is_known() -> None:
    items = [
        item("found", positive="PROTEST"),
        item("missed", positive="PROTEST"),
        item("wrong", negative="PROTEST"),
        item("nobody knows"),
        item("silent", negative="PROTEST"),
    ]
    fired = [{"loud": ["march"]}, {}, {"loud": ["riot"]}, {"loud": ["crowd"]}, {"other": ["talks"]}]
    found = evaluate(RULES, items, fired)
    protest = found.families["PROTEST"]
    assert (protest.tp, protest.fp, protest.fn, protest.negatives) == (1, 1, 1, 2)
    assert (protest.precision, protest.recall, protest.f1) == (0.5, 0.5, 0.5)
    assert found.files["here"] == {"PROTEST": protest}
    assert [(error.kind, error.id, error.fired) for error in found.errors] == [
        ("miss", "missed", {}),
        ("false positive", "wrong", {"loud": ["riot"]}),
    ]


def test_precision_is_not_said_where_nothing_could_be_wrong() -> None:
    found = evaluate(RULES, [item("a", positive="PROTEST")], [{"loud": ["march"]}]).families["PROTEST"]
    assert (found.precision, found.f1, found.recall) == (None, None, 1.0)


def test_precision_where_all_is_coded_leaves_out_what_could_not_have_been_wrong() -> None:
    items = [
        item_of({"text": "a", "families": ["PROTEST"], "neg_valid_for": []}),
        item_of({"text": "b", "families": ["PROTEST"], "neg_valid_for": ["PROTEST"]}),
        item_of({"text": "c", "families": [], "neg_valid_for": ["PROTEST"]}),
    ]
    found = evaluate(RULES, items, [{"loud": [""]}] * 3).families["PROTEST"]
    assert (found.tp, found.coded_tp, found.fp) == (2, 1, 1)
    assert (found.precision, found.coded_precision) == (2 / 3, 1 / 2)


def test_what_a_rule_finds_alone_is_what_would_go_with_it() -> None:
    items = [item("a", positive="PROTEST"), item("b", positive="PROTEST"), item("c", negative="PROTEST")]
    fired = [{"loud": [""], "quiet": [""]}, {"quiet": [""], "other": [""]}, {"loud": [""]}]
    rules = evaluate(RULES, items, fired).rules
    assert (rules["loud"].tp, rules["loud"].tp_alone, rules["loud"].fp_alone) == (1, 0, 1)
    assert (rules["quiet"].tp, rules["quiet"].tp_alone, rules["quiet"].fp_alone) == (2, 1, 0)


def test_a_stratum_counts_for_as_many_texts_as_it_stands_for() -> None:
    read = [
        item_of({"text": "a", "label": "yes", "stratum": "A"}, family="PROTEST"),
        item_of({"text": "b", "label": "no", "stratum": "A"}, family="PROTEST"),
        item_of({"text": "c", "label": "yes", "stratum": "C"}, family="PROTEST"),
    ]
    items = weighed(read, {"A": 4, "C": 96})
    assert [one.weight for one in items] == [2, 2, 96]
    found = evaluate(RULES, items, [{"loud": [""]}, {"loud": [""]}, {}]).families["PROTEST"]
    assert (found.tp, found.fp, found.fn) == (1, 1, 1)
    assert found.precision == 0.5
    assert found.recall == pytest.approx(2 / 98)
    with pytest.raises(ValueError, match="'C'"):
        weighed(read, {"A": 4})


def test_partial_labels_count_neither_way() -> None:
    read = item_of({"text": "a", "label": "partial", "family": "PROTEST"})
    assert evaluate(RULES, [read], [{"loud": [""]}]).families["PROTEST"].tp == 0
    assert not read.positive and not read.negative


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ([], "no text"),
        ({"text": "a"}, "no label"),
        ({"text": "a", "label": "yes"}, "--family"),
        ({"text": "a", "label": "maybe", "family": "X"}, "'maybe'"),
        ({"text": "a", "families": "X"}, "lists"),
        ({"text": "a", "families": [], "weight": 0}, "weight"),
    ],
)
def test_a_line_that_is_no_labelled_text_says_what_is_missing(line: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        item_of(line)  # type: ignore[arg-type]


def test_the_interval_is_the_one_that_wilson_gives() -> None:
    # 8 of 10; worked out by the formula of Newcombe (1998), method 3
    assert wilson(8 / 10, 10) == pytest.approx((0.490162, 0.943318), abs=1e-5)


@given(st.lists(st.tuples(st.floats(0.1, 1e6), st.booleans(), st.booleans(), st.booleans())))
def test_an_interval_holds_its_share_and_stays_between_none_and_all(
    seen: list[tuple[float, bool, bool, bool]],
) -> None:
    found = score(seen)
    assert found.tp + found.fp == sum(fires for _, fires, _, _ in seen)
    for share, interval in (
        (found.precision, found.precision_interval),
        (found.recall, found.recall_interval),
        (found.coded_precision, found.coded_precision_interval),
    ):
        assert (share is None) == (interval is None)
        if share is not None and interval is not None:
            assert 0 <= interval[0] <= share + 1e-9 and share - 1e-9 <= interval[1] <= 1

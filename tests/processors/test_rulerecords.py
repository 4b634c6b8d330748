"""Rules as records: what was published comes back whole, and anything else is refused by name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors import codec
from processors.rulerecords import (
    MANIFEST,
    MOST_BYTES,
    MOST_RECORDS,
    RULE,
    Manifest,
    from_records,
    hash_of,
    pack,
    to_records,
    too_many,
    unpack,
)
from processors.rules import RuleSet, compile_pack

PACK = """\
rules:
  - id: demo/build-up
    title: Build-up
    severity: high
    description: Forces gather.
    families: [A, B]
    query: '"troop build-up" OR "massing troops"'
    examples:
      fires: [{title: Massing troops, text: It was seen., finds: [Massing]}]
      silent: [A quiet day.]
  - {id: demo/a, title: Ä 軍, severity: info, query: border}
"""
CALLING = """\
concepts:
  fleet: [ship, '"aircraft carrier"']
rules:
  - {id: demo/sea, title: Sea, severity: low, query: 'concept:fleet'}
"""


def compiled(text: str = PACK, *, file: str = "one.yaml") -> RuleSet:
    rules = compile_pack({file: text})
    assert isinstance(rules, RuleSet), rules
    return rules


def sealed(records: dict[str, bytes], **changes: object) -> dict[str, bytes]:
    """Give records with a manifest that is right but for the changes."""
    plain = {key: value for key, value in records.items() if key != MANIFEST}
    told = {"records": len(plain), "hash": hash_of(plain), "revision": "r", **changes}
    return {**plain, MANIFEST: codec.encode(Manifest(**told))}  # type: ignore[arg-type]


def refused(records: dict[str, bytes]) -> str:
    problems = from_records(records)
    assert isinstance(problems, list)
    return "\n".join(map(str, problems))


def test_a_rule_set_comes_back_as_it_was() -> None:
    rules = compiled()
    records = to_records(rules)
    assert list(records) == [RULE + "demo/a", RULE + "demo/build-up", MANIFEST]
    again = from_records(unpack(pack(records)))
    assert isinstance(again, RuleSet)
    assert (again.rules, again.revision) == (rules.rules, rules.revision)
    assert to_records(again) == records


def test_concepts_travel_with_the_rules_that_call_them() -> None:
    rules = compiled(CALLING, file="navy/one.yaml")
    records = to_records(rules)
    assert list(records) == ["concept/navy/fleet", RULE + "demo/sea", MANIFEST]
    again = from_records(records)
    assert isinstance(again, RuleSet)
    assert (again.rules, again.concepts, again.revision) == (rules.rules, rules.concepts, rules.revision)
    assert "fleet" in refused(sealed({RULE + "demo/sea": records[RULE + "demo/sea"]}))


def test_no_rules_at_all_are_a_set_too() -> None:
    rules = from_records(to_records(compiled("rules: []")))
    assert isinstance(rules, RuleSet)
    assert rules.rules == ()


@given(st.dictionaries(st.text(), st.binary(), max_size=5), st.randoms())
def test_the_hash_is_of_keys_and_values_in_any_order(records: dict[str, bytes], chance: object) -> None:
    items = list(records.items())
    chance.shuffle(items)  # type: ignore[attr-defined]
    assert hash_of(dict(items)) == hash_of({**records, MANIFEST: b"whatever"})
    for key, value in records.items():
        if key != MANIFEST:
            assert hash_of({**records, key: value + b"\0"}) != hash_of(records)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda records: {}, "no rules are published; publish the rules"),
        (lambda records: {k: v for k, v in records.items() if k != MANIFEST}, "the manifest is missing"),
        (lambda records: {**records, MANIFEST: b"{"}, "topic rules:1:1"),
        (
            lambda records: {k: v for k, v in records.items() if k != RULE + "demo/a"},
            "1 records are there, 2",
        ),
        (lambda records: {**records, RULE + "demo/a": b"{}"}, "not those that were published"),
        (lambda records: {**records, "x": b"{}"}, "3 records are there, 2 were published"),
        (lambda records: sealed(records, format=2), "format 2, this build reads 1"),
        (lambda records: sealed({**records, "x/y": b"{}"}), "x/y:1:1: this build knows no such record"),
        (lambda records: sealed({**records, RULE + "demo/a": b"[]"}), "rule/demo/a:1:1: not a rule"),
        (
            lambda records: sealed({**records, RULE + "other": records[RULE + "demo/a"]}),
            "rule/other:1:1: it holds 'rule/demo/a'",
        ),
        (
            lambda records: sealed(
                {**records, RULE + "demo/a": records[RULE + "demo/a"].replace(b"border", b"border OR (")}
            ),
            "one.yaml:11:5: demo/a: ",
        ),
    ],
)
def test_what_is_not_what_was_published_is_refused_and_says_why(change: object, says: str) -> None:
    assert callable(change)
    assert says in refused(change(to_records(compiled())))


def test_every_broken_rule_is_named() -> None:
    records = to_records(compiled())
    broken = {key: b"{}" for key in records if key != MANIFEST}
    assert refused(sealed(broken)).count("not a rule") == 2


def test_a_set_may_be_large_and_not_larger() -> None:
    assert too_many(100_000, MOST_BYTES) is None
    problem = too_many(MOST_RECORDS + 1, 0)
    assert problem is not None
    assert "200,001 rules, at most 200,000" in problem.what
    problem = too_many(1, MOST_BYTES + 1)
    assert problem is not None
    assert "bytes" in problem.what

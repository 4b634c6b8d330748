"""Rule files: a sound pack becomes one set, and any fault refuses the whole and says where it stands."""

import os
import pickle
import time
from pathlib import Path

import pytest
from msgspec import structs

from processors.models import Article
from processors.rules import Problem, RuleSet, compile_pack, run_examples
from streams.rulefiles import load

DATA = Path(os.environ.get("WIREWATCH_DATA", Path(__file__).parents[3] / "shared" / "data"))

PACK = """\
rules:
  - id: demo/build-up
    title: Build-up
    severity: high
    description: >-
      Forces
      gather.
    families: [MILITARY_POSTURE, A]
    query: |
      "troop build-up"
      OR "massing troops"
    examples:
      fires:
        - A troop buildup was seen.
        - title: Massing troops
          text: It was seen.
          finds: [Massing troops]
      silent:
        - The troop built up a lead.
  - id: demo/a
    title: A
    severity: info
    query: border
"""


def compiled(*texts: str) -> RuleSet:
    rules = compile_pack({f"{number}.yaml": text for number, text in enumerate(texts)})
    assert isinstance(rules, RuleSet), list(map(str, rules))
    return rules


def refused(*texts: str) -> list[Problem]:
    problems = compile_pack({f"{number}.yaml": text for number, text in enumerate(texts)})
    assert isinstance(problems, list)
    return problems


def article(text: str, title: str = "") -> Article:
    return Article(key="domain/1", id="1", revision="r1", title=title, text=text)


def rule(**fields: str) -> str:
    said = {"id": "x", "title": "T", "severity": "low", "query": "troops"} | fields
    return "rules:\n  - " + "\n    ".join(f"{name}: {value}" for name, value in said.items()) + "\n"


def test_a_pack_becomes_rules_in_the_order_of_their_ids() -> None:
    rules = compiled(PACK)
    assert [one.id for one in rules.rules] == ["demo/a", "demo/build-up"]
    build_up = rules.rules[1]
    assert build_up.description == "Forces gather."
    assert build_up.families == ("A", "MILITARY_POSTURE")
    assert build_up.query == '"troop build-up"\nOR "massing troops"'
    assert [fires for fires, _ in build_up.examples] == [True, True, False]
    assert run_examples(rules) == []


def test_a_match_says_which_rule_what_proves_it_and_in_which_sentence() -> None:
    text = "Rain fell. They are massing troops at the U.S. border now. It is late."
    low, high = compiled(PACK).match(article(text))
    assert (low.rule_id, high.rule_id) == ("demo/a", "demo/build-up")
    assert (high.rule_title, high.severity, high.evidence_total) == ("Build-up", "high", 1)
    (evidence,) = high.evidence
    assert (evidence.text, evidence.clause, evidence.field) == ("massing troops", '"massing troops"', "text")
    (context,) = high.context
    assert context.text == "They are massing troops at the U.S. border now."
    assert text[context.start : context.end] == context.text


def test_context_holds_each_sentence_once_and_is_bounded() -> None:
    text = "border " * 30 + ". " + "word " * 300 + "border " + "word " * 300
    (match,) = compiled(PACK).match(article(text, title="Border"))
    assert match.context[0].field == "title"
    assert all(len(context.text) <= 400 for context in match.context)
    for item in match.evidence:
        assert any(
            context.field == item.field and context.start <= item.start and item.end <= context.end
            for context in match.context
        )
    assert len({(context.field, context.start) for context in match.context}) == len(match.context) < 5


def test_a_set_travels_by_pickle_and_matches_the_same() -> None:
    rules = compiled(PACK)
    copy = pickle.loads(pickle.dumps(rules))  # noqa: S301  our own bytes
    text = article("A troop build-up at the border.")
    assert copy.revision == rules.revision
    assert copy.match(text) == rules.match(text)


def test_revisions_follow_what_a_rule_says_and_nothing_else() -> None:
    before = {one.id: one.revision for one in compiled(PACK).rules}
    moved = {one.id: one.revision for one in compiled("\n\n# a note\n" + PACK).rules}
    edited = {
        one.id: one.revision for one in compiled(PACK.replace("query: border", "query: frontier")).rules
    }
    assert moved == before
    assert edited["demo/build-up"] == before["demo/build-up"]
    assert edited["demo/a"] != before["demo/a"]
    assert compiled(PACK).revision == compiled(PACK + "# a note\n").revision
    assert compiled(PACK).revision != compiled(PACK.replace("title: A", "title: B")).revision


def test_the_order_of_files_and_rules_changes_nothing() -> None:
    one, two = rule(id="a", query="border"), rule(id="b", query="troops OR border")
    forth, back = compiled(one, two), compiled(two, one)
    assert forth.revision == back.revision
    text = article("Troops at the border.")
    assert forth.match(text) == back.match(text)


@pytest.mark.parametrize(
    ("text", "line", "column", "what", "remedy"),
    [
        (rule(titel="a"), 6, 5, "`titel`", "did you mean `title`?"),
        ("rule:\n  - id: x\n", 1, 1, "`rule`", "did you mean `rules`?"),
        (rule(title='"Troops \\u202eegamad"'), 3, 12, "U+202E", "delete it"),
        (rule(description="a\u2066b"), 6, 18, "U+2066", "delete it"),
        (rule(severity="hihg"), 4, 15, "no severity", "did you mean `high`?"),
        (rule(severity="[a]"), 4, 15, "not text", "one line"),
        (rule(id="A b"), 2, 9, "can't be an id", "lower-case"),
        (rule(id='""'), 2, 9, "empty", "write"),
        ("rules:\n  - id: x\n    title: T\n    severity: low\n", 2, 5, "no `query`", "add `query:`"),
        (rule(families="[posture]"), 6, 16, "can't be a family", "MILITARY_POSTURE"),
        (rule(families="A"), 6, 15, "not a list", "families: [MILITARY_POSTURE]"),
        (rule(examples="[a]"), 6, 15, "not a mapping", "fires"),
        (rule(examples="{fire: [a]}"), 6, 16, "`fire`", "did you mean `fires`?"),
        (rule(examples="{silent: [{txt: a}]}"), 6, 26, "`txt`", "did you mean `text`?"),
        (rule(examples="{silent: [{text: a, finds: [a]}]}"), 6, 35, "`finds`", "known are title, text"),
        (rule(query="a b"), 5, 14, "side by side", "AND or OR"),
        (rule(query="'\"a\" OR'"), 5, 19, "ends too early", "add what"),
        (rule(query='"a\\"b"'), 5, 15, "never closed", "close it"),
        (rule(query="|\n      a\n      OR OR b"), 7, 10, "OR follows OR", "operator"),
        (rule(query=">\n      a\n\n      AND (b\n      OR c"), 8, 11, "never closed", "close it"),
        (rule(query="NOT a"), 5, 12, "bare NOT", "must be there"),
        (rule(query='"troops" AND b'), 5, 21, "not YAML", "query: |"),
        (rule(id="x") + rule(id="y")[7:] + rule(id="x")[7:], 10, 5, "taken, by 0.yaml:2", "another id"),
        ("rules:\n  - id: x\n    id: y\n", 3, 5, "stands here twice", "keep one"),
        ("rules: &a []\nmore: *a\n", 1, 8, "anchors and aliases", "write it out"),
        ("rules: !!python/object:os.system []\n", 1, 8, "tags", "take it out"),
        ("rules: []\n---\nrules: []\n", 2, 1, "second document", "file of its own"),
        ("[" * 50_000, 1, 1, "50,000 characters", "split"),
        ("[\n" * 50_000, 21, 1, "20 levels", "six"),
        ("", 1, 1, "empty", "rules:"),
        ("rules: 3\n", 1, 8, "not a list", "- id:"),
        ("- a\n", 1, 1, "not a mapping", "rules"),
        ("rules: [a]\n", 1, 9, "not a mapping", "id"),
        ("\x00", 1, 1, "not YAML", "UTF-8"),
        ("rules:\n\t- a\n", 2, 1, "not YAML", "indentation"),
        ("#" * 5_000_000, 1, 1, "5,000,000 characters", "split"),
        (
            rule(query="|\n" + "      a OR\n" * 100_000 + "      b"),
            6,
            7,
            "characters, at most 10,000",
            "split",
        ),
    ],
)
def test_a_fault_refuses_the_set_and_says_where_and_how_to_mend_it(
    text: str, line: int, column: int, what: str, remedy: str
) -> None:
    start = time.perf_counter()
    problems = refused(text, PACK)
    assert time.perf_counter() - start < 2
    (problem,) = [one for one in problems if what in one.what and remedy in one.remedy]
    assert (problem.file, problem.line, problem.column) == ("0.yaml", line, column), str(problem)
    assert "\n" not in str(problem)
    assert len(str(problem)) < 500


def test_all_faults_of_all_files_are_told_at_once_in_order() -> None:
    problems = refused(rule(severity="no", query="a OR"), PACK, rule(title='""'))
    assert [(one.file, one.line) for one in problems] == [("0.yaml", 4), ("0.yaml", 5), ("2.yaml", 3)]


def test_a_yaml_bomb_is_refused_before_it_goes_off() -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"{n}: &b{n} [*a, *a, *a, *a]\n" for n in range(1_000))
    (problem,) = refused(bomb)
    assert "anchors and aliases" in problem.what


@pytest.mark.parametrize(
    ("examples", "what"),
    [
        ("{fires: [nothing here]}", "does not fire"),
        ("{silent: [the troops came]}", "fires on 'troops'"),
        ("{fires: [{text: the troops came, finds: [tanks]}]}", "without finding 'tanks'"),
    ],
)
def test_an_example_that_a_rule_does_not_meet_is_named(examples: str, what: str) -> None:
    (problem,) = run_examples(compiled(rule(examples=examples)))
    assert what in problem.what
    assert (problem.file, problem.line) == ("0.yaml", 6)


def test_the_shipped_packs_meet_their_own_examples_and_every_rule_has_some() -> None:
    rules = load(None)
    assert run_examples(rules) == []
    assert len(rules.rules) >= 8
    for one in rules.rules:
        assert {fires for fires, _ in one.examples} == {True, False}, one.id
        assert one.families, one.id
        assert one.description, one.id


@pytest.mark.parametrize(
    ("text", "rule_id"),
    [
        ("Neighbours watch a troop build‑up along the river.", "troop-build-up"),
        ("Satellites saw the army massing troops near the border.", "troop-build-up"),
        ("The ministry said soldiers were deployed to the islands.", "deployment"),
        ("Parliament agreed to call up reservists.", "mobilisation"),
        ("Both navies begin joint drills today.", "exercise"),
        ("They will pull out their troops by May.", "withdrawal"),
        ("Tanks crossed the border at dawn.", "border-crossing"),
        ("It has stationed ballistic missiles on the coast.", "weapons"),
        ("The two will build a naval base.", "basing"),
    ],
)
def test_the_military_posture_pack_speaks_the_language_of_news(text: str, rule_id: str) -> None:
    assert f"military-posture/{rule_id}" in [match.rule_id for match in load(None).match(article(text))]


def test_the_article_the_project_began_with_fires_for_both_of_its_reports() -> None:
    path = DATA / "seed-article.txt"
    if not path.exists():
        pytest.skip(f"the article is not at {path}: set WIREWATCH_DATA to its folder")
    title, text = path.read_text(encoding="utf-8").split("\n", 1)
    at_border, build_up = load(None).match(article(text, title))
    assert at_border.rule_id == "military-posture/border-build-up"
    assert [item.text for item in at_border.evidence] == ["massing troops", "border"]
    assert build_up.rule_id == "military-posture/troop-build-up"
    assert [item.text for item in build_up.evidence] == ["troop build-up", "massing troops"]
    for item in at_border.evidence + build_up.evidence:
        assert text[item.start : item.end] == item.text


@pytest.mark.parametrize(
    ("query", "text", "proof"),
    [
        ("amassed NEAR/5 troops", "Russia has not amassed troops.", None),
        (
            "amassed NEAR/5 troops",
            "Russia has not amassed troops. China has amassed troops.",
            ["amassed", "troops"],
        ),
        ("amassed AND troops", "Russia has not amassed arms. The troops rest.", None),
        ("amassed OR troops", "Russia has not amassed arms. The troops rest.", ["troops"]),
        ("ATLEAST 2 (troops)", "The troops rest. No troops moved.", None),
    ],
)
def test_a_rule_holds_without_the_words_it_excludes_or_does_not_fire(
    query: str, text: str, proof: list[str] | None
) -> None:
    rules = compiled(rule(id="demo/a", query=query, exclude="[negated]"))
    found = rules.match(structs.replace(article(text), language="en"))
    assert [item.text for match in found for item in match.evidence] == (proof or [])


def test_hundreds_of_denials_leave_nothing_to_fire() -> None:
    rules = compiled(rule(id="demo/a", query="troops", exclude="[negated]"))
    denied = structs.replace(article("No troops moved. " * 500), language="en")
    assert rules.match(denied) == []


def test_more_words_than_can_be_told_apart_are_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("processors.query.alphabet._MOST_WORDS", 1)
    [problem] = refused(rule(query="troops AND border"))
    assert "the rules name 2 words, and at most 1 are told apart" in str(problem)

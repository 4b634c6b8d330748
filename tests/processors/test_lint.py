"""What compiles may still be a mistake: each is named where it stands, with a remedy, and what is sound is silent."""

import pytest

from processors.entities.places import Bearer, placed
from processors.lint import Finding, lint
from processors.query import concepts as limits
from processors.rules import RuleSet, compile_pack

EXAMPLES = "    examples:\n      fires: [x]\n"
COMMON = {"the", "of", "us"}


def linted(*queries: str, concepts: str = "", examples: str = EXAMPLES) -> list[Finding]:
    text = f"{concepts}rules:\n" + "".join(
        f"  - id: desk/r{number}\n    title: R\n    severity: low\n    query: |\n      {query}\n{examples}"
        for number, query in enumerate(queries)
    )
    files = {"desk/r.yaml": text}
    rules = compile_pack(files)
    assert isinstance(rules, RuleSet), rules
    places = placed([Bearer(key="ua", name="Ukraine", within=(), weight=(1, 1))])
    return lint(rules, files, common_words=COMMON, places=lambda: places)


@pytest.mark.parametrize(
    "query",
    [
        "tanks AND NOT tank",
        '"massing troops" AND NOT troops',
        "(tanks OR ships) AND NOT tanks AND NOT (ships OR planes)",
        "tanks AND (title:(text:ships))",
        "title:tanks NEAR/5 text:ships",
        "tanks NOT NEAR/5 tanks",
        "tanks AND language:en AND language:fr",
        "tanks AND border AND NOT (tanks OR ships)",
        "SCORE/5 (tanks WEIGHT/2 OR ships WEIGHT/2.5 OR drill WEIGHT/-9)",
        "SCORE/3 (tanks WEIGHT/2 OR (ships AND NOT ship) WEIGHT/2)",
        'person:"Vladimir Putin" AND NOT person:putin',
        "tanks AND origin:uk",
        "tanks AND (language:ua OR language:xx)",
    ],
)
def test_a_rule_that_can_never_fire_is_an_error(query: str) -> None:
    (finding,) = linted(query)
    assert finding.level == "error"
    assert finding.what.startswith("desk/r0: it can never fire: ")
    assert (finding.file, finding.line) == ("desk/r.yaml", 6)


@pytest.mark.parametrize(
    ("query", "said", "column"),
    [
        ("(exercise OR tanks) AND NOT exercise", "the alternative `exercise` can never fire", 8),
        ("the", "it fires on almost every article: `the` is in most of them", 7),
        ('="the"', 'it fires on almost every article: `="the"` is in most of them', 7),
        ("2 OF (tanks OR ships OR tank)", "`tank` says what `tanks` in the same OF says", 31),
        ("tanks AND (origin:uk OR origin:kz)", "`origin:uk` is no code of ISO 3166-1", 18),
        ('tanks OR "of the"', "it fires on almost every article", 16),
        ("entity:place", "it fires on almost every article", 7),
        ("tanks OR ships OR tank", "`tank` says what `tanks` in the same OR says", 25),
        ("tanks AND place:Ukrane", "no gazetteer knows a place 'Ukrane'", 17),
    ],
)
def test_what_is_likely_a_mistake_is_a_warning_at_its_place(query: str, said: str, column: int) -> None:
    (finding,) = linted(query)
    assert (finding.level, finding.line, finding.column) == ("warning", 6, column)
    assert said in finding.what


@pytest.mark.parametrize(
    "query",
    [
        "tanks NEAR/5 tanks",
        "the AND tanks",
        "US",
        '="US"',
        '="The"',
        "SCORE/0.3 (tanks WEIGHT/0.1 OR ships WEIGHT/0.2)",
        "SCORE/4.5 (tanks WEIGHT/2 OR ships WEIGHT/2.5)",
        'person:Putin AND NOT person:"Vladimir Putin"',
        'org:"Putin Bank" AND NOT org:Putin',
        "tanks AND (language:uk OR language:deu) AND origin:xk",
        'tanks AND NOT "tank top"',
        "title:tanks AND text:ships",
        "tanks AND (language:en OR language:fr) AND language:en",
        "tanks NOT BEFORE/5 tanks",
        "tanks AND NOT title:tanks",
        "place:Ukraine AND tanks",
    ],
)
def test_a_sound_rule_is_silent(query: str) -> None:
    assert linted(query) == []


def test_two_rules_that_ask_the_same_are_told() -> None:
    (finding,) = linted("tanks AND (ships OR planes)", "(plane OR ship) AND tank")
    assert finding.what == "desk/r1: it asks the same as desk/r0"


def test_a_rule_without_examples_is_told() -> None:
    (finding,) = linted("tanks", examples="")
    assert "has no examples" in finding.what


def test_a_concept_that_no_rule_uses_and_entries_that_others_cover_are_told() -> None:
    found = linted(
        "concept:used", concepts="concepts:\n  idle: [ships]\n  used: [tank, tanks, battle tank, plane]\n"
    )
    assert [(finding.line, finding.what) for finding in found] == [
        (2, "concept desk/idle: no rule uses it"),
        (3, "concept desk/used: `tanks` says what `tank` in the same OR says"),
        (3, 'concept desk/used: the entry `"battle tank"` finds nothing that `tank` does not'),
    ]


def test_a_rule_near_the_limit_of_its_cost_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("processors.lint.MOST_COST", 3)
    (finding,) = linted("tanks OR ships OR planes")
    assert "it looks for 3 things" in finding.what
    assert limits.MOST_COST > 3

"""The schema that editors read accepts what the reader of rule files accepts, and knows every field."""

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from processors.rulefile import read_rule_file
from processors.schemas import rule_file

PACKS = Path(__file__).parents[2] / "rules"
SHIPPED = sorted(PACKS.rglob("*.yaml"))
RULE = "rules:\n  - {id: a/b, title: A, severity: low, query: tanks}\n"


def faults(text: str) -> list[Any]:
    return list(jsonschema.Draft202012Validator(rule_file()).iter_errors(yaml.safe_load(text)))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.relative_to(PACKS).as_posix())
def test_the_rule_files_shipped_fit(path: Path) -> None:
    assert faults(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("severity: low", "severity: urgent"),
        ("id: a/b", "id: A B"),
        ("title: A, ", ""),
        ("query: tanks", "query: tanks, querry: tanks"),
        ("query: tanks", "query: tanks, families: [posture]"),
        ("query: tanks", "query: tanks, examples: {silent: [{text: a, finds: [a]}]}"),
        ("rules:", "concepts: {troops: []}\nrules:"),
        ("rules:", "concepts: {The Troops: [troops]}\nrules:"),
    ],
)
def test_schema_and_reader_refuse_the_same(before: str, after: str) -> None:
    assert faults(RULE) == []
    assert read_rule_file("a/b.yaml", RULE).problems == []
    wrong = RULE.replace(before, after)
    assert faults(wrong)
    assert read_rule_file("a/b.yaml", wrong).problems


def test_every_field_is_explained() -> None:
    rule = rule_file()["properties"]["rules"]["items"]["properties"]
    assert all(field["description"] for field in rule.values())

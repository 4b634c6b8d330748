"""Payloads of every version that was ever published stay readable, and fit the schemas that are published."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from processors import codec
from processors.models import RawArticle
from processors.rulerecords import MANIFEST, from_records
from processors.rules import RuleSet
from processors.schemas import PAYLOADS, schema

GOLDEN = sorted((Path(__file__).parent / "golden").glob("v*/*.json"))


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize("path", GOLDEN, ids=name_of)
def test_a_golden_payload_is_read_by_this_build(path: Path) -> None:
    value = path.read_bytes()
    if path.stem == "articles":
        assert isinstance(codec.decode(value, max_bytes=2**20), RawArticle)
        return
    payload = codec.read_as(value, PAYLOADS[path.stem])
    written = json.loads(codec.encode(payload))
    for field, golden in json.loads(value).items():
        assert says(written[field], golden), f"{field} no longer reads as it was written"


def says(written: Any, golden: Any) -> bool:
    """Say whether all of a golden value is there, wherever later builds have added fields."""
    if isinstance(golden, dict):
        return all(field in written and says(written[field], value) for field, value in golden.items())
    if isinstance(golden, list):
        return len(written) == len(golden) and all(map(says, written, golden))
    return bool(written == golden)


@pytest.mark.parametrize("path", GOLDEN, ids=name_of)
def test_a_golden_payload_fits_the_published_schema(path: Path) -> None:
    jsonschema.validate(json.loads(path.read_bytes()), schema(path.stem))


def test_every_payload_has_a_golden_one() -> None:
    assert {path.stem for path in GOLDEN if path.parent.name == "v1"} == set(PAYLOADS)


@pytest.mark.parametrize("topic", ["articles.enriched", "matches", "alerts", "rules.rule", "rules.manifest"])
def test_a_newer_build_may_add_a_field_and_this_one_reads_on(topic: str) -> None:
    path = next(path for path in GOLDEN if path.stem == topic)
    newer = json.loads(path.read_bytes()) | {"a_field_of_the_future": {"x": [1]}, "schema_version": 2}
    codec.read_as(json.dumps(newer).encode(), PAYLOADS[topic])


def test_a_missing_required_field_is_named() -> None:
    path = next(path for path in GOLDEN if path.stem == "alerts")
    cut = json.loads(path.read_bytes())
    del cut["alert_id"]
    with pytest.raises(ValueError, match="alert_id"):
        codec.read_as(json.dumps(cut).encode(), PAYLOADS["alerts"])


def test_the_golden_records_of_rules_are_one_set_that_this_build_runs() -> None:
    keys = {
        "rules.rule": "rule/desk/build-up",
        "rules.concept": "concept/desk/forces",
        "rules.manifest": MANIFEST,
    }
    rules = from_records({keys[path.stem]: path.read_bytes() for path in GOLDEN if path.stem in keys})
    assert isinstance(rules, RuleSet), rules
    assert [(rule.id, rule.exclude) for rule in rules.rules] == [("desk/build-up", ("negated", "historical"))]
    assert rules.concepts[0].texts[0] == "troops"

"""`wirewatch evaluate` as a rule's author meets it."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from streams import cli, evaluate, rulefiles
from streams.articlefiles import FileError
from tests.streams.small import PACK

ENTITY_PACK = PACK.replace("""'"troop build-up"'""", """'"troop build-up" AND person:"Mara Lindqvist"'""")


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "test.yaml").write_text(PACK)
    return folder


def labelled(path: Path, *lines: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def evaluated(*arguments: object) -> dict[str, Any]:
    done = CliRunner().invoke(cli.app, ["evaluate", "--json", *map(str, arguments)])
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_files_of_both_kinds_are_read_together_and_each_alone(rules: Path, tmp_path: Path) -> None:
    coded = labelled(
        tmp_path / "coded.jsonl",
        {"id": "1", "text": "A troop build-up was seen.", "families": ["TEST"], "neg_valid_for": []},
        {"id": "2", "text": "A troop build-up was seen.", "families": ["TALKS"], "neg_valid_for": []},
        {"id": "3", "text": "A troop build-up was seen.", "families": [], "neg_valid_for": ["TEST"]},
    )
    judged = labelled(
        tmp_path / "judged.jsonl",
        {"id": "4", "text": "A troop build-up was seen.", "label": "yes", "stratum": "A"},
        {"id": "5", "text": "Forces gathered.", "label": "yes", "stratum": "B"},
        {"id": "6", "text": "Troop build-ups are rare.", "label": "partial", "stratum": "B"},
        {"id": "7", "text": "Rain fell.", "label": "no", "stratum": "A"},
    )
    weights = tmp_path / "weights.json"
    weights.write_text(json.dumps({"judged.jsonl": {"family": "TEST", "stands_for": {"A": 18.0, "B": 2.0}}}))
    found = evaluated("--rules", rules, "--labelled", coded, judged, "--weights", weights)
    assert [found["families"]["TEST"][name] for name in ("tp", "fp", "fn")] == [2, 1, 1]
    assert found["files"]["coded.jsonl"]["TEST"]["precision"] == 0.5
    assert found["files"]["judged.jsonl"]["TEST"]["recall"] == pytest.approx(0.9)
    assert [(error["kind"], error["id"]) for error in found["errors"]] == [
        ("false positive", "3"),
        ("miss", "5"),
    ]
    assert found["errors"][0]["fired"] == {"test/build-up": ["troop build-up"]}
    assert found["without_rules"] == ["TALKS"]
    same = evaluated(
        "--rules", rules, "--labelled", judged, "--family", "judged.jsonl=TEST", "--stratum", "A=18",
        "--stratum", "B=2",
    )  # fmt: skip
    assert same["files"]["judged.jsonl"] == found["files"]["judged.jsonl"]


def test_a_file_is_about_the_family_that_its_name_shares_a_word_with(rules: Path, tmp_path: Path) -> None:
    file = labelled(tmp_path / "test_dev.jsonl", {"id": "1", "text": "troops", "label": "no"})
    assert "TEST" in evaluated("--rules", rules, "--labelled", file)["families"]


def test_the_table_shows_errors_with_the_words_that_fired(rules: Path, tmp_path: Path) -> None:
    file = labelled(
        tmp_path / "one.jsonl",
        {"id": "x9", "text": "No troop build-up\x1b[31m , he \u202esaid.", "label": "no", "sense": "negated"},
    )
    done = CliRunner().invoke(
        cli.app, ["evaluate", "--rules", str(rules), "--labelled", str(file), "--family", "TEST"]
    )
    assert done.exit_code == 0, done.output
    assert "x9 negated" in done.stdout and "test/build-up: troop build-up" in done.stdout
    assert not set("\x1b\u202e") & set(done.stdout)


@pytest.mark.parametrize(
    ("lines", "options", "said"),
    [
        ('{"text": "a", "label": "yes"}\n', {}, "file.jsonl:1: .*--family"),
        ('{"text": "a", "families": []}\n{', {}, "file.jsonl:2: "),
        ('{"text": "a", "label": "yes"}\n', {"families": ["TESTS"]}, "there are TEST"),
        ('{"text": "a", "label": "yes", "stratum": "B"}', {"families": ["TEST"], "strata": ["A=1"]}, "'B'"),
        ('{"text": "a", "label": "yes"}', {"families": ["TEST"], "strata": ["A"]}, "NAME=COUNT"),
        ("", {}, "no labelled text"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_place(
    rules: Path, tmp_path: Path, lines: str, options: dict[str, Any], said: str
) -> None:
    from rich.console import Console

    from streams.settings import load

    file = tmp_path / "file.jsonl"
    file.write_text(lines)
    settings = load({"rules_dir": rules}, environ={}).settings
    with pytest.raises(FileError, match=said):
        evaluate.run(settings, [file], notes=Console(quiet=True), **options)


def test_a_miss_says_what_the_rule_that_came_closest_lacked(rules: Path, tmp_path: Path) -> None:
    near = PACK.replace("test/build-up", "test/near").replace(
        """'"troop build-up"'""", """'"troop" NEAR/1 "seen"'"""
    )
    (rules / "near.yaml").write_text(near)
    file = labelled(
        tmp_path / "one.jsonl",
        {"id": "1", "text": "A troop was by nobody at all ever seen.", "families": ["TEST"]},
    )
    [miss] = evaluated("--rules", rules, "--labelled", file)["errors"]
    assert miss["kind"] == "miss" and miss["nearest_rule"] == "test/near"
    assert "6 words apart" in miss["nearest"]


def test_models_are_loaded_only_for_rules_that_ask_for_entities(rules: Path, tmp_path: Path) -> None:
    assert not rulefiles.load(rules).matcher.asks_entities
    (rules / "test.yaml").write_text(ENTITY_PACK)
    assert rulefiles.load(rules).matcher.asks_entities

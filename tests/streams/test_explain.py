"""`wirewatch explain` and `rules check` as their users meet them: what is printed, and exit statuses."""

import json
from pathlib import Path

from jsonschema import validate

from processors.schemas import schema
from tests.streams.test_cli import wirewatch

RULES = """\
rules:
  - id: desk/near
    title: Near
    severity: low
    query: tanks BEFORE/2 border
    examples:
      fires: [tanks at the border]
"""


def folder(tmp_path: Path, rules: str = RULES) -> str:
    (tmp_path / "desk").mkdir()
    (tmp_path / "desk" / "near.yaml").write_text(rules)
    return str(tmp_path)


def test_explain_says_by_how_much_a_rule_missed(tmp_path: Path) -> None:
    article = tmp_path / "a.txt"
    article.write_text("Seen today\nThe tanks stood a whole day away from the [red]border of the country.")
    plain = wirewatch("explain", "desk/near", str(article), "--rules", folder(tmp_path)).stdout
    assert "desk/near does not fire" in plain
    assert "BEFORE/2: 'tanks' and 'border' are 8 words apart" in plain
    assert "\x1b" not in plain
    found = json.loads(
        wirewatch("explain", "desk/near", str(article), "--rules", str(tmp_path), "--json").stdout
    )
    validate(found, schema("explanation"))
    assert (found["holds"], found["tree"]["kind"]) == (False, "near")


def test_explain_takes_one_article_of_several_by_its_id(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    rows = ({"id": str(n), "title": f"Tanks at border {n}", "text": "Seen.", "source": "x"} for n in (1, 2))
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    asked = ("explain", "desk/near", str(file), "--rules", folder(tmp_path))
    assert "say which one with --id" in wirewatch(*asked, status=2).stderr
    assert "no article has the id '3'" in wirewatch(*asked, "--id", "3", status=2).stderr
    assert "desk/near fires: 2 hits prove it" in wirewatch(*asked, "--id", "2").stdout


def test_explain_names_the_rule_that_was_meant(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A\nB")
    done = wirewatch("explain", "desk/neer", str(tmp_path / "a.txt"), "--rules", folder(tmp_path), status=2)
    assert "did you mean desk/near?" in done.stderr


def test_check_tells_errors_and_warnings_apart_by_its_status(tmp_path: Path) -> None:
    for name, query, status, strict in (
        ("sound", "tanks BEFORE/2 border", 0, 0),
        ("warned", "tanks OR tank", 0, 1),
        ("dead", "tanks AND NOT tank", 1, 1),
    ):
        (tmp_path / name).mkdir()
        rules = folder(tmp_path / name, RULES.replace("tanks BEFORE/2 border", query))
        wirewatch("rules", "check", "--rules", rules, status=status)
        wirewatch("rules", "check", "--rules", rules, "--strict", status=strict)

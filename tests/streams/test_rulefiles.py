"""Rule files are found in a folder, and what can't be used is named with its remedy."""

from pathlib import Path

import pytest

from streams.rulefiles import RuleError, load, read_files
from streams.shipped import shipped

RULE = "rules:\n  - {id: a/b, title: T, severity: low, query: troops}\n"


def test_a_folder_is_read_with_all_below_it_and_without_what_is_hidden(tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    (tmp_path / ".git").mkdir()
    (tmp_path / "pack" / "one.yaml").write_text(RULE, encoding="utf-8-sig")
    (tmp_path / ".git" / "two.yaml").write_text("broken: [")
    (tmp_path / "README.md").write_text("not a rule")
    assert read_files(tmp_path) == {"pack/one.yaml": RULE}
    assert [rule.id for rule in load(tmp_path).rules] == ["a/b"]


def test_without_a_folder_the_shipped_packs_are_read() -> None:
    assert "military-posture/build-up.yaml" in read_files(None)
    assert load(None).revision == load(shipped("rules")).revision


def test_faults_of_rules_are_all_carried(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(RULE.replace("low", "lov").replace("troops", "troops OR"))
    with pytest.raises(RuleError) as caught:
        load(tmp_path)
    assert [(one.file, one.line) for one in caught.value.problems] == [("one.yaml", 2), ("one.yaml", 2)]
    assert "one.yaml:2:" in str(caught.value)


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda folder: folder / "missing", "no such folder"),
        (lambda folder: folder, "no .yaml file"),
        (lambda folder: _with(folder, b"\xff\xfe"), "byte 0 is not UTF-8"),
        (lambda folder: _with(folder, b"#" * 5_000_000), "5,000,000 bytes"),
    ],
    ids=["missing", "empty", "not UTF-8", "huge"],
)
def test_a_folder_that_cannot_be_read_says_why(tmp_path: Path, make: object, what: str) -> None:
    assert callable(make)
    with pytest.raises(RuleError, match=what) as caught:
        load(make(tmp_path))
    assert caught.value.problems[0].remedy


def _with(folder: Path, content: bytes) -> Path:
    (folder / "rules.yaml").write_bytes(content)
    return folder


def test_what_is_not_shipped_is_named() -> None:
    with pytest.raises(FileNotFoundError, match="no-such-thing"):
        shipped("no-such-thing")

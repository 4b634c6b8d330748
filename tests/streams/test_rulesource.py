"""Rule files that change are seen, judged apart, and refused by name where they can't be used."""

import asyncio
from pathlib import Path

import pytest

from streams.rulefiles import RuleError, mark
from streams.rulesource import Refused, Rules, Source, Unread, load_apart
from streams.settings import Settings, load

MIB = 1024 * 1024
RULE = "rules:\n  - {id: a/b, title: T, severity: low, query: troops}\n"


def settings(folder: Path, **changes: object) -> Settings:
    return load({"rules_dir": folder, "rules_check_seconds": 0.1, **changes}, environ={}).settings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "one.yaml").write_text(RULE)
    return tmp_path


def test_a_mark_changes_with_every_file_that_changes_comes_or_goes(folder: Path) -> None:
    seen = [mark(folder)]

    def changed() -> bool:
        seen.append(mark(folder))
        return seen[-1] not in seen[:-1]

    assert not changed()
    (folder / "one.yaml").write_text(RULE + "#")
    assert changed()
    (folder / "two.yml").write_text(RULE)
    assert changed()
    (folder / "README.md").write_text("not a rule")
    assert not changed()
    (folder / "two.yml").rename(folder / "three.yml")
    assert changed()
    (folder / "three.yml").unlink()
    (folder / "one.yaml").unlink()
    assert mark(folder) is None
    assert mark(folder / "missing") is None


async def test_a_source_tells_of_what_changed_and_of_nothing_else(folder: Path) -> None:
    source = Source(settings(folder))
    first = source.now()
    assert (first.count, first.ids) == (1, ("a/b",))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await source.changed()
    (folder / "one.yaml").write_text(RULE.replace("troops", "troops OR ("))
    found = await source.changed()
    assert isinstance(found, Refused)
    assert "one.yaml" in str(found)
    (folder / "one.yaml").write_text(RULE.replace("low", "high"))
    found = await source.changed()
    assert isinstance(found, Rules)
    assert found.revision != first.revision
    (folder / "one.yaml").unlink()
    found = await source.changed()
    assert isinstance(found, Refused)
    assert "no rule file is there any more; put them back" in str(found)
    (folder / "one.yaml").write_text(RULE)
    found = await source.changed()
    assert isinstance(found, Rules)
    assert found.revision == first.revision


def test_files_that_can_not_be_used_are_named_at_the_start(folder: Path) -> None:
    (folder / "one.yaml").write_text("rules: 1")
    with pytest.raises(RuleError, match=r"one\.yaml"):
        Source(settings(folder)).now()


async def test_a_set_that_fills_the_memory_it_may_have_is_refused(folder: Path) -> None:
    for number in range(80):
        with (folder / f"{number}.yaml").open("wb") as file:
            file.truncate(4 * MIB)  # takes no room on the disk
    found = await load_apart(settings(folder, child_memory_bytes=256 * MIB))
    assert isinstance(found, Refused), str(found)[:300]
    assert "more memory than child_memory_bytes allows" in str(found)


async def test_a_broker_that_is_away_says_nothing_of_the_rules(folder: Path) -> None:
    found = await load_apart(settings(folder, rules_from="topic", bootstrap="127.0.0.1:1"))
    assert isinstance(found, Unread)
    assert "127.0.0.1:1" in found.why

"""`wirewatch rules publish`: nothing is written that does not compile or fails its own examples."""

import json
from pathlib import Path

import pytest

from streams import rulestopic
from streams.embedded import EmbeddedBroker
from streams.settings import load
from tests.streams.small import PACK
from tests.streams.test_cli import wirewatch

pytestmark = pytest.mark.embedded


def test_only_rules_that_compile_and_meet_their_examples_are_published(
    embedded: EmbeddedBroker, prefix: str, tmp_path: Path
) -> None:
    where = ("--set", f"bootstrap={embedded.bootstrap}", "--set", f"topic_prefix={prefix}")
    file, folder = tmp_path / "one.yaml", str(tmp_path)
    settings = load({"bootstrap": embedded.bootstrap, "topic_prefix": prefix}, environ={}).settings
    file.write_text(PACK)
    assert "wirewatch topics create" in wirewatch("rules", "publish", folder, *where, status=2).stderr
    wirewatch("topics", "create", *where)

    planned = wirewatch("rules", "publish", folder, "--dry-run", *where).stdout
    assert planned.startswith("+ test/build-up\n1 rules would be published, revision ")
    assert rulestopic.read(settings) == {}

    file.write_text(PACK.replace("high", "hihg"))
    assert "did you mean `high`?" in wirewatch("rules", "publish", folder, *where, status=2).stderr
    file.write_text(PACK.replace("A quiet day", "A troop build-up"))
    done = wirewatch("rules", "publish", folder, *where, status=1)
    assert "fires on 'troop build-up' in an example that must be silent" in done.stderr
    assert rulestopic.read(settings) == {}

    file.write_text(PACK)
    assert json.loads(wirewatch("rules", "publish", folder, "--json", *where).stdout)["added"] == [
        "test/build-up"
    ]
    assert set(rulestopic.read(settings)) == {"rule/test/build-up", "manifest"}

"""`wirewatch stories` as its users meet it: a line a story, whatever the files hold."""

import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from streams import cli
from tests.processors.stories_made import first_sentences, prose
from tests.streams.small import PACK

TEXT = prose(1)
LOUD = f"A troop build-up was seen. {TEXT}"


def article(id_: str, text: str, source: str = "Tribune", **given: Any) -> str:
    return json.dumps({"id": id_, "title": "Away", "text": text, "source": source, "language": "en", **given})


def told(*arguments: object) -> list[dict[str, Any]]:
    done = CliRunner().invoke(cli.app, ["stories", "--json", "--entities", "off", *map(str, arguments)])
    assert done.exit_code == 0, done.output + repr(done.exception)
    return [json.loads(line) for line in done.stdout.splitlines()]


def written(path: Path, *lines: str) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def test_copies_are_one_story_and_an_update_is_one_article(tmp_path: Path) -> None:
    file = written(
        tmp_path / "day.jsonl",
        article("1", TEXT),
        article("2", first_sentences(TEXT, 4), "Post"),
        article("3", prose(2)),
        article("1", f"{TEXT} More follows.", status="updated"),
    )
    first, second = told(file)
    assert first["articles"] == ["tribune/1", "post/2"]
    assert first["copies"] == [["post/2", "tribune/1"]]
    assert (second["articles"], second["copies"]) == (["tribune/3"], [])
    assert len({first["story_id"], second["story_id"]}) == 2


def test_with_rules_only_what_matches_is_grouped_rule_by_rule(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    written(rules / "test.yaml", PACK)
    file = written(
        tmp_path / "day.jsonl",
        article("1", LOUD),
        article("2", LOUD, "Post"),
        article("3", prose(2)),
    )
    [story] = told(file, "--rules", rules)
    assert (story["rule"], story["articles"]) == ("test/build-up", ["tribune/1", "post/2"])


def test_two_files_are_read_as_one_stream(tmp_path: Path) -> None:
    one, other = (
        written(tmp_path / "a.jsonl", article("1", TEXT)),
        written(tmp_path / "b.jsonl", article("2", TEXT, "Post")),
    )
    assert [story["articles"] for story in told(one, other)] == [["tribune/1", "post/2"]]


def test_what_cannot_be_read_is_counted_on_standard_error(tmp_path: Path) -> None:
    file = written(tmp_path / "day.jsonl", article("1", TEXT), '{"id": "cut', article("2", "...", title=""))
    done = CliRunner().invoke(cli.app, ["stories", "--json", "--entities", "off", str(file)])
    assert done.exit_code == 0
    assert "1 dropped, 1 unreadable" in done.stderr
    assert len(done.stdout.splitlines()) == 1


def test_the_table_shows_stories_of_several_articles(tmp_path: Path) -> None:
    file = written(
        tmp_path / "day.jsonl", article("1", TEXT), article("2", TEXT, "Post"), article("3", prose(2))
    )
    done = CliRunner().invoke(cli.app, ["stories", "--entities", "off", str(file)])
    assert done.exit_code == 0
    assert "2 stories, 1 of one article alone" in done.stdout
    assert "Away" in done.stdout


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli.app, ["stories", str(tmp_path / "nowhere.jsonl")])
    assert done.exit_code != 0
    assert "nowhere.jsonl" in str(done.exception)

"""The command line as its users meet it: what it prints where, and exit statuses that mean something."""

import gzip
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from streams.embedded import EmbeddedBroker
from tests.streams.small import PACK

ROOT = Path(__file__).resolve().parent.parent.parent
DATA = Path(os.environ.get("WIREWATCH_DATA", Path(__file__).parents[3] / "shared" / "data"))
OFF = ("--entities", "off")
COMMANDS: tuple[list[str], ...] = (
    [],
    ["demo"],
    ["worker"],
    ["analyse"],
    ["evaluate"],
    ["backtest"],
    ["stories"],
    ["explain"],
    ["publish"],
    ["watch"],
    ["config"],
    ["topics"],
    ["topics", "create"],
    ["topics", "check"],
    ["topics", "show"],
    ["rules"],
    ["rules", "check"],
    ["rules", "test"],
    ["rules", "list"],
)
GOOD = {
    "id": "1",
    "title": "A troop build-up",
    "text": "Troops were seen 🙂 near the border.",
    "source": "Tribune",
}
QUIET = {"id": "2", "title": "A quiet day", "text": "Nothing at all was seen.", "source": "Tribune"}


def wirewatch(*arguments: str, status: int = 0, **environ: str) -> "subprocess.CompletedProcess[str]":
    """Run the command line in a process of its own and expect its exit status."""
    done = subprocess.run(
        [sys.executable, "-m", "streams.cli", *arguments],
        cwd=ROOT,
        env=os.environ | environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    return done


def analysed(*arguments: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in wirewatch("analyse", *arguments).stdout.splitlines()]


def lines(*articles: dict[str, Any]) -> str:
    return "".join(json.dumps(article) + "\n" for article in articles)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_of_every_command_says_how_to_use_it(command: list[str]) -> None:
    from typer.testing import CliRunner

    from streams.cli import app

    done = CliRunner().invoke(app, [*command, "--help"])
    assert done.exit_code == 0
    assert "Usage:" in done.output


def test_help_loads_none_of_the_libraries_that_take_long() -> None:
    code = (
        "import sys; from typer.testing import CliRunner; from streams.cli import app\n"
        "assert CliRunner().invoke(app, ['analyse', '--help']).exit_code == 0\n"
        "print([name for name in ('spacy', 'faust', 'aiokafka', 'kafka') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_an_unknown_setting_names_the_nearest_known_one() -> None:
    done = wirewatch("config", "--set", "bootstrp=here:9092", status=2)
    assert "unknown setting bootstrp; did you mean bootstrap?" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["config", "--set", "shards"], "NAME=VALUE"),
        (["config", "--set", "shards=none"], "shards"),
        (["publish"], "--sample"),
        (["analyse", "/nowhere/articles.jsonl"], "/nowhere/articles.jsonl"),
        (["analyse", "--rules", "/nowhere/rules", "pyproject.toml"], "/nowhere/rules"),
        (["analyze"], "analyze"),
    ],
)
def test_wrong_usage_exits_with_2_and_says_what_is_wrong(arguments: list[str], said: str) -> None:
    assert said in wirewatch(*arguments, status=2).stderr


def test_config_says_where_each_value_came_from_and_masks_secrets(tmp_path: Path) -> None:
    file = tmp_path / "wirewatch.toml"
    file.write_text('sasl_password = "very-secret"\nshards = 7\n')
    done = wirewatch(
        "config", "--json", "--config", str(file), "--set", "topic_prefix=t.", WIREWATCH_GROUP="desk"
    )
    assert "very-secret" not in done.stdout
    rows = {row["name"]: (row["value"], row["from"]) for row in json.loads(done.stdout)}
    assert rows["topic_prefix"] == ("t.", "flag")
    assert rows["shards"][0] == 7 and str(file) in rows["shards"][1]
    assert rows["group"][0] == "desk" and "WIREWATCH_GROUP" in rows["group"][1]
    assert rows["replication"] == (1, "default")
    assert rows["sasl_password"][0]
    assert "very-secret" not in wirewatch("config", "--config", str(file)).stdout


def test_rules_check_says_file_line_column_and_remedy_of_a_fault(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text(
        PACK.replace("""'"troop build-up"'""", """'"troop build-up" AND'""")
    )
    done = wirewatch("rules", "check", "--rules", str(tmp_path), status=1)
    assert "broken.yaml:7:" in done.stderr
    [problem, *_] = json.loads(
        wirewatch("rules", "check", "--json", "--rules", str(tmp_path), status=1).stdout
    )["problems"]
    assert (problem["file"], problem["line"]) == ("broken.yaml", 7)
    assert problem["column"] > 1


def test_rules_that_cannot_be_used_stop_what_needs_them(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("rules: [")
    done = wirewatch("analyse", "--rules", str(tmp_path), "pyproject.toml", status=2)
    assert "broken.yaml" in done.stderr


def test_the_shipped_rules_compile_and_their_examples_hold() -> None:
    assert json.loads(wirewatch("rules", "check", "--json").stdout)["problems"] == []
    assert "examples of" in wirewatch("rules", "test").stdout


def test_an_example_that_does_not_hold_is_status_1_and_named(tmp_path: Path) -> None:
    (tmp_path / "pack.yaml").write_text(PACK.replace("A quiet day.", "A troop build-up."))
    assert "test/build-up" in wirewatch("rules", "test", "--rules", str(tmp_path), status=1).stderr


def test_rules_list_gives_each_rule_to_a_program_and_to_a_reader(tmp_path: Path) -> None:
    (tmp_path / "pack.yaml").write_text(PACK)
    [rule] = json.loads(wirewatch("rules", "list", "--json", "--rules", str(tmp_path)).stdout)
    revision = rule.pop("revision")
    assert revision and isinstance(revision, str)
    assert rule == {"id": "test/build-up", "title": "Build-up", "severity": "high", "families": ["TEST"]}
    assert "test/build-up" in wirewatch("rules", "list", "--rules", str(tmp_path)).stdout


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_analyse_gives_a_line_an_article_with_its_evidence_at_its_place(tmp_path: Path, name: str) -> None:
    content = lines(GOOD, QUIET).encode()
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    good, quiet = analysed(*OFF, str(tmp_path / name))
    assert [(a["id"], a["outcome"], a["language"]) for a in (good, quiet)] == [
        ("1", "enriched", "en"),
        ("2", "enriched", "en"),
    ]
    [match] = good["matches"]
    assert match["rule_id"] == "military-posture/troop-build-up"
    assert "troop build-up" in [proof["text"] for proof in match["evidence"]]
    for proof in match["evidence"]:
        assert good[proof["field"]][proof["start"] : proof["end"]] == proof["text"]
    assert quiet["matches"] == []


def test_analyse_reads_a_text_file_whose_first_line_is_the_headline(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("A troop build-up\n\nIt was seen at the border.")
    [article] = analysed(*OFF, str(tmp_path / "note.txt"))
    assert (article["id"], article["title"]) == ("note", "A troop build-up")
    assert article["text"] == "It was seen at the border."
    assert len(article["matches"]) == 1


def test_analyse_names_the_entities_with_every_mention_at_its_place(tmp_path: Path) -> None:
    text = "Talks 🙂 in Geneva: Wendy Sherman of the United States met Vladimir Putin. Sherman left Geneva."
    (tmp_path / "a.jsonl").write_text(lines(GOOD | {"text": text}))
    [article] = analysed(str(tmp_path / "a.jsonl"))
    entities = {entity["name"]: entity for entity in article["entities"]}
    assert entities["Wendy Sherman"]["label"] == "person"
    assert {mention["text"] for mention in entities["Wendy Sherman"]["mentions"]} == {
        "Wendy Sherman",
        "Sherman",
    }
    for entity in entities.values():
        for mention in entity["mentions"]:
            assert article[mention["field"]][mention["start"] : mention["end"]] == mention["text"]


def test_analyse_gives_what_cannot_be_read_its_reason_and_line_and_goes_on(tmp_path: Path) -> None:
    broken = (ROOT / "streams/demo/broken.bin").read_bytes()
    empty = {"id": "3", "title": "", "text": "1234", "source": "Tribune"}
    (tmp_path / "a.jsonl").write_bytes(broken + lines(empty, GOOD).encode())
    found = analysed(*OFF, str(tmp_path / "a.jsonl"))
    count = len(broken.splitlines())
    assert [(article["outcome"], article["line"]) for article in found[:count]] == [
        ("dead", number) for number in range(1, count + 1)
    ]
    assert len({article["reason"] for article in found[:count]}) == count
    assert all(article["detail"] for article in found[:count])
    assert [(a["id"], a["outcome"]) for a in found[count:]] == [("3", "dropped"), ("1", "enriched")]
    assert found[count]["reason"] == "no_letters"


def test_two_jobs_keep_the_order_of_the_files(tmp_path: Path) -> None:
    for name, first in (("a.jsonl", 0), ("b.jsonl", 100)):
        articles = [QUIET | {"id": str(first + n), "text": "Nothing. " * (300 - n)} for n in range(100)]
        (tmp_path / name).write_text(lines(*articles))
    found = analysed(*OFF, "--jobs", "2", str(tmp_path / "a.jsonl"), str(tmp_path / "b.jsonl"))
    assert [article["id"] for article in found] == [str(number) for number in range(200)]


def test_the_article_it_all_began_with_fires_and_names_whom_it_names() -> None:
    file = DATA / "seed-article.txt"
    if not file.exists():
        pytest.skip(f"the article is not at {file}: set WIREWATCH_DATA to its folder")
    [article] = analysed(str(file))
    evidence = [proof["text"] for match in article["matches"] for proof in match["evidence"]]
    assert {"troop build-up", "massing troops"} <= set(evidence)
    named: dict[str, set[str]] = {}
    for entity in article["entities"]:
        named.setdefault(entity["label"], set()).add(entity["name"])
    people = "Wendy Sherman, Delphine Pronk, Jen Psaki, Joe Biden, Vladimir Putin, David Sassoli"
    places = "United States, Russia, Ukraine, Kazakhstan, Geneva, Brussels, Moscow, Washington"
    assert set(people.split(", ")) <= named["person"]
    assert set(places.split(", ")) <= named["place"]
    assert {"NATO", "NATO-Russia Council", "European Parliament", "AFP"} <= named["org"]


def test_without_a_broker_it_says_so_in_one_line_and_exits_with_3() -> None:
    began = time.monotonic()
    done = wirewatch("topics", "check", "--set", "bootstrap=127.0.0.1:1", status=3)
    assert time.monotonic() - began < 15
    [line] = done.stderr.splitlines()
    assert "127.0.0.1:1" in line
    assert "is a broker there? set bootstrap to where it is" in line


@pytest.mark.timeout(120)
def test_topics_are_made_once_and_shown(embedded: EmbeddedBroker, prefix: str) -> None:
    where = ("--set", f"bootstrap={embedded.bootstrap}", "--set", f"topic_prefix={prefix}")
    assert "articles" in wirewatch("topics", "check", *where, status=1).stdout
    assert f"created {prefix}articles" in wirewatch("topics", "create", *where).stdout
    assert wirewatch("topics", "create", *where).stdout == "all topics are there\n"
    assert not [
        row
        for row in json.loads(wirewatch("topics", "check", "--json", *where).stdout)
        if row["level"] == "error"
    ]
    rows = json.loads(wirewatch("topics", "show", "--json", *where).stdout)
    assert f"{prefix}alerts" in {value for row in rows for value in row.values()}


@pytest.mark.timeout(120)
def test_what_is_published_arrives_the_unreadable_too_and_alerts_are_watched_to_a_limit(
    embedded: EmbeddedBroker, prefix: str, tmp_path: Path
) -> None:
    from kafka import KafkaConsumer, KafkaProducer
    from msgspec import json as msgjson

    from tests.streams.test_screen import ALERT

    where = ("--set", f"bootstrap={embedded.bootstrap}", "--set", f"topic_prefix={prefix}")
    wirewatch("topics", "create", *where)
    (tmp_path / "a.jsonl").write_text(lines(GOOD) + "not JSON\n" + lines(QUIET))
    done = wirewatch("publish", str(tmp_path / "a.jsonl"), "--json", *where)
    assert json.loads(done.stdout) == {"published": 3, "failed": 0, "first_error": None}
    consumer = KafkaConsumer(
        f"{prefix}articles",
        bootstrap_servers=embedded.bootstrap,
        auto_offset_reset="earliest",
        consumer_timeout_ms=5_000,
    )
    records = [next(consumer) for _ in range(3)]
    consumer.close()
    assert {record.value for record in records if record.key is None} == {b"not JSON"}

    producer = KafkaProducer(bootstrap_servers=embedded.bootstrap)
    for _ in range(3):
        producer.send(f"{prefix}alerts", msgjson.encode(ALERT), headers=[("ingested-ms", b"1")])
    producer.close()
    out = wirewatch("watch", "--from-start", "--limit", "2", "--json", *where).stdout.splitlines()
    assert [json.loads(line)["alert_id"] for line in out] == ["a", "a"]
    assert "[red]Norvik[/red]" in wirewatch("watch", "--from-start", "--limit", "1", *where).stdout

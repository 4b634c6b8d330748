"""`wirewatch backtest` as an analyst meets it: numbers, a report that carries everything, and what an edit changes."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from kafka import KafkaProducer
from typer.testing import CliRunner

from streams import backtest, cli, topics
from streams.articlefiles import FileError
from streams.embedded import EmbeddedBroker
from streams.settings import load
from tests.streams.small import PACK

NOW = 1_642_000_000_000  # 2022-01-12T15:06:40Z
EVIL = "<script>alert(1)</script><b>"
QUIET = {"title": "A quiet day", "text": "Nothing at all was seen.", "source": {"name": "Tribune"}}
LOUD = {"title": "Forces", "text": "Troops left. A troop build-up was seen.", "source": {"name": "Post"}}


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return folder(tmp_path / "rules", PACK)


def folder(path: Path, pack: str) -> Path:
    path.mkdir()
    (path / "test.yaml").write_text(pack)
    return path


def articles(path: Path, *given: dict[str, Any] | str) -> Path:
    path.write_text("".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in given))
    return path


@pytest.fixture
def past(tmp_path: Path) -> Path:
    """Three that match, of two days and two sources, one that does not, one without text, one unreadable."""
    return articles(
        tmp_path / "past.jsonl",
        {"id": "1", "published": "2022-01-10", **LOUD},
        {"id": "2", "published": "2022-01-12", **LOUD},
        {"id": "3", **LOUD, "source": {"name": EVIL}, "title": EVIL, "url": 'https://a.example/"><x>'},
        {"id": "4", "published": "2022-01-12", **QUIET},
        {"id": "5", "title": "", "text": "...", "source": "Tribune"},
        '{"id": "cut',
    )


def counted(*arguments: object) -> dict[str, Any]:
    done = CliRunner().invoke(cli.app, ["backtest", "--json", "--jobs", "2", *map(str, arguments)])
    assert done.exit_code == 0, done.output + repr(done.exception)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_every_article_of_a_file_is_counted_once(rules: Path, past: Path) -> None:
    found = counted("--rules", rules, "--articles", past)
    assert (found["articles"], found["analysed"], found["matches"]) == (6, 4, 3)
    assert found["dropped"] == {"no_letters": 1}
    assert sum(found["unreadable"].values()) == 1
    rule = found["by_rule"]["test/build-up"]
    assert (rule["matches"], rule["articles"], rule["sources"]) == (3, 3, 2)
    assert rule["days"] == {"2022-01-10": 1, "2022-01-12": 1, "undated": 1}
    assert {sample["id"] for sample in rule["samples"]} == {"1", "2", "3"}
    assert all(["troop build-up", True] in sample["sentences"][0] for sample in rule["samples"])


def test_the_table_shows_rules_and_samples(rules: Path, past: Path) -> None:
    done = CliRunner().invoke(cli.app, ["backtest", "--rules", str(rules), "--articles", str(past)])
    assert done.exit_code == 0, done.output
    assert "3 matches in 3 articles of 2 sources" in done.stdout
    assert re.search(r"test/build-up +high +3 +3 +2", done.stdout)
    assert "A troop build-up was seen." in done.stdout


def test_an_edit_is_shown_article_by_article(rules: Path, past: Path, tmp_path: Path) -> None:
    edited = folder(
        tmp_path / "edited",
        PACK.replace("""'"troop build-up"'""", """'"nothing at all"'""")
        .replace("A troop buildup was seen.", "Nothing at all.")
        .replace("test/build-up", "test/nothing"),
    )
    page = tmp_path / "report.html"
    found = counted("--rules", edited, "--against", rules, "--articles", past, "--html", page)
    against = found["against"]
    assert [against[name] for name in ("gained", "lost", "kept")] == [1, 3, 0]
    assert [(change["kind"], change["rule"], change["sample"]["id"]) for change in against["changes"]] == [
        ("lost", "test/build-up", "1"),
        ("lost", "test/build-up", "2"),
        ("lost", "test/build-up", "3"),
        ("gained", "test/nothing", "4"),
    ]
    assert found["matches"] == 1
    assert "test/build-up, lost: 3" in Read(page.read_text()).said


class Read(HTMLParser):
    """A page as a browser builds it: its tags with their attributes, closed in the order they were opened."""

    EMPTY = frozenset({"meta"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.said = ""
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.EMPTY:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.said += data


def test_the_report_is_one_file_that_fetches_and_runs_nothing(
    rules: Path, past: Path, tmp_path: Path
) -> None:
    file = tmp_path / "report.html"
    counted("--rules", rules, "--articles", past, "--html", file)
    page = file.read_text()
    read = Read(page)
    assert {tag for tag, _ in read.tags}.isdisjoint({"script", "link", "img", "iframe", "object", "b", "x"})
    for _, attributes in read.tags:
        assert not {"src", "srcset", "data"} & set(attributes)
        assert not [name for name in attributes if name.startswith("on")]
    assert "url(" not in page and "@import" not in page
    assert any(attributes.get("content", "") == "default-src 'none'; style-src 'unsafe-inline'"
               for _, attributes in read.tags)  # fmt: skip
    assert "prefers-color-scheme: dark" in page


def test_the_report_escapes_what_articles_say_and_marks_what_fired(
    rules: Path, past: Path, tmp_path: Path
) -> None:
    file = tmp_path / "report.html"
    counted("--rules", rules, "--articles", past, "--html", file)
    page = file.read_text()
    assert "alert(1)" in Read(page).said  # it is shown …
    assert "<script" not in page  # … and runs nowhere
    assert page.count("<mark>troop build-up</mark>") == 3


def test_the_plots_draw_a_bar_for_every_day_with_a_count(rules: Path, past: Path, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    counted("--rules", rules, "--articles", past, "--html", file)
    plots = [
        ElementTree.fromstring(svg)  # noqa: S314 - we wrote it
        for svg in re.findall(r'<svg[^>]*role="img".*?</svg>', file.read_text(), re.DOTALL)
    ]
    drawn = [[bar.findtext("title") for bar in plot.iter("rect")] for plot in plots]
    assert drawn == [["2022-01-10: 1", "2022-01-12: 2"], ["2022-01-10: 1", "2022-01-12: 1"]]


def test_a_topic_is_read_from_a_time_on(embedded: EmbeddedBroker, prefix: str, rules: Path) -> None:
    flags = {"bootstrap": embedded.bootstrap, "topic_prefix": prefix, "article_partitions": 2}
    topics.create(load(flags, environ={}).settings)
    producer = KafkaProducer(bootstrap_servers=embedded.bootstrap)
    for number in range(6):
        producer.send(
            f"{prefix}articles",
            json.dumps({"id": str(number), **(LOUD if number % 2 else QUIET)}).encode(),
            partition=number % 2,
            timestamp_ms=NOW + number,
        )
    producer.flush()
    producer.close()
    where = ("--set", f"bootstrap={embedded.bootstrap}", "--set", f"topic_prefix={prefix}")
    whole = counted("--rules", rules, "--topic", "articles", *where)
    assert (whole["articles"], whole["matches"]) == (6, 3)
    later = counted("--rules", rules, "--topic", "articles", "--since", "2022-01-12T15:06:40.003Z", *where)
    assert (later["articles"], later["matches"]) == (3, 2)


@pytest.mark.parametrize(
    ("said", "milliseconds"),
    [
        ("2022-01-12", 1_641_945_600_000),
        ("2022-01-12T15:00:00Z", 1_641_999_600_000),
        ("24h", NOW - 86_400_000),
        ("7d", NOW - 7 * 86_400_000),
        ("90min", NOW - 5_400_000),
    ],
)
def test_since_is_a_time_or_an_age(said: str, milliseconds: int) -> None:
    assert backtest.since(said, now_ms=NOW) == milliseconds


def test_a_since_that_is_no_time_says_how_to_give_one() -> None:
    with pytest.raises(FileError, match="24h or 7d"):
        backtest.since("yesterday", now_ms=NOW)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "--articles"),
        (["--articles", "a.jsonl", "--topic", "articles"], "--topic"),
        (["--articles", "a.jsonl", "--since", "7d"], "--since is for --topic"),
        (["--articles", "a.jsonl", "--html", "/nowhere/report.html"], "/nowhere"),
    ],
)
def test_wrong_usage_says_what_is_wrong(arguments: list[str], said: str) -> None:
    done = CliRunner().invoke(cli.app, ["backtest", *arguments])
    assert done.exit_code == 2
    assert said in done.output

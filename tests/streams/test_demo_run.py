"""`wirewatch demo` as its user meets it: one process that runs it all, counts it, and leaves nothing behind."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
import zstandard

from streams import demo

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(150)]
ROOT = Path(__file__).resolve().parent.parent.parent


@contextmanager
def running(*more: str) -> Iterator["subprocess.Popen[str]"]:
    """Run `wirewatch demo --json`; whatever happens, nothing of it runs on after the test."""
    command = [sys.executable, "-m", "streams.cli", "demo", "--json", *more]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True
    )
    seen: list[psutil.Process] = []
    try:
        yield process
        seen = descendants(process.pid)
    finally:
        seen += descendants(process.pid)
        process.kill()
        process.communicate()
        for left in seen:
            if left.is_running():
                left.kill()


def descendants(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def until(condition: Callable[[], bool], seconds: float) -> bool:
    limit = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > limit:
            return False
        time.sleep(0.02)
    return True


def gone(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def is_worker(process: psutil.Process) -> bool:
    try:
        return process.cmdline()[-1:] == ["worker"]
    except psutil.Error:
        return False


def test_the_day_runs_through_adds_up_and_leaves_no_process_behind() -> None:
    family: set[psutil.Process] = set()

    def ended(process: "subprocess.Popen[str]") -> bool:
        family.update(descendants(process.pid))
        return process.poll() is not None

    with running() as process:
        assert until(lambda: ended(process), 120)
        out, err = process.communicate()
        assert process.returncode == 0, err
        assert len(family) >= 3  # a broker, a worker, its pool
        assert until(lambda: all(map(gone, family)), 10), [m for m in family if not gone(m)]
    [line] = out.splitlines()
    total = json.loads(line)
    assert total["articles_in"] == len(demo.load(0)) == 77
    assert total["articles_in"] == total["enriched"] + sum(total["dropped"].values()) + sum(
        total["dead"].values()
    )
    assert total["alerts"] > 20
    assert len(total["dead"]) == 7


def test_a_file_of_ones_own_runs_and_shows_its_alerts(tmp_path: Path) -> None:
    articles = [
        {"id": "1", "title": "A troop build-up", "text": "It was seen at the border.", "source": "Tribune"},
        {"id": "2", "title": "A quiet day", "text": "Nothing was seen.", "source": "Tribune"},
    ]
    file = tmp_path / "own.jsonl.zst"
    file.write_bytes(zstandard.compress("\n".join(map(json.dumps, articles)).encode()))
    with running("--articles", str(file), "--set", "entities=off") as process:
        out, err = process.communicate(timeout=100)
        assert process.returncode == 0, err
    total = json.loads(out)
    assert (total["articles_in"], total["enriched"], total["alerts"]) == (2, 2, 1)


def test_rules_from_a_topic_are_published_to_the_embedded_one_and_a_worker_takes_them_from_there(
    tmp_path: Path,
) -> None:
    file = tmp_path / "own.jsonl"
    article = {"id": "1", "title": "A troop build-up", "text": "It was seen.", "source": "Tribune"}
    file.write_text(json.dumps(article))
    with running("--articles", str(file), "--set", "entities=off", "--set", "rules_from=topic") as process:
        out, err = process.communicate(timeout=100)
        assert process.returncode == 0, err
    assert json.loads(out)["alerts"] == 1
    assert "publishing the rules to its topic" in err


def test_a_worker_that_is_killed_ends_the_demo_with_an_error_that_says_so() -> None:
    with running("--set", "entities=off") as process:
        found: list[psutil.Process] = []

        def there() -> bool:
            found[:] = [child for child in descendants(process.pid) if is_worker(child)]
            return bool(found) and len(descendants(found[0].pid)) >= 2  # its pool is there too

        assert until(there, 60)
        family = descendants(process.pid)
        found[0].kill()
        out, err = process.communicate(timeout=60)
        assert process.returncode == 1
        assert out == ""
        assert "the worker ended with status -9" in err
        assert "Traceback" not in err
        assert until(lambda: all(map(gone, family)), 10), [m for m in family if not gone(m)]


def test_what_came_of_it_is_told_before_it_is_kept_running() -> None:
    with running("--keep", "--set", "entities=off") as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        assert told["articles_in"] == told["enriched"] + sum(told["dropped"].values()) + sum(
            told["dead"].values()
        )
        assert process.poll() is None and any(map(is_worker, descendants(process.pid)))

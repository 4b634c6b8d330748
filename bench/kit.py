"""What the benches share: real articles, a broker, a worker, and how rates are read off the topics."""

import gzip
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from streams import topics
from streams.follow import Follower
from streams.settings import Settings, environment, load
from tests.corpus import articles as made_articles
from tests.kafka.broker import KafkaBroker

DATA = Path(os.environ.get("WIREWATCH_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
LIMIT_SECONDS = 900.0
# Ours, appended to some articles so that enough of them fire.
LOUD = " Officials in the capital say a troop build-up has begun along the frontier."


def news(count: int, *, loud_every: int = 10, most_characters: int | None = None) -> list[bytes]:
    """Give `count` article values: real news where the data is there, made ones otherwise.

    Repeated under new ids where the file has fewer; every `loud_every`-th matches a rule.
    """
    path = DATA / "news.jsonl.gz"
    if not path.is_file():
        return list(made_articles(count, seed=1, broken=0.0))
    with gzip.open(path, "rt", encoding="utf-8") as file:
        read = [json.loads(line) for line in file]
    values = []
    for number in range(count):
        article = dict(read[number % len(read)])
        article["id"] = f"{article['id']}-{number // len(read)}"
        article["text"] = article["text"][:most_characters]
        if number % loud_every == 0:
            article["text"] += LOUD
        values.append(json.dumps(article).encode())
    return values


@contextmanager
def kafka() -> Iterator[KafkaBroker]:
    """Run a real Kafka for the length of a `with`."""
    with tempfile.TemporaryDirectory() as folder, KafkaBroker(Path(folder)) as broker:
        yield broker


def settings(broker: KafkaBroker, **values: Any) -> Settings:
    """Give settings for a run of its own on a broker, its topics created."""
    flags = {
        "bootstrap": broker.bootstrap,
        "topic_prefix": f"b{uuid.uuid4().hex[:8]}.",
        "article_partitions": 4,
        "shards": 4,
        "session_timeout_seconds": 6.0,
        "metrics_port": 0,
        "log_level": "WARNING",
        **values,
    }
    made = load(flags, environ={}).settings
    topics.create(made)
    return made


@contextmanager
def worker(running: Settings) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a worker process for the length of a `with`."""
    environ = environment(running)
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    process = subprocess.Popen([sys.executable, "-m", "streams.cli", "worker"], env=environ)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


def times(running: Settings, name: str, count: int, *, header: str | None = None) -> list[tuple[int, int]]:
    """Wait for `count` records of a topic and give when each was written and, of a header, its number.

    Milliseconds since 1970; in the order of writing.
    """
    found: list[tuple[int, int]] = []
    deadline = time.monotonic() + LIMIT_SECONDS
    with Follower(running, [name], from_start=True) as follower:
        while len(found) < count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(found)} of {count} records of {name} in {LIMIT_SECONDS:.0f} s")
            for _, record in follower.poll(0.5):
                number = int(dict(record.headers)[header]) if header else 0
                found.append((int(record.timestamp), number))
    return sorted(found)


def steady_rate(written: Sequence[int]) -> float:
    """Give records a second between the first and last tenth, so that neither start nor end counts."""
    tenth = len(written) // 10
    first, last = written[tenth], written[-tenth - 1]
    return (len(written) - 2 * tenth - 1) / ((last - first) / 1000)


def percentile(values: Sequence[float], share: float) -> float:
    """Give the value below which a share of the values lies (nearest rank)."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]


def get(port: int, page: str) -> str:
    """Fetch a page of a worker's own server."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{page}", timeout=5) as answer:
        return str(answer.read().decode())


def resident(pid: int) -> int:
    """Give the resident memory of a process, in bytes (Linux)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def children(pid: int) -> list[int]:
    """Give the process ids of a process's children (Linux)."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def report(title: str, rows: Iterable[Mapping[str, Any]], result: Mapping[str, Any]) -> None:
    """Print a table of rows and, as the last line, the result as JSON."""
    listed = list(rows)
    print(title)
    names = list(listed[0])
    widths = [max(len(name), *(len(str(row[name])) for row in listed)) for name in names]
    for cells in (names, *([str(row[name]) for name in names] for row in listed)):
        print("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip())
    print(json.dumps(result, sort_keys=True))


def median(values: Sequence[float]) -> float:
    """Give the median."""
    return statistics.median(values)

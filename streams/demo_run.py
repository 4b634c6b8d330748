"""`wirewatch demo`: the real worker on an embedded broker, real articles in, alerts on the screen."""

import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from msgspec import Struct
from rich.console import Console

from processors import codec
from processors.models import Alert, DroppedPayload, MatchPayload
from streams import articlefiles, demo, rulefiles, rulestopic, screen, topics
from streams.embedded import EmbeddedBroker, tied
from streams.follow import Follower
from streams.groups import committed
from streams.publish import publish
from streams.settings import Settings, environment
from streams.summary import Summary, Tallies

STOP_SECONDS = 20.0
STALL_SECONDS = 120.0
START_SECONDS = 120.0
OUTCOMES = ("articles.enriched", "articles.dropped", "articles.dead")


class DemoError(RuntimeError):
    """The demo could not run to its end; the message says why."""


class View(Struct, frozen=True, kw_only=True):
    """Where the demo shows what: alerts on `alerts` (None: not at all), all else on `notes`."""

    alerts: Console | None
    notes: Console


class Publishing:
    """Articles on their way to the broker, in a thread of their own."""

    def __init__(self, settings: Settings, values: Iterable[bytes]) -> None:
        self.total: int | None = None  # known when all are published
        self.error: Exception | None = None
        self._thread = threading.Thread(target=self._run, args=(settings, values), daemon=True)
        self._thread.start()

    def _run(self, settings: Settings, values: Iterable[bytes]) -> None:
        try:
            result = publish(settings, values)
            if result.failed:
                raise DemoError(f"{result.failed} articles were not published: {result.first_error}")
            self.total = result.published
        except Exception as error:
            self.error = error


def run(
    settings: Settings, *, articles: Path | None, view: View, then: Callable[[Settings, Summary], None]
) -> Summary:
    """Run articles (None: those that come with the project) through the pipeline; give what came of them.

    `then(settings, summary)` is called with everything still running.

    Raises:
        DemoError: the worker ended or stalled, or publishing failed.
        FileError: the articles can't be read.
        RuleError: the rules can't be published to the broker's topic, where `rules_from` names it.
    """
    view.notes.print(
        "starting an embedded broker, in memory: for trying out, not for production", style="dim"
    )
    with EmbeddedBroker() as broker:
        port = settings.metrics_port or _free_port()
        # The embedded broker is plain and on this machine, whatever the settings say of another.
        here = {"security_protocol": "PLAINTEXT", "metrics_host": "127.0.0.1"}
        settings = settings.model_copy(update={"bootstrap": broker.bootstrap, "metrics_port": port, **here})
        topics.create(settings)
        if settings.rules_from == "topic":  # of this broker, which is new: nobody else can have published
            view.notes.print(
                "publishing the rules to its topic, from where the worker takes them", style="dim"
            )
            rulestopic.publish(settings, rulefiles.load(settings.rules_dir))
        view.notes.print("starting a worker: rules, models, two consumer groups", style="dim")
        with _worker(settings) as worker:
            _wait_until_ready(settings, worker)
            summary = _measure(settings, articles, worker, view)
            then(settings, summary)
    return summary


def _wait_until_ready(settings: Settings, worker: "subprocess.Popen[bytes]") -> None:
    """Wait for the worker's own word, so that what is measured is its work and not its start."""
    page = f"http://127.0.0.1:{settings.metrics_port}/readyz"
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if worker.poll() is not None:
            raise DemoError(f"the worker ended with status {worker.returncode}; its log is above")
        with suppress(OSError), urllib.request.urlopen(page, timeout=1):
            return
        time.sleep(0.05)
    raise DemoError(f"the worker was not ready within {START_SECONDS:.0f} s; see {page}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _measure(
    settings: Settings, articles: Path | None, worker: "subprocess.Popen[bytes]", view: View
) -> Summary:
    tallies = Tallies()
    began = moved = time.monotonic()
    matches: dict[int, int] = {}  # records read, by partition
    with Follower(settings, [*OUTCOMES, "matches", "alerts"], from_start=True) as follower:
        publishing = Publishing(settings, _values(settings, articles))
        with screen.progress(view.notes) as progress:
            bar = progress.add_task("articles", total=None)
            finished = False
            while True:
                found = list(follower.poll(0.2))
                for topic, record in found:
                    moved = time.monotonic()
                    _take(tallies, topic, record, view.alerts)
                    if topic == "matches":
                        matches[record.partition] = record.offset + 1
                progress.update(bar, completed=tallies.outcomes, total=publishing.total)
                if finished and not found:
                    break  # all was written before the last look, and it found nothing more
                _still_well(worker, publishing, time.monotonic() - moved)
                finished = _finished(settings, tallies, publishing, matches)
    return tallies.summary(publishing.total or 0, moved - began)


def _finished(settings: Settings, tallies: Tallies, publishing: Publishing, matches: dict[int, int]) -> bool:
    """Tell whether every article has its outcome, and all matches that were read have their alerts written."""
    if publishing.total is None or tallies.outcomes < publishing.total:
        return False
    if sum(committed(settings, "analyse", "articles").values()) < publishing.total:
        return False
    decided = committed(settings, "decide", "matches")
    return all(decided.get(shard, 0) >= end for shard, end in matches.items())


def _still_well(worker: "subprocess.Popen[bytes]", publishing: Publishing, idle: float) -> None:
    if worker.poll() is not None:
        raise DemoError(f"the worker ended with status {worker.returncode}; its log is above")
    if publishing.error is not None:
        raise publishing.error
    if idle > STALL_SECONDS:
        raise DemoError(f"nothing came out for {STALL_SECONDS:.0f} s; look at the worker's log above")


def _take(tallies: Tallies, topic: str, record: Any, alerts: Console | None) -> None:
    headers = dict(record.headers)
    source = headers["source-partition"] + b"/" + headers["source-offset"]
    match topic:
        case "articles.enriched":
            tallies.outcome(source, "enriched")
        case "articles.dropped":
            tallies.outcome(source, "dropped", codec.read_as(record.value, DroppedPayload).reason)
        case "articles.dead":
            tallies.outcome(source, "dead", headers["reason"].decode())
        case "matches":
            for hit in codec.read_as(record.value, MatchPayload).hits:
                tallies.match(hit.match_id)
        case "alerts":
            alert = codec.read_as(record.value, Alert)
            ingested = int(headers["ingested-ms"])
            first = tallies.alert(alert.alert_id, alert.version, (record.timestamp - ingested) / 1000)
            if first and alerts is not None:
                screen.show_alert(alerts, alert, now_ms=record.timestamp, ingested_ms=ingested)


def _values(settings: Settings, articles: Path | None) -> Iterable[bytes]:
    if articles is None:
        return demo.load(int(time.time() * 1000))
    return articlefiles.values(articles, max_bytes=settings.article_max_bytes)


@contextmanager
def _worker(settings: Settings) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a worker as a process of its own, as it runs in production, for the length of a `with`."""
    worker = subprocess.Popen(
        tied([sys.executable, "-m", "streams.cli", "worker"]),
        env=environment(settings),
        stdin=subprocess.DEVNULL,
    )
    try:
        yield worker
    finally:
        worker.terminate()
        try:
            worker.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()

"""From ingest to alert at 70 % of capacity, with rules that change all the time and with rules that stay.

Two sets of the shipped rules, which differ in every severity, are published in turn, the next as soon as
the worker has the last in force. Phases with and without take turns; the ratio of each pair counts.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from msgspec import structs

from bench import kit
from processors.rules import RuleSet, build
from streams import rulefiles, rulestopic
from streams.publish import publish
from streams.settings import Settings, environment, load
from tests.kafka.broker import KafkaBroker

SHARE = 0.7
SETTLE_SECONDS = 3.0


def sets() -> tuple[RuleSet, RuleSet]:
    """Give the shipped rules twice, with other severities."""
    shipped = rulefiles.load(None)
    made = [
        build([structs.replace(rule, severity=severity) for rule in shipped.rules], shipped.concepts)
        for severity in ("low", "high")
    ]
    first, second = (each for each in made if isinstance(each, RuleSet))
    return first, second


def run(
    broker: KafkaBroker, entities: str, articles: int, seconds: float, rounds: int
) -> list[dict[str, float]]:
    """Give, for each round, the p99 in seconds without and with changes, and how many changes there were."""
    running = kit.settings(
        broker,
        entities=entities,
        pool_children=2,
        models=("en_core_web_sm",),
        rules_from="topic",
        rules_check_seconds=0.5,
        metrics_port=free_port(),
    )
    rulestopic.publish(running, sets()[0])
    found = []
    with kit.worker(running):
        publish(running, kit.news(articles))
        capacity = kit.steady_rate([at for at, _ in kit.times(running, "articles.enriched", articles)])
        published = articles
        for _ in range(rounds):
            latency, changes = [], 0.0
            for changing in (False, True):
                count = int(SHARE * capacity * seconds)
                before = in_force(running)[1]
                with changed(running) if changing else nothing():
                    latency.append(phase(running, published, count, SHARE * capacity))
                changes = in_force(running)[1] - before
                published += count
            found.append(
                {
                    "offered, articles/s": round(SHARE * capacity, 1),
                    "p99 without, s": round(latency[0], 3),
                    "p99 with, s": round(latency[1], 3),
                    "ratio": round(latency[1] / latency[0], 2),
                    "changes": changes,
                }
            )
    return found


def phase(running: Settings, before: int, count: int, rate: float) -> float:
    """Publish `count` articles at a rate, after `before` others, and give the p99 of their alerts in seconds."""
    began = time.time() * 1000
    publish(running, kit.news(before + count)[before:], rate=rate)
    kit.times(running, "articles.enriched", before + count)
    time.sleep(SETTLE_SECONDS)  # some fire that were not made to: how many alerts there will be is not known
    written = kit.times(running, "alerts", -(-(before + count) // 10), header="ingested-ms")
    return kit.percentile([(at - ingested) / 1000 for at, ingested in written if ingested >= began], 0.99)


@contextmanager
def changed(running: Settings) -> Iterator[None]:
    """Have another process publish one set after the other for the length of a `with`."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.reload", "--publisher"], env=environment(running), stdin=subprocess.PIPE
    )
    try:
        yield
    finally:
        process.communicate()


@contextmanager
def nothing() -> Iterator[None]:
    """Change nothing for the length of a `with`."""
    yield


def keep_publishing() -> None:
    """Publish the sets in turn, each as soon as the worker has the one before, until standard input is closed."""
    os.nice(10)
    running = load().settings
    turns = sets()
    os.set_blocking(sys.stdin.fileno(), False)
    number = 0
    while sys.stdin.buffer.read() is None:
        number += 1
        wanted = turns[number % 2]
        rulestopic.publish(running, wanted)
        deadline = time.monotonic() + kit.LIMIT_SECONDS
        while in_force(running)[0] != wanted.revision and time.monotonic() < deadline:
            time.sleep(0.2)


def in_force(running: Settings) -> tuple[str, float]:
    """Give the revision that a worker has in force, and how many sets it has had."""
    told = json.loads(kit.get(running.metrics_port, "/readyz"))
    page = kit.get(running.metrics_port, "/metrics")
    sample = 'wirewatch_rule_loads_total{result="in_force"} '
    return str(told["rules"]["revision"]), float(page.split(sample)[1].split()[0])


def free_port() -> int:
    """Give a port that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    """Run the bench."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--publisher", action="store_true")
    arguments = parser.parse_args()
    if arguments.publisher:
        keep_publishing()
        return
    rows: list[dict[str, Any]] = []
    with kit.kafka() as broker:
        for entities, articles in (("all", 600), ("off", 6_000)):
            for found in run(broker, entities, articles, arguments.seconds, arguments.rounds):
                rows.append({"entities": entities, **found})
    ratios = {
        entities: kit.median([float(row["ratio"]) for row in rows if row["entities"] == entities])
        for entities in ("all", "off")
    }
    kit.report(
        f"p99 from ingest to alert at {SHARE:.0%} of capacity, with rules that change and without",
        rows,
        {"bench": "reload", "rows": rows, "ratio": ratios},
    )


if __name__ == "__main__":
    main()

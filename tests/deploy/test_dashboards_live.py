"""Every query of the dashboards has a result on a real Prometheus that scrapes a real worker under load."""

import json
import math
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.grafana.build import DASHBOARDS, queries
from streams.settings import load
from tests.corpus import articles
from tests.harness import Pipeline, until
from tests.kafka.broker import KafkaBroker

pytestmark = [pytest.mark.prometheus, pytest.mark.kafka]

CONFIG = """
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
  - job_name: wirewatch
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
"""
Ask = Callable[[str], list[Any]]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def fetched(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own servers
        return bytes(answer.read())


@pytest.fixture(scope="module")
def worker_port(kafka: KafkaBroker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A worker with entities on that has analysed articles of every kind, and is given more."""
    port = free_port()
    settings = load(
        {
            "bootstrap": kafka.bootstrap,
            "topic_prefix": f"dashboards{port}.",
            "article_partitions": 2,
            "shards": 2,
            "pool_children": 1,
            "models": ("en_core_web_sm",),
            "metrics_port": port,
        },
        environ={},
    ).settings
    with Pipeline(settings, tmp_path_factory.mktemp("dashboards")) as pipeline:
        pipeline.publish(articles(60, seed=1, loud=0.3, broken=0.1))
        pipeline.worker().wait_ready()
        pipeline.wait_done()
        yield port


@pytest.fixture(scope="module")
def ask(worker_port: int, tmp_path_factory: pytest.TempPathFactory, kafka: KafkaBroker) -> Iterator[Ask]:
    """A Prometheus that has seen the worker work for some seconds, as a function from query to result."""
    folder = tmp_path_factory.mktemp("prometheus")
    (folder / "prometheus.yml").write_text(CONFIG.format(port=worker_port))
    port = free_port()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={folder}/prometheus.yml",
                f"--storage.tsdb.path={folder}/data",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdout=log,
            stderr=subprocess.STDOUT,
        )

    def ask(query: str) -> list[Any]:
        url = f"http://127.0.0.1:{port}/api/v1/query?" + urllib.parse.urlencode({"query": query})
        answer = json.loads(fetched(url))
        assert answer["status"] == "success", query
        result: list[Any] = answer["data"]["result"]
        return result

    def scraped() -> bool:
        try:
            return bool(ask("count_over_time(wirewatch_ready[10s]) >= 2"))
        except OSError:
            return False

    try:
        until(scraped, 30, "Prometheus to scrape the worker twice")
        _load(kafka, worker_port)
        began = time.monotonic()
        until(lambda: time.monotonic() - began > 4, 10, "four more scrapes")
        yield ask
    finally:
        process.terminate()
        process.wait(20)


def _load(kafka: KafkaBroker, worker_port: int) -> None:
    from streams.publish import publish

    settings = load(
        {"bootstrap": kafka.bootstrap, "topic_prefix": f"dashboards{worker_port}."}, environ={}
    ).settings
    before = _consumed(worker_port)
    publish(settings, articles(120, seed=2, loud=0.3, broken=0.1))
    until(lambda: _consumed(worker_port) >= before + 120, 60, "the worker to read the load")


def _consumed(port: int) -> float:
    page = fetched(f"http://127.0.0.1:{port}/metrics").decode()
    sample = 'wirewatch_articles_consumed_total{topic="articles"} '
    return float(page.split(sample)[1].split()[0])


QUERIES = [
    pytest.param(panel, query, id=f"{name}: {panel.title}")
    for name, (_, _, panels) in sorted(DASHBOARDS.items())
    for panel, query in queries(panels)
]


@pytest.mark.parametrize(("panel", "query"), QUERIES)
def test_a_panel_has_something_to_show(ask: Ask, panel: Any, query: str) -> None:
    result = ask(query)
    assert result or panel.quiet, f"{panel.title}: {query}"
    values = [float(sample["value"][1]) for sample in result]
    assert panel.quiet or not all(map(math.isnan, values)), f"{panel.title}: only NaN"


def test_promtool_finds_nothing_to_object_to_in_the_metrics(worker_port: int, tmp_path: Path) -> None:
    page = fetched(f"http://127.0.0.1:{worker_port}/metrics")
    done = subprocess.run(["promtool", "check", "metrics"], input=page, capture_output=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr).decode()

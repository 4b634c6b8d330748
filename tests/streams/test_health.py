"""Health: what is unmet is named, a silent loop is dead, and nobody can keep the server busy."""

import json
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from streams import health as module
from streams.health import Health, HealthServer
from streams.metrics import Metrics
from streams.observe import Observer


@pytest.fixture
def health() -> Health:
    return Health()


@pytest.fixture
def server(health: Health) -> Iterator[HealthServer]:
    with HealthServer("127.0.0.1", 0, CollectorRegistry(), health) as running:
        yield running


def get(server: HealthServer, page: str) -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{page}", timeout=5) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def test_a_worker_is_not_ready_until_everything_it_needs_is_there(
    health: Health, server: HealthServer
) -> None:
    assert get(server, "/readyz") == (503, {"ready": False, "unmet": {"starting": "the worker is starting"}})
    health.set("starting", True)
    assert get(server, "/readyz") == (200, {"ready": True, "unmet": {}})
    health.set("broker", False, "connection refused")
    assert get(server, "/readyz") == (503, {"ready": False, "unmet": {"broker": "connection refused"}})


def test_readiness_also_tells_what_it_was_told_until_that_is_taken_back(
    health: Health, server: HealthServer
) -> None:
    health.set("starting", True)
    health.tell("rules", revision="r1", refused="a fault")
    health.tell("rules", revision="r2")
    assert get(server, "/readyz")[1]["rules"] == {"revision": "r2", "refused": "a fault"}
    health.tell("rules", refused=None)
    assert get(server, "/readyz") == (200, {"ready": True, "unmet": {}, "rules": {"revision": "r2"}})


def test_a_loop_that_is_silent_for_long_is_neither_alive_nor_ready(
    health: Health, server: HealthServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    health.set("starting", True)
    assert get(server, "/livez")[0] == 200
    monkeypatch.setattr(module, "BLOCKED_SECONDS", 0.0)
    assert get(server, "/livez")[0] == 503
    assert get(server, "/readyz")[0] == 503
    health.beat()


def test_the_gauges_are_judged_at_the_scrape_and_not_by_the_loop(
    health: Health, monkeypatch: pytest.MonkeyPatch
) -> None:
    metrics = Metrics()
    Observer(metrics, health)
    health.set("starting", True)
    assert metrics.registry.get_sample_value("wirewatch_ready") == 1.0
    monkeypatch.setattr(module, "BLOCKED_SECONDS", 0.0)
    assert metrics.registry.get_sample_value("wirewatch_ready") == 0.0


def test_an_unknown_page_names_the_known_ones(server: HealthServer) -> None:
    status, body = get(server, "/nothing")
    assert (status, body["pages"]) == (404, ["/livez", "/metrics", "/readyz"])


def test_a_client_that_says_nothing_keeps_nobody_waiting(server: HealthServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5):
        assert get(server, "/livez")[0] == 200

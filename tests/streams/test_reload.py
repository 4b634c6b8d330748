"""A worker's rules follow where they come from; what can't be put in force leaves the last good ones there."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from streams import rulesource
from streams.engine import EngineSpec
from streams.health import Health
from streams.metrics import Metrics
from streams.observe import Observer
from streams.pool import Pool
from streams.reload import first_rules, keep_rules
from streams.rulesource import Source
from streams.settings import Settings, load
from tests.streams import small

ENGINE = "tests.streams.small:build"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "one.yaml").write_text(small.PACK)
    return tmp_path


def settings(folder: Path) -> Settings:
    return load({"rules_dir": folder, "rules_check_seconds": 0.1}, environ={}).settings


@asynccontextmanager
async def following(folder: Path) -> AsyncIterator[tuple[Pool, Observer]]:
    """Run a pool whose rules follow a folder."""
    observer = Observer(Metrics(), Health())
    source = Source(settings(folder))
    rules = source.now()
    observer.rules_in_force(rules, 0.0)
    spec = EngineSpec(
        rules=rules.packed,
        models=(),
        entity_mode="off",
        max_bytes=small.MIB,
        shards=4,
        memory_bytes=300 * small.MIB,
        factory=ENGINE,
    )
    pool = Pool(spec, children=1, article_seconds=5.0, recycle_articles=1_000)
    await pool.start()
    keeping = asyncio.create_task(keep_rules(source, pool, spec, rules, observer))
    try:
        yield pool, observer
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        await pool.stop()


def sample(observer: Observer, name: str, **labels: str) -> float | None:
    return observer.metrics.registry.get_sample_value(f"wirewatch_{name}", labels)


async def until(condition: Callable[[], bool], seconds: float = 120.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - processes tell no event
            await asyncio.sleep(0.01)


async def severities(pool: Pool) -> set[str]:
    reply = await pool.run([small.record(0)])
    return {severity for each in reply.replies for _, severity in each.tally.rules}


async def test_files_that_change_come_into_force_and_a_broken_one_does_not(folder: Path) -> None:
    async with following(folder) as (pool, observer):
        assert await severities(pool) == {"high"}
        first = observer.health.told["rules"]["revision"]

        (folder / "one.yaml").write_text(small.PACK.replace("high", "hihg"))
        await until(lambda: sample(observer, "rules_refused") == 1)
        why = observer.health.told["rules"]["refused"]
        assert re.match(r"one\.yaml:\d+:\d+: `hihg` is no severity; did you mean `high`\?", why), why
        assert await severities(pool) == {"high"}
        assert sample(observer, "rules_info", revision=first) == 1

        (folder / "one.yaml").write_text(small.PACK.replace("high", "low"))
        await until(lambda: sample(observer, "rule_loads_total", result="in_force") == 2)
        assert await severities(pool) == {"low"}
        told = observer.health.told["rules"]
        assert told["revision"] != first
        assert (told["count"], "refused" in told) == (1, False)
        assert sample(observer, "rules_refused") == 0
        assert sample(observer, "rules_info", revision=first) is None
        assert sample(observer, "rules_info", revision=told["revision"]) == 1
        assert (sample(observer, "rules_change_seconds") or 0) > 0

        (folder / "one.yaml").write_text(small.PACK.replace("high", "low") + "# a comment\n")
        await until(lambda: sample(observer, "rule_loads_total", result="unchanged") == 1)


async def test_rules_that_no_child_can_load_are_tried_again_while_the_old_ones_work(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rulesource, "RETRY_SECONDS", 0.1)
    monkeypatch.setenv(small.REFUSING, "low")
    async with following(folder) as (pool, observer):
        (folder / "one.yaml").write_text(small.PACK.replace("high", "low"))
        await until(lambda: (sample(observer, "rule_loads_total", result="failed") or 0) >= 2)
        assert sample(observer, "rules_refused") == 1
        assert await severities(pool) == {"high"}
        monkeypatch.delenv(small.REFUSING)
        await until(lambda: sample(observer, "rule_loads_total", result="in_force") == 2)
        assert await severities(pool) == {"low"}


async def test_a_worker_without_rules_waits_and_says_for_what(folder: Path) -> None:
    (folder / "one.yaml").unlink()
    observer = Observer(Metrics(), Health())
    source = Source(settings(folder))
    waiting = asyncio.create_task(first_rules(source, observer))
    await until(lambda: "put them back" in observer.health.unmet.get("rules", ""))
    (folder / "one.yaml").write_text(small.PACK)
    assert (await asyncio.wait_for(waiting, 120)).count == 1
    assert "rules" not in observer.health.unmet

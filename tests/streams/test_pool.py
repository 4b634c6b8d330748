"""Real children under the pool: they may die, fill their memory or hang, and no article is lost or harmed by it."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from processors.models import Record
from streams.child import BatchReply
from streams.pool import Pool, PoolError
from tests.streams import small


@asynccontextmanager
async def pool(**changes: Any) -> AsyncIterator[tuple[Pool, list[str]]]:
    restarts: list[str] = []
    options: dict[str, Any] = {"children": 1, "article_seconds": 5.0, "recycle_articles": 10_000, **changes}
    running = Pool(small.spec(), on_restart=restarts.append, **options)
    await running.start()
    try:
        yield running, restarts
    finally:
        await running.stop()


def told(reply: BatchReply) -> list[str]:
    """Give what became of each record."""
    return [each.tally.reason or each.tally.outcome for each in reply.replies]


def batch(*titles: str) -> list[Record]:
    return [small.record(offset, title) for offset, title in enumerate(titles)]


async def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - processes tell no event
            await asyncio.sleep(0.01)


def own_children() -> set[int]:
    found = set()
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.ZombieProcess, psutil.NoSuchProcess):  # ended a moment ago
            if "streams.gently" in " ".join(child.cmdline()):
                found.add(child.pid)
    return found


async def test_a_batch_comes_back_whole_and_in_order() -> None:
    async with pool(children=2) as (running, restarts):
        replies = await asyncio.gather(*(running.run(batch(*"abcd")) for _ in range(8)))
        for reply in replies:
            assert told(reply) == ["enriched"] * 4
            offsets = [dict(each.outputs[0].headers)["source-offset"] for each in reply.replies]
            assert offsets == [b"0", b"1", b"2", b"3"]
            assert [output.topic for output in reply.replies[0].outputs] == ["articles.enriched", "matches"]
        assert restarts == []


@pytest.mark.parametrize(
    ("deed", "reason", "restart"),
    [("Die", "nlp_crash", "crash"), ("Fill", "nlp_oom", "oom"), ("Hang", "nlp_timeout", "timeout")],
)
async def test_the_culprit_of_a_batch_is_found_by_running_each_alone_and_its_neighbours_pass(
    deed: str, reason: str, restart: str
) -> None:
    # Filling 300 MB may take a slow machine longer than an article may take to hang.
    async with pool(article_seconds=0.7 if deed == "Hang" else 30.0) as (running, restarts):
        records = batch("a", deed, "b")
        reply = await running.run(records)
        assert told(reply) == ["enriched", reason, "enriched"]
        (letter,) = reply.replies[1].outputs
        assert (letter.topic, letter.value) == ("articles.dead", records[1].value)
        assert dict(letter.headers)["attempts"] == b"2"
        assert restarts == [restart] * 3  # in the batch, and in both tries alone


async def test_an_article_that_fails_once_is_no_dead_letter(tmp_path: Path) -> None:
    async with pool() as (running, restarts):
        reply = await running.run(batch("a", f"Die once {tmp_path / 'died'}", "b"))
        assert told(reply) == ["enriched"] * 3
        assert restarts == ["crash"]


async def test_a_child_that_dies_idle_costs_nobody_a_try() -> None:
    async with pool() as (running, restarts):
        (child,) = own_children()
        os.kill(child, signal.SIGKILL)
        await until(lambda: psutil.Process(child).status() == psutil.STATUS_ZOMBIE)
        assert told(await running.run(batch("a", "b"))) == ["enriched"] * 2
        assert restarts == ["crash"]
        assert running.children == 1


async def test_a_child_is_replaced_after_its_share_of_articles() -> None:
    async with pool(recycle_articles=4) as (running, restarts):
        before = own_children()
        for _ in range(3):
            assert told(await running.run(batch("a", "b"))) == ["enriched"] * 2
        assert restarts == ["recycled"]
        assert not before & own_children()


async def test_an_engine_that_can_not_be_built_is_said_at_the_start_and_leaves_no_child() -> None:
    running = Pool(
        small.spec("tests.streams.small:refuse"), children=1, article_seconds=5.0, recycle_articles=100
    )
    with pytest.raises(PoolError, match="LookupError: the model of this test is not installed"):
        await running.start()
    await running.stop()
    assert own_children() == set()


async def test_stopping_ends_every_child_even_one_that_hangs() -> None:
    async with pool(children=2, article_seconds=60.0) as (running, _):
        hanging = asyncio.create_task(running.run(batch("Hang")))
        await until(lambda: running.busy == 1)
        children = own_children()
        assert len(children) == 2
    assert not children & own_children()
    hanging.cancel()


def severities(reply: BatchReply) -> set[str]:
    """Give the severities of what matched: a test's rule has another in each revision."""
    return {severity for each in reply.replies for _, severity in each.tally.rules}


async def test_new_rules_meet_every_batch_from_the_change_on_and_none_is_lost_on_the_way() -> None:
    async with pool(children=2, recycle_articles=1_000_000) as (running, restarts):
        before = own_children()
        seen: list[set[str]] = []
        told_to_stop = False

        async def work() -> None:
            while not told_to_stop:
                reply = await running.run(batch("a", "b", "c"))
                assert told(reply) == ["enriched"] * 3
                seen.append(severities(reply))

        working = [asyncio.create_task(work()) for _ in range(3)]
        await running.replace(small.spec(severity="low"))
        changed = len(seen)
        await until(lambda: len(seen) > changed + 20)
        told_to_stop = True
        await asyncio.gather(*working)
        assert all(len(each) == 1 for each in seen), "a batch met rules of two sets"
        # Whoever was begun before the change, one a child, may end after it.
        assert seen.count({"high"}) >= changed > 0
        assert {"high"} not in seen[changed + 2 :]
        assert restarts == []
        await until(lambda: not before & own_children())
        assert running.children == 2


async def test_a_batch_that_is_begun_is_finished_on_the_rules_it_began_with(tmp_path: Path) -> None:
    async with pool() as (running, _):
        held = tmp_path / "go"
        begun = asyncio.create_task(running.run(batch(f"Wait once {held}", "b")))
        await until(lambda: running.busy == 1)
        await running.replace(small.spec(severity="low"))
        assert severities(await running.run(batch("c"))) == {"low"}
        assert not begun.done()
        held.touch()
        assert severities(await begun) == {"high"}
        await until(lambda: len(own_children()) == 1)


async def test_rules_whose_children_can_not_be_loaded_leave_the_old_ones_at_work() -> None:
    async with pool(children=2) as (running, _):
        before = own_children()
        with pytest.raises(PoolError, match="not installed"):
            await running.replace(small.spec("tests.streams.small:refuse", severity="low"))
        assert severities(await running.run(batch("a"))) == {"high"}
        await until(lambda: own_children() == before)
        assert running.children == 2


async def test_a_child_that_dies_after_the_change_is_replaced_by_one_with_the_new_rules() -> None:
    async with pool() as (running, restarts):
        await running.replace(small.spec(severity="low"))
        reply = await running.run(batch("a", "Die", "b"))
        assert told(reply) == ["enriched", "nlp_crash", "enriched"]
        assert severities(reply) == {"low"}
        assert restarts == ["crash"] * 3


async def test_a_child_that_dies_on_the_old_rules_is_not_missed(tmp_path: Path) -> None:
    async with pool() as (running, restarts):
        held = tmp_path / "go"
        begun = asyncio.create_task(running.run(batch(f"Wait once {held}")))
        await until(lambda: running.busy == 1)
        (old,) = own_children()
        await running.replace(small.spec(severity="low"))
        os.kill(old, signal.SIGKILL)
        held.touch()
        assert severities(await begun) == {"low"}  # run again, alone
        assert restarts == ["crash"]
        assert running.children == 1


async def test_stopping_in_the_middle_of_a_change_leaves_no_child() -> None:
    async with pool(children=2) as (running, _):
        changing = asyncio.create_task(running.replace(small.spec(severity="low")))
        await until(lambda: len(own_children()) == 4)
        changing.cancel()
    await asyncio.gather(changing, return_exceptions=True)
    await until(lambda: own_children() == set())

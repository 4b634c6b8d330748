"""A worker process: check the topics, start everything, run until told to stop, stop without losing."""

import asyncio
import logging
import platform
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib.metadata import version
from typing import Any

import faust
from kafka.errors import KafkaError

from streams import topics
from streams.app import Worker, wire
from streams.child import Ready
from streams.engine import BUILD, spec_of
from streams.health import BEAT_SECONDS, Health, HealthServer
from streams.metrics import Metrics
from streams.observe import Observer
from streams.pool import PoolError
from streams.reload import first_rules, keep_rules
from streams.rulesource import Rules, Source
from streams.rulestopic import NAME as RULES_TOPIC
from streams.settings import Settings, SettingsError

log = logging.getLogger(__name__)

# Together less than the 20 s a stop may take.
DRAIN_SECONDS = 10.0
APP_SECONDS = 4.0
PRODUCER_SECONDS = 2.0
WATCH_SECONDS = 15.0
MISSES = 2  # looks at the topics that find them gone, before it is believed


class Fatal(RuntimeError):
    """The worker can't go on, and waiting will not help."""


def run(settings: Settings, *, factory: str = BUILD) -> int:
    """Run a worker until SIGTERM or SIGINT; give its exit status, 0 where it stopped as told.

    `factory` names the function that builds a child's engine.

    Raises:
        RuleError: the rules are files that can't be used.
    """
    source = Source(settings)
    # Files that can't be used are named before anything is started; a topic is waited for.
    rules = source.now() if settings.rules_from == "files" else None
    metrics, health = Metrics(), Health()
    with _served(settings, metrics, health) as server:
        log.info("metrics on http://%s:%d/metrics", settings.metrics_host, server.port)
        try:
            asyncio.run(_serve(settings, source, rules, factory, Observer(metrics, health)))
        except (Fatal, PoolError) as error:
            log.error("stopped: %s", error)
            return 1
    return 0


def _served(settings: Settings, metrics: Metrics, health: Health) -> HealthServer:
    try:
        return HealthServer(settings.metrics_host, settings.metrics_port, metrics.registry, health)
    except OSError as error:
        raise SettingsError(
            f"metrics_host {settings.metrics_host}, metrics_port {settings.metrics_port}: {error.strerror}; "
            "another worker may have it: set another port, or 0 for a free one"
        ) from None


async def _serve(
    settings: Settings, source: Source, rules: Rules | None, factory: str, observer: Observer
) -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    beating = asyncio.create_task(_beat(observer))
    try:
        there = await _first(told, _topics_there(settings, observer))
        if there is None:
            return
        rules = rules or await _first(told, first_rules(source, observer))
        if rules is None:
            return
        spec = spec_of(settings, rules=rules.packed, factory=factory)
        observer.rules_in_force(rules, 0.0)
        worker = wire(settings, spec, topics.limits(settings, there), observer)
        beside: list[asyncio.Task[None]] = []
        try:
            ready = await _first(told, _start(worker, observer))
            if ready is None:
                return
            _announce(ready, observer)
            beside = [
                asyncio.create_task(_gauge(worker, observer)),
                asyncio.create_task(_watch_topics(settings, there)),
                asyncio.create_task(keep_rules(source, worker.pool, spec, rules, observer)),
            ]
            await _until_told(told, worker, beside)
        finally:
            for task in beside:
                task.cancel()
            observer.health.set("stopping", False, "the worker is stopping")
            await _stop(worker)
    finally:
        beating.cancel()


async def _first(told: asyncio.Event, work: Any) -> Any:
    """Give what `work` gives, or None when the worker is told to stop before."""
    stop, task = asyncio.create_task(told.wait()), asyncio.create_task(work)
    await asyncio.wait({stop, task}, return_when=asyncio.FIRST_COMPLETED)
    stop.cancel()
    if task.done():
        return task.result()
    task.cancel()
    return None


async def _topics_there(settings: Settings, observer: Observer) -> Mapping[str, topics.Seen]:
    """Wait for a broker, then give its topics. Raises Fatal where they can't be used."""
    while True:
        try:
            found = await asyncio.to_thread(topics.check, settings)
            there = await asyncio.to_thread(topics.seen, settings)
        except (KafkaError, OSError) as error:
            why = f"no broker at {settings.bootstrap}: {type(error).__name__}: {error}"
            log.warning("%s; trying again", why)
            observer.health.set("broker", False, why)
            await asyncio.sleep(2.0)
            continue
        for finding in found:
            log.log(logging.ERROR if finding.level == "error" else logging.INFO, "%s", finding)
        if errors := [str(finding) for finding in found if finding.level == "error"]:
            raise Fatal("topics can't be used: " + " | ".join(errors))
        observer.health.set("broker", True)
        return there


async def _start(worker: Worker, observer: Observer) -> Ready:
    observer.health.set("pool", False, "models and rules are loading")
    for stage in ("analyse", "decide"):
        observer.health.set(f"{stage} group", False, "waiting for the group to form")
    ready = await worker.pool.start()
    observer.health.set("pool", True)
    await worker.producer.start()
    await asyncio.gather(*(app.start() for app in worker.apps))
    observer.health.set("starting", True)
    return ready


def _announce(ready: Ready, observer: Observer) -> None:
    models = ", ".join(f"{language}: {model}" for language, model in sorted(ready.models.items()))
    log.info("analysing with %s; rules %s", models or "no models", ready.rule_revision)
    observer.metrics.build.info(
        {
            "version": version("wirewatch"),
            "python": platform.python_version(),
            "spacy": version("spacy"),
            "model": models,
        }
    )


async def _until_told(told: asyncio.Event, worker: Worker, beside: "Sequence[asyncio.Task[None]]") -> None:
    """Return when told to stop; raise Fatal when an app ends by itself, and what a task beside it raises."""
    stop = asyncio.create_task(told.wait())
    ended = [asyncio.create_task(_ended(app)) for app in worker.apps]
    done, _ = await asyncio.wait({stop, *beside, *ended}, return_when=asyncio.FIRST_COMPLETED)
    for task in (stop, *ended):
        task.cancel()
    for task in done:
        task.result()


async def _ended(app: faust.App) -> None:
    await app.wait_until_stopped()
    raise Fatal(f"the group {app.conf.id} can't go on: {_reason(app)}")


def _reason(app: faust.App) -> str:
    error: BaseException | None = app.crash_reason
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}" if error else "Faust stopped it; its error is above"


async def _stop(worker: Worker) -> None:
    """Take no more, finish and commit what is taken, and leave the groups."""
    try:
        async with asyncio.timeout(DRAIN_SECONDS):
            await asyncio.gather(*(flow.drain() for flow in worker.flows))
            for app in worker.apps:
                if app.started and not app.crashed:
                    await app.consumer.commit()
    except TimeoutError:
        log.warning(
            "not everything could be finished in %.0f s; the rest is left unacknowledged", DRAIN_SECONDS
        )
    with suppress(TimeoutError):
        async with asyncio.timeout(APP_SECONDS):
            await asyncio.gather(*(app.stop() for app in worker.apps))
    try:
        # What it still holds belongs to inputs that are not acknowledged: others write it again.
        with suppress(TimeoutError):
            async with asyncio.timeout(PRODUCER_SECONDS):
                await worker.producer.stop()
    finally:
        await worker.pool.stop()


async def _watch_topics(settings: Settings, before: Mapping[str, topics.Seen]) -> None:
    """Raise Fatal when a topic is deleted, or deleted and made again, while we run."""
    misses = 0
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        try:
            now = await asyncio.to_thread(topics.seen, settings)
        except (KafkaError, OSError):
            continue  # whether a broker is there is for the outbox to say
        # The rules' own topic is looked at by whoever reads it: without it a worker goes on.
        gone = [
            name
            for name, seen in before.items()
            if name != RULES_TOPIC and (name not in now or now[name].id != seen.id)
        ]
        misses = misses + 1 if gone else 0
        if misses >= MISSES:
            raise Fatal(
                f"topics were deleted while the worker ran: {', '.join(gone)}; restore them "
                "(`wirewatch topics create` makes empty ones) and start again"
            )


async def _beat(observer: Observer) -> None:
    while True:
        await asyncio.sleep(BEAT_SECONDS)
        observer.health.beat()


async def _gauge(worker: Worker, observer: Observer) -> None:
    while True:
        observer.metrics.pool_children.set(worker.pool.children)
        observer.metrics.pool_busy.set(worker.pool.busy)
        observer.metrics.pool_queued.set(worker.pool.waiting)
        await asyncio.sleep(1.0)

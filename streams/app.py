"""The composition root: the whole wiring of a worker on one screen."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import faust
from aiokafka import AIOKafkaProducer

from streams.agents.analyse import analyse
from streams.agents.decide import decide_shards
from streams.engine import EngineSpec
from streams.flow import Flow, Limits
from streams.observe import Observer
from streams.outbox import Outbox
from streams.pool import Pool
from streams.readback import fold_alerts
from streams.security import aiokafka_options, faust_credentials
from streams.settings import Settings
from streams.transport import BulkApp

LARGEST_BATCH = 1024 * 1024  # bytes the producer puts into one request a partition
ANY_SIZE = 2**31 - 1


@dataclass(frozen=True, kw_only=True)
class Worker:
    """All that runs in a worker process, wired but not started."""

    pool: Pool
    producer: AIOKafkaProducer
    apps: tuple[faust.App, ...]
    flows: tuple[Flow, ...]


def wire(settings: Settings, spec: EngineSpec, limits: Mapping[str, int], observer: Observer) -> Worker:
    """Wire a worker: articles -> ANALYSE -> matches -> DECIDE -> alerts.

    `limits` gives the largest message of each topic in bytes, by plain name. To be called inside
    the event loop that will run it.
    """
    kafka = aiokafka_options(settings)
    pool = Pool(
        spec,
        children=settings.pool_children,
        article_seconds=settings.article_timeout_seconds,
        recycle_articles=settings.child_recycle_articles,
        on_restart=observer.child_replaced,
        on_batch=observer.batch,
    )
    producer = AIOKafkaProducer(
        acks="all",
        linger_ms=2,
        compression_type="zstd",  # both Kafka clients here read it
        # A topic's limit holds for a batch too: a larger one is refused whole, innocent messages and all.
        max_batch_size=min(LARGEST_BATCH, *limits.values()),
        # How large a message may be is for the topics to say, and they count what is compressed: 50 MB
        # that came in as 50 kB must be able to leave as a dead letter.
        max_request_size=ANY_SIZE,
        **kafka,
    )
    outbox = partial(Outbox, producer, prefix=settings.topic_prefix, limits=limits, events=observer)

    analysing = Flow(
        work=analyse(pool, observer),
        outbox=outbox(stage="analyse"),
        limits=in_flight(
            settings, batches=max(16, 4 * settings.pool_children), workers=settings.pool_children
        ),
        acknowledged=observer.acknowledged,
    )
    analyse_app = group_app(settings, "analyse")
    analyse_app.agent(topic(analyse_app, settings, "articles"), name="analyse", concurrency=1)(analysing.run)

    tell_assignments(analyse_app, "analyse", observer)

    decide_app = group_app(settings, "decide")
    deciding = Flow(
        work=decide_shards(
            fold=partial(fold_alerts, settings.topic_prefix + "alerts", options=kafka),
            generation=lambda: int(decide_app.consumer_generation_id),
            observer=observer,
        ),
        outbox=outbox(stage="decide"),
        # One batch at a time: a decision needs the state the one before it left.
        limits=in_flight(settings, batches=1, workers=1),
        acknowledged=observer.acknowledged,
    )
    decide_app.agent(topic(decide_app, settings, "matches"), name="decide", concurrency=1)(deciding.run)
    tell_assignments(decide_app, "decide", observer)
    return Worker(pool=pool, producer=producer, apps=(analyse_app, decide_app), flows=(analysing, deciding))


def in_flight(settings: Settings, *, batches: int, workers: int) -> Limits:
    """Give how much an agent takes at once."""
    return Limits(
        batch_messages=settings.batch_articles,
        batch_bytes=settings.batch_bytes,
        workers=workers,
        batches=batches,
        bytes=settings.inflight_bytes,
    )


def tell_assignments(app: faust.App, stage: str, observer: Observer) -> None:
    """Have the observer told of every assignment of a stage."""

    async def assigned(_: Any, partitions: Any, **__: Any) -> None:
        observer.assigned(stage, len(partitions))

    app.on_partitions_assigned.connect(assigned, weak=False)  # type: ignore[arg-type]  # mode's protocol names its keyword


def topic(app: faust.App, settings: Settings, name: str) -> Any:
    """Give a Faust topic of raw bytes: what can't be read is for the core to say."""
    return app.topic(settings.topic_prefix + name, key_serializer="raw", value_serializer="raw")


def group_app(settings: Settings, stage: str) -> faust.App:
    """Give the Faust app of one stage, a consumer group of its own.

    Every setting that is not a default here keeps Faust from losing data; docs/decisions has the
    measurements behind each.
    """
    return BulkApp(
        f"{settings.topic_prefix}{settings.group}-{stage}",
        broker=f"aiokafka://{settings.bootstrap.replace(',', ';aiokafka://')}",
        broker_credentials=faust_credentials(settings),
        agent_supervisor="mode.supervisors.CrashingSupervisor",  # a restarted agent loses its tail
        stream_wait_empty=False,  # waiting at a rebalance or stop loses the batch it waits for
        broker_max_poll_interval=1e6,  # a spare worker without partitions leaves its group otherwise
        broker_session_timeout=settings.session_timeout_seconds,
        broker_heartbeat_interval=settings.session_timeout_seconds / 6,
        broker_request_timeout=max(40.0, settings.session_timeout_seconds + 10),
        broker_rebalance_timeout=settings.rebalance_timeout_seconds,
        broker_commit_interval=1.0,
        broker_max_poll_records=512,
        stream_buffer_maxsize=65_536,  # never full: BulkConsumer bounds what is queued
        consumer_auto_offset_reset="earliest",
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
        processing_guarantee="at_least_once",
    )

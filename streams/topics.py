"""Every topic once: its name, key, payload, partitions and limits; created and checked by kafka-python."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal

from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient, NewTopic
from kafka.errors import KafkaError
from msgspec import Struct

from streams.security import kafka_python_options
from streams.settings import Settings

DAY_MS = 24 * 60 * 60 * 1000
HEADROOM = 64 * 1024  # what a dead letter's headers may add to the original bytes
GROWTH = 512 * 1024  # what entities may add to an article's text


class Topic(Struct, frozen=True, kw_only=True):
    """A topic as the design has it."""

    name: str
    key: str
    holds: str
    partitions: Callable[[Settings], int]
    max_bytes: Callable[[Settings], int]
    retention_days: int | None  # None: compacted
    sharded: bool = False  # partitions are shards: neither more nor fewer will do
    used: Callable[[Settings], bool] = lambda settings: True  # a worker can't do without it

    @property
    def compacted(self) -> bool:
        """Whether it keeps the newest record of each key, however old, instead of all for some days."""
        return self.retention_days is None

    def config(self, settings: Settings) -> dict[str, str]:
        """Give what it is created with."""
        kept = (
            {"cleanup.policy": "compact"}
            if self.retention_days is None
            else {"cleanup.policy": "delete", "retention.ms": str(self.retention_days * DAY_MS)}
        )
        return {**kept, "max.message.bytes": str(self.max_bytes(settings))}


def _articles(settings: Settings) -> int:
    return settings.article_partitions


def _shards(settings: Settings) -> int:
    return settings.shards


def _input(settings: Settings) -> int:
    return settings.article_max_bytes


def _whole(settings: Settings) -> int:
    return settings.article_max_bytes + HEADROOM


def _enriched(settings: Settings) -> int:
    return settings.article_max_bytes + GROWTH


def _small(_: Settings) -> int:
    return 1024 * 1024


def _one(_: Settings) -> int:
    return 1


def _from_topic(settings: Settings) -> bool:
    return settings.rules_from == "topic"


TOPICS = (
    Topic(
        name="articles",
        key="article key",
        holds="articles as they arrive",
        partitions=_articles,
        max_bytes=_input,
        retention_days=7,
    ),
    Topic(
        name="articles.enriched",
        key="article key",
        holds="clean text, language, entities",
        partitions=_articles,
        max_bytes=_enriched,
        retention_days=7,
    ),
    Topic(
        name="articles.dropped",
        key="article key",
        holds="what was not worth analysing, and why",
        partitions=_articles,
        max_bytes=_small,
        retention_days=7,
    ),
    Topic(
        name="articles.dead",
        key="none",
        holds="the original bytes of what could not be processed; why is in the headers",
        partitions=_articles,
        max_bytes=_whole,
        retention_days=30,
    ),
    Topic(
        name="matches",
        key="article key",
        holds="an article's hits for the rules of one shard",
        partitions=_shards,
        max_bytes=_small,
        retention_days=7,
        sharded=True,
    ),
    Topic(
        name="alerts",
        key="alert id",
        holds="every version of every alert",
        partitions=_shards,
        max_bytes=_small,
        retention_days=14,
        sharded=True,
    ),
    Topic(
        name="rules",
        key="rule/<id>, concept/<name> or manifest",
        holds="the published rules and concepts, and how many they are",
        partitions=_one,  # the manifest must come after what it counts
        max_bytes=_small,
        retention_days=None,
        used=_from_topic,
    ),
)


class Finding(Struct, frozen=True, kw_only=True):
    """Something about a topic that is not as it must be, or (level "note") as it was made."""

    level: Literal["error", "note"]
    topic: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.topic}: {self.what}; {self.remedy}"


class Seen(Struct, frozen=True, kw_only=True):
    """A topic as the broker has it. `id` changes when it is deleted and made again."""

    partitions: int
    id: str
    config: Mapping[str, str]


def create(settings: Settings) -> list[str]:
    """Create the topics that are missing and give their full names."""
    with _Admin(settings) as admin:
        there = admin.seen()
        missing = [topic for topic in TOPICS if _full(settings, topic) not in there]
        for topic in missing:
            admin.create(topic)
        admin.wait_for(_full(settings, topic) for topic in missing)
        return [_full(settings, topic) for topic in missing]


def check(settings: Settings) -> list[Finding]:
    """Compare the topics with the design; those made by others are fine where they fit."""
    with _Admin(settings) as admin:
        return list(findings(settings, admin.seen()))


def seen(settings: Settings) -> dict[str, Seen]:
    """Give the topics of the design that are there, by plain name."""
    with _Admin(settings) as admin:
        there = admin.seen()
    return {topic.name: there[full] for topic in TOPICS if (full := _full(settings, topic)) in there}


def limits(settings: Settings, there: Mapping[str, Seen]) -> dict[str, int]:
    """Give the largest record each topic takes, in bytes, by plain name."""
    return {
        topic.name: int(there[topic.name].config.get("max.message.bytes", topic.max_bytes(settings)))
        for topic in TOPICS
        if topic.name in there
    }


def findings(settings: Settings, there: Mapping[str, Seen]) -> Iterator[Finding]:
    """Give what is wrong with topics seen by full name; errors stop a worker, notes do not."""
    for topic in TOPICS:
        full = _full(settings, topic)
        if full not in there:
            yield Finding(
                level="error" if topic.used(settings) else "note",
                topic=full,
                what="the topic is missing",
                remedy="create it with `wirewatch topics create`, or set topic_prefix to where it is",
            )
        else:
            yield from _unfit(topic, full, there[full], settings)


def described(settings: Settings, there: Mapping[str, Seen]) -> list[dict[str, object]]:
    """Give a row a topic: what it is, what the settings make of it, and how many partitions are there."""
    return [
        {
            "topic": _full(settings, topic),
            "key": topic.key,
            "holds": topic.holds,
            "partitions": topic.partitions(settings),
            "there": there[topic.name].partitions if topic.name in there else None,
            "max_bytes": topic.max_bytes(settings),
            "retention_days": topic.retention_days,
        }
        for topic in TOPICS
    ]


def _unfit(topic: Topic, full: str, seen: Seen, settings: Settings) -> Iterator[Finding]:
    wanted = topic.partitions(settings)
    if seen.partitions != wanted:
        yield Finding(
            level="error" if topic.sharded or (topic.compacted and topic.used(settings)) else "note",
            topic=full,
            what=f"{seen.partitions} partitions, {wanted} by the settings",
            remedy=f"set shards to {seen.partitions}: a rule's shard must not move"
            if topic.sharded
            else "delete it, make it with one, and publish again: order is kept within one only"
            if topic.compacted
            else "nothing need be done",
        )
    limit = seen.config.get("max.message.bytes")
    if limit is not None and int(limit) < topic.max_bytes(settings):
        yield Finding(
            level="error" if topic.name in ("articles.dead", "articles.enriched") else "note",
            topic=full,
            what=f"max.message.bytes is {limit}, {topic.max_bytes(settings)} are needed",
            remedy="raise it, or lower article_max_bytes",
        )
    policy = seen.config.get("cleanup.policy")
    if policy is not None and ("compact" in policy) != topic.compacted:
        yield Finding(
            level="error" if topic.used(settings) else "note",
            topic=full,
            what="it is not compacted: rules would vanish when they are old"
            if topic.compacted
            else "it is compacted: older records of a key would vanish unread",
            remedy=f"set cleanup.policy to {topic.config(settings)['cleanup.policy']}",
        )


def _full(settings: Settings, topic: Topic) -> str:
    return settings.topic_prefix + topic.name


class _Admin:
    """An admin client for the length of a `with`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client = KafkaAdminClient(**kafka_python_options(settings))

    def __enter__(self) -> "_Admin":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def create(self, topic: Topic) -> None:
        self._client.create_topics(
            [
                NewTopic(
                    _full(self._settings, topic),
                    topic.partitions(self._settings),
                    self._settings.replication,
                    topic_configs=topic.config(self._settings),
                )
            ]
        )

    def wait_for(self, names: Iterable[str]) -> None:
        self._client.wait_for_topics(list(names), timeout_ms=30_000)

    def seen(self) -> dict[str, Seen]:
        wanted = {_full(self._settings, topic) for topic in TOPICS}
        names = sorted(wanted & set(self._client.list_topics()))
        described = self._client.describe_topics(names) if names else []
        configs = self._configs(names)
        return {
            topic["name"]: Seen(
                partitions=len(topic["partitions"]),
                id=str(topic.get("topic_id", "")),
                config=configs.get(topic["name"], {}),
            )
            for topic in described
        }

    def _configs(self, names: Iterable[str]) -> dict[str, dict[str, str]]:
        asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
        try:
            answer = self._client.describe_configs(asked, config_filter="all") if asked else {}
        except KafkaError:
            return {}  # a broker that can't say (the embedded one) is trusted to do as it was told
        return {
            name: {key: str(entry["value"]) for key, entry in entries.items()}
            for name, entries in answer.get("topic", {}).items()
        }

"""Topics: made as designed, checked before anything runs, and made by others welcome where they fit."""

import pytest
from kafka.admin import KafkaAdminClient, NewTopic

from streams import topics
from streams.settings import Settings, load
from tests.kafka.broker import KafkaBroker


def settings(kafka: KafkaBroker, prefix: str, **values: object) -> Settings:
    flags = {"bootstrap": kafka.bootstrap, "topic_prefix": prefix, "article_partitions": 2, "shards": 3}
    return load(flags | values, environ={}).settings


def test_missing_topics_are_each_named_with_the_remedy(kafka: KafkaBroker, prefix: str) -> None:
    found = topics.check(settings(kafka, prefix))
    assert [finding.topic for finding in found] == [prefix + topic.name for topic in topics.TOPICS]
    assert all("wirewatch topics create" in finding.remedy for finding in found)


def test_topics_are_created_once_and_are_then_fit(kafka: KafkaBroker, prefix: str) -> None:
    mine = settings(kafka, prefix)
    assert topics.create(mine) == [prefix + topic.name for topic in topics.TOPICS]
    assert topics.create(mine) == []
    assert topics.check(mine) == []
    there = topics.seen(mine)
    assert (there["articles"].partitions, there["matches"].partitions, there["alerts"].partitions) == (
        2,
        3,
        3,
    )
    limits = topics.limits(mine, there)
    assert limits["articles.dead"] == limits["articles"] + 64 * 1024


def test_topics_made_by_others_are_fine_where_they_fit_and_named_where_not(
    kafka: KafkaBroker, prefix: str
) -> None:
    mine = settings(kafka, prefix)
    admin = KafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    admin.create_topics(
        [
            NewTopic(prefix + "articles", 7, 1),
            NewTopic(prefix + "matches", 5, 1),
            NewTopic(prefix + "articles.dead", 2, 1, topic_configs={"max.message.bytes": "1000000"}),
            NewTopic(prefix + "alerts", 3, 1, topic_configs={"cleanup.policy": "compact"}),
        ]
    )
    admin.close()
    topics.create(mine)
    found = {finding.topic.removeprefix(prefix): finding for finding in topics.check(mine)}
    assert found["articles"].level == "note"
    assert "7 partitions" in found["articles"].what
    assert (found["matches"].level, "set shards to 5" in found["matches"].remedy) == ("error", True)
    assert "max.message.bytes" in found["articles.dead"].what
    assert "compacted" in found["alerts"].what


def test_the_rules_topic_must_be_fit_only_for_who_takes_rules_from_it(
    kafka: KafkaBroker, prefix: str
) -> None:
    mine = settings(kafka, prefix)
    reading = mine.model_copy(update={"rules_from": "topic"})

    def found(of: Settings) -> list[tuple[str, str]]:
        return [(each.level, each.what) for each in topics.check(of) if each.topic == prefix + "rules"]

    assert found(mine) == [("note", "the topic is missing")]
    assert found(reading) == [("error", "the topic is missing")]
    admin = KafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    admin.create_topics([NewTopic(prefix + "rules", 3, 1)])
    admin.close()
    topics.create(mine)
    whats = ["3 partitions, 1 by the settings", "it is not compacted: rules would vanish when they are old"]
    assert found(mine) == [("note", what) for what in whats]
    assert found(reading) == [("error", what) for what in whats]


@pytest.mark.embedded
def test_the_embedded_broker_takes_the_same_topics(embedded: object, prefix: str) -> None:
    mine = load(
        {"bootstrap": embedded.bootstrap, "topic_prefix": prefix, "shards": 2},  # type: ignore[attr-defined]
        environ={},
    ).settings
    topics.create(mine)
    assert [finding for finding in topics.check(mine) if finding.level == "error"] == []

"""Where the consumer groups stand, asked of the broker."""

from kafka.admin import KafkaAdminClient

from streams.security import kafka_python_options
from streams.settings import Settings


def group_name(settings: Settings, stage: str) -> str:
    """Give the name of a stage's consumer group."""
    return f"{settings.topic_prefix}{settings.group}-{stage}"


def committed(settings: Settings, stage: str, topic: str) -> dict[int, int]:
    """Give the committed offset of each partition of a topic that a stage has committed."""
    name = group_name(settings, stage)
    admin = KafkaAdminClient(**kafka_python_options(settings))
    try:
        offsets = admin.list_group_offsets({name: None})[name]
    finally:
        admin.close()
    full = settings.topic_prefix + topic
    return {
        tp.partition: int(found.offset)
        for tp, found in offsets.items()
        if tp.topic == full and found.offset >= 0
    }

"""Rules only, through a real Kafka, against a bare aiokafka loop that does the same with both cores.

Bare: two processes, each with half of the partitions, that decode, clean, match, encode and write
with the product's own functions, acks from all replicas, and commit.
"""

import argparse
import asyncio
import subprocess
import sys

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from bench import kit
from processors import outputs
from processors.analyse import Engine, analyse_batch
from processors.models import Origin, Record
from streams import rulefiles
from streams.publish import publish
from tests.kafka.broker import KafkaBroker

BATCH = 512


def ours(values: list[bytes], broker: KafkaBroker) -> float:
    """Give articles a second that a worker enriches without entities."""
    running = kit.settings(broker, entities="off", pool_children=2)
    publish(running, values)
    with kit.worker(running):
        return kit.steady_rate([at for at, _ in kit.times(running, "articles.enriched", len(values))])


def bare(values: list[bytes], broker: KafkaBroker) -> float:
    """Give articles a second that two bare loops enrich."""
    running = kit.settings(broker)
    publish(running, values)
    command = [sys.executable, "-m", "bench.matching", "--bare", running.bootstrap, running.topic_prefix]
    started = [subprocess.Popen([*command, str(part)]) for part in range(2)]
    try:
        return kit.steady_rate([at for at, _ in kit.times(running, "articles.enriched", len(values))])
    finally:
        for process in started:
            process.terminate()
            process.wait(30)


async def loop(bootstrap: str, prefix: str, part: int) -> None:
    """Be one bare loop, until ended."""
    engine = Engine(rules=rulefiles.load(None), readers={}, entity_mode="off")
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=f"{prefix}bare{part}",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, acks="all", linger_ms=2, compression_type="zstd", max_batch_size=2**20
    )
    await consumer.start()
    await producer.start()
    consumer.assign([TopicPartition(f"{prefix}articles", partition) for partition in (part, part + 2)])
    while True:
        found = await consumer.getmany(timeout_ms=500, max_records=BATCH)
        for tp, messages in found.items():
            records = [
                Record(
                    topic=tp.topic,
                    partition=tp.partition,
                    offset=message.offset,
                    timestamp_ms=message.timestamp,
                    value=message.value,
                    origin=Origin(
                        partition=tp.partition, offset=message.offset, ingested_ms=message.timestamp
                    ),
                )
                for message in messages
            ]
            outcomes, _ = analyse_batch(records, engine, lambda: 0.0)
            sent = [
                await producer.send(
                    prefix + output.topic,
                    value=output.value,
                    key=output.key,
                    partition=output.partition,
                    headers=output.headers,
                )
                for outcome, record in zip(outcomes, records, strict=True)
                for output in outputs.of_outcome(outcome, record, shards=4)
            ]
            await asyncio.gather(*sent)
        await consumer.commit()


def main() -> None:
    """Run the bench."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--bare", nargs=3, metavar=("BOOTSTRAP", "PREFIX", "PART"))
    arguments = parser.parse_args()
    if arguments.bare:
        bootstrap, prefix, part = arguments.bare
        asyncio.run(loop(bootstrap, prefix, int(part)))
        return
    values = kit.news(arguments.articles)
    rows = []
    with kit.kafka() as broker:
        for number in range(arguments.rounds):
            pair = (ours(values, broker), bare(values, broker))
            rows.append(
                {
                    "round": number + 1,
                    "wirewatch, articles/s": round(pair[0]),
                    "bare aiokafka, articles/s": round(pair[1]),
                    "ratio": round(pair[0] / pair[1], 3),
                }
            )
    ratio = kit.median([float(row["ratio"]) for row in rows])
    kit.report(
        f"matching_vs_bare_aiokafka: {arguments.articles} articles, rules only",
        rows,
        {
            "bench": "matching_vs_bare_aiokafka",
            "ratio": ratio,
            "articles": arguments.articles,
            "rounds": rows,
        },
    )


if __name__ == "__main__":
    main()

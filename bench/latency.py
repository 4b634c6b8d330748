"""From ingest to alert at 70 % of capacity, entities on and off, through a real Kafka.

Capacity is measured first, in the same run. The latency is from the timestamp of the article's
record to that of its alert's, both written on this machine.
"""

import argparse
import time

from bench import kit
from streams.publish import publish
from tests.kafka.broker import KafkaBroker

SHARE = 0.7


def run(broker: KafkaBroker, entities: str, articles: int, seconds: float) -> dict[str, float | str]:
    """Give capacity in articles/s and latency in seconds."""
    running = kit.settings(broker, entities=entities, pool_children=2, models=("en_core_web_sm",))
    with kit.worker(running):
        publish(running, kit.news(articles))
        capacity = kit.steady_rate([at for at, _ in kit.times(running, "articles.enriched", articles)])
        alerts = len(kit.times(running, "alerts", articles // 10))
        rate = SHARE * capacity
        measured = kit.news(articles + int(rate * seconds), loud_every=10)[articles:]
        began = time.time() * 1000
        publish(running, measured, rate=rate)
        kit.times(running, "articles.enriched", articles + len(measured))
        expected = alerts + len(measured) // 10
        written = kit.times(running, "alerts", expected, header="ingested-ms")
    latency = [(at - ingested) / 1000 for at, ingested in written if ingested >= began + 2_000]
    return {
        "entities": entities,
        "capacity, articles/s": round(capacity, 1),
        "offered, articles/s": round(rate, 1),
        "alerts": len(latency),
        "p50, s": round(kit.percentile(latency, 0.5), 3),
        "p99, s": round(kit.percentile(latency, 0.99), 3),
    }


def main() -> None:
    """Run the bench."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=40.0)
    arguments = parser.parse_args()
    with kit.kafka() as broker:
        rows = [
            run(broker, "all", 600, arguments.seconds),
            run(broker, "off", 6_000, arguments.seconds / 2),
        ]
    kit.report(
        f"ingest to alert at {SHARE:.0%} of capacity",
        rows,
        {"bench": "latency", "entities": rows[0], "matching_only": rows[1]},
    )


if __name__ == "__main__":
    main()

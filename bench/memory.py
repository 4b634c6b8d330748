"""Memory of a worker and its children, from article 5,000 to article 20,000, entities on.

Articles are cut to their first 1,000 characters: it is their number that a leak would follow.
"""

import argparse
import time

from bench import kit
from streams.follow import Follower
from streams.publish import publish

MIB = 1024 * 1024


def main() -> None:
    """Run the bench."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--articles", type=int, default=20_000)
    arguments = parser.parse_args()
    marks = (arguments.articles // 4, arguments.articles)
    with kit.kafka() as broker:
        # Recycling children would hide what they leak.
        running = kit.settings(
            broker, pool_children=2, models=("en_core_web_sm",), child_recycle_articles=10**9
        )
        publish(running, kit.news(arguments.articles, most_characters=1_000))
        seen: list[dict[str, float]] = []
        with kit.worker(running) as worker, Follower(running, ["articles.enriched"], from_start=True) as out:
            done = 0
            deadline = time.monotonic() + kit.LIMIT_SECONDS
            while len(seen) < len(marks):
                done += sum(1 for _ in out.poll(0.2))
                if done >= marks[len(seen)]:
                    sizes = [kit.resident(pid) for pid in (worker.pid, *kit.children(worker.pid))]
                    seen.append(
                        {
                            "article": done,
                            "parent, MiB": round(sizes[0] / MIB, 1),
                            "children, MiB": round(sum(sizes[1:]) / MIB, 1),
                        }
                    )
                if time.monotonic() > deadline:
                    raise TimeoutError(f"{done} articles in {kit.LIMIT_SECONDS:.0f} s")
    growth = {name: round(seen[-1][name] / seen[0][name] - 1, 4) for name in ("parent, MiB", "children, MiB")}
    kit.report(
        "memory", seen, {"bench": "memory", "growth": growth, "articles": arguments.articles, "marks": seen}
    )


if __name__ == "__main__":
    main()

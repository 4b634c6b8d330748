"""The whole pipeline with entities on, through a real Kafka, against bare spaCy on the same texts.

Bare is `nlp.pipe` with the very components the product runs, in two processes with a model each, on
the same cleaned texts, shared out in advance. The two take turns; the ratio of each pair counts.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import kit
from processors import codec, text
from processors.models import Article, RawArticle
from streams import readers
from streams.publish import publish
from tests.kafka.broker import KafkaBroker

MODELS = ("en_core_web_sm",)


def ours(values: list[bytes], broker: KafkaBroker) -> float:
    """Give articles a second that a worker enriches, all published before it starts."""
    running = kit.settings(broker, models=MODELS, pool_children=2)
    publish(running, values)
    with kit.worker(running):
        return kit.steady_rate([at for at, _ in kit.times(running, "articles.enriched", len(values))])


def bare(values: list[bytes]) -> float:
    """Give articles a second that two bare processes read, after both have loaded."""
    texts = []
    for value in values:
        raw = codec.decode(value, max_bytes=2**24)
        article = text.clean(raw, now_ms=0) if isinstance(raw, RawArticle) else None
        if isinstance(article, Article):
            texts.append(f"{article.title}\n\n{article.text}")
    with TemporaryDirectory() as folder:
        parts = [Path(folder) / f"{part}" for part in range(2)]
        for number, part in enumerate(parts):
            part.write_bytes(codec.encode({"texts": texts[number::2]}))
        command = [sys.executable, "-m", "bench.pipeline", "--bare"]
        started = [
            subprocess.Popen([*command, str(part)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for part in parts
        ]
        for process in started:
            assert process.stdout is not None
            process.stdout.readline()  # loaded
        for process in started:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        seconds = [float(process.communicate()[0]) for process in started]
    return len(texts) / max(seconds)


def read_bare(part: Path) -> None:
    """Be one bare process: load, say so, wait for the word, read, print the seconds it took."""
    texts: list[str] = codec.read_as(part.read_bytes(), dict)["texts"]
    nlp = readers.load(MODELS)["en"].nlp
    print("loaded", flush=True)
    sys.stdin.readline()
    began = time.perf_counter()
    with nlp.memory_zone():
        for doc in nlp.pipe(texts):
            _ = [(entity.text, entity.label_) for entity in doc.ents]
    print(time.perf_counter() - began)


def main() -> None:
    """Run the bench."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--articles", type=int, default=1500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--bare", type=Path)
    arguments = parser.parse_args()
    if arguments.bare:
        read_bare(arguments.bare)
        return
    values = kit.news(arguments.articles)
    rows = []
    with kit.kafka() as broker:
        for number in range(arguments.rounds):
            pair = (ours(values, broker), bare(values))
            rows.append(
                {
                    "round": number + 1,
                    "wirewatch, articles/s": round(pair[0], 1),
                    "bare spaCy, articles/s": round(pair[1], 1),
                    "ratio": round(pair[0] / pair[1], 3),
                }
            )
    ratio = kit.median([float(row["ratio"]) for row in rows])
    kit.report(
        f"pipeline_vs_bare_spacy: {arguments.articles} articles, entities on all",
        rows,
        {"bench": "pipeline_vs_bare_spacy", "ratio": ratio, "articles": arguments.articles, "rounds": rows},
    )


if __name__ == "__main__":
    main()

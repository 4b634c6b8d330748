"""`wirewatch backtest` on a file against the bare matching in it, done in as many processes.

Bare: the articles wait in memory, decoded; as many processes as `--jobs` do the rest with the product's own
functions and count nothing. Once they clean and match each article, which is what a backtest cannot do
without (`ratio`), once they match articles that were cleaned before (`ratio_match_alone`).
"""

import argparse
import gzip
import multiprocessing
import tempfile
import time
from collections.abc import Sequence
from multiprocessing.synchronize import Barrier
from pathlib import Path

from rich.console import Console

from bench import kit
from processors import codec, text
from processors.models import Article, Dropped, RawArticle
from streams import backtest, rulefiles
from streams.settings import load

MOST_BYTES = 16 * 1024 * 1024


def ours(file: Path, rules: Path | None, jobs: int) -> float:
    """Give articles a second of a backtest, from the first byte read to the last article counted."""
    settings = load({"rules_dir": rules}, environ={}).settings
    source, size = backtest.from_files(settings, [file])
    found, seconds = backtest.run(
        settings, source, size=size, against=None, jobs=jobs, notes=Console(stderr=True)
    )
    return found.articles / seconds


def bare(file: Path, rules: Path | None, jobs: int, *, cleaned: bool) -> float:
    """Give articles a second of bare matching, all processes together."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(jobs + 1)
    processes = [
        context.Process(target=match, args=(file, rules, (part, jobs), cleaned, barrier), daemon=True)
        for part in range(jobs)
    ]
    for process in processes:
        process.start()
    barrier.wait(300)
    begun = time.perf_counter()
    barrier.wait(300)
    seconds = time.perf_counter() - begun
    for process in processes:
        process.join(30)
    return len(decoded(file)) / seconds


def match(file: Path, rules: Path | None, share: tuple[int, int], cleaned: bool, barrier: Barrier) -> None:
    """Be one process of the bare matching: of so many, the number so and so."""
    part, jobs = share
    held = rulefiles.load(rules)
    articles: Sequence[RawArticle | Article | Dropped] = decoded(file)[part::jobs]
    if cleaned:
        articles = [_cleaned(raw) for raw in articles]
    barrier.wait(300)
    for one in articles:
        article = _cleaned(one)
        if isinstance(article, Article):
            held.match(article)
    barrier.wait(300)


def _cleaned(one: RawArticle | Article | Dropped) -> Article | Dropped:
    return text.clean(one, now_ms=0) if isinstance(one, RawArticle) else one


def decoded(file: Path) -> list[RawArticle]:
    """Give the articles of a file, decoded."""
    with gzip.open(file) as lines:
        found = [codec.decode(line, max_bytes=MOST_BYTES) for line in lines]
    return [raw for raw in found if isinstance(raw, RawArticle)]


def main() -> None:
    """Run the bench."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--articles", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=multiprocessing.cpu_count())
    parser.add_argument("--rules", type=Path)
    asked = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "articles.jsonl.gz")
        with gzip.open(file, "wb", compresslevel=6) as lines:
            lines.writelines(value + b"\n" for value in kit.news(asked.articles))
        for number in range(asked.rounds):
            rates = (
                ours(file, asked.rules, asked.jobs),
                bare(file, asked.rules, asked.jobs, cleaned=False),
                bare(file, asked.rules, asked.jobs, cleaned=True),
            )
            rows.append(
                {
                    "round": number + 1,
                    "backtest, articles/s": round(rates[0]),
                    "bare, articles/s": round(rates[1]),
                    "bare match alone, articles/s": round(rates[2]),
                    "ratio": round(rates[0] / rates[1], 3),
                    "ratio, match alone": round(rates[0] / rates[2], 3),
                }
            )
    kit.report(
        f"backtest: {asked.articles} articles, {asked.jobs} processes",
        rows,
        {
            "bench": "backtest",
            "ratio": kit.median([float(row["ratio"]) for row in rows]),
            "ratio_match_alone": kit.median([float(row["ratio, match alone"]) for row in rows]),
            "articles": asked.articles,
            "jobs": asked.jobs,
            "rounds": rows,
        },
    )


if __name__ == "__main__":
    main()

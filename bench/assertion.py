"""How often the guard doubts sentences that a desk wants and those it does not, and what it costs.

The sentences are those of `posture`, `protest` and `sanction` with their triggers; where a sentence has
no trigger, the first word of its set's vocabulary stands for the hit.
"""

import argparse
import gzip
import json
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from bench.kit import DATA, median
from processors.assertion import Span, assess
from processors.models import Article

WORDS = {
    "posture": r"troop|force|deploy|army|military|soldier|missile|division|base|border|exercise|withdr|sent|send"
    r"|presence|alert|brigade|navy|mobili|reinforc",
    "protest": r"protest|demonstrat|rally|rallies|march|strike|striking|clash|riot|unrest|sit-in|occup|boycott",
    "sanction": r"sanction|tariff|embargo|penalt|\bban(?:s|ned|ning)?\b|blacklist|suspen|fine[sd]?\b|cut off",
}


def published() -> dict[str, str | None]:
    """Give when each article of the data was published."""
    with gzip.open(DATA / "news.jsonl.gz", "rt", encoding="utf-8") as file:
        return {(row := json.loads(line))["id"]: row["published"] for line in file}


def article(text: str, date: str | None = None) -> Article:
    """Give an English article."""
    known = re.match(r"\d{4}", date or "")
    return Article(
        key="k", id="i", revision="r", title="", text=text, language="en",
        published=date if known else None, published_quality="exact" if known else "missing",
    )  # fmt: skip


def hit(name: str, row: dict[str, Any]) -> Span | None:
    """Give where a sentence's trigger stands, from the first word of its set's vocabulary, or that word."""
    word = re.compile(rf"\b(?:{WORDS[name]})\w*", re.IGNORECASE)
    start = row["text"].find(row["trigger"]) if row["trigger"] else -1
    if start >= 0:
        end = start + len(row["trigger"])
        found = word.search(row["text"], start, end)
        return "text", found.start() if found else start, end
    found = word.search(row["text"])
    return ("text", *found.span()) if found else None


def assessed(name: str) -> Iterator[tuple[dict[str, Any], Any]]:
    """Give each sentence of a set that has a hit, and what the guard says of it."""
    dates = published()
    with (DATA / f"{name}_dev.jsonl").open(encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            if span := hit(name, row):
                yield row, assess(article(row["text"], dates.get(row["doc_id"])), [span])[0]


def quality(name: str, *, show: Sequence[str]) -> tuple[int, int]:
    """Print a set's table and give how many yes sentences are doubted, of how many."""
    cells: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row, assertion in assessed(name):
        for sense in (row["sense"], "all"):
            cells[row["label"], sense].update([assertion.certainty, *{mark.kind for mark in assertion.marks}])
            cells[row["label"], sense]["n"] += 1
        if f"{row['label']}/{row['sense']}" in show or (
            row["label"] in show and assertion.certainty == "doubtful"
        ):
            print(
                row["label"], row["sense"], assertion.certainty, [(m.kind, m.text) for m in assertion.marks]
            )
            print("   ", row["trigger"], "|", row["text"][:300])
    print(f"\n{name:<12}{'sense':<20}{'n':>10}{'asserted':>10}{'hedged':>10}{'doubtful':>10}  marks")
    for (label, sense), count in sorted(cells.items(), key=lambda cell: (cell[0][0], -cell[1]["n"])):
        levels = [count.pop(level, 0) for level in ("asserted", "hedged", "doubtful")]
        number = count.pop("n")
        figures = "".join(f"{figure:>10}" for figure in (number, *levels))
        print(f"{label:<12}{sense:<20}{figures}  {dict(count.most_common())}")
        count.update(n=number, doubtful=levels[2])
    return cells["yes", "all"]["doubtful"], cells["yes", "all"]["n"]


def speed(rounds: int) -> None:
    """Print microseconds an article of 600 words, and a hit, and for a text of 5 MB."""
    with gzip.open(DATA / "news.jsonl.gz", "rt", encoding="utf-8") as file:
        texts = [
            " ".join(text.split()[:600])
            for line in file
            if len((text := json.loads(line)["text"]).split()) > 600
        ]
    articles = [article(text, "2018-05-01T00:00:00Z") for text in texts[:400]]
    for every in (1, 20, 100, 600):
        spans: list[list[Span]] = [
            [("text", *word.span()) for word in list(re.finditer(r"\w+", one.text))[every // 2 :: every]]
            for one in articles
        ]
        taken = []
        for _ in range(rounds):
            begun = time.perf_counter()
            for one, hits in zip(articles, spans, strict=True):
                assess(one, hits)
            taken.append(time.perf_counter() - begun)
        hits_an_article = sum(map(len, spans)) / len(articles)
        each = median(taken) / len(articles) * 1e6
        print(
            f"{hits_an_article:6.0f} hits an article: {each:8.0f} µs an article, {each / hits_an_article:6.1f} µs a hit"
        )
    long = article("troops may not deploy on the border " * 140_000)
    for name, one in (("with spaces", long), ("without", article("x" * 5_000_000))):
        begun = time.perf_counter()
        assess(one, [("text", 2_500_000, 2_500_006)])
        print(f"one hit in 5 MB {name}: {(time.perf_counter() - begun) * 1e6:.0f} µs")


def main() -> None:
    """Run the bench."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--show", nargs="*", default=[], help="yes: those doubted; partial/negated: all")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    yes = [quality(name, show=arguments.show) for name in WORDS]
    doubted, number = sum(one for one, _ in yes), sum(one for _, one in yes)
    print(f"\nyes sentences that are doubted: {doubted} of {number}, {doubted / number:.1%}\n")
    speed(arguments.rounds)


if __name__ == "__main__":
    main()

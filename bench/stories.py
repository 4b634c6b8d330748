"""How well articles are grouped into stories: copies by kind of edit, running formats, reports, order, time, memory.

`python -m bench.stories [--seed 1] [--analysed FILE]`; FILE is what `wirewatch analyse` gives of news.jsonl.gz, to
save that time. Articles are halved by a hash of their id, to show how far figures differ between halves. The natural
pairs of both halves were read before the thresholds were chosen: generated copies of another seed judge more fairly.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from itertools import combinations
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, structs

from bench import kit
from processors.fingerprints import Fingerprint, fingerprint
from processors.likeness import copied
from processors.models import Article, Entities, Entity
from processors.sentences import sentence_ends
from processors.stories import Stories, copy_groups

VERDICTS = Path(__file__).parent / "verdicts" / "stories.jsonl"
HALVES = ("tuning", "holdout")
ORIGINALS = 250  # of a half, copied in every way
SHUFFLES = 20
Pair = frozenset[str]


class Line(Article, frozen=True, kw_only=True):
    """A line of `wirewatch analyse`."""

    outcome: str
    entities: list[Entity] | None = None


class Known(Struct, frozen=True):
    """An article with what is known of it."""

    article: Article
    entities: Entities
    print: Fingerprint


class Verdict(Struct, frozen=True):
    """What a reader said of two articles of news.jsonl.gz."""

    one: str
    other: str
    relation: str  # copy or report
    verdict: str  # yes, partial or no
    grouped: str  # merged in some order of arrival when it was read, or nearly
    read: str  # what was read of both: where their words differ, headline and opening, or the headline alone

    @property
    def pair(self) -> Pair:
        """Give the pair."""
        return frozenset((self.one, self.other))


def half(article_id: str) -> str:
    """Give the half an article belongs to; a generated copy goes with its original."""
    return HALVES[blake2b(article_id.split("#", maxsplit=1)[0].encode()).digest()[0] % 2]


def analysed(path: Path | None) -> list[Known]:
    """Give the articles of news.jsonl.gz as the pipeline sees them."""
    if path is None:
        with tempfile.TemporaryDirectory() as folder:
            made = Path(folder, "analysed.jsonl")
            command = [sys.executable, "-m", "streams.cli", "analyse", str(kit.DATA / "news.jsonl.gz")]
            with made.open("wb") as out:
                subprocess.run([*command, "--jobs", str(os.cpu_count())], stdout=out, check=True)
            return analysed(made)
    found = []
    for raw in path.read_bytes().splitlines():
        if json.loads(raw)["outcome"] == "enriched":
            line = msgspec.json.decode(raw, type=Line)
            found.append(known(line, Entities(knowledge="known", items=line.entities or [])))
    return found


def known(article: Article, entities: Entities) -> Known:
    """Give an article with its fingerprint."""
    return Known(article, entities, fingerprint(article, entities))


def byline(text: str, chance: random.Random, words: Sequence[str]) -> str:
    """Set a text under another byline."""
    name = f"{chance.choice(words)} {chance.choice(words)}".title()
    return f"By {name}, staff writer\n\n{text}\n\n{name} reports from the capital."


def half_cut(text: str, chance: random.Random, words: Sequence[str]) -> str:
    """Leave the first half of the sentences, or any half of them."""
    said = sentences(text)
    count = max(1, len(said) // 2)
    if chance.random() < 0.5:
        return "".join(said[:count])
    kept = set(chance.sample(range(len(said)), count))
    return " ".join(sentence.strip() for place, sentence in enumerate(said) if place in kept)


def rewritten(text: str, chance: random.Random, words: Sequence[str]) -> str:
    """Change 15 % of the words to others of the corpus."""
    return " ".join(chance.choice(words) if chance.random() < 0.15 else word for word in text.split())


def three_sentences(text: str, chance: random.Random, words: Sequence[str]) -> str:
    """Leave the first three sentences."""
    return "".join(sentences(text)[:3])


EDITS: dict[str, Callable[[str, random.Random, Sequence[str]], str]] = {
    "byline": byline,
    "half": half_cut,
    "rewritten": rewritten,
    "three sentences": three_sentences,
}


def sentences(text: str) -> list[str]:
    """Give the sentences of a text; joined they are the text."""
    ends = [0, *sentence_ends(text)]
    return [text[start:end] for start, end in zip(ends, [*ends[1:], len(text)], strict=True) if start < end]


def copies(news: Sequence[Known], name: str, seed: int) -> list[Known]:
    """Give four copies each of articles of a half: under the original's source or another's, half and half."""
    chance = random.Random(f"{seed} {name}")
    long_enough = [each for each in news if half(each.article.id) == name and each.print.words >= 60]
    chosen = chance.sample(long_enough, ORIGINALS)
    words = [word for each in chance.sample(long_enough, 200) for word in each.article.text.split()]
    made = []
    for original in chosen:
        for kind, edit in EDITS.items():
            article = original.article
            source = chance.choice(
                [article.source, structs.replace(article.source, name="Elsewhere", domain=None)]
            )
            text = edit(article.text, chance, words)
            copy = structs.replace(
                article, id=f"{article.id}#{kind}", key=f"{article.key}#{kind}", text=text, source=source
            )
            made.append(known(copy, original.entities))
    return made


def grouped(arrivals: Iterable[Known]) -> tuple[dict[str, str], list[list[str]]]:
    """Give the story of each article and the groups of copies, all by article id."""
    stories = Stories()
    ids: dict[str, str] = {}
    home: dict[str, str] = {}
    ended: dict[str, str] = {}
    links = []
    for each in arrivals:
        ids[each.article.key] = each.article.id
        placed = stories.add(each.article.key, each.print, 0)
        home[each.article.id] = placed.story_id
        ended |= dict.fromkeys(placed.merged, placed.story_id)
        links += [(each.article.id, ids[other]) for other in placed.of if placed.relation == "copy"]

    def lasting(story: str) -> str:
        while story in ended:
            story = ended[story]
        return story

    return {article: lasting(story) for article, story in home.items()}, copy_groups(links)


def together(groups: Iterable[Iterable[str]]) -> set[Pair]:
    """Give the pairs that groups hold."""
    return {frozenset(pair) for group in groups for pair in combinations(group, 2)}


def copy_scores(
    news: Sequence[Known], made: Sequence[Known], verdicts: Sequence[Verdict], name: str, seed: int
) -> dict[str, Any]:
    """Give recall by kind of edit, pair by pair, and precision, recall and F1 of the pairs that grouping gives.

    Grouped are all articles of the half and the copies, shuffled. Of pairs that a reader called partial none counts;
    every other pair of two texts is one that must not be joined.
    """
    prints = {each.article.id: each.print for each in news}
    hits = Counter(
        each.article.id.split("#")[1]
        for each in made
        if copied(each.print, prints[each.article.id.split("#")[0]])
    )
    arrivals = [each for each in news if half(each.article.id) == name] + list(made)
    random.Random(seed).shuffle(arrivals)
    _, groups = grouped(arrivals)
    read = [each for each in verdicts if each.relation == "copy" and half(min(each.pair)) == name]
    families = defaultdict(list)
    for each in made:
        families[each.article.id.split("#")[0]].append(each.article.id)
    gold = together([original, *others] for original, others in families.items())
    gold |= {each.pair for each in read if each.verdict == "yes"}
    unsure = {each.pair for each in read if each.verdict == "partial"}
    told = {pair for pair in together(groups) if frozenset(i.split("#")[0] for i in pair) not in unsure}
    right = len(told & gold)
    precision, recall = right / len(told), right / len(gold)
    joined = [each for each in read if each.verdict == "no" and copied(*(prints[i] for i in each.pair))]
    return {
        **{f"recall, {kind}": round(hits[kind] / ORIGINALS, 3) for kind in EDITS},
        "pairs joined wrongly": len(told - gold),
        "negatives joined": f"{len(joined)} of {sum(each.verdict == 'no' for each in read)}",
        "precision": round(precision, 4),
        "recall": round(recall, 3),
        "F1": round(2 * precision * recall / (precision + recall), 3),
    }


def report_scores(home: dict[str, str], verdicts: Sequence[Verdict], name: str) -> dict[str, Any]:
    """Give B-cubed precision and recall (Bagga and Baldwin, 1998) of the articles whose pairs were read.

    A story is what yes joins; partial counts as no. Pairs were taken from those most alike, so that recall is of
    what is alike in headline, names or opening, not of all events.
    """
    read = [each for each in verdicts if each.relation == "report"]
    gold = {article: {article} for each in read if each.verdict != "partial" for article in each.pair}
    for each in read:
        if each.verdict == "yes":
            both = gold[each.one] | gold[each.other]
            gold.update(dict.fromkeys(both, both))
    told = defaultdict(set)
    for article in gold:
        told[home[article]].add(article)
    measured = [article for article in gold if half(article) == name]
    hits = [(len(told[home[each]] & gold[each]), len(told[home[each]]), len(gold[each])) for each in measured]
    joined = [
        each.verdict for each in read if half(min(each.pair)) == name and home[each.one] == home[each.other]
    ]
    return {
        "articles": len(measured),
        "B3 precision": round(sum(both / mine for both, mine, _ in hits) / len(hits), 3),
        "B3 recall": round(sum(both / theirs for both, _, theirs in hits) / len(hits), 3),
        **{f"joined, {verdict}": joined.count(verdict) for verdict in ("yes", "partial", "no")},
    }


def agreement(arrivals: Sequence[Known], seed: int) -> dict[str, Any]:
    """Give how far orders of arrival agree on whether two articles are grouped: of those grouped in any, and of all.

    Of those grouped in any, also apart: pairs made of one text, and others, which are mostly reports.
    """
    joined: Counter[Pair] = Counter()
    for shuffle in range(SHUFFLES):
        order = list(arrivals)
        random.Random(seed * 1_000 + shuffle).shuffle(order)
        members = defaultdict(list)
        for article, story in grouped(order)[0].items():
            members[story].append(article)
        joined.update(together(members.values()))
    of_one = {pair for pair in joined if len({article.split("#")[0] for article in pair}) == 1}
    pairs = len(arrivals) * (len(arrivals) - 1) // 2
    differing = sum(min(times, SHUFFLES - times) for times in joined.values())

    def agreed(among: set[Pair]) -> str:
        same = sum(max(joined[pair], SHUFFLES - joined[pair]) for pair in among)
        return f"{same / (SHUFFLES * len(among)):.4f} of {len(among)}" if among else "none"

    return {
        "articles": len(arrivals),
        "agreement, grouped in any": agreed(set(joined)),
        "agreement, of one text": agreed(of_one),
        "agreement, others": agreed(set(joined) - of_one),
        "agreement, all pairs": round(1 - differing / (SHUFFLES * pairs), 7),
    }


# Of the demo's day: an agency's article and what other papers print of it.
AGENCY = (
    (
        "meridian.example/kessel-1",
        "courier.example/c-2201",
        "tribune.example/t-118",
        "gazette.example/es-77",
        "valley.example/v-310",
    ),
    ("meridian.example/sarovia-1", "tribune.example/t-124"),
)


def demo() -> dict[str, Any]:
    """Give alerts a story on the demo's day: how many stories of a rule hold the copies of one agency article."""
    command = [
        sys.executable,
        "-m",
        "streams.cli",
        "stories",
        "streams/demo/articles.jsonl",
        "--rules",
        "rules",
    ]
    said = subprocess.run([*command, "--json"], capture_output=True, check=True).stdout
    homes = defaultdict(set)
    for story in map(json.loads, said.splitlines()):
        for place, texts in enumerate(AGENCY):
            if set(texts) & set(story["articles"]):
                homes[story["rule"], place].add(story["story_id"])
    alerts = sum(map(len, homes.values()))
    return {"texts and rules": len(homes), "alerts": alerts, "alerts a story": round(alerts / len(homes), 3)}


def costs(news: Sequence[Known]) -> dict[str, Any]:
    """Give what a fingerprint and a placing take, in time and memory."""
    began = time.process_time()
    for each in news:
        fingerprint(each.article, each.entities)
    spent = time.process_time() - began
    words = sum(each.print.words for each in news)
    sizes = [len(msgspec.msgpack.encode(each.print)) for each in news]
    tracemalloc.start()
    stories = Stories()
    prints = [msgspec.msgpack.decode(msgspec.msgpack.encode(each.print), type=Fingerprint) for each in news]
    for each, made in zip(news, prints, strict=True):
        stories.add(each.article.key, made, 0)
    memory = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    timed, took = Stories(), []
    for each in news:
        start = time.process_time()
        timed.add(each.article.key, each.print, 0)
        took.append((time.process_time() - start) * 1e3)
    return {
        "fingerprint, ms per 1,000 words": round(spent / words * 1e6, 2),
        "fingerprint, bytes (mean, most)": f"{sum(sizes) // len(sizes)}, {max(sizes)}",
        "placed a second of CPU": round(1e3 * len(took) / sum(took)),
        "placing, ms of CPU, p99": round(kit.percentile(took, 0.99), 2),
        "bytes a story": round(memory / len(stories)),
    }


def main() -> None:
    """Run the bench."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--analysed", type=Path)
    arguments = parser.parse_args()
    news = analysed(arguments.analysed)
    verdicts = [msgspec.json.decode(line, type=Verdict) for line in VERDICTS.read_bytes().splitlines()]
    home, _ = grouped(news)
    result: dict[str, Any] = {}
    for name in HALVES:
        made = copies(news, name, arguments.seed)
        result[f"copies, {name}"] = copy_scores(news, made, verdicts, name, arguments.seed)
        result[f"reports, {name}"] = report_scores(home, verdicts, name)
        if name == "holdout":
            there = [each for each in news if half(each.article.id) == name]
            result["20 orders, news and copies"] = agreement([*there, *made], arguments.seed)
    result["20 orders, news alone"] = agreement(news, arguments.seed)
    result["demo"] = demo()
    result["costs"] = costs(news)
    rows = [
        {"measured": measured, "what": what, "figure": figure}
        for measured, figures in result.items()
        for what, figure in figures.items()
    ]
    kit.report(f"stories, seed {arguments.seed}", rows, result)


if __name__ == "__main__":
    main()

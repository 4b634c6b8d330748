"""The rule matcher against Lucene Monitor: the same stored queries, the same documents, one core.

Both sides are processes pinned to the same core that answer commands, so that rounds can take turns. A rate is
documents a second of the process's own processor time: other work on the machine does not count, but what a side
spends on collecting garbage and on compiling itself does. Lucene is warmed up for `WARM_SECONDS` of it first.
"""

import argparse
import gzip
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import kit
from bench.queries import Query, distant_set, query_set
from processors.models import Article
from processors.query.matcher import Matcher
from processors.query.parse import parse
from streams.child import keep_what_is_loaded

ROOT = Path(__file__).resolve().parent.parent
CORE = max(os.sched_getaffinity(0))
SEED = 1
DOCUMENTS = 2_000
WORDS = 970  # of a document, between white space
SOURCES = 1_450  # articles that queries are made of and that no document holds
WARM_SECONDS = 30.0
ROUNDS = 3
COMPARED = 1_000  # documents whose matches are compared, one by one
ALONE = 100  # queries, to which distant ones are added up to the largest set
MIB = 1024 * 1024


@dataclass(frozen=True)
class Size:
    """A set of queries, how many documents make a round, and which presearcher is Lucene's best for it."""

    queries: int
    documents: int
    passes: int  # 1: TermFilteredPresearcher; more: MultipassTermFilteredPresearcher


SIZES = (
    Size(queries=100, documents=2_000, passes=1),
    Size(queries=1_000, documents=2_000, passes=1),
    Size(queries=10_000, documents=1_000, passes=2),
    Size(queries=100_000, documents=250, passes=4),
)


@dataclass(frozen=True)
class Round:
    """Documents matched, the processor time it took, and what it found."""

    documents: int
    seconds: float
    matches: int
    candidates: int = 0  # queries that were evaluated, where the side tells

    @property
    def rate(self) -> float:
        """Give documents a second."""
        return self.documents / self.seconds

    @property
    def hits(self) -> float:
        """Give matches a document."""
        return self.matches / self.documents


class Side:
    """One process under test: ready once built, then an answer for each command."""

    def __init__(self, command: Sequence[str]) -> None:
        """Start it, pinned to the core."""
        pinned = ["taskset", "--cpu-list", str(CORE), *command]
        self.process = subprocess.Popen(
            pinned, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        self.ready = self._answer()

    def ask(self, *command: object) -> dict[str, Any]:
        """Give the answer to a command."""
        assert self.process.stdin is not None
        self.process.stdin.write(" ".join(map(str, command)) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def round(self, start: int, count: int) -> "Round":
        """Match `count` documents and give how it went."""
        return Round(**self.ask("pass", start, count))

    def matched(self, path: Path) -> tuple[list[dict[str, Any]], float]:
        """Give what each of the first documents matches, and the seconds it took."""
        done = self.ask("sets", path, COMPARED)
        return [json.loads(line) for line in path.read_text().splitlines()], float(done["seconds"])

    def _answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.process.args!r} ended with {self.process.wait()}: its error is above")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def side(*command: str) -> Iterator[Side]:
    """Run a side for the length of a `with`."""
    running = Side(command)
    try:
        yield running
    finally:
        running.process.kill()
        running.process.wait()


def ours(queries: Path, documents: Path, tolerance: str) -> list[str]:
    """Give the command that serves our matcher."""
    return [sys.executable, "-m", "bench.monitor", "--serve", str(queries), str(documents), tolerance]


def lucene(queries: Path, documents: Path, passes: int, built: Path) -> list[str]:
    """Give the command that serves Lucene Monitor."""
    path = f"{built / 'classes'}:{built / 'libs'}/*"
    # The collector for one core, and room enough that it has little to do.
    options = ["-Xmx3g", "-XX:+UseSerialGC"]
    return ["java", *options, "-cp", path, "wirewatch.Serve", str(queries), str(documents), str(passes)]


def build_lucene() -> Path:
    """Compile the Java side into the cache and give the folder.

    Raises:
        SystemExit: Java or Maven is missing or failed; the message says which.
    """
    if not (shutil.which("java") and shutil.which("mvn") and shutil.which("taskset")):
        raise SystemExit("this bench needs Java 17, Maven and taskset (Debian: util-linux) on the path")
    made = Path(os.environ.get("WIREWATCH_CACHE") or ROOT / ".cache") / "lucene"
    command = ["mvn", "--batch-mode", "--quiet", "-f", str(ROOT / "bench/lucene/pom.xml"), f"-Dmade={made}"]
    command += ["compile", "dependency:copy-dependencies", "-DincludeScope=runtime"]
    done = subprocess.run(
        [*command, f"-DoutputDirectory={made / 'libs'}"], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise SystemExit(f"Maven could not build bench/lucene:\n{done.stdout[-2000:]}")
    return made


def texts() -> tuple[list[str], list[str]]:
    """Give documents of `WORDS` words, real articles laid end to end, and the articles for the queries.

    Raises:
        SystemExit: the articles are not there.
    """
    path = kit.DATA / "news.jsonl.gz"
    if not path.is_file():
        raise SystemExit(f"this bench needs real articles in {path}: set WIREWATCH_DATA to their folder")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        articles = [str(json.loads(line)["text"]) for line in file]
    random.Random(SEED).shuffle(articles)
    # Lucene knows no paragraphs: all white space becomes one space.
    words = [word for article in articles[SOURCES:] for word in article.split()]
    starts = range(0, min(len(words), DOCUMENTS * WORDS), WORDS)
    return [" ".join(words[start : start + WORDS]) for start in starts], articles[:SOURCES]


def serve(queries: Path, documents: Path, *, tolerant: bool) -> None:
    """Be our side: build, say so, then answer each line of standard input with a line of JSON."""
    read = [
        Article(key=f"bench/{number}", id=str(number), revision="", title="", text=json.loads(line))
        for number, line in enumerate(documents.read_text().splitlines())
    ]
    rules = [as_query(line).rule() for line in queries.read_text().splitlines()]
    before = kit.resident(os.getpid())
    start = time.process_time()
    matcher = Matcher([(rule, tree(rule)) for rule in rules], tolerant=tolerant)
    keep_what_is_loaded()  # as a worker's child does
    seconds = time.process_time() - start
    say(build_seconds=seconds, bytes=kit.resident(os.getpid()) - before, queries=len(rules))
    for line in sys.stdin:
        match line.split():
            case ["pass", first, count]:
                start = time.process_time()
                found = [
                    len(matcher.match(read[number % len(read)]))
                    for number in range(int(first), int(first) + int(count))
                ]
                seconds = time.process_time() - start
                say(documents=len(found), seconds=seconds, matches=sum(found))
            case ["sets", path, count]:
                start = time.process_time()
                with Path(path).open("w") as file:
                    for article in read[: int(count)]:
                        numbers = [hit.query for hit in matcher.match(article)]
                        file.write(json.dumps({"queries": numbers}) + "\n")
                say(documents=int(count), seconds=time.process_time() - start)


def say(**answer: float) -> None:
    """Answer a command."""
    print(json.dumps(answer), flush=True)


def tree(rule: str) -> Any:
    """Give a rule's tree; every query that the bench makes must parse."""
    parsed = parse(rule)
    if isinstance(parsed, list):
        raise ValueError(f"{rule}: {parsed[0]}")
    return parsed


def as_query(line: str) -> Query:
    """Read a query from a line of JSON."""
    stored = json.loads(line)
    return Query(stored["kind"], tuple(stored["phrases"]))


def write(path: Path, values: Sequence[object]) -> Path:
    """Write values as JSON, one a line."""
    path.write_text("".join(json.dumps(value) + "\n" for value in values))
    return path


def write_queries(path: Path, queries: Sequence[Query]) -> Path:
    """Write queries as JSON, one a line, with their numbers as ids."""
    return write(path, [{"id": str(number), **query.structure()} for number, query in enumerate(queries)])


# What, between two words, keeps a phrase of ours from crossing. Lucene drops it.
_PUNCTUATION = re.compile(r"[^\s\w\-‐-―'`´‘-‟\"()\[\]{}*]")
# The words of a plain cut: no possessive s, and U.K. is uk.
_WORD = re.compile(r"(?!(?<=['’])s\b)(?:[^\W\d_](?:\.[^\W\d_])+\b|[^\W_]+)")


def cause(query: Query, text: str, tokens: Sequence[str], offsets: Sequence[Sequence[int]]) -> str:
    """Say what makes two sides differ over a query and a document: the first that changes the answer alone.

    The query is read plainly on Lucene's own tokens, then with one thing changed at a time.
    """
    lucene_says = query.holds(tokens)
    words = [
        (found[0].lower().replace(".", ""), found.start(), found.end()) for found in _WORD.finditer(text)
    ]
    plain = [word for word, _, _ in words]
    cut = [(token, start, end) for token, (start, end) in zip(tokens, offsets, strict=True)]
    readings = (
        ("punctuation between the words", query.holds(parted(cut, text))),
        ("token cut differently", query.holds(plain)),
        ("token cut differently, and punctuation", query.holds(parted(words, text))),
        ("overlap", query.holds(tokens, overlap=True)),
    )
    return next((name for name, says in readings if says != lucene_says), "other")


def parted(words: Sequence[tuple[str, int, int]], text: str) -> list[str]:
    """Give words with a mark, which no phrase holds, wherever punctuation stands between two."""
    listed: list[str] = []
    last = 0
    for word, start, end in words:
        if _PUNCTUATION.search(text, last, start):
            listed.append("")
        listed.append(word)
        last = end
    return listed


def compare(
    queries: Sequence[Query],
    documents: Sequence[str],
    theirs: Sequence[dict[str, Any]],
    own: Sequence[dict[str, Any]],
) -> dict[str, Any]:
    """Count what both sides found, and what one alone did, by its cause."""
    both, only_ours, only_theirs = 0, Counter[str](), Counter[str]()
    others: list[tuple[int, str]] = []
    for number, (one, other) in enumerate(zip(theirs, own, strict=True)):
        left, right = set(one["queries"]), set(other["queries"])
        both += len(left & right)
        for query in sorted(left ^ right):
            why = cause(queries[query], documents[number], one["tokens"], one["offsets"])
            (only_theirs if query in left else only_ours)[why] += 1
            if why == "other":
                others.append((number, queries[query].rule()))
    return {
        "both": both,
        "only_lucene": dict(only_theirs),
        "only_wirewatch": dict(only_ours),
        "others": others[:5],
    }


def measure(size: Size, queries: Path, documents: Path, built: Path) -> tuple[dict[str, Any], Any]:
    """Give the figures of a size, and what Lucene and ours without tolerance matched."""
    with ExitStack() as stack:
        monitor = stack.enter_context(side(*lucene(queries, documents, size.passes, built)))
        strict = stack.enter_context(side(*ours(queries, documents, "off")))
        tolerant = stack.enter_context(side(*ours(queries, documents, "on")))
        sides = (monitor, strict, tolerant)
        theirs, warm = monitor.matched(queries.with_suffix(".lucene"))
        own, _ = strict.matched(queries.with_suffix(".ours"))
        tolerant.round(0, size.documents)
        while warm < WARM_SECONDS:
            warm += monitor.round(0, size.documents).seconds
        rounds = [
            [one.round(turn * size.documents, size.documents) for one in sides] for turn in range(ROUNDS)
        ]
        rates = [kit.median([one.rate for one in column]) for column in zip(*rounds, strict=True)]
        found = [kit.median([one.hits for one in column]) for column in zip(*rounds, strict=True)]
        return {
            "queries": size.queries,
            "Lucene, docs/s": round(rates[0], 1),
            "tolerance off, docs/s": round(rates[1], 1),
            "tolerance on, docs/s": round(rates[2], 1),
            "ratio off": round(kit.median([row[1].rate / row[0].rate for row in rounds]), 2),
            "ratio on": round(kit.median([row[2].rate / row[0].rate for row in rounds]), 2),
            "Lucene's build, s": round(monitor.ready["build_seconds"], 1),
            "build, s": round(tolerant.ready["build_seconds"], 1),
            "MiB": round(tolerant.ready["bytes"] / MIB),
            "matches/doc": round(found[0], 2),
            "tolerant": round(found[2], 2),
            "candidates/doc, Lucene": round(rounds[-1][0].candidates / size.documents),
        }, (theirs, own)


def cost_of_distant(queries: Sequence[Query], distant: Sequence[Query], folder: Path, documents: Path) -> Any:
    """Give milliseconds a document of queries alone and with many that hardly ever hit."""
    alone = write_queries(folder / "alone.jsonl", queries)
    among = write_queries(folder / "among.jsonl", [*queries, *distant])
    with ExitStack() as stack:
        sides = [stack.enter_context(side(*ours(path, documents, "on"))) for path in (alone, among)]
        for one in sides:
            one.round(0, DOCUMENTS)
        rounds = [[one.round(0, DOCUMENTS) for one in sides] for _ in range(ROUNDS)]
    milliseconds = [kit.median([1000 / one.rate for one in column]) for column in zip(*rounds, strict=True)]
    matches = [one.hits for one in rounds[-1]]
    return {
        "queries": len(queries),
        "distant": len(distant),
        "alone_ms": round(milliseconds[0], 3),
        "among_ms": round(milliseconds[1], 3),
        "extra_ms": round(milliseconds[1] - milliseconds[0], 3),
        "extra_matches_per_document": round(matches[1] - matches[0], 2),
    }


def main() -> None:
    """Run the bench."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--serve", nargs=3, metavar=("QUERIES", "DOCUMENTS", "TOLERANCE"))
    arguments = parser.parse_args()
    if arguments.serve:
        queries, documents, tolerance = arguments.serve
        serve(Path(queries), Path(documents), tolerant=tolerance == "on")
        return
    built = build_lucene()
    read, sources = texts()
    most = max(size.queries for size in SIZES)
    stored = query_set(sources, most, SEED)
    distant = distant_set(sources, most - ALONE, SEED)
    rows, agreement = [], {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        documents = write(folder / "documents.jsonl", read)
        for size in SIZES:
            queries = write_queries(folder / f"{size.queries}.jsonl", stored[: size.queries])
            row, sets = measure(size, queries, documents, built)
            rows.append(row)
            agreement[size.queries] = compare(stored, read, *sets)
        distance = cost_of_distant(stored[:ALONE], distant, folder, documents)
    title = (
        f"monitor: {len(read)} documents of {WORDS} words; all on one core, evidence on; "
        f"medians of {ROUNDS} rounds taken in turn\n"
        f"cost follows hits: {distance['extra_ms']} ms a document more for {distance['distant']:,} distant "
        f"queries beside {distance['queries']} ({distance['alone_ms']} ms alone)\n"
        + "\n".join(
            f"{count:,} queries, {COMPARED:,} documents: both {one['both']:,}; only Lucene "
            f"{one['only_lucene']}; only wirewatch {one['only_wirewatch']}"
            for count, one in agreement.items()
        )
    )
    kit.report(
        title,
        rows,
        {"bench": "monitor", "sizes": rows, "agreement": agreement, "cost_follows_hits": distance},
    )


if __name__ == "__main__":
    main()

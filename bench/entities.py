"""How well entities are named against a gold standard, and what that costs beside the bare model.

`python -m bench.entities [--data DIR]` prints a table and, as its last line, one JSON object.
Quality: precision, recall and F1 of persons, places and organisations on exact spans, and of the
names themselves (their kind right, spans aside), for the bare model and for ours on the same text.
Cost: what `recognise` spends outside `nlp.pipe` over what it spends inside, in CPU seconds on news.
"""

import argparse
import gzip
import json
import os
import re
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from processors.entities import Reader, recognise
from processors.ids import article_revision
from processors.models import Article
from streams import readers

GOLD = {"PER": "person", "LOC": "place", "ORG": "org"}
BARE = {"PERSON": "person", "GPE": "place", "LOC": "place", "FAC": "place", "ORG": "org"}
NO_SPACE_BEFORE = re.compile(r"^(?:[.,;:!?%)\]}]|'s|'|n't|'re|'ve|'ll|'d|'m)$")
NO_SPACE_AFTER = set("([{$")
Span = tuple[int, int, str]


@dataclass
class Text:
    """A text put together again from its tokens, with the spans that its annotators marked."""

    text: str = ""
    spans: list[Span] = field(default_factory=list)
    sentences: int = 0


def gold_texts(path: Path) -> Iterator[Text]:
    """Give the documents of a file in CoNLL columns (IOB1), each sentence set as prose."""
    document = Text()
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        rows = [line.rsplit(" ", 1) for line in block.splitlines() if " " in line]
        if any(row[0].startswith("-DOCSTART-") for row in rows):
            rows = [row for row in rows if not row[0].startswith("-DOCSTART-")]
            if document.text:
                yield document
                document = Text()
        _append(document, rows)
    if document.text:
        yield document


def _append(document: Text, rows: list[list[str]]) -> None:
    glue, open_span = ("" if not document.text else " "), None
    for token, tag in rows:
        if glue == " " and NO_SPACE_BEFORE.match(token) and document.text:
            glue = ""
        document.text += glue
        start = len(document.text)
        document.text += token
        glue = "" if token in NO_SPACE_AFTER else " "
        label = tag.partition("-")[2]
        if open_span and tag.startswith("I-") and open_span[2] == label:
            open_span = (open_span[0], len(document.text), label)
            document.spans[-1] = open_span
        elif label:
            open_span = (start, len(document.text), label)
            document.spans.append(open_span)
        else:
            open_span = None
    document.sentences += bool(rows)


def bare_spans(reader: Reader, texts: list[str]) -> list[list[Span]]:
    """Give what the model alone finds, its labels mapped and nothing else done."""
    with reader.nlp.memory_zone():
        return [
            [(e.start_char, e.end_char, BARE[e.label_]) for e in doc.ents if e.label_ in BARE]
            for doc in reader.nlp.pipe(texts)
        ]


def our_spans(reader: Reader, texts: list[str]) -> list[list[Span]]:
    """Give what we find, as spans of the text."""
    articles = [_article(str(n), "", text, "en") for n, text in enumerate(texts)]
    return [
        [(m.start, m.end, entity.label) for entity in found.items for m in entity.mentions]
        for found in recognise({"en": reader}, articles, max_mentions=1_000_000)
    ]


def _article(key: str, title: str, text: str, language: str) -> Article:
    return Article(
        key=key, id=key, revision=article_revision(title, text), title=title, text=text, language=language
    )


def scores(gold: list[Counter[Any]], found: list[Counter[Any]]) -> dict[str, dict[str, float]]:
    """Give precision, recall and F1 of each label, and of all, over counted items (…, label)."""
    tallies: dict[str, list[int]] = {label: [0, 0, 0] for label in (*GOLD.values(), "all")}
    for wanted, got in zip(gold, found, strict=True):
        for items, column in ((wanted & got, 0), (got, 1), (wanted, 2)):
            for item, count in items.items():
                tallies[item[-1]][column] += count
                tallies["all"][column] += count
    result = {}
    for label, (right, said, there) in tallies.items():
        precision, recall = right / max(said, 1), right / max(there, 1)
        f1 = 2 * precision * recall / max(precision + recall, 1e-9)
        result[label] = {"p": round(precision, 4), "r": round(recall, 4), "f1": round(f1, 4)}
    return result


def quality(reader: Reader, path: Path) -> dict[str, Any]:
    """Give the scores of the bare model and of ours, on exact spans and on names."""
    documents = list(gold_texts(path))
    texts = [document.text for document in documents]
    gold = [[(s, e, GOLD[label]) for s, e, label in d.spans if label in GOLD] for d in documents]
    result: dict[str, Any] = {"documents": len(documents), "mentions": sum(map(len, gold))}
    for who, spans in (("bare", bare_spans(reader, texts)), ("ours", our_spans(reader, texts))):
        kept = [[span for span in each if span[2] in GOLD.values()] for each in spans]
        result[who] = {
            "spans": scores([Counter(g) for g in gold], [Counter(k) for k in kept]),
            "names": scores(_names(texts, gold), _names(texts, kept)),
        }
    return result


def _names(texts: list[str], spans: list[list[Span]]) -> list[Counter[Any]]:
    return [
        Counter({(re.sub(r"(?i)^the |['’]s$", "", text[s:e]).casefold(), label) for s, e, label in each})
        for text, each in zip(texts, spans, strict=True)
    ]


def cost(reader: Reader, path: Path, *, articles: int, rounds: int) -> dict[str, float]:
    """Give what naming entities costs beside the model, as a share of the model's own time."""
    news = []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            item = json.loads(line)
            if item["text"]:
                news.append(_article(item["id"], item["title"] or "", item["text"], "en"))
            if len(news) == articles:
                break
    shares, speeds = [], []
    for _ in range(rounds):
        timed = _TimedPipe(reader.nlp)
        start = time.process_time()
        recognise({"en": Reader(nlp=timed, model=reader.model, gazetteer=reader.gazetteer)}, news)
        spent = time.process_time() - start
        shares.append(spent / timed.seconds - 1)
        speeds.append(len(news) / spent)
    return {
        "articles": len(news),
        "articles_per_cpu_second": round(statistics.median(speeds), 1),
        "overhead_of_pipe": round(statistics.median(shares), 4),
    }


class _TimedPipe:
    """A pipeline that counts the CPU seconds spent in it: same texts, same moment, no second run."""

    def __init__(self, nlp: Any) -> None:
        self.seconds = 0.0
        self.memory_zone = nlp.memory_zone
        self._nlp = nlp

    def pipe(self, texts: list[str]) -> Iterator[Any]:
        docs = self._nlp.pipe(texts)
        while True:
            start = time.process_time()
            doc = next(docs, None)
            self.seconds += time.process_time() - start
            if doc is None:
                return
            yield doc


def main() -> None:
    """Measure quality and cost and print them."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    default = os.environ.get("WIREWATCH_DATA", str(Path(__file__).parents[2] / "shared" / "data"))
    options.add_argument("--data", type=Path, default=Path(default))
    options.add_argument("--articles", type=int, default=200)
    options.add_argument("--rounds", type=int, default=5)
    given = options.parse_args()
    reader = readers.load(["en_core_web_sm"])["en"]
    found = quality(reader, given.data / "ner_wikigold" / "wikigold.conll.txt")
    print(f"{reader.model}, {found['documents']} documents, {found['mentions']} gold mentions")
    print(f"{'':8}{'':8}" + "".join(f"{label:>24}" for label in (*GOLD.values(), "all")))
    for kind in ("spans", "names"):
        for who in ("bare", "ours"):
            row = found[who][kind].values()
            print(f"{kind:8}{who:8}" + "".join(f"{s['p']:9.3f}{s['r']:7.3f}{s['f1']:8.3f}" for s in row))
    price = cost(reader, given.data / "news.jsonl.gz", articles=given.articles, rounds=given.rounds)
    share, speed = price["overhead_of_pipe"], price["articles_per_cpu_second"]
    print(f"cost: {share:+.1%} of nlp.pipe, {speed} articles a CPU second")
    print(json.dumps({"bench": "entities", "model": reader.model, **found, "cost": price}))


if __name__ == "__main__":
    main()

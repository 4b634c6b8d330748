"""Seeded sets of stored queries made of real text, as wirewatch and as Lucene Monitor read them."""

import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, Literal

Kind = Literal["phrase", "and", "or", "near", "not"]
WORDS_BETWEEN = 5  # at most, of NEAR

# Of 100 queries, how many are of each kind, and how many phrases one has, from and to.
MIX: Mapping[Kind, tuple[int, int, int]] = {
    "phrase": (40, 1, 1),
    "and": (25, 2, 2),
    "or": (15, 3, 6),
    "near": (10, 2, 2),
    "not": (10, 4, 4),  # (A OR B) AND C AND NOT D
}
# By the words of a phrase: how many of 100 have so many, and in what share of the articles the rarest of its
# words may stand. Chosen so that about 5.5 of 1,000 queries hold for a document of 970 words.
COMMON: Mapping[int, tuple[int, float]] = {1: (15, 0.018), 2: (60, 0.06), 3: (25, 0.06)}
# Of the same world, but hardly ever said again.
DISTANT: Mapping[int, tuple[int, float]] = {3: (100, 0.005)}

TRIES = 1_000  # to draw one more query of a kind

# Plain words in a row: what tokenisers cut differently is left to the documents.
_RUN = re.compile(r"(?<!\S)[a-z]{2,}(?:\s[a-z]{2,})*(?=[.,;:!?]?(?:\s|$))")


@dataclass(frozen=True)
class Query:
    """One stored query: what its phrases, lower-case words between single spaces, are to each other."""

    kind: Kind
    phrases: tuple[str, ...]

    def rule(self) -> str:
        """Give it in the rule language."""
        quoted = [f'"{phrase}"' for phrase in self.phrases]
        match self.kind:
            case "phrase" | "or":
                return " OR ".join(quoted)
            case "and":
                return " AND ".join(quoted)
            case "near":
                return f" NEAR/{WORDS_BETWEEN} ".join(quoted)
            case "not":
                first, second, third, fourth = quoted
                return f"({first} OR {second}) AND {third} AND NOT {fourth}"

    def structure(self) -> dict[str, Any]:
        """Give it as a structure for JSON."""
        return asdict(self)

    def holds(self, words: Sequence[str], *, overlap: bool = False) -> bool:
        """Say plainly whether it holds for a document's words; NEAR's sides may overlap or not."""
        stand = [places(phrase.split(" "), words) for phrase in self.phrases]
        match self.kind:
            case "phrase" | "or":
                return any(stand)
            case "and":
                return all(stand)
            case "near":
                first, second = (phrase.count(" ") + 1 for phrase in self.phrases)
                between = (
                    max(left, right) - min(left + first, right + second)
                    for left in stand[0]
                    for right in stand[1]
                )
                return any(count <= WORDS_BETWEEN and (overlap or count >= 0) for count in between)
            case "not":
                return bool((stand[0] or stand[1]) and stand[2] and not stand[3])


def places(phrase: Sequence[str], words: Sequence[str]) -> list[int]:
    """Give the numbers of the words at which a phrase begins."""
    length = len(phrase)
    return [
        at for at, word in enumerate(words) if word == phrase[0] and list(words[at : at + length]) == phrase
    ]


def query_set(articles: Sequence[str], count: int, seed: int) -> list[Query]:
    """Give different queries, their phrases n-grams of the articles. A larger set begins with a smaller.

    Raises:
        ValueError: the articles do not have so many different n-grams.
    """
    return list(islice(_queries(articles, COMMON, random.Random(seed)), count))


def distant_set(articles: Sequence[str], count: int, seed: int) -> list[Query]:
    """Give queries about the articles' world whose phrases hardly any other article holds.

    Raises:
        ValueError: the articles do not have so many different n-grams.
    """
    return list(islice(_queries(articles, DISTANT, random.Random(seed)), count))


def _queries(
    articles: Sequence[str], lengths: Mapping[int, tuple[int, float]], choice: random.Random
) -> Iterator[Query]:
    """Draw different queries without end: first the kind, so that the mix is kept, then what fits it.

    A query's phrases are of one article, so that there are texts that hold them all; NEAR's stand near.
    """
    runs = [[run.split() for run in _RUN.findall(article.lower())] for article in articles]
    held = Counter(word for article in runs for word in {word for run in article for word in run})
    most = {words: share * len(articles) for words, (_, share) in lengths.items()}
    sources = [_phrases(article, most, held) for article in runs if article]
    kinds, weights = list(MIX), [weight for weight, _, _ in MIX.values()]
    sizes, shares = list(lengths), [share for share, _ in lengths.values()]
    seen: set[Query] = set()

    def phrase(
        source: Mapping[int, Mapping[int, str]], starts: range | None = None
    ) -> tuple[int, str] | None:
        known = source[choice.choices(sizes, shares)[0]]
        fitting = list(known) if starts is None else [start for start in starts if start in known]
        if not fitting:
            return None
        start = choice.choice(fitting)
        return start, known[start]

    def query(kind: Kind) -> Query | None:
        _, least, greatest = MIX[kind]
        wanted = choice.randint(least, greatest)
        source = choice.choice(sources)
        found: dict[str, int] = {}
        for _ in range(2 * wanted):
            starts = None
            if kind == "near" and found:
                ((before, start),) = found.items()
                end = start + before.count(" ") + 1
                starts = range(end, end + WORDS_BETWEEN + 1)
            if kind == "not" and len(found) == wanted - 1:
                source = choice.choice(sources)  # what must not be there is said elsewhere
            if one := phrase(source, starts):
                found.setdefault(one[1], one[0])
            if len(found) == wanted:
                return Query(kind, tuple(found))
        return None

    while sources:
        kind = choice.choices(kinds, weights)[0]
        drawn = (query(kind) for _ in range(TRIES))
        new = next((one for one in drawn if one is not None and one not in seen), None)
        if new is None:
            break
        seen.add(new)
        yield new
    raise ValueError(
        f"{len(articles)} articles have no more than {len(seen)} queries in them: give more text"
    )


def _phrases(
    runs: Sequence[Sequence[str]], most: Mapping[int, float], held: Mapping[str, int]
) -> Mapping[int, Mapping[int, str]]:
    """Give an article's phrases by their words and where they begin; between two runs lies too far."""
    found: dict[int, dict[int, str]] = {size: {} for size in most}
    first = 0
    for run in runs:
        rarity = [held[word] for word in run]
        for size, limit in most.items():
            for start in range(len(run) - size + 1):
                if min(rarity[start : start + size]) <= limit:
                    found[size][first + start] = " ".join(run[start : start + size])
        first += len(run) + WORDS_BETWEEN + 1
    return found

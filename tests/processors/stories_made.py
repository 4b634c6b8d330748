"""Articles for the tests of stories: made of words that a seed chooses, with names and numbers of their own."""

import random
from collections.abc import Sequence

from processors.fingerprints import Fingerprint, fingerprint
from processors.ids import article_revision
from processors.models import Article, Entities, Entity, Source

HOUR = 3_600_000
_SYLLABLES = [
    "ba",
    "cor",
    "den",
    "fi",
    "gar",
    "hol",
    "jun",
    "kel",
    "lom",
    "mir",
    "nor",
    "pal",
    "ras",
    "sto",
    "tuv",
]


def word(chance: random.Random) -> str:
    return "".join(chance.choice(_SYLLABLES) for _ in range(chance.randint(2, 4)))


def prose(seed: int, *, words: int = 200, numbers: int = 6) -> str:
    """Give sentences of 8 to 20 words that no other seed gives."""
    chance = random.Random(seed)
    said = [word(chance) for _ in range(words)]
    for place in chance.sample(range(words), min(numbers, words)):
        said[place] = str(chance.randint(2, 90_000))
    sentences, start = [], 0
    while start < words:
        length = chance.randint(8, 20)
        sentences.append(" ".join(said[start : start + length]).capitalize() + ".")
        start += length
    return " ".join(sentences)


def article(
    key: str,
    text: str,
    *,
    title: str = "",
    source: str | None = "One",
    language: str = "en",
    published: str | None = "2026-03-02T08:00:00Z",
) -> Article:
    return Article(
        key=key,
        id=key,
        revision=article_revision(title, text),
        title=title,
        text=text,
        source=Source(name=source),
        language=language,
        published=published,
        published_quality="exact" if published else "missing",
    )


def named(*names: str) -> Entities:
    items = [Entity(name=name, label="org", count=9 - place, mentions=[]) for place, name in enumerate(names)]
    return Entities(knowledge="known", items=items)


def printed(text: str, *, names: Sequence[str] = (), title: str = "", **given: str | None) -> Fingerprint:
    """Give the fingerprint of a text."""
    values = {"source": "One", "language": "en", "published": "2026-03-02T08:00:00Z"} | given
    made = article(
        "x",
        text,
        title=title,
        source=values["source"],
        language=values["language"] or "en",
        published=values["published"],
    )
    return fingerprint(made, named(*names))


def rewritten(text: str, seed: int, *, share: float = 0.15) -> str:
    """Give a text with a share of its words changed."""
    chance = random.Random(seed)
    return " ".join(word(chance) if chance.random() < share else each for each in text.split())


def first_sentences(text: str, count: int) -> str:
    return ".".join(text.split(".")[:count]) + "."

"""What an article is recognised by in other articles: sampled shingles, numbers, headline words and names."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from zlib import crc32

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from processors.models import Article, Entities, Source
from processors.query.inflection import inflection_stem

VERSION = 1
SHINGLE = 5  # words
MAX_WORDS = 20_000  # of a text that are looked at
OPENING = 120  # shingles: what is cut from an article is mostly its beginning
LEAD = 80  # words: who, what and where
MAX_BODY, MAX_OPENING, MAX_NUMBERS = 84, 44, 24  # hashes of a sample
MAX_HEADLINE, MAX_LEAD, MAX_NAMES = 12, 28, 20  # hashes of words
MIN_LETTERS = 4  # shorter words say little of what an article is about, where words are written apart

_MIX = [
    0x9E3779B97F4A7C15,
    0xC2B2AE3D27D4EB4F,
    0x165667B19E3779F9,
    0x27D4EB2F165667C5,
    0x85EBCA77C2B2AE63,
]
# Scripts written without spaces: one character is one word. Not the rule language's own words, which may change.
_SOLO = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# The first branch only saves time: most words are plain.
_WORD = re.compile(rf"[a-z]++(?![0-9\x80-\U0010ffff])|[^\W_{_SOLO}]++(?:[.,]\d+)*|[{_SOLO}]")
_INSIDE = re.compile(r"(?<=[\w,;)] )[^\W\d_]{3,}")  # not the first word of a sentence
_Hashes = NDArray[np.uint32]
_stem = lru_cache(50_000)(inflection_stem)


class Fingerprint(Struct, frozen=True, kw_only=True):
    """An article as others are compared with it: under 1 KiB, whatever its length.

    Samples and words are 32-bit hashes, little-endian, in the order in which they stand in the text. `body`,
    `opening` and `numbers` hold all hashes of theirs, or the smallest of them up to their bound.
    """

    version: int = VERSION
    language: str
    source: int  # hash of domain or name; 0 where there is neither
    published: int | None = None  # seconds since 1970; None where it is missing or can't be true
    words: int
    body: bytes  # of all shingles
    opening: bytes  # of those that begin in the first OPENING words
    numbers: bytes
    headline: bytes
    lead: bytes
    names: bytes


def fingerprint(article: Article, entities: Entities) -> Fingerprint:
    """Give an article's fingerprint, from its content alone: the same in every process and build of a version."""
    words = _WORD.findall(article.text.casefold())[:MAX_WORDS]
    title = _WORD.findall((article.title or article.text[:200].partition("\n")[0]).casefold())
    shingles = _shingles(words or title)
    return Fingerprint(
        language=article.language,
        source=_source(article.source),
        published=_seconds(article),
        words=len(words or title),
        body=_sample(shingles, MAX_BODY),
        opening=_sample(shingles[:OPENING], MAX_OPENING),
        numbers=_sample(_hashed(_numbers(words)), MAX_NUMBERS),
        headline=_first(_telling(title), MAX_HEADLINE),
        lead=_first(_telling(words[:LEAD]), MAX_LEAD),
        names=_first(_names(article, entities), MAX_NAMES),
    )


def hashes(sample: bytes) -> list[int]:
    """Give the hashes of a sample, in order."""
    found: list[int] = np.frombuffer(sample, "<u4").tolist()
    return found


def _source(source: Source) -> int:
    named = source.domain or source.name
    return crc32(named.casefold().encode()) or 1 if named else 0


def _seconds(article: Article) -> int | None:
    if article.published is None or article.published_quality == "future":
        return None
    return int(datetime.fromisoformat(article.published).timestamp())


def _numbers(words: Sequence[str]) -> list[str]:
    return [word.replace(",", "") for word in words if word < ":"]  # begins with a digit


def _telling(words: Iterable[str]) -> list[str]:
    return [_stem(word) for word in words if (len(word) >= MIN_LETTERS or word >= "\u0e00") and word > ":"]


def _names(article: Article, entities: Entities) -> list[str]:
    """Give names, most frequent first: of a person the last; capitalised words where no model reads the language."""
    if entities.knowledge != "known":
        return [word.casefold() for word in _INSIDE.findall(article.text[:20_000]) if word[0].isupper()]
    ranked = sorted(entities.items, key=lambda entity: (-entity.count, entity.name))
    names = [(entity.name.casefold(), entity.label) for entity in ranked]
    return [name.split()[-1] if label == "person" and name.split() else name for name, label in names]


def _hashed(words: Sequence[str]) -> _Hashes:
    # At once: a word holds no white space.
    encoded = "\n".join(words).encode("utf-8", "surrogatepass").split(b"\n") if words else []
    return np.fromiter(map(crc32, encoded), np.uint32, len(encoded))


def _shingles(words: Sequence[str]) -> _Hashes:
    """Give a hash of each run of SHINGLE words; of a shorter text, of all of it."""
    each = _hashed(words).astype(np.uint64)
    width = min(SHINGLE, len(each))
    count = len(each) - width + 1 if width else 0
    mixed = np.zeros(count, np.uint64)
    for place in range(width):
        mixed = (mixed ^ each[place : place + count]) * np.uint64(_MIX[place])
        mixed ^= mixed >> np.uint64(29)
    return (mixed >> np.uint64(32)).astype(np.uint32)


def _sample(values: _Hashes, limit: int) -> bytes:
    """Give the `limit` smallest of the distinct hashes, in the order in which they stand."""
    _, first = np.unique(values, return_index=True)  # smallest first
    return values[np.sort(first[:limit])].astype("<u4").tobytes()


def _first(words: Iterable[str], limit: int) -> bytes:
    return _hashed(list(dict.fromkeys(words))[:limit]).astype("<u4").tobytes()

"""Ids computed from content alone, so that a replay repeats them."""

import hashlib
from zlib import crc32

import msgspec


def content_id(*parts: str) -> str:
    """Give the 128-bit id, as 32 hex digits, of a sequence of strings.

    Each part is preceded by its length, so ("ab", "c") and ("a", "bc") differ.
    """
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()


def article_revision(title: str, text: str) -> str:
    """Give the id of what an article says: its clean title and text."""
    return content_id("article", title, text)


def match_id(rule_id: str, article_key: str, revision: str) -> str:
    """Give the id of one rule's hit on one revision of an article."""
    return content_id("match", rule_id, article_key, revision)


def alert_id(rule_id: str, founding_article_key: str) -> str:
    """Give the id of the alert that a rule opened on the article that founded it."""
    return content_id("alert", rule_id, founding_article_key)


def rule_revision(definition: object) -> str:
    """Give the id of what a rule says, from any JSON-like value that holds all of it."""
    return content_id("rule", msgspec.json.encode(definition, order="sorted").decode())


def shard_of(rule_id: str, shards: int) -> int:
    """Give the shard, 0 to shards - 1, in which all matches of a rule meet."""
    return crc32(rule_id.encode()) % shards


def story_id(founding_article_key: str) -> str:
    """Give the id of the story that an article founded."""
    return content_id("story", founding_article_key)

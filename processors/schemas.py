"""The JSON Schema of each topic's payload, of an explanation and of rule files, generated from the code."""

from typing import Any

import msgspec

from processors.models import Alert, ArticlePayload, DroppedPayload, EnrichedPayload, MatchPayload
from processors.query.explain import Explanation

DRAFT = "https://json-schema.org/draft/2020-12/schema"
PAYLOADS: dict[str, type[msgspec.Struct]] = {
    "articles": ArticlePayload,
    "articles.enriched": EnrichedPayload,
    "articles.dropped": DroppedPayload,
    "matches": MatchPayload,
    "alerts": Alert,
}
# What stands on no topic.
OBJECTS: dict[str, type[msgspec.Struct]] = {"explanation": Explanation}
# `articles.dead` has none: its value is the original bytes, and all else is in its headers.


def schema(name: str) -> dict[str, Any]:
    """Give the JSON Schema (draft 2020-12) of a topic's payload or of an object, version 1."""
    return {
        "$schema": DRAFT,
        "title": f"{name}, version 1",
        **msgspec.json.schema((PAYLOADS | OBJECTS)[name]),
    }

"""The JSON Schema of each topic's payload, generated from the models."""

from typing import Any

import msgspec

from processors.models import Alert, ArticlePayload, DroppedPayload, EnrichedPayload, MatchPayload

PAYLOADS: dict[str, type[msgspec.Struct]] = {
    "articles": ArticlePayload,
    "articles.enriched": EnrichedPayload,
    "articles.dropped": DroppedPayload,
    "matches": MatchPayload,
    "alerts": Alert,
}
# `articles.dead` has none: its value is the original bytes, and all else is in its headers.


def schema(topic: str) -> dict[str, Any]:
    """Give the JSON Schema (draft 2020-12) of a topic's payload, version 1."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"{topic}, version 1",
        **msgspec.json.schema(PAYLOADS[topic]),
    }

"""The JSON Schema of each topic's payloads, of an explanation and of rule files, generated from the code."""

from typing import Any, get_args

import msgspec

from processors.models import (
    Alert,
    ArticlePayload,
    DroppedPayload,
    EnrichedPayload,
    MarkKind,
    MatchPayload,
    Severity,
)
from processors.pack import Concept, Rule
from processors.query.concepts import MOST_TEXTS
from processors.query.explain import Explanation
from processors.rulefile import FAMILY, RULE_ID
from processors.rulerecords import Manifest

# A concept is named in its file without its pack, which calls of it may give.
_CONCEPT = r"[a-z0-9]+(?:[-_.][a-z0-9]+)*"
DRAFT = "https://json-schema.org/draft/2020-12/schema"
PAYLOADS: dict[str, type[msgspec.Struct]] = {
    "articles": ArticlePayload,
    "articles.enriched": EnrichedPayload,
    "articles.dropped": DroppedPayload,
    "matches": MatchPayload,
    "alerts": Alert,
    # The topic `rules` holds three kinds of record, told apart by their keys.
    "rules.rule": Rule,
    "rules.concept": Concept,
    "rules.manifest": Manifest,
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


def rule_file() -> dict[str, Any]:
    """Give the JSON Schema of a rule file, for editors; what queries say is for `wirewatch rules check`."""
    text, texts = {"type": ["string", "number"]}, {"type": "array", "items": {"type": ["string", "number"]}}
    example = {"title": _said("Headline of the example.", text), "text": _said("Text of the example.", text)}
    finds = {"finds": _said("What the evidence must contain, as it stands in the text.", texts)}
    rule = {
        "id": _said(
            "Unique over all files; begins with the pack: military-posture/troop-build-up.",
            {"type": "string", "pattern": f"^({RULE_ID.pattern})$", "maxLength": 120},
        ),
        "title": _said(
            "What an alert of it is called.", {"type": "string", "minLength": 1, "maxLength": 200}
        ),
        "severity": _said("How urgent an alert of it is.", {"enum": list(get_args(Severity))}),
        "description": _said("What it is for, in a sentence or two.", {"type": "string", "maxLength": 4_000}),
        "families": _said(
            "What it belongs to, in capitals: MILITARY_POSTURE.",
            {"type": "array", "items": {"type": "string", "pattern": f"^({FAMILY.pattern})$"}},
        ),
        "query": _said(
            "Which articles it is for, as docs/reference/query-language.md says, on the lines after `query: |`.",
            {"type": "string", "minLength": 1},
        ),
        "exclude": _said(
            "Marks whose hits do not count, as docs/reference/certainty.md says: what is long past, fiction, denied.",
            {"type": "array", "items": {"enum": list(get_args(MarkKind))}},
        ),
        "examples": _said(
            "Texts that show what it does; `wirewatch rules test` runs them.",
            _mapping(
                {
                    "fires": _said("Texts it must fire on.", _examples(example | finds)),
                    "silent": _said("Texts it must not fire on.", _examples(example)),
                }
            ),
        ),
    }
    concepts = {
        "type": "object",
        "propertyNames": {"pattern": f"^({_CONCEPT})$"},
        "additionalProperties": {**texts, "minItems": 1, "maxItems": MOST_TEXTS},
    }
    return {
        "$schema": DRAFT,
        "title": "wirewatch rule file",
        **_mapping(
            {
                "rules": _said(
                    "Each fires where its query holds.",
                    {"type": "array", "items": _mapping(rule, "id", "title", "severity", "query")},
                ),
                "concepts": _said(
                    "Lists of words and patterns that queries call by name: concept:troops. Words side by side "
                    "in an entry are a phrase.",
                    concepts,
                ),
            }
        ),
        "minProperties": 1,
    }


def _said(description: str, form: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, **form}


def _mapping(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    form = {"type": "object", "additionalProperties": False, "properties": properties}
    return form | ({"required": list(required)} if required else {})


def _examples(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": {"anyOf": [{"type": ["string", "number"]}, _mapping(properties)]}}

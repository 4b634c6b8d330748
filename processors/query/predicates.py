"""What may follow `person:`, `place:`, `concept:`, `language:`, `source:` and their kin."""

import re
from collections.abc import Callable
from typing import get_args

from processors.models import Label
from processors.query.lexer import Fault, Limits, faults_of_words
from processors.query.tree import Concept, Filter, Named, Node

CONCEPT_NAME = re.compile(r"(?:[a-z0-9]+(?:[-_.][a-z0-9]+)*/)?[a-z0-9]+(?:[-_.][a-z0-9]+)*")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}")
_COUNTRY = re.compile(r"[A-Za-z]{2}")


def full_name(concept: str, pack: str) -> str:
    """Give a concept's name with its pack's, which is left out for one's own."""
    return concept if "/" in concept or not pack else f"{pack}/{concept}"


def predicate(name: str, value: str, *, pack: str, start: int, end: int) -> Node | Fault:
    """Give the piece that a predicate and one value make, or what is wrong with the value."""
    fault = _FAULTS[name](value.strip())
    if fault:
        return fault
    value = value.strip()
    match name:
        case "person" | "place" | "org" | "group":
            return Named(start=start, end=end, label=name, name=value)
        case "entity":
            return Named(start=start, end=end, label=value)  # type: ignore[arg-type]  # looked up in _FAULTS
        case "concept":
            return Concept(start=start, end=end, name=full_name(value, pack))
    return Filter(start=start, end=end, field=name, value=value)  # type: ignore[arg-type]  # the rest are fields


def _name(value: str) -> Fault | None:
    return next(faults_of_words(value, Limits().words), None)


def _entity(value: str) -> Fault | None:
    labels = get_args(Label)
    if value in labels:
        return None
    remedy = f'write one of these; to find one entity, name its kind: {labels[0]}:"{value[:40]}"'
    return f"`{value[:40]}` is no kind of entity", ", ".join(labels), remedy


def _concept(value: str) -> Fault | None:
    if CONCEPT_NAME.fullmatch(value):
        return None
    expected = "lower-case letters, digits and hyphens; another pack's name before a slash"
    return (
        f"`{value[:40]}` can't be a concept",
        expected,
        "write concept:troops or concept:military-posture/troops",
    )


def _language(value: str) -> Fault | None:
    if _LANGUAGE.fullmatch(value):
        return None
    return f"`{value[:40]}` is no code of a language", "two letters of ISO 639-1", "write language:en"


def _country(value: str) -> Fault | None:
    if _COUNTRY.fullmatch(value):
        return None
    expected = "two letters of ISO 3166-1"
    return (
        f"`{value[:40]}` is no code of a country",
        expected,
        "write origin:KZ; for places in the text, place:Kazakhstan",
    )


def _tier(value: str) -> Fault | None:
    if value.isdecimal() and len(value) < 4:
        return None
    return f"`{value[:40]}` is no tier", "a number, 1 the most trusted", "write source:tier:1"


_FAULTS: dict[str, Callable[[str], Fault | None]] = {
    **dict.fromkeys(("person", "place", "org", "group", "source", "section"), _name),
    "entity": _entity,
    "concept": _concept,
    "language": _language,
    "origin": _country,
    "tier": _tier,
}

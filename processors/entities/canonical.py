"""Brings mentions of one person, place, organisation or group together under one name."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from processors.entities.facts import Facts
from processors.entities.gazetteer import Gazetteer
from processors.entities.spans import Span
from processors.models import Label

DEFINED = re.compile(r" \(([A-Z][A-Za-z&.-]{1,9})\)")
SUFFIX = re.compile(r",? (?:Inc|Corp|Ltd|LLC|PLC|plc|Co|AG|SA|NV)\.?$")
DOTTED = re.compile(r"(?:[A-Z]\.)+")
WORDS = re.compile(r"[\w'’.-]+")
Key = tuple[Label, str]


def fold(text: str) -> str:
    """Give a form in which spellings of one name are equal: no case, accents or double spaces."""
    plain = text.casefold()
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return " ".join(plain.replace("’", "'").split())


def grouped(
    spans: Sequence[Span], text: str, facts: Facts, gazetteer: Gazetteer
) -> list[tuple[str, Label, list[Span]]]:
    """Give each entity once: its canonical name, its kind and its spans in order.

    Most frequent first, then by where it first stands.
    """
    forms = [" ".join(text[span.start : span.end].split()) for span in spans]
    people = _people({form for form, span in zip(forms, spans, strict=True) if span.label == "person"})
    acronyms = _acronyms(text, spans, forms)
    groups: dict[Key, list[int]] = {}
    names: dict[Key, str] = {}
    for index, (form, span) in enumerate(zip(forms, spans, strict=True)):
        name: str | None = None
        if span.label == "person":
            name = people.get(form)
        elif span.label == "group":
            name = gazetteer.groups.get(form)
        elif span.label == "place":
            name = gazetteer.places.get(form)
        elif span.label == "org":
            name = gazetteer.orgs.get(form)
        if name is None and span.label in ("org", "place"):
            name = acronyms.get(form.replace(".", "") if DOTTED.fullmatch(form) else form)
        key = (span.label, _key(name or form, span.label))
        groups.setdefault(key, []).append(index)
        if name:
            names.setdefault(key, name)
    result = []
    for key, members in groups.items():
        name = names.get(key) or Counter(forms[i] for i in members).most_common(1)[0][0]
        result.append((name, key[0], [spans[i] for i in members]))
    result.sort(key=lambda entity: (-len(entity[2]), entity[2][0].start))
    return result


def _key(form: str, label: Label) -> str:
    key = fold(form.replace(".", "") if DOTTED.fullmatch(form) else form).removeprefix("the ")
    if label == "org":
        key = SUFFIX.sub("", key) or key
    return key


def _people(forms: set[str]) -> dict[str, str]:
    """Map each way a person is written to the fullest, where only one person can be meant."""
    words = {form: [fold(word).strip(".") for word in WORDS.findall(form)] for form in forms}
    full = sorted(
        (form for form in forms if len(words[form]) > 1), key=lambda form: (-len(words[form]), form)
    )
    canonical: dict[str, str] = {}
    chosen: list[str] = []
    for form in full:
        same = [other for other in chosen if _is_same(words[form], words[other])]
        canonical[form] = same[0] if len(same) == 1 else form
        if not same:
            chosen.append(form)
    for form in forms - canonical.keys():
        parts = words[form]
        if not parts:
            continue
        by_end = [other for other in chosen if words[other][-len(parts) :] == parts]
        candidates = by_end or [other for other in chosen if words[other][0] == parts[0]]
        others = [other for other in chosen if parts[0] in words[other]]
        if len(candidates) == 1 and len(others) == 1:
            canonical[form] = candidates[0]
    return canonical


def _is_same(short: list[str], long: list[str]) -> bool:
    """Tell whether a name of several words is a longer one with words left out."""
    if short == long or short == long[-len(short) :]:
        return True
    return short[0] == long[0] and short[-1] == long[-1] and set(short) <= set(long)


def _acronyms(text: str, spans: Sequence[Span], forms: Sequence[str]) -> dict[str, str]:
    """Map acronyms to the names that the text defines them by: Long Name (LN)."""
    found: dict[str, str] = {}
    ends = {span.end: form for span, form in zip(spans, forms, strict=True)}
    for match in DEFINED.finditer(text):
        name = ends.get(match.start())
        short = match[1].replace(".", "")
        if name and _initials_fit(short, name):
            found[match[1]] = name
            found[name] = name
    return found


def _initials_fit(short: str, name: str) -> bool:
    words = [word for word in re.split(r"[\s-]+", name) if word]
    capitals = "".join(word[0] for word in words if word[0].isupper()).upper()
    everything = "".join(word[0] for word in words).upper()
    return short.upper() in (capitals, everything) and len(short) > 1

"""Knows which places lie within which, so that a rule for a country finds its towns."""

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from heapq import merge
from itertools import chain
from operator import itemgetter
from typing import NamedTuple

from processors.entities.canonical import fold

MARKS = re.compile("['‘’ʼʻʹ`´.]")
SPACES = re.compile(r"[\s\-‐‑–]+")
NAMED_AFTER = re.compile(r",\s+((?:[^\W\d_][\w.'’-]*\s?){1,4})")
# What a name of a part of a country may end in; without it, it often names the town that the part is called after.
KINDS = (
    *("oblast", "region", "province", "governorate", "krai", "prefecture", "state", "district", "county"),
    *("department", "canton", "voivodeship", "autonomous republic", "peoples republic", "republic"),
)
NEAR = 0.75  # of difflib's ratio: one letter missing, doubled or swapped in a name of five


class Bearer(NamedTuple):
    """A place as a list has it. Which of the bearers of a name it means is settled by `weight`, the higher first."""

    key: Hashable
    name: str
    within: tuple[Hashable, ...]  # keys of what it lies directly in, the one that tells it apart first
    weight: tuple[int, int]  # rank, then inhabitants
    forms: tuple[str, ...] = ()  # other names of it
    form_weight: tuple[int, int] = (0, 0)  # of those: the strength of its claim to them


@dataclass(frozen=True)
class Places:
    """Places by folded name, and what each lies directly in.

    A name means its weightiest bearer; another one is called "paris, texas". `names` maps every other form to
    the place, `parents` a place to what it lies in, `namesakes` a form to its other bearers, weightiest first.
    """

    names: Mapping[str, str]
    parents: Mapping[str, tuple[str, ...]]
    namesakes: Mapping[str, tuple[str, ...]]

    def find(self, name: str) -> str | None:
        """Give the place that a name means, by its folded canonical name.

        "Paris, Texas" is the Paris in Texas. "Donetsk region" is looked for as "Donetsk oblast" and the like,
        then as "Donetsk".
        """
        form = folded(name)
        place = self._meant(form) or self._meant(form.replace(", ", " "))  # Washington, D.C.
        if place is not None:
            return place
        head, comma, tail = form.partition(", ")
        if comma:
            outer = self.find(tail)
            if outer is None:
                return None if head in self.namesakes else self.find(head)
            return next((place for place in self._bearers(head) if outer in self._around(place)), None)
        for kind in KINDS:
            stem = form.removesuffix(" " + kind)
            if stem != form:
                places = (self._meant(f"{stem} {other}") for other in KINDS)
                return next((place for place in places if place), self._meant(stem))
        return None

    def known(self, name: str) -> bool:
        """Tell whether a name is that of a known place."""
        return self.find(name) is not None

    def key(self, name: str) -> str:
        """Give what `within` has for a place: the folded canonical name, of an unknown one the folded name.

        A place lies in the one that a rule names where `key` of the rule's name is `within` the place's.
        """
        return self.find(name) or folded(name)

    def within(self, name: str) -> frozenset[str]:
        """Give the folded canonical names of all that contains a place, itself included.

        An unknown place contains itself, and "Nowhere, Ohio" lies in what Ohio lies in.
        """
        place, tail = self.key(name), folded(name).partition(", ")[2]
        if place in self.parents:
            return self._around(place)
        return frozenset({place}) | (self.within(tail) if self.known(tail) else frozenset())

    def as_written(self, name: str, after: str) -> str:
        """Give `name` together with the place that the text `after` it sets it in, if that changes its meaning.

        "Paris" before ", Texas, on Monday" is "paris, texas"; before ", she said" it stays "Paris".
        """
        others = self.namesakes.get(folded(name))
        named = NAMED_AFTER.match(after) if others else None
        words = named[1].split() if named else []
        for end in range(len(words), 0, -1):
            place = self.find(f"{name}, {' '.join(words[:end]).rstrip('.')}")
            if place is not None:
                return place
        return name

    def nearest(self, name: str) -> str | None:
        """Give the known form nearest in spelling, of those with the same first letter; None if none is near."""
        form = folded(name)
        forms = chain(self.parents, self.names)
        near = (other for other in forms if other[:1] == form[:1] and abs(len(other) - len(form)) < 3)
        return next(iter(get_close_matches(form, near, n=1, cutoff=NEAR)), None)

    def _meant(self, form: str) -> str | None:
        return self.names.get(form) or (form if form in self.parents else None)

    def _bearers(self, form: str) -> Iterator[str]:
        place = self._meant(form)
        if place is not None:
            yield place
        yield from self.namesakes.get(form, ())

    def _around(self, place: str) -> frozenset[str]:
        found, waiting = {place}, [place]
        while waiting:
            outer = [parent for parent in self.parents[waiting.pop()] if parent not in found]
            found.update(outer)
            waiting += outer
        return frozenset(found)


UNCHARTED = Places({}, {}, {})  # each place lies in itself alone


def folded(name: str) -> str:
    """Give a form in which spellings of a place's name are equal: no case, accents, apostrophes, stops or hyphens."""
    if name.isascii() and name.isalpha():
        return name.lower()  # most names, at a fifth of the time
    plain = SPACES.sub(" ", MARKS.sub("", fold(name.replace("-", " ")))).strip().removeprefix("the ")
    return f" {plain}".replace(" st ", " saint ")[1:]


def placed(bearers: Iterable[Bearer]) -> Places:
    """Settle what each name means.

    A place that lies in one of the same name (Luxembourg, New York) is taken for the same place. Of two with
    one name in the same place, the weightier stays.

    Raises:
        KeyError: a bearer lies within a key that no bearer has.
    """
    ordered = sorted(bearers, key=lambda bearer: bearer.weight, reverse=True)
    by_key = {bearer.key: bearer for bearer in ordered}
    own = {bearer.key: folded(bearer.name) for bearer in ordered}
    claims = _claims(ordered, own)
    roots = {form: _outermost(form, claim, by_key, own) for form, claim in claims.items()}
    ids: dict[Hashable, str] = {}
    for bearer in ordered:
        _name(bearer, by_key, own, roots, ids)

    parents: dict[str, tuple[str, ...]] = {}
    shared: dict[tuple[str, ...], tuple[str, ...]] = {}  # one tuple for all towns of a province saves memory
    for key, bearer in by_key.items():
        place = ids[key]
        if place != own[key] or roots[place] == key:
            outer = tuple(dict.fromkeys(ids[around] for around in bearer.within))
            parents.setdefault(place, shared.setdefault(outer, outer))
    names: dict[str, str] = {}
    namesakes: dict[str, tuple[str, ...]] = {}
    for form, claim in claims.items():
        first, *others = dict.fromkeys(ids[key] for key in claim)
        if first != form:
            names[form] = first
        if others:
            namesakes[form] = tuple(others)
    return Places(names=names, parents=parents, namesakes=namesakes)


def _claims(ordered: Sequence[Bearer], own: Mapping[Hashable, str]) -> dict[str, list[Hashable]]:
    """Give by folded form the keys of those who bear it, the strongest claim first."""
    by_name = ((bearer.weight, (own[bearer.key],), bearer.key) for bearer in ordered)
    rest = sorted((bearer for bearer in ordered if bearer.forms), key=lambda b: b.form_weight, reverse=True)
    by_form = (
        (bearer.form_weight, dict.fromkeys(filter(None, map(folded, bearer.forms))), bearer.key)
        for bearer in rest
    )
    claims: dict[str, list[Hashable]] = {}
    for _, forms, key in merge(by_name, by_form, key=itemgetter(0), reverse=True):
        for form in forms:
            keys = claims.setdefault(form, [])
            if key not in keys:
                keys.append(key)
    return claims


def _outermost(
    form: str, claim: Sequence[Hashable], by_key: Mapping[Hashable, Bearer], own: Mapping[Hashable, str]
) -> Hashable:
    """Give whom a form means, or the outermost of that name around it; None where it is not that one's name."""
    meant = claim[0]
    if own[meant] != form:
        return None
    around = meant
    for _ in claim[1:]:
        outer = (key for key in claim if own[key] == form and _contains(key, by_key[around], by_key))
        around = next(outer, around)
    return around


def _name(
    bearer: Bearer,
    by_key: Mapping[Hashable, Bearer],
    own: Mapping[Hashable, str],
    roots: Mapping[str, Hashable],
    ids: dict[Hashable, str],
) -> str:
    """Give a place's canonical name, and keep it: its own, or that and what it lies in where another is meant."""
    if bearer.key not in ids:
        name = own[bearer.key]
        root = roots[name]
        if root is None or (root != bearer.key and not _contains(root, bearer, by_key)):
            outer = (_name(by_key[key], by_key, own, roots, ids) for key in bearer.within[:1])
            name = f"{name}, {next(outer, 'elsewhere')}"
        ids[bearer.key] = name
    return ids[bearer.key]


def _contains(outer: Hashable, inner: Bearer, by_key: Mapping[Hashable, Bearer]) -> bool:
    return any(key == outer or _contains(outer, by_key[key], by_key) for key in inner.within)

"""Builds a language's gazetteer from packages that keep such lists: CLDR, country facts, given names."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

import faker.providers.person as person_providers
import msgspec
from babel import Locale, UnknownLocaleError

from processors.entities import facts
from processors.entities.gazetteer import Gazetteer

UNIONS = ("EU", "UN")
NOT_PLACES = {"EU", "EZ", "UN", "ZZ", "XA", "XB", "QO", "001"}  # unions and code points, not territories
LATIN = re.compile(r"[A-Za-zÀ-ɏ' ’.-]+")
PLAIN = re.compile(r"[A-Za-z' ]+")


class Country(msgspec.Struct, frozen=True, rename={"alternatives": "altSpellings", "zones": "timezoneNames"}):
    """What is taken of countryinfo's facts of a country."""

    name: str = ""
    ISO: dict[str, Any] | None = None
    alternatives: list[str] = []
    demonym: str | None = None
    capital: Any = None
    provinces: list[str] | None = None
    zones: list[str] | None = None


def load(language: str) -> Gazetteer:
    """Give the gazetteer of a language by ISO 639-1 code; empty where CLDR doesn't know it."""
    try:
        locale = Locale(language)
    except UnknownLocaleError:
        return Gazetteer()
    people = given_names()
    territories = _territories(locale, language)
    places = {form: name for name, forms in territories.values() for form in forms}
    sure = {name for name, _ in territories.values()}
    nationals, languages = _demonyms(language), _languages(locale, language)
    if language == "en":
        capitals = set(_capitals())
        sure |= capitals
        lands = (country.name for country in _countries() if _is_name(country.name))
        for city in (*lands, *capitals, *_cities(), *_provinces()):
            places.setdefault(city, city)
    places |= {
        short: territories[code][0] for short, code in facts.of(language).short.items() if code in territories
    }
    groups = {form: word for word in nationals | languages for form in (word, _plural(word))}
    sure |= {form for word in nationals - places.keys() for form in (word, _plural(word))}
    return Gazetteer(
        places=places,
        groups={form: name for form, name in groups.items() if form not in places},
        orgs=_unions(locale),
        given_names=people - places.keys(),
        certain=tuple(sorted(form for form in sure - people if len(form) > 3)),
    )


def _territories(locale: Locale, language: str) -> dict[str, tuple[str, set[str]]]:
    """Give by code each territory's name and the forms that it is written in."""
    known = {country.ISO["alpha2"]: country for country in _countries() if country.ISO and country.name}
    found = {}
    for code, cldr in locale.territories.items():
        if code in NOT_PLACES:
            continue
        name = re.sub(r"\s*\(.*\)$", "", cldr).replace("R.A.S. chinoise de ", "")
        name = name.replace(" SAR China", "").replace(" & ", " and ").replace("St. ", "Saint ")
        former = re.findall(r"\((\w+)\)$", cldr)  # Myanmar (Burma)
        forms = {*former, cldr, name, cldr.replace(" & ", " and "), name.replace("’", "'")}
        if language == "en" and code in known:
            common = known[code].name
            forms |= {form for form in (common, *known[code].alternatives) if _is_name(form)}
            if PLAIN.fullmatch(common) and not PLAIN.fullmatch(name):
                name = common
        found[code] = (name, {form for form in forms if form[:1].isupper()})
    return found


def _unions(locale: Locale) -> dict[str, str]:
    """Give the unions of states that CLDR codes beside states, by name and by code, with full stops too."""
    names = {code: locale.territories[code] for code in UNIONS}
    dotted = {".".join(code) + ".": name for code, name in names.items()}
    return {**names, **dotted, **{name: name for name in names.values()}}


def _is_name(form: str) -> bool:
    return len(form) > 3 and bool(LATIN.fullmatch(form))


def _capitals() -> Iterator[str]:
    for country in _countries():
        capital = country.capital
        if isinstance(capital, str) and _is_name(capital) and not capital.startswith("The "):
            yield capital
            yield capital.removesuffix(" D.C.")


def _cities() -> Iterator[str]:
    """Give the cities that time zones are named after."""
    for country in _countries():
        for zone in country.zones or ():
            city = zone.rpartition("/")[2].replace("_", " ")
            if _is_name(city):
                yield city


def _provinces() -> Iterator[str]:
    people, compass = given_names(), facts.of("en").compass
    for country in _countries():
        for province in country.provinces or ():
            if _is_name(province) and province not in people and province.lower() not in compass:
                yield province


def _demonyms(language: str) -> set[str]:
    """Give the words for the people of each country, in the singular."""
    if language != "en":
        return set()
    words = (
        word.strip() for country in _countries() for word in re.split(r"[,/]| and ", country.demonym or "")
    )
    return {word for word in words if _is_name(word) and not word.endswith("Islander")}


def _languages(locale: Locale, language: str) -> set[str]:
    """Give the languages that are called as their speakers are."""
    names = locale.languages.values()
    if language == "en":
        return {name for name in names if re.fullmatch(r"[A-Z][a-z]+(?:i|ian|ish|ese)", name)}
    if language == "fr":
        return {name.capitalize() for name in names if name.isalpha() and len(name) > 3}
    return set()


def _plural(word: str) -> str:
    return word if word.endswith(("s", "sh", "se", "ch")) else word + "s"


@cache
def _countries() -> tuple[Country, ...]:
    """Read the package's files ourselves: its own loader keeps every country's border in memory."""
    found = []
    for folder in ("data_no_iso", "data"):  # the sovereign ones last: they own their codes
        for file in sorted((files("countryinfo") / folder).iterdir(), key=lambda file: file.name):
            if file.name.endswith(".json"):
                found.append(msgspec.json.decode(file.read_bytes(), type=Country))
    return tuple(found)


@cache
def given_names() -> frozenset[str]:
    """Give the given names of all locales that are written in Latin letters."""
    names: set[str] = set()
    for module in pkgutil.iter_modules(person_providers.__path__):
        provider = importlib.import_module(f"{person_providers.__name__}.{module.name}").Provider
        for attribute in vars(provider):
            if attribute.startswith("first_name"):
                value = getattr(provider, attribute)
                if isinstance(value, (tuple, list, dict)):
                    names.update(name for name in value if isinstance(name, str) and LATIN.fullmatch(name))
    return frozenset(names)

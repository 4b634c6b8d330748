"""A phrase finds the ways it is written, where they stand, and nothing that only resembles it."""

import pytest

from processors.models import Article, Evidence
from processors.query.matcher import Matcher
from processors.query.parse import parse


def found(query: str, text: str, title: str = "") -> list[Evidence]:
    tree = parse(query)
    assert not isinstance(tree, list), [str(error) for error in tree]
    article = Article(key="k", id="k", revision="r", title=title, text=text)
    hits = Matcher([(query, tree)]).match(article)
    return hits[0].evidence if hits else []


def texts(query: str, text: str) -> list[str]:
    return [item.text for item in found(query, text)]


VARIANTS = {
    "as written": "troop build-up",
    "joined": "troop buildup",
    "parted": "troop build up",
    "en dash": "troop build–up",
    "em dash": "troop build—up",
    "non-breaking hyphen": "troop build\u2011up",
    "hyphen U+2010": "troop build\u2010up",
    "minus sign": "troop build\u2212up",
    "soft hyphen inside a word": "tro\u00adop build-up",
    "soft hyphen for the hyphen": "troop build\u00adup",
    "no-break space": "troop\u00a0build-up",
    "thin space": "troop\u2009build-up",
    "two spaces": "troop  build-up",
    "line break at the space": "troop\nbuild-up",
    "line break after the hyphen": "troop build-\nup",
    "spaced hyphen": "troop build - up",
    "hyphens only": "troop-build-up",
    "title case": "Troop Build-Up",
    "capitals": "TROOP BUILD-UP",
    "plural": "troop build-ups",
    "first word plural": "troops build-up",
    "plural possessive": "troops' build-up",
    "curly plural possessive": "troops’ build-up",
    "possessive": "troop's build-up",
    "curly possessive": "troop’s build-up",
    "full-width": "ｔｒｏｏｐ　ｂｕｉｌｄ－ｕｐ",
    "zero-width space": "tro\u200bop build-up",
    "quoted word": "troop “build-up",
}


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS.keys())
@pytest.mark.parametrize(
    "frame", ["{}", "Über a {} today.", "“{}”", "‘{}’, they said", "(\n{}\n)", "İİß: {}!"]
)
def test_a_variant_is_found_at_its_own_offsets(variant: str, frame: str) -> None:
    text = frame.format(variant)
    (evidence,) = found('"troop build-up"', text)
    assert evidence.text == variant
    assert (evidence.start, evidence.end) == (text.index(variant), text.index(variant) + len(variant))
    assert text[evidence.start : evidence.end] == variant


@pytest.mark.parametrize(
    "text",
    [
        "troop built up",
        "trooper build-up",
        "troop. Build-up",
        "paratroop build-up",
        "troop\n\nbuild-up",
        "troop; build-up",
        "troop: build-up",
        "troop, build-up",
        "troop? Build-up",
        "build-up troop",
        "troopbuild-up",
        "troop build",
        "troop build-upper",
        "troop … build-up",
        "troop the build-up",
    ],
)
def test_what_only_resembles_it_is_not_found(text: str) -> None:
    assert found('"troop build-up"', text) == []


def test_a_hyphen_on_either_side_allows_joining_and_a_space_alone_does_not() -> None:
    assert texts('"troop buildup"', "a troop build-up, a troop build–up") == [
        "troop build-up",
        "troop build–up",
    ]
    assert texts('"troop buildup"', "they troop build up") == []
    assert texts('"airstrike buildup"', "air-strikes build-up") == ["air-strikes build-up"]
    assert texts("buildup OR upgrade", "a build-up-grade") == ["build-up", "up-grade"]
    assert texts('"may be"', "maybe") == []
    assert texts("maybe", "it may be, may-be") == ["may-be"]
    assert texts('"air-strike"', "Airstrikes and air strikes") == ["Airstrikes", "air strikes"]


def test_a_word_in_capitals_does_not_find_its_lower_case_form() -> None:
    assert texts("US", "US, us, U.S., U.S, Us") == ["US", "U.S.", "U.S", "Us"]
    assert texts("NATO", "Nato and nato and NATO's and NATO-led") == ["Nato", "NATO", "NATO"]
    assert texts('"US troops"', "tell us troops are near; U.S. troops; US troop") == [
        "U.S. troops",
        "US troop",
    ]
    assert texts("ICBM", "two ICBMs") == ["ICBMs"]
    assert texts("AIDS", "Aid agencies aid; AIDS; Aids") == ["AIDS", "Aids"]
    assert texts("U.S.", "the US and us") == ["US"]


def test_an_equals_sign_asks_for_this_form_and_case_only() -> None:
    assert texts('="US"', "US, U.S., us, Us, US's, US-led") == ["US", "US", "US"]
    assert texts('="massing troops"', "Massing troops, massed troops, massing troop, massing\n troops") == [
        "massing\n troops"
    ]
    assert texts('="build-up"', "build up, buildup, build-up, build–up") == ["build-up"]
    assert texts('="U.S."', "US and U.S. and u.s.") == ["U.S."]
    assert texts('="Ukraine’s"', "Ukraine and Ukraine's") == ["Ukraine"]


def test_full_stops_of_abbreviations_and_initials_are_no_breaks() -> None:
    assert texts('"Gen. Milley"', "with Gen. Milley") == ["Gen. Milley"]
    assert texts('"John F. Kennedy"', "John F. Kennedy") == ["John F. Kennedy"]
    assert texts('"St. Petersburg"', "in St Petersburg, St. Petersburg") == [
        "St Petersburg",
        "St. Petersburg",
    ]
    assert texts('"150,000 troops"', "150,000 troops") == ["150,000 troops"]


def test_scripts_without_spaces_are_matched_by_the_character() -> None:
    assert texts("北京", "他在北京说") == ["北京"]
    assert texts("กองทัพ", "เคลื่อนกองทัพไป") == ["กองทัพ"]
    assert texts('"l’armée"', "dans l'armée; de l’Armée") == ["l'armée", "l’Armée"]
    assert texts("armée", "l'armée") == ["armée"]


def test_a_phrase_is_not_found_across_title_and_text() -> None:
    assert found('"troop build-up"', text="build-up", title="Troop") == []
    assert found('"troop build-up"', text="", title="Troop build-up")[0].field == "title"

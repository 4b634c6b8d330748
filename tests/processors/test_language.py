"""A declared language holds unless the text plainly contradicts it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors import language

TEXTS = {
    "en": "The ministry said that two more brigades had been moved to the border on Tuesday night.",
    "fr": "Le ministère a annoncé que deux brigades supplémentaires avaient été envoyées à la frontière.",
    "de": "Das Ministerium teilte mit, zwei weitere Brigaden seien nachts an die Grenze verlegt worden.",
    "es": "El ministerio anunció que dos brigadas más fueron enviadas a la frontera durante la noche.",
    "ru": "Министерство сообщило, что ещё две бригады были переброшены к границе в ночь на вторник.",
    "uk": "Міністерство повідомило, що ще дві бригади були перекинуті до кордону в ніч на вівторок.",
    "ar": "أعلنت الوزارة أن لواءين إضافيين نقلا إلى الحدود ليلة الثلاثاء.",
    "zh": "国防部表示，另外两个旅已于周二晚间调往边境地区。",
    "hi": "मंत्रालय ने कहा कि मंगलवार रात दो और ब्रिगेड सीमा पर भेजी गईं।",
}


@pytest.mark.parametrize("code", TEXTS)
def test_a_text_without_a_declaration_is_told_by_itself(code: str) -> None:
    assert language.detect(TEXTS[code], None) == code


def test_headlines_in_capitals_are_told_too() -> None:
    assert language.detect(TEXTS["en"].upper(), None) == "en"


def test_a_declaration_that_the_text_plainly_contradicts_loses() -> None:
    assert language.detect(TEXTS["fr"], "en-US") == "fr"


@pytest.mark.parametrize(
    ("declared", "code"),
    [
        ("en-US", "en"),
        ("EN_gb", "en"),
        ("eng", "en"),
        ("pt-BR", "pt"),
        ("zh-Hant", "zh"),
        ("nb", "no"),
        ("iw", "he"),
    ],
)
def test_a_declaration_is_brought_to_one_form(declared: str, code: str) -> None:
    assert language.detect("", declared) == code


@pytest.mark.parametrize("declared", [None, "", "english please", "x", "123", "qaa"])
def test_without_letters_or_a_sane_declaration_the_language_is_not_known(declared: str | None) -> None:
    assert language.detect("12 345 !!", declared) == "und"


def test_a_short_text_does_not_overrule_what_is_declared() -> None:
    assert language.detect("Bonjour à tous", "en") == "en"


@settings(max_examples=200)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200), st.none() | st.text(max_size=6))
def test_any_text_gives_two_letters_or_und(text: str, declared: str | None) -> None:
    code = language.detect(text, declared)
    assert code == "und" or (len(code) == 2 and code.isalpha() and code.islower())

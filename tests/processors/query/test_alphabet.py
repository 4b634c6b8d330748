"""Words as letters: each that is sought has its own, and no phrase goes across a break."""

from hypothesis import given
from hypothesis import strategies as st

from processors.query.alphabet import OTHER, Alphabet
from processors.query.words import BREAK, KEYS, WORD, Words

PHRASES = (" troop build up ", " border ", " buildup ")


def test_a_word_in_any_of_its_forms_has_the_letter_of_its_key() -> None:
    alphabet = Alphabet(PHRASES)
    letters = [alphabet[word] for word in ("troop", "Troops", "build", "up", "borders", "cow", ",")]
    assert letters[0] == letters[1] and letters[:4] == [letters[0], *alphabet.spelled(PHRASES[0])]
    assert letters[4] == alphabet.spelled(" border ")
    assert letters[5:] == [OTHER, BREAK]


def test_a_compound_is_a_letter_of_its_own_line_and_keeps_the_words_around_it() -> None:
    words = Words("The troop build-up, near the border.", Alphabet(PHRASES))
    plain, joined = words.lines
    assert len(plain.letters.replace(BREAK, "")) == 7
    [place] = [
        at for at, letter in enumerate(joined.letters) if letter == Alphabet(PHRASES).spelled(" buildup ")
    ]
    assert joined.span(place, place + 1) == (2, 3)


@given(st.text(alphabet="aBs .,'’-–\n\u00ad\u0301日9", max_size=60))
def test_offsets_are_those_of_the_words_whatever_is_asked_first(text: str) -> None:
    expected = [found.span() for found in WORD.finditer(text)]
    for order in (1, -1):
        words = Words(text, Alphabet((" a b ",), KEYS))
        places = list(range(len(expected)))[::order]
        assert [words.characters(place, place) for place in places] == expected[::order]

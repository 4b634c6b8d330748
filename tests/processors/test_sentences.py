"""The sentence shown around evidence is the reader's sentence, and never long."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.sentences import ends_sentence, sentence_around, sentence_ends


def around(text: str, shown: str, most: int = 400) -> str:
    start = text.index(shown)
    first, last = sentence_around(text, start, start + len(shown), most=most)
    return text[first:last]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("One. Two HERE now. Three.", "Two HERE now."),
        ("HERE it begins. Two.", "HERE it begins."),
        ("One! “So HERE,” he said. Two", "“So HERE,” he said."),
        ("He said: “It is HERE.” Then he left.", "He said: “It is HERE.”"),
        ("One. The U.S. Army is HERE today. Two.", "The U.S. Army is HERE today."),
        ("One. Gen. A. Smith is HERE. Two.", "Gen. A. Smith is HERE."),
        ("It cost 3.5 million HERE. Two.", "It cost 3.5 million HERE."),
        ("A headline\nIt stands HERE\nAnother", "It stands HERE"),
        ("One.\n\n  HERE.\n\nTwo.", "HERE."),
        ("Is it? HERE! Yes.", "HERE!"),
        ("一。在HERE说。二", "在HERE说。"),
        ("vs. approx. five of HERE. Two.", "vs. approx. five of HERE."),
        ("HERE", "HERE"),
    ],
)
def test_a_sentence_ends_where_a_reader_would_end_it(text: str, sentence: str) -> None:
    assert around(text, "HERE") == sentence


def test_a_long_sentence_is_cut_between_words_on_both_sides() -> None:
    text = "word " * 500 + "HERE" + " word" * 500
    shown = around(text, "HERE", most=100)
    assert len(shown) <= 100
    assert set(shown.split()) == {"word", "HERE"}
    assert 35 < shown.index("HERE") < 60


def test_evidence_near_an_end_leaves_its_room_to_the_other_side() -> None:
    assert len(around("HERE" + " word" * 500, "HERE", most=100)) > 90
    assert len(around("word " * 500 + "HERE", "HERE", most=100)) > 90


@given(st.text(max_size=300) | st.text("ab. \n!?”", max_size=300), st.data(), st.integers(0, 60))
def test_it_holds_what_is_shown_and_keeps_its_bound(text: str, data: st.DataObject, most: int) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    first, last = sentence_around(text, start, end, most=most)
    assert 0 <= first <= start <= end <= last <= len(text)
    assert last - first <= max(most, end - start)


@given(st.text(max_size=300) | st.text("ab. \n!?”。…A", max_size=300), st.data())
def test_no_sentence_ends_between_what_is_shown_and_its_sentences_ends(
    text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    first, last = sentence_around(text, start, end, most=2_000)
    ends = sentence_ends(text)
    assert [at for at in ends if first < at <= start or end <= at < last] == []


@pytest.mark.parametrize(
    "text",
    [
        "They met on Jan. 5 and left.",
        "He moved to No. 10 and stayed.",
        "See p. 5 and fig. 3 for more.",
        "It was built c. 1900 and stands.",
        "They said alpha... and left.",
        "“Is it alpha?” the minister asked.",
        "« Est-ce alpha ! » et il partit.",
        "Sie kamen am 5. Januar nach Bonn.",
        "Das ist z. B. ein Fall.",
    ],
)
def test_a_stop_within_a_sentence_ends_none(text: str) -> None:
    assert sentence_ends(text) == [len(text)]


@pytest.mark.parametrize("text", ["- alpha\n- beta", "1. alpha\n2. beta", "• alpha\n• beta"])
def test_each_item_of_a_list_is_a_sentence_and_a_wrapped_line_is_none(text: str) -> None:
    assert ends_sentence(text, text.index("alpha"), len(text))
    assert not ends_sentence("alpha\nbeta", 0, 10)

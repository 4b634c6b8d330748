"""What is a copy and what a report is told on two articles alone, the same from both sides."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.likeness import copied, reported
from tests.processors.stories_made import first_sentences, printed, prose, rewritten

TEXT = prose(1, words=300)
EDITS = {
    "byline": f"By Ines Carvalho, Valley Messenger. {TEXT} Additional reporting by the desk.",
    "half": first_sentences(TEXT, 11),
    "rewritten": rewritten(TEXT, 3),
    "three sentences": first_sentences(TEXT, 3),
}


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("source", ["One", "Other"])
def test_an_edited_text_is_a_copy_whoever_prints_it(edit: str, source: str) -> None:
    assert copied(
        printed(TEXT, title="Norvik masses troops"),
        printed(EDITS[edit], title="Norvik masses troops", source=source),
    )


@given(st.integers(0, 10_000), st.integers(8, 400))
def test_a_text_is_a_copy_of_itself(seed: int, words: int) -> None:
    one = printed(prose(seed, words=words))
    assert copied(one, one) == 1.0


@settings(max_examples=60)
@given(
    st.integers(0, 500), st.integers(0, 500), st.sampled_from(["cut", "rewritten", "other"]), st.booleans()
)
def test_both_relations_are_symmetric(seed: int, other: int, edit: str, same_source: bool) -> None:
    text = prose(seed)
    second = {
        "cut": first_sentences(text, 1 + other % 9),
        "rewritten": rewritten(text, other, share=other / 500),
        "other": prose(other),
    }[edit]
    names = ["Norvik", "Ardenia", f"Org {other % 3}"]
    a = printed(text, names=names[:2], title="Norvik masses troops at strait")
    b = printed(
        second, names=names, title="Norvik troops at the strait", source="One" if same_source else "Two"
    )
    assert copied(a, b) == copied(b, a)
    assert reported(a, b) == reported(b, a)


@given(st.integers(0, 10_000), st.integers(10_001, 20_000))
def test_texts_that_share_nothing_are_not_copies(one: int, other: int) -> None:
    assert not copied(printed(prose(one)), printed(prose(other), source="Two"))


def test_languages_are_kept_apart() -> None:
    assert not copied(printed(TEXT), printed(TEXT, language="fr"))
    title, names = "Norvik masses troops at strait", ["Norvik", "Ardenia"]
    assert not reported(
        printed(TEXT, names=names, title=title),
        printed(TEXT, names=names, title=title, source="Two", language="fr"),
    )


def test_a_format_filled_with_other_numbers_is_another_text() -> None:
    frame = (
        "The money market was given {} million in help at {} per cent on {} March, the central bank said. It bought "
        "{} million of bank bills in band one at {} per cent and {} million in band two at {}. This compares with the "
        "forecast of a shortage of around {} million, which the bank had revised from {} million at noon."
    )
    chance = random.Random(4)

    def filled() -> str:
        return frame.format(*(chance.randint(2, 900) for _ in range(9)))

    title = "Money market given further help"
    assert not copied(printed(filled(), title=title), printed(filled(), title=title))


def test_what_stories_have_in_common_does_not_count_as_shared() -> None:
    furniture = prose(9, words=80, numbers=0)
    short, long = printed(f"{prose(2, words=12)} {furniture}"), printed(f"{prose(3, words=200)} {furniture}")
    assert not copied(short, long, furniture=1.0)
    assert copied(printed(TEXT), printed(EDITS["half"]), furniture=0.1)


def test_a_text_of_seven_words_is_a_copy_of_nothing() -> None:
    assert not copied(
        printed("Read the whole of this story tomorrow."), printed("Read the whole of this story tomorrow.")
    )


def test_published_days_apart_only_the_same_words_are_a_copy() -> None:
    later = {"published": "2026-03-09T08:00:00Z", "title": "Norvik masses troops"}
    assert copied(printed(TEXT, title="Norvik masses troops"), printed(EDITS["half"], **later))
    assert not copied(printed(TEXT, title="Norvik masses troops"), printed(EDITS["rewritten"], **later))


REPORTS = {
    "one": (
        "Norvik masses troops at Kessel strait",
        "On Monday Ardenia accused Norvik of massing troops on the strait.",
    ),
    "other": (
        "Troops massed at Kessel strait, Ardenia says",
        "Norvik has been massing troops on the strait, Ardenia said.",
    ),
}
NAMES = ["Norvik", "Ardenia", "Kessel strait"]


def test_one_event_told_in_other_words_is_a_report_by_others_only() -> None:
    one, other = (printed(text, names=NAMES, title=title) for title, text in REPORTS.values())
    assert not reported(one, other)
    title, text = REPORTS["other"]
    assert reported(one, printed(text, names=NAMES, title=title, source="Two"))
    assert not copied(one, printed(text, names=NAMES, title=title, source="Two"))


def test_the_same_names_alone_are_no_report() -> None:
    one = printed(
        "Inflation rose to a five-month high in November.", names=NAMES, title="Norvik inflation at a high"
    )
    other = printed(
        "Nine people died when an aircraft came down.",
        names=NAMES,
        title="Norvik plane crash kills nine",
        source="Two",
    )
    assert not reported(one, other)


def test_reports_published_days_apart_are_of_two_events() -> None:
    (title, text), (second_title, second_text) = REPORTS.values()
    one = printed(text, names=NAMES, title=title)
    later = printed(
        second_text, names=NAMES, title=second_title, source="Two", published="2026-03-06T08:00:00Z"
    )
    assert not reported(one, later)

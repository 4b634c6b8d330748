"""A hit is marked from the words around it, by a table, and never dropped; what it gets wrong is told."""

import re
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.assertion import CERTAINTY, LANGUAGES, Assertion, Certainty, MarkKind, assess
from processors.models import Article

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "certainty.md"


def article(
    text: str, *, title: str = "", published: str | None = "2022-03-01T08:00:00Z", **values: Any
) -> Article:
    dated = {"published": published, "published_quality": "exact" if published else "missing"}
    return Article(
        key="k", id="i", revision="r", title=title, text=text, **{"language": "en", **dated, **values}
    )


def of(text: str, hit: str, **values: Any) -> Assertion:
    start = text.index(hit)
    return assess(article(text, **values), [("text", start, start + len(hit))])[0]


def kinds(text: str, hit: str, **values: Any) -> set[str]:
    return {mark.kind for mark in of(text, hit, **values).marks}


@pytest.mark.parametrize(
    ("text", "hit"),
    [
        ("Satellite images show a troop build-up along the river.", "troop build-up"),
        ("Not only did columns arrive, but a troop build-up began in the south.", "troop build-up"),
        ("Without warning, tanks rolled across the bridge.", "tanks rolled"),
        ("The talks did not end well, but a troop build-up began.", "troop build-up"),
        ("Nobody was hurt when soldiers deployed in the harbour.", "soldiers deployed"),
        ("Police failed to quell the riots in the old town.", "riots"),
        ("It is the largest troop build-up since World War II.", "troop build-up"),
        ("No fewer than 4,000 soldiers deployed overnight.", "soldiers deployed"),
        ("On Monday tanks massed near the city that it annexed in 2014.", "tanks massed"),
        ("Some 1900 troops crossed the river overnight.", "crossed the river"),
        ("They have kept soldiers on the island since 2014.", "soldiers"),
        ("In May the brigade was deployed to the north.", "deployed"),
        ("Turkey deployed 2000 soldiers to the south.", "deployed"),
        (
            "The town that was founded in 1991 by a band of young men from the hills on both sides of the old"
            " border saw long and loud protests.",
            "protests",
        ),
        ("The Arab League imposed sanctions on the junta.", "sanctions"),
    ],
)
def test_what_an_article_plainly_says_is_asserted(text: str, hit: str) -> None:
    assert of(text, hit) == Assertion(certainty="asserted")


@pytest.mark.parametrize(
    ("kind", "text", "hit"),
    [
        ("negated", "There is no troop build-up in the valley.", "troop build-up"),
        ("negated", "Tallinn denied massing troops near the lake.", "massing troops"),
        ("negated", "The convoy turned round without deploying soldiers.", "deploying soldiers"),
        ("negated", "The alliance failed to send reinforcements.", "reinforcements"),
        ("negated", "Ottawa has ruled out sending soldiers.", "sending soldiers"),
        ("negated", "The army hasn’t deployed tanks, guns or missiles.", "missiles"),
        ("negated", "Reports of a troop build-up were false.", "troop build-up"),
        ("negated", "The planned march was called off.", "march"),
        ("hypothetical", "The island could see a troop build-up by spring.", "troop build-up"),
        ("hypothetical", "It will mass tanks if the talks collapse.", "mass tanks"),
        ("hypothetical", "If tanks mass there, talks will end.", "tanks mass"),
        ("negated", "It is not true that the army massed tanks.", "massed tanks"),
        ("negated", "Oslo denied on Jan. 5 that it had massed tanks.", "massed tanks"),
        ("exercise", "Tanks massed at the lake in an exercise last week.", "massed"),
        ("hypothetical", "Oslo is considering new sanctions.", "sanctions"),
        ("hypothetical", "The junta threatens to deploy soldiers.", "deploy soldiers"),
        ("hypothetical", "The general did not rule out a deployment.", "deployment"),
        ("hypothetical", "Will it send troops?", "send troops"),
        (
            "historical",
            "In the winter of 1941, far from the front, a troop build-up began.",
            "troop build-up",
        ),
        ("historical", "Tanks massed on the plain in 1968.", "Tanks massed"),
        ("historical", "Tanks massed there on August 20, 1968.", "Tanks massed"),
        ("historical", "The town marked the anniversary of the troop build-up.", "troop build-up"),
        ("historical", "Decades ago the army massed tanks here.", "massed tanks"),
        ("historical", "Conscripts built the base during World War II.", "built the base"),
        ("historical", "The 2011 withdrawal is still debated.", "withdrawal"),
        (
            "historical",
            "In October 1991 a brave and eloquent band of young men from the hill towns on both sides of the old"
            " border held long and loud protests.",
            "protests",
        ),
        ("exercise", "Tanks crossed the river in a military exercise.", "Tanks crossed the river"),
        ("exercise", "Officers moved fleets in a war game.", "moved fleets"),
        ("fiction", "The film opens with a troop build-up in the desert.", "troop build-up"),
        ("fiction", "Players of the video game deploy soldiers.", "deploy soldiers"),
        ("reported", "Moscow said a troop build-up is under way.", "troop build-up"),
        ("reported", "A troop build-up is under way, the ministry said.", "troop build-up"),
        ("reported", "According to the defence ministry, soldiers deployed at dawn.", "soldiers deployed"),
        ("reported", "State media reported that soldiers deployed at dawn.", "soldiers deployed"),
        ("reported", "Soldiers have allegedly deployed in the port.", "deployed"),
        ("other_sense", "The troop of monkeys deployed along the fence.", "troop"),
        ("other_sense", "The league upheld sanctions against the goalkeeper.", "sanctions"),
        ("other_sense", "She could strike a balance between the two.", "strike"),
        ("other_sense", "They deploy software every day.", "deploy"),
        ("other_sense", "He is followed by an army of fans.", "army"),
        ("other_sense", "The office opened on March 14.", "March"),
    ],
)
def test_a_cue_near_the_hit_marks_it(kind: MarkKind, text: str, hit: str) -> None:
    assert kind in kinds(text, hit)


def test_a_mark_shows_the_cues_own_characters() -> None:
    text = "Calm prevails. The ministry hasn’t seen any troop build-up."
    marks = of(text, "troop build-up").marks
    assert [(mark.kind, mark.text) for mark in marks] == [("negated", "hasn’t")]
    assert text[marks[0].start : marks[0].end] == "hasn’t"


def test_marks_of_a_title_are_counted_in_the_title() -> None:
    only = assess(article("", title="No troop build-up, minister says"), [("title", 3, 17)])[0]
    assert {(mark.kind, mark.field, mark.text) for mark in only.marks} == {
        ("negated", "title", "No"),
        ("reported", "title", "minister says"),
    }


@pytest.mark.parametrize("kind", get_args(MarkKind))
def test_every_kind_of_mark_has_a_level_and_the_reference_says_the_same(kind: MarkKind) -> None:
    assert f"\n| `{kind}` | `{CERTAINTY[kind]}` |" in REFERENCE.read_text(encoding="utf-8")


def test_the_lowest_level_counts_and_its_mark_comes_first() -> None:
    found = of("Minsk said it would not send troops.", "send troops")
    assert found.certainty == "doubtful"
    assert [mark.kind for mark in found.marks] == ["negated", "reported", "hypothetical"]


def test_a_sentence_marks_its_own_hits_only() -> None:
    text = "There is no troop build-up here. A troop build-up goes on elsewhere."
    spans = [("text", m.start(), m.end()) for m in re.finditer("troop build-up", text)]
    assert [one.certainty for one in assess(article(text), spans)] == ["doubtful", "asserted"]  # type: ignore[arg-type]


def test_assertions_come_in_the_order_of_the_hits() -> None:
    text = "There is no troop build-up here. Soldiers deployed elsewhere."
    spans = [("text", 33, 50), ("text", 12, 26), ("text", 33, 50)]
    assert [one.certainty for one in assess(article(text), spans)] == ["asserted", "doubtful", "asserted"]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("published", "certainty"),
    [("2022-03-01T08:00:00Z", "doubtful"), ("2021-03-01T08:00:00Z", "asserted"), (None, "asserted")],
)
def test_a_year_is_past_two_years_before_publication(published: str | None, certainty: Certainty) -> None:
    assert (
        of("In 2020 soldiers deployed in the port.", "deployed", published=published).certainty == certainty
    )


def test_without_a_date_the_last_century_is_past() -> None:
    assert kinds("In 1983 soldiers deployed in the port.", "deployed", published=None) == {"historical"}


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"section": "Sport"}, "other_sense"),
        ({"section": "Obituaries"}, "historical"),
        ({"title": "Colonel who led the relief column dies at 91"}, "historical"),
        ({"title": "Film review: The Long Column"}, "fiction"),
    ],
)
def test_section_and_title_mark_every_hit(values: dict[str, str], kind: MarkKind) -> None:
    assert kinds("Soldiers deployed in the port.", "deployed", **values) == {kind}


@pytest.mark.parametrize(
    ("language", "text", "hit", "kind"),
    [
        ("fr", "L’armée n’a pas déployé de chars.", "chars", "negated"),
        ("fr", "Le pays pourrait déployer des chars.", "déployer des chars", "hypothetical"),
        ("fr", "En 1940, les chars massés passent la rivière.", "chars massés", "historical"),
        ("fr", "Le ministère a annoncé un renfort de troupes.", "renfort", "reported"),
        ("de", "Es gibt keine Truppen an der Grenze.", "Truppen", "negated"),
        ("de", "Das Land könnte Truppen entsenden.", "Truppen", "hypothetical"),
        ("de", "Im Jahr 1940 wurden Truppen verlegt.", "Truppen", "historical"),
        ("de", "Die Truppen sind Teil einer Übung.", "Truppen", "exercise"),
    ],
)
def test_french_and_german_have_tables_of_their_own(
    language: str, text: str, hit: str, kind: MarkKind
) -> None:
    assert kind in kinds(text, hit, language=language)


def test_a_language_without_a_table_is_asserted_without_marks() -> None:
    assert "fi" not in LANGUAGES
    assert of("No troop build-up.", "troop build-up", language="fi") == Assertion(certainty="asserted")


def test_characters_that_change_their_number_in_lower_case_move_no_mark() -> None:
    text = "İİİ İstanbul denied massing troops."
    assert [mark.text for mark in of(text, "massing troops").marks] == ["denied"]


def test_only_a_window_around_a_hit_is_read() -> None:
    text = "no " + "word " * 1_000_000 + "troops massed " + "word " * 1_000 + "was a hoax"
    assert of(text, "troops massed") == Assertion(certainty="asserted")


@given(st.text(max_size=300) | st.text("no if in 194.,;? \nİ’", max_size=300), st.data())
def test_every_mark_shows_what_stands_in_the_article(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    for mark in assess(article(text), [("text", start, end)])[0].marks:
        assert mark.text == text[mark.start : mark.end] != ""


@pytest.mark.parametrize(
    ("text", "hit", "certainty"),
    [
        # Past that only knowledge of the world can see.
        ("Napoleon's enemies fled; Wellington massed troops on the ridge.", "massed troops", "asserted"),
        # The year stands in the sentence before.
        ("It was 1956. Tanks rolled into the capital.", "Tanks rolled", "asserted"),
        # A name is no known party to the matter.
        ("Ilves says soldiers deployed at dawn.", "soldiers deployed", "asserted"),
        # A negation two clauses away.
        ("It is not true, however often it is told, that tanks massed there.", "tanks massed", "asserted"),
        # Irony and indirect denial.
        ("The build-up existed on paper alone.", "build-up", "asserted"),
        # The year belongs to another clause without a word that shows where it begins.
        ("The base opened in 2015 got soldiers overnight.", "soldiers", "doubtful"),
        # A denial of the denial.
        ("It never denied massing troops.", "massing troops", "doubtful"),
    ],
)
def test_known_limits(text: str, hit: str, certainty: Certainty) -> None:
    assert of(text, hit).certainty == certainty

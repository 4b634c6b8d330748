"""RENDER: an alert in words, with nothing in it that could deceive a reader's eye or terminal."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from processors import render
from processors.models import Alert, ArticleRef, Context, Evidence, Field, Mark, Names, Source

NOON = 1_772_452_800_000  # 2026-03-02T12:00:00Z

anything = st.text(st.characters(exclude_categories=()))


def proof(start: int, end: int, field: Field = "text") -> Evidence:
    return Evidence(clause='"x"', field=field, start=start, end=end, text="x")


def sentence(text: str, start: int = 0, field: Field = "text") -> Context:
    return Context(field=field, start=start, end=start + len(text), text=text)


def alert(**changes: object) -> Alert:
    article = ArticleRef(
        key="example.org/1",
        id="1",
        revision="r1",
        title="Norvik sends troops",
        source=Source(name="Tribune", country="GB", tier=2),
        language="en",
    )
    whole = Alert(
        alert_id="a",
        version=1,
        what_changed=["first report"],
        rule_id="posture/build-up",
        rule_revision="1",
        rule_title="Troop build-up",
        severity="high",
        story=article.key,
        article=article,
        sources=[article.source],
        evidence=[structs.replace(proof(2, 7), text="troops")],
        evidence_total=1,
        context=[],
        entities=Names(),
        revisions=["r1"],
    )
    of_article = {name: changes.pop(name) for name in list(changes) if name in article.__struct_fields__}
    return structs.replace(whole, article=structs.replace(article, **of_article), **changes)


spans = st.builds(proof, st.integers(-5, 60), st.integers(-5, 60), st.sampled_from(["title", "text"]))


@given(anything, st.integers(0, 30), st.lists(spans))
def test_highlights_put_together_are_the_sentence(text: str, start: int, evidence: list[Evidence]) -> None:
    segments = render.highlights(sentence(text, start), evidence)
    assert "".join(segment for segment, _ in segments) == text


@given(st.text(min_size=1, max_size=60), st.integers(0, 30), st.lists(spans))
def test_exactly_the_characters_that_evidence_covers_are_highlighted(
    text: str, start: int, evidence: list[Evidence]
) -> None:
    fired = [
        mark
        for segment, mark in render.highlights(sentence(text, start), evidence)
        for _ in range(len(segment))
    ]
    of_text = [span for span in evidence if span.field == "text"]
    assert fired == [
        any(span.start <= at < span.end for span in of_text) for at in range(start, start + len(text))
    ]


def test_overlapping_and_touching_evidence_is_one_highlight() -> None:
    segments = render.highlights(
        sentence("a troop build-up there"), [proof(8, 16), proof(2, 10), proof(16, 17)]
    )
    assert segments == [("a ", False), ("troop build-up ", True), ("there", False)]


@pytest.mark.parametrize("elsewhere", [proof(0, 5, "title"), proof(0, 100), proof(105, 110), proof(102, 102)])
def test_evidence_of_another_field_or_sentence_highlights_nothing(elsewhere: Evidence) -> None:
    assert render.highlights(sentence("quiet", 100), [elsewhere]) == [("quiet", False)]


@given(anything)
def test_what_is_shown_is_one_line_without_characters_that_cannot_be_seen(text: str) -> None:
    line = render.shown(text)
    assert not {char for char in line if unicodedata.category(char) in {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}}
    assert {char for char in line if unicodedata.category(char) == "Cf"} <= {"\u200c", "\u200d"}


@pytest.mark.parametrize(
    "hidden", ["\x1b", "\x07", "\x9b", "\u202e", "\u2066", "\u200b", "\ufeff", "\xad", "\u200d"]
)
def test_a_control_character_does_not_come_through_any_wording(hidden: str) -> None:
    bad = f"evil{hidden}[31mred"
    source = Source(name=bad, country=bad)
    whole = alert(title=bad, source=source, rule_title=bad, evidence=[structs.replace(proof(0, 1), text=bad)])
    names = render.names(Names(people=[bad]), "en")
    said = [render.plain(whole), render.source_line(source), names[0][1]]
    said += [render.changes(structs.replace(whole, what_changed=[f"new evidence: {bad}"]))]
    for wording in said:
        assert hidden not in wording
        assert "evil[31mred" in wording


def test_a_line_break_becomes_a_space() -> None:
    assert render.shown("one\ntwo\r\nthree\u2028four\tfive") == "one two  three four five"


@pytest.mark.parametrize("word", ["می‌خواهم", "क्‍ष"])  # Persian with a non-joiner, Devanagari with a joiner
def test_a_joiner_stays_where_its_script_needs_it(word: str) -> None:
    assert render.shown(word) == word


def test_a_title_and_a_sentence_without_end_are_cut() -> None:
    assert render.title("a" * 10_000) == "a" * render.MOST_TITLE + "…"
    assert render.title("a" * render.MOST_TITLE) == "a" * render.MOST_TITLE
    assert len(render.plain(alert(title="a" * 10_000, rule_title="b" * 10_000))) < 3 * render.MOST_TITLE


@pytest.mark.parametrize(
    ("changes", "marks"),
    [
        ({}, []),
        ({"state": "withdrawn", "status": "retracted"}, ["withdrawn", "retracted"]),
        ({"status": "corrected"}, ["corrected"]),
        ({"status": "updated"}, []),
        ({"mode": "backfill", "paywalled": True}, ["backfill", "only the teaser was read"]),
    ],
)
def test_marks_say_what_qualifies_an_alert(changes: dict[str, object], marks: list[str]) -> None:
    assert render.marks(alert(**changes)) == marks


def test_an_alert_that_is_not_asserted_says_by_which_words() -> None:
    mark = Mark(kind="other_sense", field="text", start=5, end=9, text="of\u202e fans")
    doubted = structs.replace(
        proof(0, 1), certainty="doubtful", marks=(mark, structs.replace(mark, kind="historical"))
    )
    said = render.marks(structs.replace(alert(evidence=[doubted]), certainty="doubtful"))
    assert said == ["doubtful: other sense (of fans), historical (of fans)"]


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (Source(name="Tribune", country="GB", tier=2), "Tribune (GB, tier 2)"),
        (Source(domain="tribune.example"), "tribune.example"),
        (Source(), "unknown source"),
    ],
)
def test_a_source_is_named_by_what_is_known_of_it(source: Source, line: str) -> None:
    assert render.source_line(source) == line


def test_names_stand_by_label_and_say_how_many_more_there_are() -> None:
    found = Names(people=[f"P{number}" for number in range(10)], groups=["Ardenian"])
    assert render.names(found, "en") == [
        ("people", "P0, P1, P2, P3, P4, P5, P6, P7 and 2 more"),
        ("groups", "Ardenian"),
    ]


def test_names_that_nobody_read_are_told_from_none() -> None:
    assert render.names(Names(), "en") == []
    assert render.names(Names(knowledge="unknown"), "es") == [
        ("entities", "entities unknown: no model reads es")
    ]
    assert render.names(Names(knowledge="off"), "en") == [("entities", "entities not read")]


@pytest.mark.parametrize(
    ("published", "quality", "said"),
    [
        ("2026-03-02T11:58:30Z", "exact", "published 90 s ago"),
        ("2026-03-02T09:00:00Z", "exact", "published 3 h ago"),
        ("2026-02-20T12:00:00Z", "exact", "published 10 d ago"),
        ("2026-03-02T00:00:00Z", "date", "published 2026-03-02"),
        (None, "missing", "publication time unknown"),
    ],
)
def test_an_age_is_as_exact_as_what_the_article_says(published: str | None, quality: str, said: str) -> None:
    whole = alert(published=published, published_quality=quality)
    assert render.ages(whole, now_ms=NOON, ingested_ms=None) == said
    assert render.ages(whole, now_ms=NOON, ingested_ms=NOON - 1_500) == f"{said}, arrived 1.5 s ago"


def test_a_log_line_says_severity_rule_version_title_source_and_evidence() -> None:
    line = render.plain(alert(version=2, status="corrected"))
    assert line == (
        "HIGH Troop build-up v2 [corrected]: Norvik sends troops — Tribune (GB, tier 2) — “troops”"
    )

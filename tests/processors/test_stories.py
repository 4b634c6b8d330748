"""Stories hold what belongs together, whatever order it comes in, and never grow past their bounds."""

import random
from collections.abc import Iterable
from itertools import combinations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.fingerprints import Fingerprint
from processors.stories import FURNITURE, MAX_HELD, Placed, Stories, Story, copy_groups
from tests.processors.stories_made import HOUR, first_sentences, printed, prose, rewritten

NAMES = ["Norvik", "Ardenia", "Kessel strait"]
REPORTS = [
    (
        "One",
        "Norvik masses troops at Kessel strait",
        "On Monday Ardenia accused Norvik of massing troops on the strait.",
    ),
    (
        "Two",
        "Troops massed at Kessel strait, Ardenia says",
        "Norvik has been massing troops on the strait, Ardenia said.",
    ),
    (
        "Three",
        "Ardenia: Norvik troops at Kessel strait",
        "Troops from Norvik are massing on the strait, Ardenia warned.",
    ),
]
Arrival = tuple[str, Fingerprint]


def grouped(arrivals: Iterable[Arrival], stories: Stories | None = None) -> set[frozenset[str]]:
    """Give the keys of each story once all have come."""
    stories = stories if stories is not None else Stories()
    for key, made in arrivals:
        stories.add(key, made, 0)
    return {frozenset(story.members) for story in stories}


def family(seed: int) -> list[Arrival]:
    """Give a text and what four kinds of edit make of it, by five sources."""
    text = prose(seed, words=300)
    edits = [
        text,
        f"By Ines Carvalho. {text}",
        first_sentences(text, 11),
        rewritten(text, seed),
        first_sentences(text, 3),
    ]
    return [
        (f"{seed}/{number}", printed(edit, title=prose(seed, words=6, numbers=0), source=f"Source {number}"))
        for number, edit in enumerate(edits)
    ]


def test_the_first_article_founds_a_story_and_its_copies_join_it() -> None:
    stories = Stories()
    first, *others = family(1)
    founded = stories.add(*first, 0)
    assert founded == Placed(story_id=founded.story_id, relation="new")
    for key, made in others:
        placed = stories.add(key, made, 0)
        assert (placed.story_id, placed.relation) == (founded.story_id, "copy")
    [story] = stories
    assert copy_groups(story.links) == [[f"1/{number}" for number in range(5)]]


def test_a_story_is_named_by_the_article_that_founded_it() -> None:
    key, made = family(1)[0]
    assert Stories().add(key, made, 0).story_id == Stories().add(key, made, 9 * HOUR).story_id
    assert Stories().add(key, made, 0).story_id != Stories().add("another", made, 0).story_id


def test_reports_of_one_event_by_others_join_and_are_no_copies() -> None:
    stories = Stories()
    placed = [
        stories.add(source, printed(text, names=NAMES, title=title, source=source), 0)
        for source, title, text in REPORTS
    ]
    assert [each.relation for each in placed] == ["new", "report", "report"]
    assert placed[1].of == ("One",)
    [story] = stories
    assert copy_groups(story.links) == []


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 10_000), min_size=1, max_size=4, unique=True), st.randoms(use_true_random=False)
)
def test_a_text_and_its_cuts_find_each_other_in_whatever_order_they_come(
    seeds: list[int], chance: random.Random
) -> None:
    # What is rewritten outlives a sample only most of the time; the bench says how often.
    certain = [[arrival for arrival in family(seed) if arrival[0] != f"{seed}/3"] for seed in seeds]
    arrivals = [arrival for each in certain for arrival in each]
    chance.shuffle(arrivals)
    assert grouped(arrivals) == {frozenset(key for key, _ in each) for each in certain}


def test_over_twenty_shuffles_whether_two_articles_are_grouped_agrees() -> None:
    arrivals = [arrival for seed in range(12) for arrival in family(seed)]
    arrivals += [(s, printed(text, names=NAMES, title=title, source=s)) for s, title, text in REPORTS]
    seen: dict[tuple[str, ...], int] = {}
    for seed in range(20):
        random.Random(seed).shuffle(arrivals)
        for keys in grouped(arrivals):
            for pair in combinations(sorted(keys), 2):
                seen[pair] = seen.get(pair, 0) + 1
    assert sum(max(times, 20 - times) for times in seen.values()) >= 0.99 * 20 * len(seen)


def test_an_article_that_shows_two_stories_to_be_one_ends_the_younger() -> None:
    text = prose(1, words=300)
    whole = ("whole", printed(text))
    changed = ("changed", printed(rewritten(text, 1), title="Other words"))
    three = ("three", printed(first_sentences(text, 4), title="In brief"))
    stories = Stories()
    older = stories.add(*three, 0)
    younger = stories.add(*changed, HOUR)
    assert older.story_id != younger.story_id
    placed = stories.add(*whole, 2 * HOUR)
    assert (placed.story_id, placed.merged) == (older.story_id, (younger.story_id,))
    assert stories.get(younger.story_id) is None
    [story] = stories
    assert copy_groups(story.links) == [["changed", "three", "whole"]]


def test_a_digest_of_two_texts_does_not_make_one_story_of_them() -> None:
    one, other = prose(1, words=120), prose(2, words=120)
    arrivals = [
        ("one", printed(one)),
        ("other", printed(other)),
        ("digest", printed(f"{one} {other}", source="Two")),
    ]
    assert {len(keys) for keys in grouped(arrivals)} == {1, 2}


def test_furniture_alone_joins_nothing() -> None:
    furniture = prose(99, words=70, numbers=0)
    # First those by which it is known for furniture; then teasers that are nearly nothing else.
    known = [(f"long {seed}", printed(f"{prose(seed, words=200)} {furniture}")) for seed in range(FURNITURE)]
    teasers = [(f"teaser {seed}", printed(f"{prose(seed, words=9)} {furniture}")) for seed in range(100, 110)]
    assert {len(keys) for keys in grouped([*known, *teasers])} == {1}


def test_an_article_that_is_updated_fifty_times_is_one_article() -> None:
    stories = Stories()
    text = ""
    for number in range(50):
        text = f"{prose(number, words=40)} {text}"
        placed = stories.add("live", printed(text), number * HOUR)
        assert placed.relation == ("update" if number else "new")
    [story] = stories
    assert list(story.members) == ["live"]


def test_an_updated_article_is_found_by_what_it_says_now() -> None:
    stories = Stories()
    stories.add("live", printed(prose(1)), 0)
    stories.add("live", printed(prose(2)), 0)
    assert stories.add("of now", printed(prose(2), source="Two"), 0).of == ("live",)
    assert stories.add("of before", printed(prose(1), source="Two"), 0).relation == "new"


def test_languages_are_grouped_apart() -> None:
    text = prose(1)
    assert (
        len(
            grouped(
                [
                    ("en", printed(text)),
                    ("fr", printed(text, language="fr")),
                    ("de", printed(text, language="de")),
                ]
            )
        )
        == 3
    )


def test_a_story_lives_as_long_as_news_of_it_comes_and_then_ends() -> None:
    stories = Stories(life_ms=72 * HOUR)
    first, second, third, *_ = family(1)
    opened = stories.add(*first, 0)
    assert stories.add(*second, 72 * HOUR).story_id == opened.story_id
    assert stories.add(*third, 144 * HOUR).story_id == opened.story_id
    assert stories.expired == 0
    stories.add("other", printed(prose(2)), 217 * HOUR)
    assert (stories.expired, len(stories)) == (1, 1)
    assert stories.add(*second, 217 * HOUR).relation == "new"


def test_stream_time_never_goes_back() -> None:
    stories = Stories(life_ms=HOUR)
    stories.add("a", printed(prose(1)), 10 * HOUR)
    stories.add("b", printed(prose(2)), 0)
    stories.add("c", printed(prose(3)), 11 * HOUR)
    assert (len(stories), stories.expired) == (3, 0)


def test_past_their_number_the_longest_quiet_story_ends_and_is_counted() -> None:
    stories = Stories(most=3)
    for seed in range(5):
        stories.add(str(seed), printed(prose(seed)), seed)
    assert (len(stories), stories.evicted) == (3, 2)
    assert {key for story in stories for key in story.members} == {"2", "3", "4"}


def test_a_story_of_a_thousand_copies_remembers_some_and_counts_the_rest() -> None:
    stories = Stories()
    text = prose(1)
    placed = {
        stories.add(str(number), printed(text, source=str(number)), 0).story_id for number in range(1_000)
    }
    [story] = stories
    assert placed == {story.story_id}
    assert (len(story.members), stories.unheld) == (MAX_HELD, 1_000 - MAX_HELD)
    assert len(story.links) < MAX_HELD


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 8), st.integers(0, 200)), max_size=80))
def test_nothing_of_a_story_that_ended_is_kept(steps: list[tuple[int, int, int]]) -> None:
    stories = Stories(most=4, life_ms=40 * HOUR)
    for key, seed, hour in steps:
        stories.add(
            str(key), printed(prose(seed, words=40), names=[f"Name {seed}"], source=str(key)), hour * HOUR
        )
        assert len(stories) <= 4
    stories.add("last", printed(prose(77, words=40)), 500 * HOUR)
    fresh = Stories()
    fresh.add("last", printed(prose(77, words=40)), 500 * HOUR)
    assert sizes(stories) == sizes(fresh)


def sizes(stories: Stories) -> dict[str, int]:
    return {name: len(held) for name, held in vars(stories).items() if isinstance(held, dict)}


def test_stories_put_back_decide_as_those_they_were_kept_from() -> None:
    arrivals = [arrival for seed in range(4) for arrival in family(seed)]
    random.Random(5).shuffle(arrivals)
    kept = Stories()
    grouped(arrivals[:12], kept)
    again = Stories()
    for story in kept:
        again.put(msgspec.json.decode(msgspec.json.encode(story), type=Story))
    for key, made in arrivals[12:]:
        assert again.add(key, made, HOUR) == kept.add(key, made, HOUR)


@pytest.mark.parametrize(
    ("links", "groups"),
    [
        ([], []),
        ([("b", "a")], [["a", "b"]]),
        ([("a", "b"), ("d", "c"), ("b", "c"), ("f", "e")], [["a", "b", "c", "d"], ["e", "f"]]),
    ],
)
def test_links_make_groups(links: list[tuple[str, str]], groups: list[list[str]]) -> None:
    assert copy_groups(links) == groups

"""What an article names: each person, place, organisation and group once, at the right offsets."""

import os
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from processors.entities import Reader, recognise
from processors.models import Article, Entities, Entity, Label
from streams import readers

SHARED = Path(os.environ.get("WIREWATCH_DATA", str(Path(__file__).parents[3] / "shared" / "data")))


@pytest.fixture(scope="module")
def loaded() -> dict[str, Reader]:
    return readers.load(["en_core_web_sm", "fr_core_news_sm"])


def article(text: str, *, title: str = "", language: str = "en") -> Article:
    return Article(key="k", id="k", revision="r", title=title, text=text, language=language)


def read(loaded: Mapping[str, Reader], text: str, *, title: str = "", language: str = "en") -> Entities:
    return recognise(loaded, [article(text, title=title, language=language)])[0]


def names(found: Entities, label: Label) -> set[str]:
    return {entity.name for entity in found.items if entity.label == label}


def one(found: Entities, name: str) -> Entity:
    (entity,) = [entity for entity in found.items if entity.name == name]
    return entity


def test_people_places_organisations_and_groups_are_told_apart(loaded: dict[str, Reader]) -> None:
    found = read(
        loaded,
        "Angela Merkel flew to Paris on Monday to address the World Health Organization. "
        "Russian and Ukrainian delegates were in the hall.",
    )
    assert names(found, "person") == {"Angela Merkel"}
    assert names(found, "place") == {"Paris"}
    assert names(found, "org") == {"World Health Organization"}
    assert names(found, "group") == {"Russian", "Ukrainian"}


def test_a_country_is_one_entity_under_all_its_names(loaded: dict[str, Reader]) -> None:
    found = read(
        loaded,
        "The United States said on Monday it would wait. The U.S. has waited before. "
        "Officials in the US agreed, and the USA sent a note.",
    )
    assert one(found, "United States").count == 4
    assert names(found, "place") == {"United States"}


def test_a_surname_is_the_person_whom_the_article_introduces(loaded: dict[str, Reader]) -> None:
    found = read(
        loaded,
        "President Joe Biden met Vladimir Putin in Geneva. Mr Putin smiled. Biden's aides did not. "
        "Reporters asked President Biden about it.",
    )
    assert names(found, "person") == {"Joe Biden", "Vladimir Putin"}
    assert one(found, "Joe Biden").count == 3
    assert one(found, "Vladimir Putin").count == 2


def test_a_surname_that_two_people_share_is_given_to_neither(loaded: dict[str, Reader]) -> None:
    found = read(
        loaded,
        "Kim Jong-un and his sister Kim Yo-jong attended the parade in Pyongyang. "
        "State media said Kim spoke for an hour.",
    )
    assert {"Kim Jong-un", "Kim Yo-jong"} <= names(found, "person")
    assert one(found, "Kim Jong-un").count == 1
    assert one(found, "Kim Yo-jong").count == 1


def test_people_of_one_family_stay_apart(loaded: dict[str, Reader]) -> None:
    found = read(loaded, "Hillary Clinton and Bill Clinton voted in New York. Clinton waved to the crowd.")
    assert one(found, "Hillary Clinton").count == 1
    assert one(found, "Bill Clinton").count == 1


def test_an_acronym_is_the_name_that_the_article_gives_it(loaded: dict[str, Reader]) -> None:
    found = read(
        loaded,
        "Officials of the International Monetary Fund (IMF) arrived in Athens. The IMF wants cuts. "
        "Greece has asked the IMF for time.",
    )
    assert one(found, "International Monetary Fund").count == 4
    assert names(found, "org") == {"International Monetary Fund"}


@pytest.mark.parametrize(
    ("headline", "people", "places", "orgs"),
    [
        ("NATO CHIEF WARNS RUSSIA OVER TROOPS", set(), {"Russia"}, {"NATO"}),
        ("PUTIN TELLS NATO TO LEAVE UKRAINE", {"Vladimir Putin"}, {"Ukraine"}, {"NATO"}),
        ("US AND RUSSIA TO MEET IN GENEVA", set(), {"United States", "Russia", "Geneva"}, set()),
    ],
)
def test_a_headline_in_capitals_is_read_as_if_it_were_not(
    loaded: dict[str, Reader], headline: str, people: set[str], places: set[str], orgs: set[str]
) -> None:
    found = read(
        loaded,
        "Vladimir Putin warned NATO on Tuesday that its troops must leave. The chief of the alliance, "
        "Jens Stoltenberg, told reporters that talks would go on.",
        title=headline,
    )
    in_title = {
        (entity.label, entity.name)
        for entity in found.items
        if any(mention.field == "title" for mention in entity.mentions)
    }
    wanted = {
        *(("person", name) for name in people),
        *(("place", name) for name in places),
        *(("org", name) for name in orgs),
    }
    assert in_title == wanted


@pytest.mark.parametrize(
    ("dateline", "place"),
    [
        ("BRUSSELS, Jan 12 (Reuters) - ", "Brussels"),
        ("GENEVA (AP) — ", "Geneva"),
        ("WASHINGTON — ", "Washington"),
        ("MOSCOW, Russia: ", "Moscow"),
    ],
)
def test_a_dateline_names_its_place(loaded: dict[str, Reader], dateline: str, place: str) -> None:
    found = read(loaded, dateline + "Talks between the delegations ended late on Wednesday.")
    assert place in names(found, "place")
    assert one(found, place).mentions[0].text == place.upper()


def test_a_possessive_is_no_part_of_a_name_in_capitals_either(loaded: dict[str, Reader]) -> None:
    found = read(loaded, "NATO'S relationship with Ukraine is close. Russia's is not, nor is Belarus’s.")
    assert {m.text for entity in found.items for m in entity.mentions} == {
        "NATO",
        "Ukraine",
        "Russia",
        "Belarus",
    }


def test_a_hyphen_joins_two_names_or_one_name_and_a_word(loaded: dict[str, Reader]) -> None:
    found = read(
        loaded,
        "A round of US-Russia talks was held. Moscow-led forces left Kazakhstan. "
        "The NATO-Russia Council met in Brussels, in Saxony-Anhalt they did not.",
    )
    assert {"United States", "Russia", "Moscow", "Kazakhstan", "Brussels"} <= names(found, "place")
    assert names(found, "org") == {"NATO-Russia Council"}


def test_no_name_runs_over_a_line_a_dash_or_a_bracket(loaded: dict[str, Reader]) -> None:
    found = read(
        loaded,
        "Forces stay for a limited time: Putin\n\nEuropean Parliament President David Sassoli passes away\n\n"
        "Wendy Sherman (left) speaks with Vladimir Putin in Brussels. AP",
        title="Allies close ranks at NATO - The Daily Courier",
    )
    assert {"Wendy Sherman", "David Sassoli", "Vladimir Putin"} <= names(found, "person")
    assert "European Parliament" in names(found, "org")
    for entity in found.items:
        for mention in entity.mentions:
            assert not set(mention.text) & set("\n()")
            assert " - " not in mention.text


def test_titles_quotes_and_the_article_are_no_part_of_a_name(loaded: dict[str, Reader]) -> None:
    found = read(
        loaded,
        'US Secretary of State Antony Blinken met Gen. Mark Milley in "Berlin". The Kremlin was silent.',
    )
    assert names(found, "person") == {"Antony Blinken", "Mark Milley"}
    assert "State" not in names(found, "org")
    assert {m.text for m in one(found, "Berlin").mentions} == {"Berlin"}


def test_people_of_a_nation_are_one_group_in_singular_and_plural(loaded: dict[str, Reader]) -> None:
    found = read(loaded, "The Russians left early. A Russian diplomat said that Russian guests were welcome.")
    assert one(found, "Russian").count == 3


def test_small_words_inside_a_persons_name_belong_to_it(loaded: dict[str, Reader]) -> None:
    found = read(loaded, "Ursula von der Leyen came to Berlin. Later Von der Leyen left for Brussels.")
    assert names(found, "person") == {"Ursula von der Leyen"}
    assert one(found, "Ursula von der Leyen").count == 2


def test_unions_of_states_are_organisations_under_all_their_names(loaded: dict[str, Reader]) -> None:
    found = read(
        loaded,
        "The United Nations met. The UN said so, the U.N. did. The EU joined the European Union.",
    )
    assert {entity.name: entity.count for entity in found.items} == {"United Nations": 3, "European Union": 2}


@pytest.mark.parametrize(
    ("text", "places", "orgs"),
    [
        ("Israel's Defense Ministry spoke on Monday.", {"Israel"}, {"Defense Ministry"}),
        (
            "SEOUL, Aug 3 (Yonhap) -- North Korea fired missiles. Pyongyang’s KCNA said South Korean and "
            "U.S. drills were to blame.",
            {"Seoul", "North Korea", "Pyongyang", "United States"},
            {"KCNA"},
        ),
    ],
)
def test_a_place_that_owns_a_name_is_named_apart(
    loaded: dict[str, Reader], text: str, places: set[str], orgs: set[str]
) -> None:
    found = read(loaded, text)
    assert names(found, "place") == places
    assert names(found, "org") == orgs


def test_a_language_that_no_model_reads_is_unknown_and_not_without_entities(
    loaded: dict[str, Reader],
) -> None:
    found = read(loaded, "Angela Merkel traf Emmanuel Macron in Berlin.", language="de")
    assert found == Entities(knowledge="unknown")


def test_an_article_without_names_is_known_to_have_none(loaded: dict[str, Reader]) -> None:
    found = read(loaded, "it rained all day and nobody came.")
    assert (found.knowledge, found.items, found.truncated) == ("known", [], False)


def test_french_is_read_with_french_names(loaded: dict[str, Reader]) -> None:
    found = read(
        loaded,
        "Emmanuel Macron a rencontré Vladimir Poutine à Moscou lundi. Macron s'est ensuite rendu en Ukraine. "
        "Les Russes et les Ukrainiens négocient aux États-Unis, selon l'OTAN.",
        language="fr",
    )
    assert names(found, "person") == {"Emmanuel Macron", "Vladimir Poutine"}
    assert one(found, "Emmanuel Macron").count == 2
    assert {"Moscou", "Ukraine", "États-Unis"} <= names(found, "place")
    assert found.model == "fr_core_news_sm 3.8.0"


def test_a_batch_of_several_languages_comes_back_in_order(loaded: dict[str, Reader]) -> None:
    batch = [
        article("Angela Merkel was in Paris."),
        article("Angela Merkel war in Paris.", language="de"),
        article("Angela Merkel était à Paris.", language="fr"),
    ]
    assert [found.model for found in recognise(loaded, batch)] == [
        "en_core_web_sm 3.8.0", None, "fr_core_news_sm 3.8.0",
    ]  # fmt: skip


def test_reading_the_same_article_again_gives_the_same(loaded: dict[str, Reader]) -> None:
    text = "Joe Biden and Vladimir Putin met in Geneva; the EU and NATO watched."
    assert read(loaded, text) == read(loaded, text)


def test_what_an_articles_neighbours_say_changes_nothing_in_it(loaded: dict[str, Reader]) -> None:
    mine = article("Biden spoke in Geneva about NATO.")
    other = article("Joe Biden and Jill Biden live in Washington.")
    assert recognise(loaded, [mine])[0] == recognise(loaded, [other, mine, other])[1]


def test_mentions_are_bounded_but_counted(loaded: dict[str, Reader]) -> None:
    text = "Vladimir Putin spoke in Moscow. " * 30
    found = recognise(loaded, [article(text)], max_mentions=5)[0]
    assert found.truncated
    assert one(found, "Vladimir Putin").count == 30
    assert len(one(found, "Vladimir Putin").mentions) == 5


def test_entities_are_bounded_and_the_most_frequent_stay(loaded: dict[str, Reader]) -> None:
    text = "Officials from France, Germany, Poland and Spain met in Berlin. Germany spoke. Germany listened."
    found = recognise(loaded, [article(text)], max_entities=2)[0]
    assert found.truncated
    assert len(found.items) == 2
    assert found.items[0].name == "Germany"


def test_a_text_is_read_up_to_its_bound_and_says_so(loaded: dict[str, Reader]) -> None:
    text = "Officials met in Berlin. " * 10 + "Vladimir Putin stayed in Moscow."
    found = recognise(loaded, [article(text)], max_chars=250)[0]
    assert found.truncated
    assert one(found, "Berlin").count == 10
    assert "Moscow" not in names(found, "place")


@pytest.mark.timeout(60)
@pytest.mark.parametrize("rubbish", ["x" * 5_000_000, "(" * 5_000_000, "A.B-" * 1_000_000, " " * 5_000_000])
def test_five_megabytes_without_a_word_do_no_harm(loaded: dict[str, Reader], rubbish: str) -> None:
    found = read(loaded, "Angela Merkel was in Paris. " + rubbish)
    assert found.truncated
    assert "Paris" in names(found, "place")


PIECES = st.sampled_from(
    [
        "Joe Biden", "BIDEN'S", "the United States", "U.S.", "NATO-Russia Council", "US-Russia", "Moscow-led",
        "Mr Putin", "Vladimir Putin", " (left) ", "\n\n", "\n", " - ", "“", "”", "'s", ",", ". ", "—",
        "İstanbul",
        "ß", "😀", "e\u0301", "Québec", " said ", " in ", "GENEVA (AP) — ", "x" * 300, "\t", "@", "http://a.b/C",
        "Kim Jong-un", "World Bank (WB)", "[", "]", "/", "…", "O’Neill", "\u00a0", "\u2028",
    ]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=25).map("".join))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=TEXTS, text=TEXTS, language=st.sampled_from(["en", "fr"]), limit=st.integers(1, 400))
def test_every_mention_is_what_stands_at_its_offsets(
    loaded: dict[str, Reader], title: str, text: str, language: str, limit: int
) -> None:
    item = article(text, title=title, language=language)
    found = recognise(loaded, [item], max_chars=limit)[0]
    seen: dict[str, list[tuple[int, int]]] = {"title": [], "text": []}
    for entity in found.items:
        assert entity.name.strip()
        assert entity.count >= len(entity.mentions) > 0
        for mention in entity.mentions:
            source = item.title if mention.field == "title" else item.text
            assert 0 <= mention.start < mention.end <= len(source)
            assert source[mention.start : mention.end] == mention.text
            seen[mention.field].append((mention.start, mention.end))
    for places in seen.values():
        ordered = sorted(places)
        assert all(first[1] <= second[0] for first, second in pairwise(ordered))
    keys = [(entity.name, entity.label) for entity in found.items]
    assert len(keys) == len(set(keys))


def test_the_article_the_project_began_with_names_whom_and_what_it_names(loaded: dict[str, Reader]) -> None:
    path = SHARED / "seed-article.txt"
    if not path.exists():
        pytest.skip("needs shared/data/seed-article.txt beside the checkout, or WIREWATCH_DATA")
    title, _, text = path.read_text(encoding="utf-8").partition("\n")
    found = read(loaded, text.strip(), title=title)
    assert names(found, "person") == {
        "Wendy Sherman", "Delphine Pronk", "Jen Psaki", "Joe Biden", "Vladimir Putin", "David Sassoli",
    }  # fmt: skip
    assert names(found, "place") >= {
        "United States", "Russia", "Ukraine", "Kazakhstan", "Geneva", "Brussels", "Moscow", "Washington",
    }  # fmt: skip
    assert names(found, "org") >= {"NATO", "NATO-Russia Council", "European Parliament", "AFP"}

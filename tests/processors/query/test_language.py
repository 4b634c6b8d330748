"""Each piece of the query language as an analyst sees it: a query, a text, and what is found in it."""

import pytest

from processors.entities.places import Bearer, placed
from processors.models import Article, Entities, Entity, Label, Mention, Source
from processors.rules import RuleSet, compile_pack

PLACES = placed(
    [
        Bearer("EU", "Europe", (), (5, 0)),
        Bearer("UA", "Ukraine", ("EU",), (4, 44)),
        Bearer("UA-14", "Donetsk Oblast", ("UA",), (1, 4)),
        Bearer("donetsk", "Donetsk", ("UA-14",), (1, 1)),
        Bearer("FR", "France", ("EU",), (4, 67)),
    ]
)
CONCEPTS = """\
concepts:
  forces: [troops, army brigade, "concept:ships"]
  ships: [frigate*, warship]
  near: [border, coast, three sides]
  gathering:
    - beef* BEFORE/3 presence
    - place* BEFORE/5 alert
    - amass* BEFORE/5 concept:forces
    - concept:forces NEAR/4 concept:near
"""


def rules(query: str, *, exclude: str = "") -> RuleSet:
    indented = query.replace("\n", "\n      ")
    text = f"rules:\n  - id: x\n    title: X\n    severity: low\n    query: |\n      {indented}\n"
    found = compile_pack({"p/a.yaml": text + exclude, "p/b.yaml": CONCEPTS}, PLACES)
    assert isinstance(found, RuleSet), [str(each) for each in found]
    return found


def entity(name: str, label: Label, text: str) -> Entity:
    start = text.index(name.rsplit("/", maxsplit=1)[-1])
    shown = name.rsplit("/", maxsplit=1)[-1]
    mention = Mention(field="text", start=start, end=start + len(shown), text=shown)
    return Entity(name=name.split("/", maxsplit=1)[0], label=label, count=1, mentions=[mention])


def found(query: str, text: str, title: str = "", entities: Entities | None = None) -> list[str] | None:
    """Give what proves a query, in the order of reading; None where it does not hold."""
    article = Article(
        key="k", id="1", revision="r", title=title, text=text, language="en", section="World news",
        source=Source(name="The Times", domain="uk.thetimes.com", country="gb", tier=1),
    )  # fmt: skip
    matches = rules(query).match(article, entities)
    return [item.text for item in matches[0].evidence] if matches else None


PAIR = "Troops at the border. They left. Ships near it.\n\nThe coast is calm."


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("sanction", "Sanctions bite", ["Sanctions"]),
        ("sanction", "Sanctuary", None),
        ('"troop build-up"', "a Troop buildup, a troop build up", ["Troop buildup", "troop build up"]),
        ('"troop build-up"', "troop. Build-up", None),
        ('="US"', "the US and us and Us", ["US"]),
        ('="US"', "the U.S. and us", None),
        ("US", "tell us, U.S.", ["U.S."]),
        ("mobili*", "Mobilization and mobile", ["Mobilization"]),
        ("mobili*", "mobile", None),
        ("organi?ation", "organization organisation organiation", ["organization", "organisation"]),
        ("troops AND /T-\\d{2}/", "troops in old T-72s", ["troops", "T-72s"]),
        ("troops AND /T-\\d{2}/", "troops in t-72s", None),
        ("troops AND border", PAIR, ["Troops", "border"]),
        ("troops AND drill", PAIR, None),
        ("drill OR border", PAIR, ["border"]),
        ("troops AND NOT drill", PAIR, ["Troops"]),
        ("troops AND NOT border", PAIR, None),
        ("troops NEAR/2 border", PAIR, ["Troops", "border"]),
        ("border NEAR/2 troops", PAIR, ["Troops", "border"]),
        ("troops NEAR/1 border", PAIR, None),
        ("troops BEFORE/2 border", PAIR, ["Troops", "border"]),
        ("border BEFORE/2 troops", PAIR, None),
        ("border NEAR/2 ships", PAIR, ["border", "Ships"]),
        ("ships NEAR/9 coast", PAIR, None),
        ("troops SENTENCE border", PAIR, ["Troops", "border"]),
        ("border SENTENCE ships", PAIR, None),
        ("border PARAGRAPH ships", PAIR, ["border", "Ships"]),
        ("ships PARAGRAPH coast", PAIR, None),
        ("troops NOT NEAR/1 border", PAIR, ["Troops"]),
        ("troops NOT NEAR/2 border", PAIR, None),
        ("border NOT BEFORE/2 troops", PAIR, ["border"]),
        ("troops NOT BEFORE/2 border", PAIR, None),
        ("border NOT SENTENCE ships", PAIR, ["border"]),
        ("border NOT SENTENCE troops", PAIR, None),
        ("coast NOT PARAGRAPH ships", PAIR, ["coast"]),
        ("border NOT PARAGRAPH ships", PAIR, None),
        ("(troops NEAR/2 border) NEAR/2 ships", PAIR, ["Troops", "border", "Ships"]),
        ("(troops NEAR/2 border) NEAR/0 at", PAIR, ["Troops", "at", "border"]),
        ("ATLEAST 3 (troops OR ship OR border)", PAIR, ["Troops", "border", "Ships"]),
        ("ATLEAST 4 (troops OR ship OR border)", PAIR, None),
        ('ATLEAST 2 (border OR "the border")', PAIR, None),
        ("2 OF (troops OR drill OR coast)", PAIR, ["Troops", "coast"]),
        ("3 OF (troops OR drill OR coast)", PAIR, None),
        ("text:troops", PAIR, ["Troops"]),
        ("title:troops", PAIR, None),
        ("title:talks", PAIR, ["Talks"]),
        ("lead:(talks OR coast)", PAIR, ["Talks", "coast"]),
        ("lead:coast", "word " * 100 + "coast", None),
        ("lead:coast", "word " * 99 + "coast", ["coast"]),
        ("text:talks", PAIR, None),
        ("troops AND language:en", PAIR, ["Troops"]),
        ("troops AND language:fr", PAIR, None),
        ("troops AND source:thetimes.com", PAIR, ["Troops"]),
        ("troops AND source:times.com", PAIR, None),
        ('troops AND source:"the times"', PAIR, ["Troops"]),
        ("troops AND source:tier:1", PAIR, ["Troops"]),
        ("troops AND tier:(2 OR 3)", PAIR, None),
        ("troops AND origin:GB", PAIR, ["Troops"]),
        ("troops AND origin:kz", PAIR, None),
        ("troops AND section:world", PAIR, ["Troops"]),
        ("troops AND section:sport", PAIR, None),
        ("concept:forces", "An army brigade and two frigates", ["army brigade", "frigates"]),
        ("concept:ships", "An army brigade", None),
        ("concept:gathering", "Frigates lie off the coast", ["Frigates", "coast"]),
    ],
)
def test_a_piece_finds_what_the_reference_says_and_nothing_else(
    query: str, text: str, expected: list[str] | None
) -> None:
    assert found(query, text, title="Talks") == expected


NAMED = "Putin spoke to NATO in Donetsk of Russians, then of France."
KNOWN = Entities(
    knowledge="known",
    items=[
        entity("Vladimir Putin/Putin", "person", NAMED),
        entity("NATO", "org", NAMED),
        entity("Donetsk", "place", NAMED),
        entity("Russian/Russians", "group", NAMED),
    ],
)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("person:Putin", ["Putin"]),
        ('person:"vladimir putin"', ["Putin"]),
        ("person:Ann", None),
        ("place:Donetsk", ["Donetsk"]),
        ("place:Ukraine", ["Donetsk"]),
        ("place:Europe", ["Donetsk"]),
        ("place:France", None),  # named in the text, and no entity of it
        ("org:(EU OR NATO)", ["NATO"]),
        ("org:Donetsk", None),
        ("group:russian", ["Russians"]),
        ("entity:place", ["Donetsk"]),
        ("entity:(person OR org)", ["Putin", "NATO"]),
        ("person:Putin NEAR/2 org:NATO", ["Putin", "NATO"]),
        ("spoke AND NOT place:France", ["spoke"]),
        ("spoke AND NOT place:Ukraine", None),
    ],
)
def test_entities_are_found_by_name_kind_and_what_they_lie_in(query: str, expected: list[str] | None) -> None:
    assert found(query, NAMED, entities=KNOWN) == expected


@pytest.mark.parametrize(
    "entities",
    [
        None,
        Entities(knowledge="unknown"),
        Entities(knowledge="off"),
        Entities(knowledge="known", items=KNOWN.items, truncated=True),
    ],
    ids=["none", "unknown", "off", "truncated"],
)
def test_what_is_not_known_of_entities_neither_holds_nor_does_not(entities: Entities | None) -> None:
    for query in ("place:France", "spoke AND NOT place:France", "spoke NOT NEAR/1 place:France"):
        assert found(query, NAMED, entities=entities) is None
        assert rules(query).may_match(Article(key="k", id="1", revision="r", title="", text=NAMED))
    assert found("spoke OR place:France", NAMED, entities=entities) == ["spoke"]
    seen = ["Donetsk"] if entities and entities.items else None
    assert found("place:Ukraine", NAMED, entities=entities) == seen


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Moscow beefed up its troop presence.", ["beefed", "presence"]),
        ("The Pentagon placed an Army brigade on alert.", ["placed", "alert"]),
        (
            "It amassed an estimated 150,000 troops on three sides.",
            ["amassed", "troops", "three sides"],
        ),
        ("The troops went home.", None),
    ],
)
def test_one_concept_finds_what_reporters_write_in_many_ways(text: str, expected: list[str] | None) -> None:
    assert found("concept:gathering", text) == expected


@pytest.mark.parametrize(
    ("mark", "sentence"),
    [
        ("negated", "There is no troop build-up."),
        ("exercise", "The troop build-up was an annual exercise."),
        ("historical", "In 1962, the troop build-up began."),
    ],
)
def test_a_hit_with_an_excluded_mark_does_not_count(mark: str, sentence: str) -> None:
    query, exclude = '"troop build-up"', f"    exclude: [{mark}]\n"
    alone, both = (
        Article(key="k", id="1", revision="r", title="", text=text, language="en")
        for text in (sentence, f"{sentence} A troop build-up began on Monday.")
    )
    assert rules(query).match(alone)
    assert rules(query, exclude=exclude).match(alone) == []
    assert rules(query).match(both)[0].evidence_total == 2
    (counted,) = rules(query, exclude=exclude).match(both)
    assert [item.start for item in counted.evidence] == [both.text.rindex("troop")]
    assert counted.evidence_total == 1

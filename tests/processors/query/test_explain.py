"""An explanation says what holds, where, and what was missed by how much; and it agrees with the matcher."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.models import Article, Entities, Entity, Mention, Source
from processors.pack import Concept
from processors.query.concepts import Joined, query_of
from processors.query.explain import MOST_PARTS, MOST_PLACES, Clause, Explanation, explain, explain_rule
from processors.query.matcher import Matcher
from processors.query.parse import parse
from processors.query.tree import Node
from processors.rules import RuleSet, compile_pack

TEXT = (
    "Russia is massing men, tanks and very many other things near the border. An exercise is over.\n\n"
    "The US troop spoke to us of a build-up."
)
UNKNOWN = Entities(knowledge="unknown")


def article(text: str = TEXT, title: str = "", **fields: Any) -> Article:
    return Article(key="k", id="k", revision="r", title=title, text=text, **fields)


def tree(query: str) -> Node:
    node = parse(query)
    assert not isinstance(node, list), [str(error) for error in node]
    return node


def concept(name: str, *texts: str) -> dict[str, Joined]:
    return {name: query_of(Concept(name=name, pack="", texts=texts, file="", line=1, column=1))}


def explained(query: str, given: Article | None = None, **more: Any) -> Explanation:
    return explain(query, tree(query), given or article(), **more)


def clauses(clause: Clause) -> Iterator[Clause]:
    yield clause
    for part in clause.parts:
        yield from clauses(part)


@pytest.mark.parametrize(
    ("query", "nearest"),
    [
        ("massing BEFORE/5 border", "BEFORE/5: 'massing' and 'border' are 9 words apart"),
        ("border BEFORE/9 massing", "BEFORE/9: 'massing' stands before 'border'"),
        ("massing NEAR/5 troop", "NEAR/5: nowhere in one paragraph"),
        ('massing NEAR/5 "massing men"', "NEAR/5: both sides share a word"),
        ("massing NEAR/5 frontier", "frontier: nowhere in the article"),
        ("massing SENTENCE build-up", "SENTENCE: nearest are 2 sentences apart"),
        ("massing PARAGRAPH build-up", "PARAGRAPH: nearest are 1 paragraph apart"),
        ("massing NOT NEAR/20 border", "NOT NEAR/20: 'massing' and 'border' are 9 words apart"),
        ("massing NOT NEAR/2 men", "NOT NEAR/2: 'massing' and 'men' are side by side"),
        (
            'massing NOT NEAR/2 "massing men"',
            "NOT NEAR/2: 'massing' at 10 shares a word with what must not be near",
        ),
        ("massing AND NOT exercise", "NOT: 'exercise' at 76"),
        ("massing AND NOT (border NEAR/3 near)", "NOT: 'near' at 56"),
        ("ATLEAST 3 (massing OR border)", "ATLEAST 3: found 2"),
        ("2 OF (massing OR ship OR plane)", "2 OF: 1 of 3 holds"),
        ('="Us"', "=\"Us\": in this form nowhere, but 'US' at 99"),
        ("TANKS", "TANKS: in this form nowhere, but 'tanks' at 23"),
        ("frontier", "frontier: nowhere in the article"),
        ('"massing ships"', "\"massing ships\": nowhere: 'ships'"),
        (
            '"many things"',
            "\"many things\": its words are there, but not in a row: 'many other things' at 38",
        ),
        ('"Russia border build-up"', '"Russia border build-up": its words stand far apart'),
        ('"Russia troop"', '"Russia troop": its words stand far apart'),
        ("mobilis*", "mobilis*: no word is mobilis*"),
        ("massing AND /[0-9]+/", "/[0-9]+/: it fits nowhere"),
        ("title:border", "border: not in the title, but 'border' at 65"),
        ("ship OR plane", "none of 2 alternatives is there: ship OR plane"),
        ('ship OR ="Us" OR plane', "=\"Us\": in this form nowhere, but 'US' at 99"),
        ("ship AND plane", "ship: nowhere in the article; plane: nowhere in the article"),
    ],
)
def test_a_miss_says_what_failed_and_by_how_much(query: str, nearest: str) -> None:
    found = explained(query)
    assert (found.holds, found.verdict, found.nearest) == (False, "does not fire", nearest)


@pytest.mark.parametrize(
    ("query", "fields", "nearest"),
    [
        ("language:en", {"language": "fr"}, "language: the article is fr"),
        ("language:en", {}, "language: that of the article is not known"),
        ("source:tass.com", {"source": Source(domain="bbc.co.uk")}, "source: it is bbc.co.uk"),
        ("source:tass.com", {}, "source: the article does not say"),
        ("source:tier:1", {"source": Source(tier=3)}, "tier: it is 3"),
        ("origin:KZ", {"source": Source(country="GB")}, "origin: it is GB"),
        ("section:world", {"section": "Sport"}, "section: it is Sport"),
    ],
)
def test_a_filter_that_fails_says_what_the_article_carries(
    query: str, fields: dict[str, Any], nearest: str
) -> None:
    assert explained(f"massing AND {query}", article(**fields)).nearest == nearest


@pytest.mark.parametrize(
    ("entities", "reason"),
    [
        (None, "not known: entities were not read"),
        (Entities(knowledge="off"), "not known: entities were not read"),
        (UNKNOWN, "not known: no loaded model reads `uk`"),
        (
            Entities(knowledge="known", truncated=True),
            "not known: the article has more entities than are kept",
        ),
    ],
)
def test_what_hangs_on_entities_that_are_not_known_says_why(entities: Entities | None, reason: str) -> None:
    for query in ("massing AND place:Kyiv", "massing AND NOT place:Kyiv", "ship OR place:Kyiv"):
        found = explained(query, article(language="uk"), entities=entities)
        assert found.holds is None
        assert found.verdict == "not known: it hangs on entities that nobody could read"
        assert found.nearest == f"place:Kyiv: {reason}"
    away = explained("massing NOT NEAR/5 place:Kyiv", entities=entities)
    assert away.nearest == "NOT NEAR/5: not known, for entities on its right are not"


def test_an_entity_that_is_not_named_says_who_is() -> None:
    mention = Mention(field="text", start=0, end=6, text="Russia")
    known = Entities(
        knowledge="known", items=[Entity(name="Russia", label="place", count=1, mentions=[mention])]
    )
    assert explained("place:Kyiv", entities=known).nearest == "place:Kyiv: the article names Russia"
    assert (
        explained("person:Putin", entities=known).nearest
        == "person:Putin: the article names no person at all"
    )
    assert explained("place:Russia", entities=known).tree.spans[0].text == "Russia"


def test_a_distance_across_title_and_text_is_none() -> None:
    found = explained("massing NEAR/5 frontier", article(title="At the frontier"))
    assert found.nearest == "NEAR/5: one side is in the title alone, the other in the text"


def test_what_forbids_and_stands_in_the_title_is_told_so() -> None:
    found = explained("massing AND NOT frontier", article(title="At the frontier"))
    assert found.nearest == "NOT: 'frontier' at 7 of the title"


def test_a_rule_that_fires_says_what_proves_it_and_what_is_there_beside() -> None:
    found = explained("massing NEAR/2 (men OR border)")
    assert (found.holds, found.verdict, found.nearest) == (True, "fires: 2 hits prove it", "")
    assert found.tree.note == "NEAR/2: 'massing' and 'men' are side by side"
    spans = [(span.text, span.start, span.proves) for clause in clauses(found.tree) for span in clause.spans]
    assert spans == [("massing", 10, True), ("men", 18, True), ("border", 65, False)]


def test_parts_stand_as_written_and_not_by_their_cost() -> None:
    found = explained("massing AND /bord[a-z]+/ AND title:(ship OR plane) AND language:en AND NOT border")
    assert [part.clause for part in found.tree.parts] == [
        "massing",
        "/bord[a-z]+/",
        "title:(ship OR plane)",
        "language:en",
        "NOT border",
    ]
    assert [part.kind for part in found.tree.parts] == ["phrase", "regex", "scope", "filter", "not"]


def test_a_concept_shows_which_of_its_entries_hit() -> None:
    concepts = concept("troops", "troops", "massing NEAR/2 men", "ships")
    found = explained("concept:troops NEAR/3 tanks", concepts=concepts)
    called = found.tree.parts[0]
    assert (called.kind, called.note) == ("concept", "2 of 3 entries")
    assert [(part.clause, part.holds) for part in called.parts] == [
        ("troops", True),
        ("(massing NEAR/2 men)", True),
        ("ships", False),
    ]
    assert [(span.text, span.proves) for span in called.spans] == [
        ("massing", True),
        ("men", True),
        ("troop", False),
    ]


def test_a_concept_that_misses_says_so_and_what_came_close() -> None:
    assert (
        explained("concept:sea", concepts=concept("sea", "ships", "boats")).nearest
        == "sea: none of its 2 entries is there"
    )
    assert (
        explained("concept:near", concepts=concept("near", "ships", "massing NEAR/2 border")).nearest
        == "NEAR/2: 'massing' and 'border' are 9 words apart"
    )


def test_many_hits_and_many_alternatives_are_bounded_and_counted() -> None:
    words = [f"word{number}" for number in range(60)]
    found = explained(" OR ".join(words), article("word59 " * 500))
    assert (len(found.tree.parts), found.tree.parts_total) == (MOST_PARTS, 60)
    last = found.tree.parts[-1]
    assert (last.clause, len(last.spans), last.spans_total) == ("word59", MOST_PLACES, 500)
    assert found.evidence_total == 500


def test_a_rule_of_a_set_is_explained_with_its_concepts_and_revision() -> None:
    rules = compile_pack(
        {
            "desk/a.yaml": "concepts:\n  force: [troops]\nrules:\n  - id: desk/a\n    title: A\n"
            "    severity: low\n    query: concept:force AND border\n"
        }
    )
    assert isinstance(rules, RuleSet)
    found = explain_rule(rules, "desk/a", article())
    assert (found.rule_id, found.rule_revision, found.holds) == ("desk/a", rules.rules[0].revision, True)
    with pytest.raises(KeyError):
        explain_rule(rules, "desk/b", article())


# Random queries over a small world.

WORDS = ("troops", "massing", "border", "build-up", "exercise", "TROOPS", "build*", "/bor.er/", "place:Omsk")
CONCEPTS = concept("force", "troops", "massing NEAR/2 border") | concept("any", "exercise", "concept:force")
OPERATORS = ("NEAR/1", "BEFORE/2", "SENTENCE", "PARAGRAPH", "NOT NEAR/1", "NOT SENTENCE")


def test_a_rule_that_leaves_out_each_hit_by_its_mark_does_not_fire_and_says_so() -> None:
    rules = compile_pack(
        {
            "p/a.yaml": "rules: [{id: p/a, title: A, severity: low, query: 'troops', exclude: [negated, fiction]}]"
        }
    )
    assert isinstance(rules, RuleSet)
    there, denied = (
        article(f"The ministry {said} troops.", language="en") for said in ("sent", "did not send")
    )
    assert explain_rule(rules, "p/a", there).holds
    told = explain_rule(rules, "p/a", denied)
    assert (told.holds, told.verdict) == (False, "does not fire")
    assert told.nearest == "exclude: what proves it is negated or fiction"


def found_somewhere(depth: int) -> "st.SearchStrategy[str]":
    leaf = st.sampled_from((*WORDS, "concept:force", "concept:any", '="Troops"', '"massing border"'))
    if not depth:
        return leaf
    below = found_somewhere(depth - 1)
    return st.one_of(
        leaf,
        st.builds("({} OR {})".format, below, below),
        st.builds("({} {} {})".format, below, st.sampled_from(OPERATORS), below),
        st.builds("ATLEAST 2 ({} OR {})".format, below, below),
        st.builds("{}:({})".format, st.sampled_from(("title", "lead", "text")), below),
    )


PIECES = found_somewhere(2)
QUERIES = st.one_of(
    PIECES,
    st.builds("{} AND {}".format, PIECES, PIECES),
    st.builds("{} AND NOT ({})".format, PIECES, PIECES),
    st.builds("({}) AND (NOT ({}) OR {} OR language:en)".format, PIECES, PIECES, PIECES),
    st.builds("2 OF (({}) OR {} OR ({}))".format, PIECES, PIECES, PIECES),
)
SENTENCES = st.lists(
    st.sampled_from(
        ("troops ", "Troops ", "massing ", "massed. ", "border ", "border\n\n", "build-up ", "x ", "Omsk ")
    ),
    max_size=MOST_PLACES // 2,
).map("".join)
ENTITIES = st.sampled_from((None, UNKNOWN, Entities(knowledge="known"), "omsk"))


def entities_of(text: str, kind: Any) -> Entities | None:
    if kind != "omsk":
        return kind  # type: ignore[no-any-return]
    at = text.find("Omsk")
    mentions = [Mention(field="text", start=at, end=at + 4, text="Omsk")] if at >= 0 else []
    items = [Entity(name="Omsk", label="place", count=1, mentions=mentions)] if mentions else []
    return Entities(knowledge="known", items=items)


@settings(max_examples=400, deadline=None)
@given(query=QUERIES, title=SENTENCES, text=SENTENCES, kind=ENTITIES)
def test_an_explanation_agrees_with_the_matcher_on_truth_and_on_proof(
    query: str, title: str, text: str, kind: Any
) -> None:
    node = parse(query)
    if isinstance(node, list):  # a query that requires nothing
        return
    matcher = Matcher([(query, node)], {name: joined.node for name, joined in CONCEPTS.items()})
    given, entities = article(text, title), entities_of(text, kind)
    found = explain(query, node, given, concepts=CONCEPTS, entities=entities)
    matched = matcher.match(given, entities)
    assert (found.holds is True) == bool(matched)
    if not matched:
        unknown = entities is None or entities is UNKNOWN
        assert found.holds is (None if unknown and matcher.may_match(given) else False)
        assert found.nearest
        return
    proving = {
        (clause.clause, span.field, span.start, span.end, span.text)
        for clause in of_the_rule(found.tree)
        for span in clause.spans
        if span.proves
    }
    assert found.evidence_total == matched[0].total
    evidence = {(item.clause, item.field, item.start, item.end, item.text) for item in matched[0].evidence}
    assert evidence <= proving
    if matched[0].total == len(matched[0].evidence):
        assert evidence == proving


def of_the_rule(clause: Clause) -> Iterator[Clause]:
    """Give the clauses that a rule's author wrote: a concept, but not its entries."""
    yield clause
    if clause.kind != "concept":
        for part in clause.parts:
            yield from of_the_rule(part)


@pytest.mark.parametrize("query", ['="F-15"', '="T-72"', '="Co-operate"', "NATO", '"Nobody Here"'])
def test_a_phrase_that_is_in_no_form_in_the_text_is_told(query: str) -> None:
    assert explained(query, article("Nothing of the kind.")).nearest.endswith("nowhere in the article")


def test_another_form_of_an_exact_compound_is_shown() -> None:
    assert "co-operates" in explained('="Co-operate"', article("He co-operates.")).nearest

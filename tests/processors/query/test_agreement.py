"""The product and a naive reader agree on every piece of the language: what holds, its proof, and how much there is.

A case is one query on one text. `make fuzz-query` looks at as many more as it is told to.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from processors.entities.places import Places
from processors.models import Article, Entities, Entity, EntityKnowledge, Field, Label, Mention, Source
from processors.query.lexer import Limits
from processors.query.matcher import Matcher
from processors.query.parse import parse
from processors.query.tree import And, Node, Or, Score, requires_something
from tests.processors.query import naive
from tests.processors.query.naive import FORMS, GAPS, Told, World, tell

CASES = 20_000
LIMITS = Limits(regexes=100)
QUERIES, TEXTS = 6, 12  # of one example

CHART = Places({}, {"kharkiv": ("ukraine",), "ukraine": ()}, {})
NAMES: list[tuple[str, Label]] = [
    ("Ann Border", "person"),
    ("Ann Mass", "person"),
    ("Kharkiv", "place"),
    ("Ukraine", "place"),
    ("NATO", "org"),
    ("Troops", "group"),
]
LEAVES = [
    *("troop", "border", "near", "trooper", "US", "us", "TROOP", "мир", "build-up", "buildup", "mass"),
    *('"troop near"', '"mass border"', '"troop build-up"', '"US troops"', '"build up"', '"border border"'),
    *('="US"', '="Troops"', '="massing troops"', '="build-up"'),
    *("troop*", "bor?er", "mas*", "TROOP*", "bui*p"),
    *("person:Ann", 'person:"ann border"', "place:Ukraine", "place:kharkiv", "org:NATO", "group:troops"),
    *("entity:person", "entity:place", "place:(Ukraine OR NATO)"),
    *("concept:one", "concept:two", "concept:three"),
    *("/troops?/", "/(?i)mass\\w*/", "/[a-z]er /", "/r.b/", "/US|up/", "/o/"),
]
FILTERS = [
    *("language:en", "language:(fr OR en)", "source:bbc.co.uk", 'source:"The Times"', "source:tier:1"),
    *("tier:2", "origin:GB", "origin:kz", "section:world", 'section:"world news"'),
]
JOINTS = [
    *("OR", "NEAR/0", "NEAR/1", "NEAR/3", "NEAR/8", "BEFORE/0", "BEFORE/2", "BEFORE/9"),
    *("SENTENCE", "PARAGRAPH", "NOT NEAR/0", "NOT NEAR/2", "NOT BEFORE/1", "NOT SENTENCE", "NOT PARAGRAPH"),
]
ARTICLES = [
    Article(
        key="k", id="k", revision="r", title="", text="", language=language, source=source, section=section
    )
    for language, source, section in (
        ("en", Source(domain="news.bbc.co.uk", country="gb", tier=1), "World News"),
        ("fr", Source(name="The Times", domain="notbbc.co.uk", tier=2), "world"),
        ("und", Source(country="KZ"), None),
    )
]


def within(name: str) -> frozenset[str]:
    """Give what a place of this world lies in."""
    return CHART.within(name)


@dataclass(frozen=True)
class Question:
    """A query, its tree, and of some the weights that make its last part a score, which has no syntax yet."""

    text: str
    weights: tuple[float, ...] = ()
    threshold: float = 0.0

    @property
    def tree(self) -> Node | None:
        """Give the tree, or None where nothing has to be found."""
        node = parse(self.text, LIMITS)
        if isinstance(node, list):
            assert any("nothing has to be found" in error.what for error in node), [*map(str, node)]
            return None
        if self.weights:
            assert isinstance(node, And) and isinstance(node.parts[-1], Or), node
            parts = tuple(zip(self.weights, node.parts[-1].parts, strict=True))
            score = Score(
                start=node.parts[-1].start, end=node.parts[-1].end, threshold=self.threshold, parts=parts
            )
            return score if requires_something(score) else replace(node, parts=(*node.parts[:-1], score))
        return node


SCOPES = ["title", "lead", "text"]


@st.composite
def pieces(draw: st.DrawFn, depth: int, leaves: list[str] = LEAVES) -> str:
    """Draw what gives hits."""
    shape = draw(st.integers(0, 5)) if depth else 0
    if shape == 0:
        return draw(st.sampled_from(leaves))
    part = draw(pieces(depth - 1, leaves))
    if shape == 1:
        return f"(ATLEAST {draw(st.integers(1, 3))} ({part}))"
    if shape == 2:
        return f"{draw(st.sampled_from(SCOPES))}:({part})"
    return f"({part} {draw(st.sampled_from(JOINTS))} {draw(pieces(depth - 1, leaves))})"


@st.composite
def queries(draw: st.DrawFn, depth: int = 2) -> str:
    """Draw what holds for an article or does not."""
    shape = draw(st.integers(0, 7)) if depth else 1
    if shape == 0:
        return draw(st.sampled_from(FILTERS))
    if shape <= 3:
        return draw(pieces(4 - depth))
    part = draw(queries(depth - 1))
    if shape == 4:
        return f"(NOT {part})"
    if shape == 5:
        return f"{draw(st.sampled_from(SCOPES))}:({part})"
    if shape == 6:
        others = [draw(queries(depth - 1)) for _ in range(2)]
        return f"({draw(st.integers(1, 3))} OF ({part} OR {' OR '.join(others)}))"
    return f"({part} {draw(st.sampled_from(['AND', 'OR', 'AND NOT']))} {draw(queries(depth - 1))})"


@st.composite
def questions(draw: st.DrawFn) -> Question:
    """Draw a query that requires something."""
    if draw(st.integers(0, 9)) == 0:
        parts = draw(st.lists(queries(1), min_size=2, max_size=4))
        weights = draw(
            st.lists(st.sampled_from([-2.0, -1.0, 0.5, 1.0, 3.0]), min_size=len(parts), max_size=len(parts))
        )
        threshold = draw(st.sampled_from([-1.0, 0.5, 1.0, 2.0, 3.5]))
        return Question(f"troop* AND ({' OR '.join(parts)})", tuple(weights), threshold)
    question = Question(draw(queries()))
    return question if question.tree else Question(f"(troop OR person:Ann) AND {question.text}")


@st.composite
def concepts(draw: st.DrawFn) -> Mapping[str, str]:
    """Draw three concepts that require something; the third may call the second and the second the first."""
    written = {}
    for name, callable_names in (("one", 0), ("two", 1), ("three", 2)):
        known = ["concept:one", "concept:two"][:callable_names] * 8  # called as often as other words
        text = draw(pieces(2, [leaf for leaf in LEAVES if "concept:" not in leaf] + known))
        # A regular expression alone is refused.
        written[name] = f"({text} NEAR/8 troop)" if isinstance(parse(text, LIMITS), list) else text
    return written


Telling = st.SearchStrategy[list[tuple[naive.Gap, str]]]
told: Telling = st.lists(st.tuples(st.sampled_from(GAPS), st.sampled_from(list(FORMS))), max_size=25)
# Few words, near one another and asked for in distances of distances: hits overlap and interleave.
CROWD = ["troop", "troops", "border", "near", "mass"]
CROWDED_LEAVES = [
    "troop",
    "border",
    "near",
    "mass",
    "troop*",
    '"troop border"',
    '"border near"',
    "concept:one",
]
crowded: Telling = st.lists(
    st.tuples(st.sampled_from([*GAPS[:1] * 30, *GAPS]), st.sampled_from(CROWD)), min_size=3, max_size=14
)


@dataclass(frozen=True)
class Case:
    """An article as told, with its entities."""

    title: Told
    text: Told
    article: Article
    entities: Entities


@st.composite
def articles(draw: st.DrawFn, told: Telling = told) -> Case:
    """Draw an article; some have so many words that the lead is not all."""
    title, text = draw(told.map(lambda pieces: pieces[:6])), draw(told)
    padding = draw(st.sampled_from([0, 1, 1, 1, 1, 1, 92, 100]))
    text[:0] = [(GAPS[0], "word")] * padding

    fields = tell(title, title=True), tell(text)
    items = [
        Entity(name=name, label=label, count=len(mentions), mentions=mentions)
        for name, label in draw(st.lists(st.sampled_from(NAMES), max_size=3))
        if (mentions := list(_mentions(draw, fields)))
    ]
    knowledge: EntityKnowledge = draw(st.sampled_from(["known", "known", "known", "unknown", "off"]))
    entities = Entities(
        knowledge=knowledge,
        items=items if knowledge == "known" else [],
        truncated=knowledge == "known" and draw(st.integers(0, 4)) == 0,
    )
    about = draw(st.sampled_from(ARTICLES))
    article = Article(
        key="k", id="k", revision="r", title=fields[0].text, text=fields[1].text,
        language=about.language, source=about.source, section=about.section,
    )  # fmt: skip
    return Case(*fields, article, entities)


def _mentions(draw: st.DrawFn, fields: tuple[Told, Told]) -> Iterator[Mention]:
    names: tuple[Field, Field] = ("title", "text")
    for number, first, length in draw(
        st.lists(st.tuples(st.integers(0, 1), st.integers(0, 24), st.integers(0, 1)), max_size=3)
    ):
        words = fields[number].words
        if first < len(words):
            start, end = words[first].start, words[min(first + length, len(words) - 1)].end
            yield Mention(field=names[number], start=start, end=end, text=fields[number].text[start:end])


Example = tuple[list[Question], Mapping[str, str], list[Case]]


def _examples(asked: st.SearchStrategy[Question], telling: Telling) -> st.SearchStrategy[Example]:
    return st.tuples(
        st.lists(asked, min_size=QUERIES, max_size=QUERIES),
        concepts(),
        st.lists(articles(telling), min_size=TEXTS, max_size=TEXTS),
    )


examples = _examples(questions(), told) | _examples(pieces(3, CROWDED_LEAVES).map(Question), crowded)


def compare(example: Example, counts: Counter[str]) -> None:
    """Fail where product and naive reader differ on any query and text of an example; count both."""
    drawn, written, cases = example
    # What is not known holds no more than its negation does.
    asked = drawn + [Question(f"word AND NOT {question.text}") for question in drawn if not question.weights]
    trees = [tree for question in asked if (tree := question.tree)]
    texts = [question.text for question in asked]
    assert len(trees) == len(texts)
    named = {
        name: node for name, text in written.items() if not isinstance(node := parse(text, LIMITS), list)
    }
    assert named.keys() == written.keys()
    matcher = Matcher(list(zip(texts, trees, strict=True)), named, places=CHART)
    for case in cases:
        unread = Entities(knowledge="unknown")
        worlds = [
            World(case.article, (case.title, case.text), entities, named, within)
            for entities in (case.entities, unread)
        ]
        found = {hit.query: hit for hit in matcher.match(case.article, case.entities)}
        perhaps = False
        for number, (text, tree) in enumerate(zip(texts, trees, strict=True)):
            expected = naive.truth(tree, worlds[0])
            where = (
                f"\nquery: {text}\ntree: {tree}\nconcepts: {dict(written)}"
                f"\ntitle: {case.article.title!r}\ntext: {case.article.text!r}\nentities: {case.entities}"
            )
            assert (number in found) == (expected is True), (
                f"holds: {number in found}, naively {expected}{where}"
            )
            counts["cases"] += 1
            counts[f"{expected}"] += 1
            perhaps = perhaps or naive.truth(tree, worlds[1]) is not False
            if expected:
                shown = naive.proof(tree, text, worlds[0])
                proof = naive.evidence(shown, worlds[0])
                assert found[number].evidence == proof, (
                    f"evidence: {found[number].evidence}\nnaively: {proof}{where}"
                )
                assert found[number].total == len(shown), (
                    f"total: {found[number].total}, naively {len(shown)}{where}"
                )
        assert matcher.may_match(case.article) == perhaps, f"may match, naively {perhaps}{where}"


def test_a_naive_reader_agrees_on_what_holds_on_its_proof_and_on_how_much_there_is() -> None:
    counts: Counter[str] = Counter()

    @settings(
        max_examples=CASES // (2 * QUERIES * TEXTS) + 40,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
    )
    @given(examples)
    def agree(example: Example) -> None:
        compare(example, counts)

    agree()
    assert counts["cases"] >= CASES
    # Nothing is shown where all queries come to the same.
    assert all(counts[value] > CASES // 100 for value in ("True", "False", "None")), counts

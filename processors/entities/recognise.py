"""Reads a batch of articles with spaCy and turns what the model found into entities."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from processors.entities import facts
from processors.entities.canonical import grouped
from processors.entities.gazetteer import Gazetteer
from processors.entities.recase import readable
from processors.entities.spans import Reading, Span
from processors.models import Article, Entities, Entity, Label, Mention

SEPARATOR = "\n\n"


@dataclass(frozen=True, kw_only=True)
class Reader:
    """What reads one language: a loaded spaCy pipeline, its model's name and version, known names."""

    nlp: Any
    model: str
    gazetteer: Gazetteer = field(default_factory=Gazetteer)


def recognise(
    readers: Mapping[str, Reader],
    articles: Sequence[Article],
    *,
    max_chars: int = 100_000,
    max_entities: int = 500,
    max_mentions: int = 100,
) -> list[Entities]:
    """Give the entities of each article, in order.

    `readers` go by ISO 639-1 code. An article whose language none of them reads has knowledge
    "unknown". Of title and text together the first `max_chars` code points are read; an article has
    at most `max_entities` entities, the most frequent, with at most `max_mentions` mentions each.
    Whatever is left out sets `truncated`.
    """
    found = [Entities(knowledge="unknown")] * len(articles)
    for language, reader in readers.items():
        mine = [index for index, article in enumerate(articles) if article.language == language]
        if not mine:
            continue
        cuts = [_cut(articles[index], max_chars) for index in mine]
        texts = [readable(title, text, reader.gazetteer, SEPARATOR) for title, text in cuts]
        with reader.nlp.memory_zone():
            for index, (title, body), text, doc in zip(
                mine, cuts, texts, reader.nlp.pipe(texts), strict=True
            ):
                raw = [(span.start_char, span.end_char, span.label_) for span in doc.ents]
                source = title + SEPARATOR + body
                reading = Reading(text, source, facts.of(language), reader.gazetteer)
                entities = grouped(reading.spans(raw), text, facts.of(language), reader.gazetteer)
                found[index] = _bounded(
                    articles[index], entities, reader.model, len(title),
                    max_entities=max_entities, max_mentions=max_mentions,
                    cut=len(text) < len(articles[index].title) + len(SEPARATOR) + len(articles[index].text),
                )  # fmt: skip
    return found


def _cut(article: Article, max_chars: int) -> tuple[str, str]:
    """Give what is read of title and text, ending with a whole word where one ends nearby."""
    title = _until(article.title, max_chars)
    return title, _until(article.text, max_chars - len(title))


def _until(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    space = text.rfind(" ", max(0, limit - 100), limit)
    return text[: space if space > 0 else limit]


def _bounded(
    article: Article,
    entities: list[tuple[str, Label, list[Span]]],
    model: str,
    title_end: int,
    *,
    max_entities: int,
    max_mentions: int,
    cut: bool,
) -> Entities:
    kept = entities[:max_entities]
    return Entities(
        knowledge="known",
        items=[
            Entity(
                name=name,
                label=label,
                count=len(spans),
                mentions=[_mention(article, span, title_end) for span in spans[:max_mentions]],
            )
            for name, label, spans in kept
        ],
        truncated=cut
        or len(entities) > max_entities
        or any(len(spans) > max_mentions for _, _, spans in kept),
        model=model,
    )


def _mention(article: Article, span: Span, title_end: int) -> Mention:
    if span.start < title_end:
        return Mention(
            field="title", start=span.start, end=span.end, text=article.title[span.start : span.end]
        )
    shift = title_end + len(SEPARATOR)
    start, end = span.start - shift, span.end - shift
    return Mention(field="text", start=start, end=end, text=article.text[start:end])

"""An entity as a query asks for it: a person by part of the name, a place by what it lies in."""

from collections import defaultdict
from dataclasses import dataclass

from processors.entities.places import Places, folded
from processors.models import Entity, Label
from processors.query.reading import FIELDS, Reading, Span
from processors.query.tree import Named

_MOST_NAME_WORDS = 8
_MOST_AFTER = 60  # characters after a mention that may say which place is meant: Paris, Texas

Key = tuple[Label, str]  # with an empty name: any of that label


@dataclass(frozen=True, slots=True)
class EntityName:
    """What is sought for a named entity."""

    key: Key

    def find(self, reading: Reading) -> list[Span]:
        """Give the mentions of such entities, sorted."""
        return entity_spans(reading).get(self.key, [])


def entity_name_of(named: Named, places: Places) -> EntityName:
    """Give what to look for: names are compared without case, accents and punctuation."""
    name = places.key(named.name) if named.label == "place" and named.name else folded(named.name)
    return EntityName((named.label, name))


def entity_spans(reading: Reading) -> dict[Key, list[Span]]:
    """Give the mentions of an article's entities by each key that finds them."""
    found: dict[Key, list[Span]] | None = reading.memo.get(entity_spans)
    if found is None:
        collected: dict[Key, set[Span]] = defaultdict(set)
        for entity in reading.entities:
            for mention in entity.mentions:
                field = FIELDS.index(mention.field)
                covered = reading.fields[field].covering(mention.start, mention.end)
                if covered:
                    after = reading.fields[field].text[mention.end : mention.end + _MOST_AFTER]
                    for name in _names(entity, after, reading.places):
                        collected[entity.label, name].add((field, *covered))
        found = reading.memo[entity_spans] = {key: sorted(spans) for key, spans in collected.items()}
    return found


def _names(entity: Entity, after: str, places: Places) -> frozenset[str]:
    """Give all that a mention is found by: no name, its own, and what its label adds."""
    if entity.label == "place":
        return places.within(places.as_written(entity.name, after)) | {""}
    name = folded(entity.name)
    if entity.label != "person":
        return frozenset({"", name})
    words = name.split()[:_MOST_NAME_WORDS]
    return frozenset(
        {"", name}
        | {
            " ".join(words[first:last])
            for first in range(len(words))
            for last in range(first + 1, len(words) + 1)
        }
    )

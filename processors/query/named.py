"""An entity as a query asks for it: a person by part of the name, a place by what it lies in."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from processors.models import Entity, Label
from processors.names import folded
from processors.query.reading import FIELDS, Reading, Span
from processors.query.tree import Named

_MOST_NAME_WORDS = 8

Key = tuple[Label, str]  # with an empty name: any of that label


@dataclass(frozen=True, slots=True)
class EntityName:
    """What is sought for a named entity."""

    key: Key

    def find(self, reading: Reading) -> list[Span]:
        """Give the mentions of such entities, sorted."""
        return entity_spans(reading).get(self.key, [])


def entity_name_of(named: Named) -> EntityName:
    """Give what to look for: names are compared without case, accents and punctuation."""
    return EntityName((named.label, folded(named.name)))


def entity_spans(reading: Reading) -> dict[Key, list[Span]]:
    """Give the mentions of an article's entities by each key that finds them."""
    found: dict[Key, list[Span]] | None = reading.memo.get(entity_spans)
    if found is None:
        collected: dict[Key, set[Span]] = defaultdict(set)
        for entity in reading.entities:
            spans = list(_spans(entity, reading))
            for name in _names(entity, reading):
                collected[entity.label, name].update(spans)
        found = reading.memo[entity_spans] = {key: sorted(spans) for key, spans in collected.items()}
    return found


def _spans(entity: Entity, reading: Reading) -> Iterator[Span]:
    for mention in entity.mentions:
        field = FIELDS.index(mention.field)
        covered = reading.fields[field].covering(mention.start, mention.end)
        if covered:
            yield (field, *covered)


def _names(entity: Entity, reading: Reading) -> set[str]:
    """Give all that an entity is found by: nothing, its name, and what its label adds."""
    name = folded(entity.name)
    names = {"", name}
    if entity.label == "place":
        names |= reading.within(entity.name)
    if entity.label == "person":
        words = name.split()[:_MOST_NAME_WORDS]
        names |= {
            " ".join(words[first:last])
            for first in range(len(words))
            for last in range(first + 1, len(words) + 1)
        }
    return names

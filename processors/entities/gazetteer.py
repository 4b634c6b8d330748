"""Names known beforehand: countries, capitals, nationalities and given names, as one immutable value."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ahocorasick_rs import AhoCorasick, MatchKind

from processors.models import Label


@dataclass(frozen=True, kw_only=True)
class Gazetteer:
    """Names of one language, in the case in which it writes them.

    `places`, `groups` and `orgs` map each form to its canonical name; `certain` are the forms that name a
    place or group wherever they stand, so that one which a model has missed can be added.
    """

    places: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    orgs: Mapping[str, str] = field(default_factory=dict)
    given_names: frozenset[str] = frozenset()
    certain: tuple[str, ...] = ()
    _automaton: Any = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Build the automaton that `occurrences` runs."""
        automaton = AhoCorasick(list(self.certain), matchkind=MatchKind.LeftmostLongest)
        object.__setattr__(self, "_automaton", automaton)

    def kind_of(self, form: str) -> Label | None:
        """Tell what a form is known as: a place, an organisation or a group."""
        if form in self.places:
            return "place"
        if form in self.orgs:
            return "org"
        return "group" if form in self.groups else None

    def occurrences(self, text: str) -> Iterator[tuple[int, int]]:
        """Give where certain names stand in a text as whole words, as code points start to end."""
        for _, start, end in self._automaton.find_matches_as_indexes(text):
            if (start and text[start - 1].isalnum()) or (end < len(text) and text[end].isalnum()):
                continue
            yield start, end

"""What a name is the name of: what gazetteer, grammar and neighbours say goes before a model's guess."""

import re

from processors.entities.facts import Facts
from processors.entities.gazetteer import Gazetteer
from processors.models import Label

APPOSITION = re.compile(r", ([A-Z]\w+(?: [A-Z]\w+)?)(?!\w)")
IS_A = re.compile(r" (?:is|was|est|était) (?:an?|the|une?|la|le) (?:\w+ )?(\w+)")


def is_acronym(text: str) -> bool:
    """Tell a word of three to six capitals; whatever is written in capitals for effect is undone by now."""
    return 3 <= len(text) <= 6 and text.isalpha() and text.isupper()


class Kinds:
    """Judges the kinds of names in one text."""

    def __init__(self, text: str, facts: Facts, gazetteer: Gazetteer) -> None:
        """Hold a text as the model read it, and what is known of its language."""
        self.text = text
        self.facts = facts
        self.gazetteer = gazetteer

    def decide(self, text: str, label: Label | None, raw: str, *, titled: bool) -> Label | None:
        """Give the kind of a name that the model gave `label` (its own `raw`); None is no name at all."""
        words = text.split()
        if not words:
            return None
        known = self.gazetteer.kind_of(text)
        if known and not titled and (label != "person" or known == "group" or len(words) > 1):
            return known
        shaped = self._by_shape(words, label) if len(words) > 1 else None
        if shaped is None and titled and label != "group":
            return "person"
        if (
            shaped is None
            and label == "person"
            and (text.lower() in self.facts.org_heads or is_acronym(text))
        ):
            return "org"
        if shaped is None and raw == "MISC" and len(words) == 1 and text.endswith(self.facts.group_endings):
            return "group"
        return shaped or label

    def _by_shape(self, words: list[str], label: Label | None) -> Label | None:
        """Give the kind that the words of a longer name show: Council, University of, Lake, Delphine."""
        first, last = words[0].strip(".,").lower(), words[-1].strip(".,").lower()
        if last in self.facts.org_heads or self._is_headed(words):
            return "org"
        if (label != "org" and last in self.facts.place_heads) or (
            label in ("person", "org") and first in self.facts.place_openers
        ):
            return "place"
        if label in ("org", "place", None) and self.is_persons(words):
            return "person"
        return None

    def _is_headed(self, words: list[str]) -> bool:
        """Tell University of X, Ministry of X: a head before a small word."""
        return words[1] in self.facts.office and words[0].lower() in self.facts.org_heads and len(words) > 2

    def is_persons(self, words: list[str]) -> bool:
        """Tell a given name and a surname that nothing else claims."""
        if not 2 <= len(words) <= 3 or words[0] not in self.gazetteer.given_names:
            return False
        rest = words[1:]
        return all(
            word[0].isupper() and not word.isupper() and word.replace("-", "").replace("'", "").isalpha()
            and self.gazetteer.kind_of(word) is None
            for word in rest
        )  # fmt: skip

    def is_people(self, start: int, end: int) -> bool:
        """Tell les Américains: a plural article and a word that ends as words for nationals do."""
        before = self.text[max(0, start - 5) : start].split()
        name = self.text[start:end]
        return (
            bool(before)
            and before[-1].lower() in self.facts.plural_articles
            and name.endswith(self.facts.group_endings)
        )

    def is_located(self, start: int, end: int) -> bool:
        """Tell by its neighbours that a name the gazetteer doesn't know is a place's."""
        text, name = self.text, self.text[start:end]
        if name.isupper() or not name[-1].isalpha() or self.is_persons(name.split()):
            return False
        after = APPOSITION.match(text, end)
        if after and after[1] in self.gazetteer.places and after[1] not in self.gazetteer.given_names:
            return True
        kind = IS_A.match(text, end)
        if kind and kind[1].lower() in self.facts.settlements:
            return True
        before = text[max(0, start - 9) : start].split(" ")
        return (
            " " not in name
            and len(before) > 1
            and before[-2] in self.facts.located
            and not text.startswith(("'", "’", "-", " ("), end)
            and not self.goes_on(start, end)
            and name.lower() not in self.facts.org_heads
        )

    def is_name(self, start: int, end: int, label: Label) -> bool:
        """Tell whether a span names anything: it is of a name's length and no word that names nothing."""
        text = self.text[start:end]
        word, spaces = text.strip(".").lower(), text.count(" ")
        longest = 4 if label == "person" else 9
        if end - start < 2 or spaces > longest or "://" in text or not any(map(str.isupper, text)):
            return False
        if label == "person" and any(map(str.isdigit, text)):
            return False
        if word in self.facts.compass:
            return word in self.facts.worlds
        if word in self.facts.departments:
            before = self.text[max(0, start - 12) : start].lower().split()
            return not (len(before) > 1 and before[-1] in self.facts.office)
        return not (word in self.facts.never or word in self.facts.titles or word in self.facts.generic)

    def is_compass(self, text: str) -> bool:
        return all(part.lower() in self.facts.compass for part in re.split(r"[-–‑/]", text))

    def goes_on(self, start: int, end: int) -> bool:
        """Tell whether a capitalised word beside this one may make it part of a longer name."""
        after = self.text[end : end + 2]
        return len(after) == 2 and after[0] == " " and after[1].isupper()

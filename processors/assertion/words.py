"""Which cues read which language, and what a section or a title says of a whole article."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from processors.assertion.cues import Language
from processors.assertion.english import ENGLISH
from processors.assertion.french import FRENCH
from processors.assertion.german import GERMAN
from processors.assertion.values import MarkKind

LANGUAGES: Mapping[str, Language] = MappingProxyType({"en": ENGLISH, "fr": FRENCH, "de": GERMAN})

_BY_KIND: Mapping[MarkKind, str] = {
    "other_sense": "sport sports football soccer cricket rugby tennis golf nfl nba mlb nhl baseball basketball "
    "motorsport cycling fußball fussball",
    "historical": "obituaries obituary history nachrufe geschichte nécrologie histoire",
    "fiction": "books film films movies tv television gaming games arts culture entertainment theatre "
    "livres cinéma bücher kino",
}
SECTIONS: Mapping[str, MarkKind] = MappingProxyType(
    {section: kind for kind, sections in _BY_KIND.items() for section in sections.split()}
)
TITLES: Sequence[tuple[MarkKind, re.Pattern[str]]] = (
    (
        "historical",
        re.compile(
            r"\bobituary\b|\b(?:dies|dead|has died|meurt|stirbt)(?: at| aged|,| à| mit)? \d\d\b|\bon this day\b"
            r"|\bfrom the archives?\b|\bnachruf\b|\bnécrologie\b",
            re.IGNORECASE,
        ),
    ),
    ("fiction", re.compile(r"\b(?:film|book|movie|game|tv|theatre|album) review\b", re.IGNORECASE)),
)

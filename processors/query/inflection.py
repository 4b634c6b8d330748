"""The inflectional part of a stemmer: what a word is once plural, -ed and -ing are off.

Steps 0, 1 and 5 of Porter2 (M. F. Porter, "The English (Porter2) stemming algorithm", snowballstem.org).
Its steps 2 to 4 take derivation off as well and make one word of `mobile` and `mobilize`, `intern` and
`international`, `general` and `generally`: a rule would fire on words its author never meant.
"""

import re

VOWELS = "aeiouyàáâäãåèéêëìíîïòóôöõùúûü"
_REGION = re.compile(rf"[{VOWELS}][^{VOWELS}]")
_VOWEL = re.compile(rf"[{VOWELS}]")
_SHORT_END = re.compile(rf"(?:[^{VOWELS}][{VOWELS}][^{VOWELS}wx]|^[{VOWELS}][^{VOWELS}])$")
_PLURAL_S = re.compile(rf"[{VOWELS}].+s$")
_DOUBLE = re.compile(r"(?:bb|dd|gg|mm|nn|pp|rr|tt)$")  # ff is always the word's own: staffed, bluffing
_OWN_DOUBLE = frozenset({"add", "boycott", "ebb", "egg", "err", "purr"})

# Words whose ending only looks like a suffix; the first rows are Porter2's own.
_KEEP = frozenset(
    {
        *("news", "howe", "atlas", "cosmos", "bias", "andes", "inning", "outing", "canning", "herring"),
        *("earring", "proceed", "exceed", "succeed"),
        *("during", "evening", "morning", "nothing", "something", "anything", "everything", "ceiling"),
        *("string", "spring", "united", "need", "speed", "breed", "weed", "feed", "creed", "bleed"),
    }
)
_IRREGULAR = {"dying": "die", "lying": "lie", "tying": "tie", "skis": "ski", "skies": "sky"}


def inflection_stem(word: str) -> str:
    """Give what `troop`, `troops` or `mobilise`, `mobilised`, `mobilising` share; `word` is case-folded."""
    if len(word) <= 2 or word in _KEEP or not word[-1].isalpha():
        return word
    word = _IRREGULAR.get(word, word)
    word = _without_participle(_without_plural(word))
    if len(word) > 2 and word[-1] == "y" and word[-2] not in VOWELS:
        word = word[:-1] + "i"
    return _one_spelling(_without_final_e(word))


def _one_spelling(word: str) -> str:
    """Write `mobiliz` and `mobilization` as the other half of the English-speaking world does."""
    if word.endswith("ization"):
        return word[:-6] + "sation"
    return word[:-1] + "s" if word.endswith("iz") and len(word) > 4 else word


def _without_plural(word: str) -> str:
    if word.endswith("sses"):
        return word[:-2]
    if word.endswith(("ies", "ied")):
        return word[:-2] if len(word) > 4 else word[:-1]
    if word.endswith(("us", "ss")) or not word.endswith("s"):
        return word
    return word[:-1] if _PLURAL_S.search(word) else word


def _without_participle(word: str) -> str:
    if word in _KEEP:
        return word
    if word.endswith("eed"):
        return word[:-1] if len(word) - 3 >= _region(word) else word
    for suffix in ("ed", "ing"):
        if word.endswith(suffix):
            rest = word[: -len(suffix)]
            return _mended(rest) if len(rest) > 1 and _VOWEL.search(rest) else word
    return word


def _mended(rest: str) -> str:
    """Give back the e that -ed and -ing took, and take the letter they doubled."""
    if rest.endswith(("at", "bl", "iz")):
        return rest + "e"
    if _DOUBLE.search(rest):
        return rest if rest in _OWN_DOUBLE else rest[:-1]
    if _region(rest) >= len(rest) and _SHORT_END.search(rest):
        return rest + "e"
    return rest


def _without_final_e(word: str) -> str:
    first = _region(word)
    second = _region(word, first)
    end = len(word) - 1
    if word.endswith("e"):
        drop = end >= second or (end >= first and not _SHORT_END.search(word[:-1]))
        return word[:-1] if drop else word
    return word[:-1] if word.endswith("ll") and end >= second else word


def _region(word: str, start: int = 0) -> int:
    """Give where the region begins that follows the first vowel and consonant after `start`."""
    found = _REGION.search(word, start)
    return found.end() if found else len(word)

"""The inflectional part of a stemmer: what a word is once plural, -ed and -ing are off, in one spelling.

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
# ff is always the word's own: staffed, bluffing; so mostly is ll.
_DOUBLE = re.compile(r"(?:bb|dd|gg|mm|nn|pp|rr|tt|^(?:dial|duel|fuel|gruel|trial)l|^focuss)$")
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

# Plurals and participles that no rule gives. No form is here that is of two words, as lives, leaves, bases,
# halves, shelves and axes are; nor the past of a verb, which is another word to a query.
_IRREGULAR = {
    **{"dying": "die", "lying": "lie", "tying": "tie", "skis": "ski", "skies": "sky"},
    **{
        f"{kind}{stem}es": f"{kind}{stem}is"
        for kind, stem in (
            *(("", "cris"), ("", "oas"), ("", "thes"), ("hypo", "thes"), ("anti", "thes"), ("syn", "thes")),
            *(("paren", "thes"), ("", "emphas"), ("", "synops"), ("", "neuros"), ("", "prognos")),
        )
    },
    **{f"{stem}ves": f"{stem}f" for stem in ("wol", "thie", "loa", "cal", "hoo")},
    **{f"{stem}ves": f"{stem}fe" for stem in ("kni", "wi", "midwi", "housewi", "penkni")},
    **{
        f"{stem}a": f"{stem}{ending}"
        for ending, stem in (
            *(("um", "referend"), ("um", "memorand"), ("um", "consorti"), ("um", "bacteri"), ("um", "stadi")),
            *(("on", "criteri"), ("on", "phenomen")),
        )
    },
    **{"children": "child", "grandchildren": "grandchild", "schoolchildren": "schoolchild"},
    **{"feet": "foot", "teeth": "tooth", "mice": "mouse", "geese": "goose", "oxen": "ox"},
    **{"indices": "index", "appendices": "appendix", "nuclei": "nucleus"},
}
_PERSONS = re.compile(  # not Yemen, Turkmen, omen, specimen
    "(?:air|alder|assembly|business|camera|chair|clergy|congress|council|country|crafts|fire|fisher|fore|frog"
    "|guards|gun|horse|infantry|lay|marks|militia|noble|police|rifle|sea|service|spokes|sports|states|tribes"
    "|work|english|french|irish|welsh|dutch)?(?:wo)?men"
)

# Spellings of one word on the two sides of the Atlantic. Pairs that would make one word of two are not here:
# tyre and tire, storey and story, kerb and curb, cheque and check, practise and practice, tonne and ton.
_ER = (
    *("centre", "epicentre", "metre", "kilometre", "centimetre", "millimetre", "nanometre", "litre"),
    *("millilitre", "theatre", "amphitheatre", "fibre", "microfibre", "calibre", "sabre", "lustre"),
    *("meagre", "sombre", "spectre", "sceptre", "ochre", "mitre", "reconnoitre"),
)
_WHOLE = {
    **{word[:-1]: f"{word[:-2]}er" for word in _ER},
    **{
        f"{word}u": word
        for word in ("catalog", "dialog", "analog", "monolog", "epilog", "prolog", "homolog", "travelog")
    },
    **{f"{word}u": word for word in ("demagog", "pedagog", "synagog")},
    **{f"{word}m": word for word in ("program", "gram", "kilogram", "milligram", "microgram")},
    "moult": "molt",
    "cozi": "cosi",
}
_BEGINNING = {
    **{word: f"{word[:-2]}er" for word in _ER},
    **{
        word: word.replace("our", "or")
        for word in (
            *("ardour", "armour", "behaviour", "candour", "clamour", "colour", "demeanour", "endeavour"),
            *("favour", "fervour", "flavour", "glamour", "harbour", "honour", "humour", "labour"),
            *("misdemeanour", "neighbour", "odour", "parlour", "rancour", "rigour", "rumour", "saviour"),
            *("savour", "splendour", "succour", "tumour", "valour", "vapour", "vigour"),
        )
    },
    **{f"{stem}c": f"{stem}s" for stem in ("defen", "offen", "preten", "licen")},
    **{
        f"{stem}lyz": f"{stem}lys"
        for stem in ("ana", "para", "cata", "electro", "hydro", "dia", "breatha", "psychoana")
    },
    **{f"{stem}ement": f"{stem}ment" for stem in ("judg", "acknowledg", "abridg", "lodg")},
    **{f"{stem}eabl": f"{stem}abl" for stem in ("siz", "lik", "liv", "lov", "mov", "sal", "us")},
    **{
        f"{stem}l{end}": f"{stem}{end}"
        for stem, end in (
            *(("cancel", "er"), ("council", "or"), ("counsel", "or"), ("dial", "er"), ("duel", "ist")),
            *(("enrol", "ment"), ("fulfil", "ment"), ("instal", "ment"), ("jewel", "er"), ("label", "er")),
            *(("level", "er"), ("libel", "ous"), ("marvel", "ous"), ("model", "er"), ("skil", "ful")),
            *(("tranquil", "i"), ("travel", "er"), ("tunnel", "er"), ("wil", "ful"), ("wool", "en")),
        )
    },
    **{"jewelleri": "jewelri", "catalogue": "catalog", "demagogue": "demagog"},
    **{"manoeuvr": "maneuver", "manœuvr": "maneuver", "manoeuver": "maneuver"},
    **{"grey": "gray", "gaol": "jail", "plough": "plow", "mould": "mold", "smoulder": "smolder"},
    **{"sulph": "sulf", "sceptic": "skeptic", "aluminium": "aluminum", "aeroplan": "airplan"},
    **{"artefact": "artifact", "cypher": "cipher", "czar": "tsar", "despatch": "dispatch"},
    **{"moustach": "mustach", "pyjama": "pajama", "syphon": "siphon", "yoghurt": "yogurt"},
    **{"advisor": "adviser", "protestor": "protester", "worshipper": "worshiper", "kidnapper": "kidnaper"},
    **{"anaem": "anem", "anaesth": "anesth", "archaeolog": "archeolog", "diarrhoea": "diarrhea"},
    **{"encyclopaed": "encycloped", "foet": "fet", "gynaecolog": "gynecolog", "haemo": "hemo"},
    **{"leukaem": "leukem", "mediaeval": "medieval", "oestrogen": "estrogen", "orthopaed": "orthoped"},
    **{"paediatr": "pediatr", "palaeo": "paleo"},
}
_BEFORE = "anti|be|bi|de|dis|en|mis|multi|non|over|pre|re|snow|tri|un|up|water"
_SPELT = re.compile(rf"({_BEFORE})?({'|'.join(sorted(_BEGINNING, key=len, reverse=True))})")
_IZE = re.compile(r"(?<=...)iz(?=$|er$|abl|ation)")


def inflection_stem(word: str) -> str:
    """Give what `troop`, `troops` or `mobilise`, `mobilised`, `mobilising` share; `word` is case-folded."""
    if len(word) <= 2 or word in _KEEP or not word[-1].isalpha():
        return word
    word = f"{word[:-2]}an" if _PERSONS.fullmatch(word) else _IRREGULAR.get(word, word)
    word = _without_participle(_without_plural(word))
    if len(word) > 2 and word[-1] == "y" and word[-2] not in VOWELS:
        word = word[:-1] + "i"
    return _one_spelling(_without_final_e(word))


def _one_spelling(stem: str) -> str:
    """Write `mobiliz`, `labour` and `centr` as those who write `mobilis`, `labor` and `center` do."""
    stem = _WHOLE.get(stem, stem)
    if found := _SPELT.match(stem):
        stem = f"{found[1] or ''}{_BEGINNING[found[2]]}{stem[found.end() :]}"
    return _IZE.sub("is", stem)


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

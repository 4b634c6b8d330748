"""What a clause that fails lacks, in words: how far apart, what came close, what is there instead."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from processors.models import Article, Entities
from processors.query.evaluate import hits, near_pairs, proof, truth, unsure
from processors.query.named import entity_name_of
from processors.query.phrases import Pattern, pattern_of
from processors.query.plan import Plan
from processors.query.proximity import Hit, Pair, disjoint, pairs, words_between
from processors.query.reading import FIELDS, Reading, Sought, Span
from processors.query.regexes import Expression
from processors.query.tree import (
    AtLeast,
    Concept,
    Filter,
    Named,
    Near,
    Node,
    Not,
    Of,
    Phrase,
    Regex,
    Scope,
    Score,
    Unit,
    Wildcard,
    children,
)
from processors.query.wildcards import opening_of
from processors.query.words import cut
from processors.sentences import sentence_ends

_MOST_COMPARED = 200  # hits of a side, when the nearest two are sought that no distance joins
_MOST_NAMES = 3
_MOST_SHOWN = 80  # characters

NOWHERE, UNKNOWN, NEAR_MISS, APART = 1.0, 0.25, 0.5, 0.75


@dataclass(frozen=True)
class Missing:
    """Of a clause: its note, and where it fails by how much; `measured`: by itself, and not by its parts."""

    note: str = ""
    gap: float = NOWHERE
    measured: bool = False


def missing(
    node: Node,
    plan: Plan,
    reading: Reading,
    *,
    scopes: Sequence[Scope] = (),
    entities: Entities | None = None,
    parts: tuple[int, int] = (0, 0),
) -> Missing:
    """Say what is to be said of a clause: of one that fails, what it lacks; of a distance, how near.

    `scopes` are those around it; `parts` says how many of its parts hold, and how many it has.
    """
    holding, all_parts = parts
    match node:
        case Phrase() | Wildcard() | Regex() | Named():
            return Missing() if hits(plan, reading) else _absent(node, reading, scopes, entities)
        case Concept():
            entries = _counted(all_parts, "entry")
            return Missing(
                f"{holding:,} of {entries}" if holding else f"{node.name}: none of its {entries} is there"
            )
        case Near() if isinstance(plan, Near):
            return _distance(node, plan, reading)
        case AtLeast() if isinstance(plan, AtLeast):
            found = disjoint(hits(plan.part, reading))
            return Missing(
                f"ATLEAST {node.count}: found {found}", NEAR_MISS if found else NOWHERE, bool(found)
            )
        case Of():
            holds = "holds" if holding == 1 else "hold"
            return Missing(f"{node.count} OF: {holding} of {all_parts} {holds}")
        case Score() if isinstance(plan, Score):
            reached = sum(weight for weight, part in plan.parts if truth(part, reading))
            return Missing(f"SCORE: {reached:g} of {node.threshold:g}", NEAR_MISS, True)
        case Filter() if not truth(plan, reading):
            return Missing(f"{node.field}: {_CARRIED[node.field](reading.article)}")
        case Not() if isinstance(plan, Not) and truth(plan, reading) is False:
            return Missing(f"NOT: {_first_of(plan.part, reading)}")
    return Missing()


def label_of(near: Near) -> str:
    """Give a distance's operator as it is written."""
    name = "SENTENCE" if near.unit == "sentence" else "PARAGRAPH"
    if near.most is not None:
        name = f"{'BEFORE' if near.ordered else 'NEAR'}/{near.most}"
    return f"NOT {name}" if near.negated else name


def _absent(node: Node, reading: Reading, scopes: Sequence[Scope], entities: Entities | None) -> Missing:
    if isinstance(node, Named) and not reading.knows_entities:
        return Missing(_unknown(reading, entities), UNKNOWN)
    if scopes and (elsewhere := _sought(node, reading).find(reading)):
        return Missing(f"not in the {scopes[-1]}, but {_shown(elsewhere[0], reading)}", NEAR_MISS)
    match node:
        case Phrase():
            return _phrase(node, reading)
        case Named(label=label):
            named = [entity.name for entity in reading.entities if entity.label == label]
            others = ", ".join(named[:_MOST_NAMES]) or f"no {label} at all"
            return Missing(f"the article names {others}")
        case Wildcard():
            return Missing(f"no word is {node.written}")
    return Missing("it fits nowhere")


def _unknown(reading: Reading, entities: Entities | None) -> str:
    if entities is None or entities.knowledge == "off":
        return "not known: entities were not read"
    if entities.knowledge == "unknown":
        return f"not known: no loaded model reads `{reading.article.language}`"
    return "not known: the article has more entities than are kept"


def kin(node: Node) -> Iterator[Pattern]:
    """Give what may be looked for beside the phrases of a tree: other forms of them, and their words alone."""
    if isinstance(node, Phrase):
        loose = _loose(node)
        yield pattern_of(loose)
        yield from (pattern_of(replace(loose, written=word)) for word in _words_of(loose))
    for part in children(node):
        yield from kin(part)


def _loose(phrase: Phrase) -> Phrase:
    return replace(phrase, exact=False, written=phrase.written.lower())


def _words_of(phrase: Phrase) -> list[str]:
    return [word for word in phrase.written.split() if cut(word)]


def _phrase(phrase: Phrase, reading: Reading) -> Missing:
    loose = _loose(phrase)
    if others := pattern_of(loose).find(reading):
        return Missing(f"in this form nowhere, but {_shown(others[0], reading)}", NEAR_MISS)
    found = {word: pattern_of(replace(loose, written=word)).find(reading) for word in _words_of(loose)}
    lacking = [word for word in found if not found[word]]
    if len(found) == 1 or len(lacking) == len(found):
        return Missing("nowhere in the article")
    if lacking:
        return Missing(f"nowhere: {_listed(lacking)}", 0.9)
    stretch = min(_stretches(list(found.values())), key=lambda hit: hit[2] - hit[1], default=None)
    if stretch is None or len(reading.characters[stretch][2]) > _MOST_SHOWN:
        return Missing("its words stand far apart", APART)
    return Missing(f"its words are there, but not in a row: {_shown(stretch, reading)}", APART)


def _stretches(each: list[list[Span]]) -> list[Span]:
    """Give for each hit of the first the stretch to the nearest of all others, in its field."""
    stretches = []
    for hit in each[0][:_MOST_COMPARED]:
        nearest = [_nearest(hit, others) for others in each[1:]]
        if all(nearest):
            together = [hit, *(other for other in nearest if other)]
            stretches.append((hit[0], min(one[1] for one in together), max(one[2] for one in together)))
    return stretches


def _nearest(hit: Span, others: list[Span]) -> Span | None:
    at = bisect_left(others, hit)
    beside = [other for other in others[max(at - 1, 0) : at + 1] if other[0] == hit[0]]
    return min(beside, key=lambda other: words_between(hit, other), default=None)


def _distance(node: Near, plan: Near, reading: Reading) -> Missing:
    label, left, right = label_of(node), hits(plan.left, reading), hits(plan.right, reading)
    if not left or (not right and not node.negated):
        return Missing(f"{label}: nothing on its {'right' if left else 'left'}" if left or right else "")
    if node.negated:
        return _not_near(label, plan, left, right, reading)
    if near := near_pairs(plan, reading):
        return Missing(f"{label}: {_apart(min(near, key=_gap), reading)}")
    return Missing(f"{label}: {_too_far(plan, left, right, reading)}", NEAR_MISS, True)


def _not_near(label: str, plan: Near, left: list[Hit], right: list[Hit], reading: Reading) -> Missing:
    if hits(plan, reading):
        return Missing()
    if unsure(plan.right, reading):
        return Missing(f"{label}: not known, for entities on its right are not", UNKNOWN, True)
    disturbing = pairs(replace(plan, negated=False), left, right, reading)
    if not disturbing:
        return Missing(
            f"{label}: {_shown(left[0], reading)} shares a word with what must not be near", NEAR_MISS, True
        )
    return Missing(f"{label}: {_apart(min(disturbing, key=_gap), reading)}", NEAR_MISS, True)


def _too_far(plan: Near, left: list[Hit], right: list[Hit], reading: Reading) -> str:
    if plan.most is not None:
        anywhere = replace(plan, most=None)
        if found := pairs(anywhere, left, right, reading):
            return _apart(min(found, key=_gap), reading)
        if plan.ordered and (found := pairs(replace(anywhere, ordered=False), left, right, reading)):
            a, b = min(found, key=_gap)
            return f"{_text(b, reading)} stands before {_text(a, reading)}"
    apart = _units_apart(plan.unit, left, right, reading)
    if apart is None:
        return "one side is in the title alone, the other in the text"
    if apart == 0:
        return (
            "both sides share a word" if any(map(_overlap_of(left), right)) else f"no two in one {plan.unit}"
        )
    return (
        f"nowhere in one {plan.unit}"
        if plan.most is not None
        else f"nearest are {_counted(apart, plan.unit)} apart"
    )


def _overlap_of(left: list[Hit]) -> Callable[[Hit], bool]:
    return lambda b: any(a[0] == b[0] and a[1] <= b[2] and b[1] <= a[2] for a in left[:_MOST_COMPARED])


def _units_apart(unit: Unit, left: list[Hit], right: list[Hit], reading: Reading) -> int | None:
    words = reading.fields[1]
    ends = sorted({*words.paragraph_ends(), *(sentence_ends(words.text) if unit == "sentence" else ())})

    def place(field: int, word: int) -> int:
        return bisect_right(ends, words.characters(word, word)[0]) if field else 0

    def span(hit: Hit) -> tuple[int, int, int]:
        return hit[0], place(hit[0], hit[1]), place(hit[0], hit[2])

    near, far = (list(map(span, side[:_MOST_COMPARED])) for side in (left, right))
    return min(
        (max(0, b[1] - a[2], a[1] - b[2]) for a in near for b in far if a[0] == b[0]),
        default=None,
    )


def _gap(pair: Pair) -> int:
    return words_between(*pair)


def _apart(pair: Pair, reading: Reading) -> str:
    a, b = pair
    between = words_between(a, b)
    apart = f"{_counted(between, 'word')} apart" if between else "side by side"
    return f"{_text(a, reading)} and {_text(b, reading)} are {apart}"


def _first_of(plan: Plan, reading: Reading) -> str:
    first = min((hit for found in proof(plan, reading).values() for hit in found), default=None)
    return _shown(first, reading) if first else "what it forbids holds"


def _shown(hit: Hit, reading: Reading) -> str:
    start = reading.characters[hit[:3]][0]
    return f"{_text(hit, reading)} at {start}" + (" of the title" if FIELDS[hit[0]] == "title" else "")


def _text(hit: Hit, reading: Reading) -> str:
    text = " ".join(reading.characters[hit[:3]][2].split())
    return f"'{text if len(text) <= _MOST_SHOWN else text[: _MOST_SHOWN - 1] + '…'}'"


def _counted(count: int, what: str) -> str:
    plural = what[:-1] + "ies" if what.endswith("y") else what + "s"
    return f"{count:,} {what if count == 1 else plural}"


def _listed(words: list[str]) -> str:
    return ", ".join(f"'{word}'" for word in words[:_MOST_NAMES])


def _sought(node: Node, reading: Reading) -> Sought:
    if isinstance(node, Named):
        return entity_name_of(node, reading.places)
    return _SOUGHT[type(node)](node)


_SOUGHT: dict[type, Callable[..., Sought]] = {
    Phrase: pattern_of,
    Wildcard: opening_of,
    Regex: lambda regex: Expression(regex.written),
}


def _language(article: Article) -> str:
    return (
        "that of the article is not known"
        if article.language == "und"
        else f"the article is {article.language}"
    )


def _carried(value: object) -> str:
    return "the article does not say" if value is None else f"it is {value}"


_CARRIED: dict[str, Callable[[Article], str]] = {
    "language": _language,
    "source": lambda article: _carried(article.source.domain or article.source.name),
    "tier": lambda article: _carried(article.source.tier),
    "origin": lambda article: _carried(article.source.country),
    "section": lambda article: _carried(article.section),
}

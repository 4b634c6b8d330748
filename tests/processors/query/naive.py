"""What the query language means, as definitions over a text told word by word: slow, plain, and nothing shared.

Of the product only the tree of a query is used. Every list is gone through from end to end, and a text
comes with its words, sentences and paragraphs, so that nothing has to be cut.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from itertools import dropwhile
from typing import Any

from processors.models import Article, Entities, Entity, Evidence
from processors.query.tree import (
    And,
    AtLeast,
    Concept,
    Filter,
    Named,
    Near,
    Node,
    Not,
    Of,
    Or,
    Phrase,
    Regex,
    Scope,
    Scoped,
    Score,
    Wildcard,
)

LEAD = 100  # words
MOST_SHOWN = 20  # pieces of evidence
MOST_OVERLAPPING = 100  # hits, looked at for one that overlaps another and shares no word with it

# A world small enough to be read naively: what each word is a form of.
FORMS = {
    "troop": "troop",
    "troops": "troop",
    "Troops": "troop",
    "TROOP": "troop",
    "trooper": "trooper",
    "mass": "mass",
    "massing": "mass",
    "Massed": "mass",
    "border": "border",
    "Borders": "border",
    "near": "near",
    "US": "us",
    "us": "us",
    "build": "build",
    "up": "up",
    "buildup": "buildup",
    "мир": "мир",
    "word": "word",
}
COMPOUNDS = {("build", "up"): "buildup"}


@dataclass(frozen=True)
class Gap:
    """What stands between two words: may a phrase cross it, is it a hyphen that joins, what does it end."""

    text: str
    joins: bool = False
    hyphen: bool = False
    ends: str = ""  # "sentence", "paragraph", or "stop": a sentence, unless it goes on in lower case


GAPS = [
    Gap(" ", joins=True),
    Gap(" ", joins=True),
    Gap(" ", joins=True),
    Gap("\n", joins=True),
    Gap("-", joins=True, hyphen=True),
    Gap("–\n", joins=True, hyphen=True),
    Gap(" – ", joins=True),
    Gap(" “", joins=True),
    Gap("'s ", joins=True),
    Gap(", "),
    Gap(". ", ends="stop"),
    Gap(".” ", ends="stop"),
    Gap("! ", ends="sentence"),
    Gap("\n\n", ends="paragraph"),
    Gap(".\n \n", ends="paragraph"),
]


@dataclass(frozen=True)
class Word:
    """A word as told: what it is a form of, where it stands, in which sentence and paragraph, after which gap."""

    text: str
    form: str
    start: int
    end: int
    sentence: int
    paragraph: int
    gap: Gap


@dataclass(frozen=True)
class Told:
    """A field and how it was put together."""

    text: str
    words: tuple[Word, ...]


def tell(pieces: Iterable[tuple[Gap, str]], *, title: bool = False) -> Told:
    """Put a field together; a title is one sentence and one paragraph whatever stands in it."""
    text, words = "", list[Word]()
    sentence = paragraph = 0
    for gap, surface in pieces:
        if words and not title:
            goes_on = re.match("[a-z]", surface)
            sentence += gap.ends in {"sentence", "paragraph"} or (gap.ends == "stop" and not goes_on)
            paragraph += gap.ends == "paragraph"
        start = len(text) + len(gap.text) if words else 0
        text += (gap.text if words else "") + surface
        words.append(Word(surface, FORMS[surface], start, len(text), sentence, paragraph, gap))
    return Told(text, tuple(words))


@dataclass(frozen=True)
class Hit:
    """Stretches of words of one field, each by its first and last word; a hit made of others has several."""

    field: int
    parts: tuple[tuple[int, int], ...]

    @property
    def first(self) -> int:
        """Its first word."""
        return min(first for first, _ in self.parts)

    @property
    def last(self) -> int:
        """Its last word."""
        return max(last for _, last in self.parts)

    @property
    def words(self) -> set[int]:
        """All words it is made of."""
        return {word for first, last in self.parts for word in range(first, last + 1)}

    @property
    def order(self) -> tuple[Any, ...]:
        """Its place in the order of reading; of two with the same ends, the one that is whole is first."""
        return self.field, self.first, self.last, self.parts if len(self.parts) > 1 else ()


@dataclass(eq=False)
class World:
    """One article as told, what is known of its entities, and the concepts there are."""

    article: Article
    fields: tuple[Told, Told]  # title, text
    entities: Entities
    concepts: Mapping[str, Node]
    within: Callable[[str], frozenset[str]]
    seen: dict[Any, Any] = field(default_factory=dict)

    @property
    def knows(self) -> bool:
        """Say whether all entities are known."""
        return self.entities.knowledge == "known" and not self.entities.truncated


Scopes = frozenset[Scope]
EVERYWHERE: Scopes = frozenset()


def hits(node: Node, world: World, scopes: Scopes = EVERYWHERE) -> list[Hit]:
    """Give all hits that are certain, in the order of reading."""
    key = (node, scopes)
    if key not in world.seen:
        world.seen[key] = sorted(set(_hits(node, world, scopes)), key=lambda hit: hit.order)
    found: list[Hit] = world.seen[key]
    return found


def _hits(node: Node, world: World, scopes: Scopes) -> Iterable[Hit]:
    match node:
        case Concept(name=name):
            return hits(world.concepts[name], world, scopes)
        case Scoped(scope=scope, part=part):
            return hits(part, world, scopes | {scope})
        case Or(parts=parts):
            return [hit for part in parts for hit in hits(part, world, scopes)]
        case AtLeast(count=count, part=part):
            found = hits(part, world, scopes)
            return found if most_apart(found) >= count else []
        case Near(negated=True) if may_have_more(node.right, world, scopes):
            return []
        case Near(negated=True):
            others = hits(node.right, world, scopes)
            return [
                hit
                for hit in hits(node.left, world, scopes)
                if not any(near(node, hit, other, world) for other in others)
                and (node.ordered or not any(overlap(hit, other) for other in others))
            ]
        case Near():
            return [Hit(a.field, tuple(sorted(a.parts + b.parts))) for a, b in partners(node, world, scopes)]
    return [hit for hit in said(node, world) if all(in_scope(hit, scope, world) for scope in scopes)]


def overlap(a: Hit, b: Hit) -> bool:
    """Say whether one begins before the other has ended."""
    return a.field == b.field and a.first <= b.last and b.first <= a.last


def most_apart(found: list[Hit]) -> int:
    """Count the most hits of which no two overlap: for each, one more than the most before it."""
    counts: list[int] = []
    ordered = sorted(found, key=lambda hit: (hit.field, hit.last))
    for index, hit in enumerate(ordered):
        before = [counts[i] for i in range(index) if not overlap(ordered[i], hit)]
        counts.append(1 + max(before, default=0))
    return max(counts, default=0)


def near(node: Near, a: Hit, b: Hit, world: World) -> bool:
    """Say whether two hits share no word and stand in one unit, near enough, in the order asked for."""
    if a.field != b.field or a.words & b.words or (node.ordered and not a.last < b.first):
        return False
    stretch = range(min(a.first, b.first), max(a.last, b.last) + 1)
    words = world.fields[a.field].words
    between = [word for word in stretch if a.last < word < b.first or b.last < word < a.first]
    units = {words[word].sentence if node.unit == "sentence" else words[word].paragraph for word in stretch}
    return len(units) == 1 and (node.most is None or len(between) <= node.most)


def partners(node: Near, world: World, scopes: Scopes) -> set[tuple[Hit, Hit]]:
    """Give each hit of either side with the nearest that are near it."""
    left, right = hits(node.left, world, scopes), hits(node.right, world, scopes)
    return {(a, b) for a in left for b in nearest(node, a, right, near, world)} | {
        (a, b) for b in right for a in nearest(node, b, left, lambda n, b, a, w: near(n, a, b, w), world)
    }


def nearest(
    node: Near,
    hit: Hit,
    all_others: list[Hit],
    is_near: Callable[[Near, Hit, Hit, World], bool],
    world: World,
) -> Iterator[Hit]:
    """Give the first that begins behind a hit, the last that ends before it, the first that overlaps it."""
    others = [other for other in all_others if is_near(node, hit, other, world)]
    behind = [other for other in others if other.first > hit.last]
    before = [other for other in others if other.last < hit.first]
    may_overlap = dropwhile(
        lambda other: other.last < hit.first,
        (other for other in all_others if other.field == hit.field and stands_whole(node, other, world)),
    )
    among = [
        other for other in list(may_overlap)[:MOST_OVERLAPPING] if other in others and overlap(hit, other)
    ]
    if behind:
        yield min(behind, key=lambda other: other.order)
    if before:
        yield max(before, key=lambda other: (other.last, other.first, other.order))
    if among:
        yield min(among, key=lambda other: other.order)


def stands_whole(node: Near, hit: Hit, world: World) -> bool:
    """Say whether a hit stands in one sentence or paragraph."""
    first, last = (world.fields[hit.field].words[word] for word in (hit.first, hit.last))
    return first.sentence == last.sentence if node.unit == "sentence" else first.paragraph == last.paragraph


def in_scope(hit: Hit, scope: Scope, world: World) -> bool:
    """Say whether a hit lies whole in the title, the lead or the text."""
    if scope == "lead":
        return hit.field == 0 or hit.last < lead(world.fields[1].words)
    return hit.field == ["title", "text"].index(scope)


def lead(words: tuple[Word, ...]) -> int:
    """Count the words of the first paragraphs that together have at most 100; of a longer first, 100."""
    if not words:
        return 0
    whole = [count for count in range(1, len(words) + 1) if count <= LEAD and ends_paragraph(words, count)]
    return max(whole, default=LEAD)


def ends_paragraph(words: tuple[Word, ...], count: int) -> bool:
    """Say whether the first words of a field, so many, are whole paragraphs."""
    return count == len(words) or words[count].paragraph != words[count - 1].paragraph


def said(node: Node, world: World) -> list[Hit]:
    """Give where a word, phrase, pattern or entity stands, looked for once however often it is written."""
    what = tuple(getattr(node, name, None) for name in ("written", "exact", "label", "name"))
    key = (type(node), *what)
    if key not in world.seen:
        world.seen[key] = list(_leaf(node, world))
    found: list[Hit] = world.seen[key]
    return found


def _leaf(node: Node, world: World) -> Iterator[Hit]:
    for number, told in enumerate(world.fields):
        for first in range(len(told.words)):
            match node:
                case Wildcard(written=written) if fits(written, told.words[first].text):
                    yield Hit(number, ((first, first),))
                case Phrase():
                    for last in range(first, min(first + 6, len(told.words))):
                        if stands(node, told, told.words[first : last + 1]):
                            yield Hit(number, ((first, last),))
        if isinstance(node, Regex):
            for found in re.finditer(node.written, told.text, re.ASCII):
                yield from touched(number, told, found.start(), found.end())
    if isinstance(node, Named):
        for entity in world.entities.items:
            if entity.label == node.label and is_called(entity, node.name.lower(), world):
                for mention in entity.mentions:
                    number = ["title", "text"].index(mention.field)
                    yield from touched(number, world.fields[number], mention.start, mention.end)


def touched(number: int, told: Told, start: int, end: int) -> Iterator[Hit]:
    """Give the words that have a character from start to end."""
    words = [index for index, word in enumerate(told.words) if word.start < end and start < word.end]
    if words:
        yield Hit(number, ((words[0], words[-1]),))


def is_called(entity: Entity, name: str, world: World) -> bool:
    """Say whether an entity has this name: a person part of it, a place that of what it lies in, too."""
    if entity.label == "person":
        return f" {name} " in f" {entity.name.lower()} " or not name
    return name in {"", entity.name.lower()} or (
        entity.label == "place" and name in world.within(entity.name)
    )


def fits(written: str, surface: str) -> bool:
    """Say whether a word is one that a wildcard means; written in capitals, not one in lower case."""
    capitals = sum(map(str.isalpha, written)) > 1 and written.isupper()
    return fnmatchcase(surface.lower(), written.lower()) and not (capitals and surface.islower())


def stands(phrase: Phrase, told: Told, row: tuple[Word, ...]) -> bool:
    """Say whether a row of words is a phrase: no gap parts it, and a hyphen on either side may close up."""
    if not all(word.gap.joins for word in row[1:]):
        return False
    if phrase.exact:
        return " ".join(told.text[row[0].start : row[-1].end].split()) == phrase.written
    return any(
        reads(row, [FORMS[word] for word in words]) and all(map(capital_enough, words, row))
        for words in ways(phrase.written)
    )


@cache
def ways(written: str) -> tuple[list[str], list[str]]:
    """Give the words of a phrase, its hyphens parting them and closing them up."""
    return re.split(r"[ -]", written), written.replace("-", "").split(" ")


def capital_enough(written: str, word: Word) -> bool:
    """Say whether a word may be one that the query writes in capitals: itself, or its plural, not in lower case."""
    if len(written) < 2 or not written.isupper():
        return True
    return not word.text.islower() and word.text.lower() in {written.lower(), written.lower() + "s"}


def reads(row: tuple[Word, ...], forms: list[str]) -> bool:
    """Say whether words are of these forms in turn; two with a hyphen between may be one."""
    if not row or not forms:
        return not row and not forms
    if row[0].form == forms[0] and reads(row[1:], forms[1:]):
        return True
    if len(row) < 2 or not row[1].gap.hyphen:
        return False
    return COMPOUNDS.get((row[0].form, row[1].form)) == forms[0] and reads(row[2:], forms[1:])


def may_have_more(node: Node, world: World, scopes: Scopes) -> bool:
    """Say whether there may be more hits than the certain ones, because entities are not known."""
    if world.knows:
        return False
    match node:
        case Named():
            return True
        case Concept(name=name):
            return may_have_more(world.concepts[name], world, scopes)
        case Scoped(scope=scope, part=part):
            return may_have_more(part, world, scopes | {scope})
        case AtLeast(part=part):
            return may_have_more(part, world, scopes)
        case Or(parts=parts):
            return any(may_have_more(part, world, scopes) for part in parts)
        case Near(left=left, right=right, negated=negated):
            left_more, right_more = may_have_more(left, world, scopes), may_have_more(right, world, scopes)
            left_any = left_more or bool(hits(left, world, scopes))
            right_any = right_more or bool(hits(right, world, scopes))
            return (
                left_more or (right_more and left_any)
                if negated
                else ((left_more or right_more) and left_any and right_any)
            )
    return False


def truth(node: Node, world: World, scopes: Scopes = EVERYWHERE) -> bool | None:
    """Say whether a query holds; None where that hangs on what is not known."""
    match node:
        case Not(part=part):
            return {True: False, False: True, None: None}[truth(part, world, scopes)]
        case And(parts=parts):
            values = {truth(part, world, scopes) for part in parts}
            return False if False in values else None if None in values else True
        case Or(parts=parts):
            values = {truth(part, world, scopes) for part in parts}
            return True if True in values else None if None in values else False
        case Of(count=count, parts=parts):
            every = [truth(part, world, scopes) for part in parts]
            holding = every.count(True)
            return True if holding >= count else None if holding + every.count(None) >= count else False
        case Score(threshold=threshold, parts=weighed):
            sums = [0.0]  # of all ways in which what is not known may turn out
            for weight, part in weighed:
                value = truth(part, world, scopes)
                shares = {True: [weight], False: [0.0], None: [weight, 0.0]}[value]
                sums = [total + share for total in sums for share in shares]
            reached = {total >= threshold for total in sums}
            return None if len(reached) > 1 else reached.pop()
        case Scoped(scope=scope, part=part):
            return truth(part, world, scopes | {scope})
        case Filter():
            return passes(node, world.article)
    return True if hits(node, world, scopes) else None if may_have_more(node, world, scopes) else False


def passes(node: Filter, article: Article) -> bool:
    """Say whether what an article carries beside its text is what a filter asks for."""
    value, source = node.value.lower(), article.source
    domain = source.domain or ""
    return {
        "language": article.language == value,
        "tier": str(source.tier) == value,
        "origin": (source.country or "").lower() == value,
        "section": f" {value} " in f" {(article.section or '').lower()} ",
        "source": ("." in value and f".{domain}".endswith(f".{value}"))
        or (source.name or "").lower() == value,
    }[node.field]


Shown = tuple[tuple[int, int, int], str]  # field, first and last word; the clause


def proof(
    node: Node, text: str, world: World, scopes: Scopes = EVERYWHERE, only: set[Hit] | None = None
) -> set[Shown]:
    """Give what makes a query hold: of a piece that gives hits, those in `only`, as the parts they are made of."""
    match node:
        case Scoped(scope=scope, part=part):
            return proof(part, text, world, scopes | {scope}, only)
        case And(parts=parts) | Or(parts=parts) | Of(parts=parts):
            return {
                shown
                for part in parts
                if truth(part, world, scopes)
                for shown in proof(part, text, world, scopes, only)
            }
        case Score(parts=weighed):
            return {
                shown
                for _, part in weighed
                if truth(part, world, scopes)
                for shown in proof(part, text, world, scopes)
            }
        case AtLeast(part=part):
            return proof(part, text, world, scopes, only)
        case Near(negated=True):
            return proof(node.left, text, world, scopes, chosen(hits(node, world, scopes), only))
        case Near():
            pairs = [
                (a, b)
                for a, b in partners(node, world, scopes)
                if only is None or Hit(a.field, tuple(sorted(a.parts + b.parts))) in only
            ]
            return proof(node.left, text, world, scopes, {a for a, _ in pairs}) | proof(
                node.right, text, world, scopes, {b for _, b in pairs}
            )
        case Not() | Filter():
            return set()
    return {
        ((hit.field, first, last), text[node.start : node.end])
        for hit in chosen(hits(node, world, scopes), only)
        for first, last in hit.parts
    }


def chosen(found: Iterable[Hit], only: set[Hit] | None) -> set[Hit]:
    """Give the hits that are in `only`, if it is said."""
    return {hit for hit in found if only is None or hit in only}


def evidence(shown: set[Shown], world: World) -> list[Evidence]:
    """Give what is shown of a proof: the first of each clause, then the others as they are read, 20 in all."""
    firsts = [min(one for one in shown if one[1] == clause) for clause in {clause for _, clause in shown}]
    others = sorted(shown - set(firsts))
    firsts = sorted(firsts)[:MOST_SHOWN]
    return [_evidence(one, world) for one in sorted((firsts + others)[:MOST_SHOWN])]


def _evidence(shown: Shown, world: World) -> Evidence:
    (number, first, last), clause = shown
    told = world.fields[number]
    start, end = told.words[first].start, told.words[last].end
    field = ("title", "text")[number]
    return Evidence(clause=clause, field=field, start=start, end=end, text=told.text[start:end])  # type: ignore[arg-type]

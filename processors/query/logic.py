"""What can be proved of queries without a text: that one means or implies another, or that one can't hold."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from processors.entities.places import folded
from processors.isocodes import MEANT, NO_COUNTRY, NO_LANGUAGE
from processors.query.phrases import Pattern, pattern_of
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
    Scoped,
    Score,
    Wildcard,
    children,
)
from processors.query.words import cut

_MOST_STEPS = 200_000  # of one Logic: past it nothing more is proved
_EXCLUSIVE = ("language", "tier", "origin")  # filters of which an article has one value
_NO_CODES = {"origin": NO_COUNTRY, "language": NO_LANGUAGE}
_MOST_NAME_WORDS = 8  # of longer names not all parts are known
_MOST_USUAL = 2  # words of a phrase: longer ones are rare whatever they are made of
_USUAL_LABELS = ("person", "place", "org")  # most articles name one
_EVERYWHERE = frozenset({"title", "text"})


@dataclass(frozen=True)
class Dead:
    """A piece that can never hold, why, and where in the query that is seen."""

    node: Node
    why: str
    remedy: str = "take one of the two out"

    @property
    def start(self) -> int:
        """Give the offset of it."""
        return self.node.start


class Logic:
    """Proofs about queries that call these concepts. What is not proved may be true all the same."""

    def __init__(self, concepts: Mapping[str, Node]) -> None:
        """Take concepts by their full names, as trees; none in a cycle."""
        self._concepts = concepts
        self._meanings: dict[Node, Any] = {}
        self._patterns: dict[Phrase, Pattern] = {}
        self._steps = 0

    def meaning(self, node: Node) -> Any:
        """Give what is equal for queries that mean the same, but for order, repetition and parentheses."""
        known = self._meanings.get(node)
        if known is None:
            known = self._meanings[node] = self._meaning(node)
        return known

    def _meaning(self, node: Node) -> Any:
        match node:
            case Phrase():
                return self._pattern(node)
            case Wildcard(written=written) | Regex(written=written):
                return type(node), written
            case Named(label=label, name=name):
                return label, folded(name)
            case Concept(name=name):
                return Concept, name
            case Filter(field=field, value=value):
                return field, value.casefold()
            case And() | Or():
                parts = frozenset(map(self.meaning, in_a_row(node)))
                return (type(node), parts) if len(parts) > 1 else next(iter(parts))
            case Near(left=left, right=right, ordered=ordered, negated=negated):
                sides = (self.meaning(left), self.meaning(right))
                pair = sides if ordered or negated else frozenset(sides)
                return Near, node.unit, node.most, ordered, negated, pair
            case Scoped(scope=scope, part=part):
                return Scoped, scope, self.meaning(part)
            case AtLeast(count=count, part=part):
                return AtLeast, count, self.meaning(part)
            case Of(count=count, parts=parts_of):
                return Of, count, tuple(map(self.meaning, parts_of))
            case Not(part=part):
                return Not, self.meaning(part)
            case Score(threshold=threshold, parts=weighed):
                return Score, threshold, tuple((weight, self.meaning(part)) for weight, part in weighed)
        raise TypeError(f"{type(node).__name__} stands in plans alone")

    def implies(self, one: Node, other: Node) -> bool:
        """Say whether the other is proved to hold wherever one does; of places: in every hit of one is a hit of it."""
        self._steps += 1
        if self._steps > _MOST_STEPS:
            return False
        if self.meaning(one) == self.meaning(other):
            return True
        match one:
            case Or(parts=parts):
                return all(self.implies(part, other) for part in parts)
            case Concept(name=name):
                return self.implies(self._concepts[name], other)
        match other:
            case Or(parts=parts):
                return any(self.implies(one, part) for part in parts)
            case And(parts=parts):
                return all(self.implies(one, part) for part in parts)
            case Concept(name=name):
                return self.implies(one, self._concepts[name])
            case Scoped(scope=scope, part=part):
                return isinstance(one, Scoped) and one.scope == scope and self.implies(one.part, part)
        match one:
            case And(parts=parts):
                return any(self.implies(part, other) for part in parts)
            case Near(left=left, right=right, negated=negated):
                return self.implies(left, other) or (not negated and self.implies(right, other))
            case AtLeast(part=part) | Scoped(part=part):
                return self.implies(part, other)
            case Phrase() if isinstance(other, Phrase):
                return _contains(self._pattern(one), self._pattern(other))
            case Named() if isinstance(other, Named):
                return one.label == other.label and (not other.name or _is_part(one, other))
        return False

    def never(self, node: Node) -> Dead | None:
        """Say why a query can never hold, where that is proved."""
        match node:
            case And(parts=parts):
                return next(filter(None, map(self.never, parts)), None) or self._contradiction(node)
            case Or(parts=parts):
                dead = [self.never(part) for part in parts]
                return dead[0] if all(dead) else None
            case Of(count=count, parts=parts):
                dead = [found for part in parts if (found := self.never(part))]
                return dead[0] if len(parts) - len(dead) < count else None
            case Near(left=left, right=right, negated=True):
                if dead_side := self.never(left):
                    return dead_side
                overlaps = not node.ordered and self.implies(left, right)
                return Dead(node, "every hit of its left is one of its right") if overlaps else None
            case Near(left=left, right=right):
                apart = not self._fields(left) & self._fields(right)
                why = "one side is in the title alone, the other in the text"
                return self.never(left) or self.never(right) or (Dead(node, why) if apart else None)
            case Scoped(part=part):
                why = "nothing is in the title and in the text at once"
                return self.never(part) or (None if self._fields(node) else Dead(node, why))
            case AtLeast(part=part):
                return self.never(part)
            case Score(threshold=threshold, parts=weighed):
                most = sum(weight for weight, part in weighed if weight > 0 and not self.never(part))
                why = f"what it weighs adds up to {most:g} at most, less than {threshold:g}"
                return Dead(node, why, "lower the number after SCORE/") if most + 1e-9 < threshold else None
            case Filter():
                return _no_code(node)
        return None

    def idle(self, node: Node) -> Iterator[Dead]:
        """Give the alternatives, in a query that may hold, that never make it hold."""
        parts = in_a_row(node)
        if isinstance(node, Or):
            yield from filter(None, map(self.never, parts))
        if isinstance(node, And):
            excluded = self._excluded(parts)
            for part in parts:
                for alternative in in_a_row(part) if isinstance(part, Or) else ():
                    if by := self._excludes(alternative, excluded):
                        yield Dead(alternative, f"{_said(by)} is excluded")
        for part in parts if isinstance(node, And | Or) else children(node):
            yield from self.idle(part)

    def usual(self, node: Node, common_words: Collection[str]) -> Node | None:
        """Give what in a query is in most articles and is all that it requires, if anything."""
        match node:
            case Phrase(exact=exact):
                words = [word if exact else word.lower() for word, _ in cut(node.written)]
                usual = len(words) <= _MOST_USUAL and all(word in common_words for word in words)
                return node if usual and not self._pattern(node).capitals else None
            case Named(label=label, name=""):
                return node if label in _USUAL_LABELS else None
            case Concept(name=name):
                return node if self.usual(self._concepts[name], common_words) else None
            case Or():
                return next((each for part in node.parts if (each := self.usual(part, common_words))), None)
            case And():
                return self._all_usual(
                    [part for part in node.parts if not isinstance(part, Not)], common_words
                )
            case Near(left=left, right=right, negated=negated):
                return self._all_usual((left,) if negated else (left, right), common_words)
            case AtLeast(part=part) | Scoped(part=part, scope="text"):
                return self.usual(part, common_words)
            case Of(count=count, parts=parts):
                found = [each for part in parts if (each := self.usual(part, common_words))]
                return found[0] if len(found) >= count else None
        return None

    def _all_usual(self, parts: Sequence[Node], common_words: Collection[str]) -> Node | None:
        found = [self.usual(part, common_words) for part in parts]
        return found[0] if found and all(found) else None

    def _contradiction(self, node: And) -> Dead | None:
        parts = in_a_row(node)
        excluded = self._excluded(parts)
        values: dict[str, frozenset[str]] = {}
        for part in parts:
            if not isinstance(part, Not) and (by := self._excludes(part, excluded)):
                return Dead(by, f"{_said(by)} is excluded and is wherever what is required is")
            for field, allowed in _values(part):
                values[field] = values.get(field, allowed) & allowed
                if not values[field]:
                    return Dead(
                        part, f"an article has one {field}, and no value fits all that is asked of it"
                    )
        return None

    def _excluded(self, parts: Sequence[Node]) -> list[Node]:
        negated = [part.part for part in parts if isinstance(part, Not)]
        return [each for part in negated for each in (in_a_row(part) if isinstance(part, Or) else (part,))]

    def _excludes(self, node: Node, excluded: Sequence[Node]) -> Node | None:
        """Give what of the excluded is wherever a piece holds, if anything."""
        match node:
            case Or(parts=parts):
                by = [self._excludes(part, excluded) for part in parts]
                return by[0] if all(by) else None
            case Concept(name=name) if isinstance(self._concepts[name], Or):
                return next((each for each in excluded if self.implies(node, each)), None) or self._excludes(
                    self._concepts[name], excluded
                )
            case Not():
                return None
        return next((each for each in excluded if self.implies(node, each)), None)

    def _fields(self, node: Node) -> frozenset[str]:
        """Give the fields in which hits of a piece can stand."""
        match node:
            case Scoped(scope=scope, part=part):
                return self._fields(part) & (_EVERYWHERE if scope == "lead" else {scope})
            case Or(parts=parts):
                return frozenset().union(*map(self._fields, parts))
            case Near(left=left, right=right, negated=negated):
                return self._fields(left) if negated else self._fields(left) & self._fields(right)
            case AtLeast(part=part):
                return self._fields(part)
            case Concept(name=name):
                return self._fields(self._concepts[name])
        return _EVERYWHERE

    def _pattern(self, phrase: Phrase) -> Pattern:
        known = self._patterns.get(phrase)
        if known is None:
            known = self._patterns[phrase] = pattern_of(phrase)
        return known


def in_a_row(node: Node) -> tuple[Node, ...]:
    """Give the parts of an AND or OR, with those of such parts as are one themselves; of any other piece, itself."""
    if not isinstance(node, And | Or):
        return (node,)
    return tuple(
        each for part in node.parts for each in (in_a_row(part) if type(part) is type(node) else (part,))
    )


def _no_code(node: Filter) -> Dead | None:
    """Say that no article has this code; codes of three letters are not looked at."""
    code = node.value.casefold()
    if code not in _NO_CODES.get(node.field, ()):
        return None
    standard = "ISO 3166-1" if node.field == "origin" else "ISO 639-1"
    meant = MEANT[node.field].get(code)
    remedy = (
        f"did you mean {node.field}:{meant}?" if meant else "write the code of two letters, or take it out"
    )
    return Dead(node, f"`{node.field}:{node.value}` is no code of {standard}", remedy)


def _is_part(one: Named, other: Named) -> bool:
    """Say whether a person's name has another one in it, in whole words."""
    whole, part = folded(one.name), folded(other.name)
    short = len(whole.split()) <= _MOST_NAME_WORDS
    return one.label == "person" and short and f" {part} " in f" {whole} "


def _contains(longer: Pattern, shorter: Pattern) -> bool:
    """Say whether a phrase has another one in it, in all its variants; forms asked for are not compared."""
    if shorter.form is not None or shorter.capitals:
        return False
    return all(any(inner in variant for inner in shorter.variants) for variant in longer.variants)


def _values(node: Node) -> Iterator[tuple[str, frozenset[str]]]:
    alternatives = in_a_row(node) if isinstance(node, Or) else (node,)
    filters = [each for each in alternatives if isinstance(each, Filter) and each.field in _EXCLUSIVE]
    if len(filters) == len(alternatives) and len({each.field for each in filters}) == 1:
        yield filters[0].field, frozenset(each.value.casefold() for each in filters)


def _said(node: Node) -> str:
    match node:
        case Phrase(written=written) | Wildcard(written=written) | Regex(written=written):
            return f"`{written}`"
        case Named(label=label, name=name):
            return f"`{label}:{name}`"
        case Concept(name=name):
            return f"`concept:{name}`"
        case Filter(field=field, value=value):
            return f"`{field}:{value}`"
    return "what"

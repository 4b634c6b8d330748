"""Does a plan hold for an article, which hits does it have, and which of them prove it.

Truth has three values: None where it hangs on entities that nobody could read.
"""

from collections import defaultdict
from collections.abc import Callable, Collection
from typing import Any

from processors.entities.places import folded
from processors.models import Article
from processors.query.plan import Plan
from processors.query.proximity import Hit, alone, disjoint, hull, pairs, parts
from processors.query.reading import Reading
from processors.query.tree import And, AtLeast, Called, Filter, Find, Near, Not, Of, Or, Score

Truth = bool | None
# What makes a query hold: by where in the query a clause stands, start and end, its hits, sorted.
Proof = dict[tuple[int, int], list[Hit]]
Proved = list[tuple[Hit, int, int]]  # the same as pairs, in no order, some perhaps twice
Only = Collection[Hit] | None


def truth(plan: Plan, reading: Reading) -> Truth:
    """Say whether a plan holds; None: not known."""
    return _TRUTH[type(plan)](plan, reading)


def hits(plan: Plan, reading: Reading) -> list[Hit]:
    """Give the hits of a plan that gives hits, sorted: those that are certain."""
    if type(plan) is Find:
        return reading.spans[plan.number]
    found: list[Hit] | None = reading.memo.get(plan)
    if found is None:
        found = reading.memo[plan] = _HITS[type(plan)](plan, reading)
    return found


def proof(plan: Plan, reading: Reading) -> Proof:
    """Give the clauses and hits that prove a plan which holds."""
    found: dict[tuple[int, int], set[Hit]] = defaultdict(set)
    for hit, start, end in proved_by(plan, reading):
        found[start, end].add(hit)
    return {clause: sorted(each) for clause, each in found.items()}


def proved_by(plan: Plan, reading: Reading) -> Proved:
    """Give what `proof` gives as it is found."""
    proved: Proved = []
    _PROOF[type(plan)](plan, reading, None, proved)
    return proved


def near_pairs(plan: Near, reading: Reading) -> list[tuple[Hit, Hit]]:
    """Give the pairs of hits that satisfy a distance."""
    key = (plan, "pairs")
    found: list[tuple[Hit, Hit]] | None = reading.memo.get(key)
    if found is None:
        left = [] if reading.sifted.lacks(plan) else hits(plan.left, reading)
        found = reading.memo[key] = pairs(plan, left, hits(plan.right, reading), reading) if left else []
    return found


def unsure(plan: Plan, reading: Reading) -> bool:
    """Say whether a plan that gives hits might have more, were the article's entities known."""
    if reading.knows_entities or plan not in reading.asking:
        return False
    match plan:
        case Find():
            return True
        case Called(part=part) | AtLeast(part=part):
            return unsure(part, reading)
        case Or(parts=every):
            return any(unsure(each, reading) for each in every)
        case Near(left=left, right=right, negated=negated):
            left_unsure, right_unsure = unsure(left, reading), unsure(right, reading)
            left_found = left_unsure or bool(hits(left, reading))
            if negated:
                return left_unsure or (right_unsure and left_found)
            return (left_unsure and (right_unsure or bool(hits(right, reading)))) or (
                right_unsure and left_found
            )
    return False


# Each adds what proves a plan; of one that gives hits, those in `only`.


def _prove_hits(plan: Find | Called, reading: Reading, only: Only, proved: Proved) -> None:
    start, end = plan.start, plan.end
    for hit in hits(plan, reading):
        if only is None or hit in only:
            proved += [(part, start, end) for part in parts(hit)]


def _prove_all(plan: And, reading: Reading, only: Only, proved: Proved) -> None:
    for part in plan.parts:
        _PROOF[type(part)](part, reading, None, proved)


def _prove_those_that_hold(plan: Or | Of, reading: Reading, only: Only, proved: Proved) -> None:
    for part in reading.sifted.possible(plan):
        if truth(part, reading):
            _PROOF[type(part)](part, reading, only, proved)


def _prove_score(plan: Score, reading: Reading, only: Only, proved: Proved) -> None:
    for _, part in plan.parts:
        if truth(part, reading):
            _PROOF[type(part)](part, reading, None, proved)


def _prove_part(plan: AtLeast, reading: Reading, only: Only, proved: Proved) -> None:
    _PROOF[type(plan.part)](plan.part, reading, only, proved)


def _prove_near(plan: Near, reading: Reading, only: Only, proved: Proved) -> None:
    if plan.negated:
        held = {hit for hit in hits(plan, reading) if only is None or hit in only}
        _PROOF[type(plan.left)](plan.left, reading, held, proved)
        return
    near = [pair for pair in near_pairs(plan, reading) if only is None or hull(pair) in only]
    _PROOF[type(plan.left)](plan.left, reading, {a for a, _ in near}, proved)
    _PROOF[type(plan.right)](plan.right, reading, {b for _, b in near}, proved)


def _prove_nothing(plan: Not | Filter, reading: Reading, only: Only, proved: Proved) -> None:
    """Say that what is absent, or stands beside the text, can't be pointed at."""


def _of_hits(plan: Plan, reading: Reading) -> Truth:
    if hits(plan, reading):
        return True
    return None if unsure(plan, reading) else False


def _find(plan: Find, reading: Reading) -> Truth:
    if reading.spans[plan.number]:
        return True
    return None if unsure(plan, reading) else False


def _and(plan: And, reading: Reading) -> Truth:
    known: Truth = True
    for part in plan.parts:
        value = truth(part, reading)
        if value is False:
            return False
        if value is None:
            known = None
    return known


def _or(plan: Or, reading: Reading) -> Truth:
    known: Truth = False
    for part in plan.parts if plan in reading.asking else reading.sifted.possible(plan):
        value = truth(part, reading)
        if value:
            return True
        if value is None:
            known = None
    return known


def _not(plan: Not, reading: Reading) -> Truth:
    value = truth(plan.part, reading)
    return None if value is None else not value


def _of(plan: Of, reading: Reading) -> Truth:
    values = [truth(part, reading) for part in plan.parts]
    sure = values.count(True)
    return True if sure >= plan.count else None if sure + values.count(None) >= plan.count else False


def _score(plan: Score, reading: Reading) -> Truth:
    least = most = 0.0
    for weight, part in plan.parts:
        value = truth(part, reading)
        least += weight if value or (value is None and weight < 0) else 0.0
        most += weight if value or (value is None and weight > 0) else 0.0
    return True if least >= plan.threshold else None if most >= plan.threshold else False


def _filter(plan: Filter, reading: Reading) -> Truth:
    return _FILTERS[plan.field](reading.article, plan.value)


def _language(article: Article, value: str) -> bool:
    return article.language == value.lower()


def _source(article: Article, value: str) -> bool:
    domain, wanted = (article.source.domain or "").lower(), value.lower()
    if "." in wanted and (domain == wanted or domain.endswith("." + wanted)):
        return True
    return folded(article.source.name or "") == folded(value)


def _tier(article: Article, value: str) -> bool:
    return article.source.tier == int(value)


def _origin(article: Article, value: str) -> bool:
    return (article.source.country or "").lower() == value.lower()


def _section(article: Article, value: str) -> bool:
    return f" {folded(value)} " in f" {folded(article.section or '')} "


def _or_hits(plan: Or, reading: Reading) -> list[Hit]:
    found: set[Hit] = set()
    for part in reading.sifted.possible(plan):
        found.update(hits(part, reading))
    return sorted(found)


def _near_hits(plan: Near, reading: Reading) -> list[Hit]:
    if not plan.negated:
        return sorted({hull(pair) for pair in near_pairs(plan, reading)})
    if reading.sifted.lacks(plan) or unsure(plan.right, reading):
        return []
    left = hits(plan.left, reading)
    return alone(plan, left, hits(plan.right, reading), reading) if left else []


def _at_least_hits(plan: AtLeast, reading: Reading) -> list[Hit]:
    found = hits(plan.part, reading)
    return found if disjoint(found) >= plan.count else []


def _called_hits(plan: Called, reading: Reading) -> list[Hit]:
    return hits(plan.part, reading)


_TRUTH: dict[type, Callable[[Any, Reading], Truth]] = {
    Find: _find,
    Called: _of_hits,
    Near: _of_hits,
    AtLeast: _of_hits,
    Filter: _filter,
    And: _and,
    Or: _or,
    Not: _not,
    Of: _of,
    Score: _score,
}
_HITS: dict[type, Callable[[Any, Reading], list[Hit]]] = {
    Or: _or_hits,
    Near: _near_hits,
    AtLeast: _at_least_hits,
    Called: _called_hits,
}
_FILTERS: dict[str, Callable[[Article, str], bool]] = {
    "language": _language,
    "source": _source,
    "tier": _tier,
    "origin": _origin,
    "section": _section,
}
_PROOF: dict[type, Callable[[Any, Reading, Only, Proved], None]] = {
    Find: _prove_hits,
    Called: _prove_hits,
    And: _prove_all,
    Or: _prove_those_that_hold,
    Of: _prove_those_that_hold,
    Score: _prove_score,
    AtLeast: _prove_part,
    Near: _prove_near,
    Not: _prove_nothing,
    Filter: _prove_nothing,
}

"""How good rules are on labelled text: what they find rightly, what wrongly, and what they miss."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from math import sqrt
from typing import Any, Literal

from msgspec.structs import replace

from processors.models import Value
from processors.pack import Rule

Z = 1.959964  # of a 95 % interval
Kind = Literal["false positive", "miss"]
Fired = Mapping[str, Sequence[str]]  # the rules that fired on a text, each with the words that prove it


class Item(Value, frozen=True, kw_only=True):
    """A labelled text: the families it is about, and those it is known not to be about.

    For any other family nobody knows: a rule that fires counts neither way.
    """

    id: str
    text: str
    positive: frozenset[str]
    negative: frozenset[str]
    coded: frozenset[str] = frozenset()  # of both, those for which the text would be negative if not positive
    sense: str = ""
    stratum: str = ""
    weight: float | None = None  # how many texts it stands for; None: one
    file: str = ""


class Score(Value, frozen=True, kw_only=True):
    """Counts of texts, and shares of what the texts stand for with their 95 % intervals.

    The intervals are Wilson's (1927), for weighted texts with Kish's effective size, (Σw)²/Σw². F1 has
    none: it is a ratio of dependent counts. None where there is nothing to divide by; precision also
    where no text is known not to be about it, since then nothing could have been found wrongly.

    `precision` is tp / (tp + fp). Where positives come also from texts on which nothing could count as
    wrong, it is too good; `coded_precision` leaves those out, and is the one to go by.
    """

    tp: int
    fp: int
    fn: int
    negatives: int  # texts on which firing is wrong
    precision: float | None
    recall: float | None
    f1: float | None
    precision_interval: tuple[float, float] | None
    recall_interval: tuple[float, float] | None
    coded_tp: int
    coded_precision: float | None
    coded_precision_interval: tuple[float, float] | None


class RuleScore(Score, frozen=True, kw_only=True):
    """A rule's own score for its families, and what only it, of all rules of the family, fires on."""

    families: tuple[str, ...]
    tp_alone: int
    fp_alone: int


class Mistake(Value, frozen=True, kw_only=True):
    """A text on which a family's rules are wrong, and the rules that fired, with the words that prove it."""

    kind: Kind
    family: str
    id: str
    file: str
    sense: str
    stratum: str
    weight: float
    text: str
    fired: dict[str, list[str]]
    nearest_rule: str = ""  # of a miss, where it was asked for: the rule that came closest …
    nearest: str = ""  # … and what it lacked


class Evaluation(Value, frozen=True, kw_only=True):
    """All that was found. `families` takes all files together, `files` each alone.

    `senses` says for each family and sense on how many of its labelled texts a rule fired, and of how many.
    """

    items: int
    families: dict[str, Score]
    files: dict[str, dict[str, Score]]
    rules: dict[str, RuleScore]
    senses: dict[str, dict[str, tuple[int, int]]]
    without_rules: list[str]  # families of the labels that no rule is for
    errors: list[Mistake]


def item_of(line: Mapping[str, Any], *, family: str | None = None, file: str = "") -> Item:
    """Give the labelled text of a decoded line.

    It has either `families` and `neg_valid_for`, the families for which a missing label is a real
    negative, or a `label` (yes, partial, no) for one family, named by its `family` or by the caller;
    partial counts neither way. `sense`, `stratum` and `weight` may be there.

    Raises:
        ValueError: the line is neither; the message says what is wrong and how to mend it.
    """
    if not isinstance(line, Mapping) or not isinstance(line.get("text"), str):
        raise ValueError('no text: give a JSON object with "text", and "families" or "label"')
    positive, negative = _labels(line, line.get("family") or family)
    weight = line.get("weight")
    if weight is not None and not (isinstance(weight, (int, float)) and weight > 0):
        raise ValueError(f"weight is {weight!r}: give how many texts this one stands for, above 0")
    return Item(
        id=str(line.get("id", "")),
        text=line["text"],
        positive=positive,
        negative=negative - positive,
        sense=str(line.get("sense") or ""),
        stratum=str(line.get("stratum") or ""),
        weight=weight,
        file=file,
        coded=negative | (positive if "families" not in line else frozenset()),
    )


def weighed(items: Sequence[Item], stands_for: Mapping[str, float]) -> list[Item]:
    """Give a sample's texts weights, by how many texts each stratum stands for; their own weights hold.

    Raises:
        ValueError: a stratum of the sample is not in `stands_for`.
    """
    counts = Counter(item.stratum for item in items if item.weight is None)
    if missing := sorted(set(counts) - set(stands_for)):
        raise ValueError(
            f"nothing says how many texts the strata {', '.join(map(repr, missing))} stand for; "
            f"known are {', '.join(sorted(stands_for))}"
        )
    return [
        item
        if item.weight is not None
        else replace(item, weight=stands_for[item.stratum] / counts[item.stratum])
        for item in items
    ]


def evaluate(rules: Sequence[Rule], items: Sequence[Item], fired: Sequence[Fired]) -> Evaluation:
    """Compare what fired on each text, in order, with its labels.

    A family fires on a text where any of its rules does.
    """
    pairs = list(zip(items, fired, strict=True))
    families: dict[str, list[str]] = defaultdict(list)
    for rule in rules:
        for family in rule.families:
            families[family].append(rule.id)
    files: dict[str, list[tuple[Item, Fired]]] = defaultdict(list)
    for item, found in pairs:
        files[item.file].append((item, found))
    labelled = set(chain.from_iterable(item.positive | item.negative for item in items))
    return Evaluation(
        items=len(items),
        families={family: _family(family, ids, pairs) for family, ids in sorted(families.items())},
        files={
            file: {
                family: _family(family, ids, part)
                for family, ids in sorted(families.items())
                if any(family in item.positive or family in item.negative for item, _ in part)
            }
            for file, part in files.items()
        },
        rules={rule.id: _rule(rule, families, pairs) for rule in rules},
        senses={
            family: _senses(family, ids, pairs)
            for family, ids in sorted(families.items())
            if family in labelled
        },
        without_rules=sorted(labelled - set(families)),
        errors=[
            mistake for family, ids in sorted(families.items()) for mistake in _mistakes(family, ids, pairs)
        ],
    )


def score(seen: Iterable[tuple[float, bool, bool, bool]]) -> Score:
    """Give the score of texts, each with its weight, whether a rule fired, whether it should, whether it is coded."""
    weights: dict[tuple[bool, bool], list[float]] = defaultdict(list)
    sure: list[float] = []
    for weight, fires, should, coded in seen:
        weights[fires, should].append(weight)
        if fires and should and coded:
            sure.append(weight)
    right, wrong, missed = weights[True, True], weights[True, False], weights[False, True]
    negatives = len(wrong) + len(weights[False, False])
    precision = _share(right, wrong) if negatives else None
    recall = _share(right, missed)
    sure_precision = _share(sure, wrong) if negatives else None
    return Score(
        tp=len(right),
        fp=len(wrong),
        fn=len(missed),
        negatives=negatives,
        precision=precision,
        recall=recall,
        f1=_f1(precision, recall),
        precision_interval=None if precision is None else wilson(precision, _size(right + wrong)),
        recall_interval=None if recall is None else wilson(recall, _size(right + missed)),
        coded_tp=len(sure),
        coded_precision=sure_precision,
        coded_precision_interval=None
        if sure_precision is None
        else wilson(sure_precision, _size(sure + wrong)),
    )


def wilson(share: float, size: float) -> tuple[float, float]:
    """Give the 95 % score interval of a share of `size` texts (Wilson, 1927)."""
    spread = Z * Z / size
    middle = (share + spread / 2) / (1 + spread)
    half = Z * sqrt(share * (1 - share) / size + spread / (4 * size)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


def _labels(line: Mapping[str, Any], family: str | None) -> tuple[frozenset[str], frozenset[str]]:
    if "families" in line:
        named = [line["families"], line.get("neg_valid_for") or []]
        if not all(isinstance(names, list) and all(isinstance(n, str) for n in names) for names in named):
            raise ValueError("families and neg_valid_for are lists of family names")
        return frozenset(named[0]), frozenset(named[1])
    if "label" not in line:
        raise ValueError('no label: give "families" and "neg_valid_for", or a "label" (yes, partial, no)')
    if not isinstance(family, str):
        raise ValueError('which family the label is for is not said: give "family" here, or --family')
    about = frozenset([family])
    by_label = {"yes": (about, frozenset[str]()), "partial": (frozenset[str](), frozenset[str]())}
    by_label["no"] = (frozenset(), about)
    if line["label"] not in by_label:
        raise ValueError(f"label is {line['label']!r}: give yes, partial or no")
    return by_label[line["label"]]


def _family(family: str, ids: Sequence[str], pairs: Sequence[tuple[Item, Fired]]) -> Score:
    return score(
        (
            item.weight or 1.0,
            any(rule in fired for rule in ids),
            family in item.positive,
            family in item.coded,
        )
        for item, fired in pairs
        if family in item.positive or family in item.negative
    )


def _rule(
    rule: Rule, families: Mapping[str, Sequence[str]], pairs: Sequence[tuple[Item, Fired]]
) -> RuleScore:
    about = frozenset(rule.families)
    kin = {other for family in rule.families for other in families[family]} - {rule.id}
    known = [(item, fired) for item, fired in pairs if about & (item.positive | item.negative)]
    alone = Counter(
        bool(about & item.positive)
        for item, fired in known
        if rule.id in fired and not any(other in fired for other in kin)
    )
    own = score(
        (
            item.weight or 1.0,
            rule.id in fired,
            bool(about & item.positive),
            bool(about & item.coded),
        )
        for item, fired in known
    )
    return RuleScore(
        **{name: getattr(own, name) for name in Score.__struct_fields__},
        families=rule.families,
        tp_alone=alone[True],
        fp_alone=alone[False],
    )


def _senses(
    family: str, ids: Sequence[str], pairs: Sequence[tuple[Item, Fired]]
) -> dict[str, tuple[int, int]]:
    seen: dict[str, list[bool]] = defaultdict(list)
    for item, fired in pairs:
        if item.sense and (family in item.positive or family in item.negative):
            label = "yes" if family in item.positive else "no"
            seen[f"{label}: {item.sense}"].append(any(rule in fired for rule in ids))
    return {sense: (sum(fires), len(fires)) for sense, fires in sorted(seen.items())}


def _mistakes(family: str, ids: Sequence[str], pairs: Sequence[tuple[Item, Fired]]) -> Iterable[Mistake]:
    for item, fired in pairs:
        found = {rule: list(fired[rule]) for rule in ids if rule in fired}
        missed = family in item.positive and not found
        if missed or (found and family in item.negative):
            yield Mistake(
                kind="miss" if missed else "false positive",
                family=family,
                id=item.id,
                file=item.file,
                sense=item.sense,
                stratum=item.stratum,
                weight=item.weight or 1.0,
                text=item.text,
                fired=found,
            )


def _share(part: Sequence[float], rest: Sequence[float]) -> float | None:
    whole = sum(part) + sum(rest)
    return sum(part) / whole if whole else None


def _size(weights: Sequence[float]) -> float:
    return sum(weights) ** 2 / sum(weight * weight for weight in weights)


def _f1(precision: float | None, recall: float | None) -> float | None:
    if precision is None or recall is None:
        return None
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0

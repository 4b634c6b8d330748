"""What rules do on articles of the past: matches, articles, sources and days of each, and what an edit changes."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from processors import render
from processors.models import ArticleRef, Match, Severity, Source, Value
from processors.pack import Rule

MOST_SAMPLES = 5  # of one rule
MOST_CHANGES = 10_000  # listed; all are counted
MOST_SOURCES = 10  # of one rule, those with most matches
UNDATED = "undated"

Outcome = Literal["enriched", "dropped", "dead"]
Kind = Literal["gained", "lost"]
Unit = Literal["day", "month", "year"]


class Seen(Value, frozen=True, kw_only=True):
    """What became of one article: its outcome, the reason of any but `enriched`, and the rules that fired."""

    outcome: Outcome
    reason: str = ""
    published: str | None = None  # ISO 8601
    article: ArticleRef | None = None  # where a rule fired
    hits: Sequence[Match] = ()


class Sample(Value, frozen=True, kw_only=True):
    """An article that a rule fired on: its sentences in segments, each with whether it fired."""

    key: str
    id: str
    title: str
    url: str | None
    source: str
    day: str
    sentences: list[list[tuple[str, bool]]]


class RuleCount(Value, frozen=True, kw_only=True):
    """What one rule did. `days` add up to `matches`; what has no date is under `undated`.

    The samples are those with the smallest match ids: drawn evenly, and the same in every run.
    """

    title: str
    severity: Severity
    families: tuple[str, ...]
    matches: int
    articles: int  # distinct, by their key
    sources: int
    top_sources: dict[str, int]
    days: dict[str, int]
    samples: list[Sample]


class Change(Value, frozen=True, kw_only=True):
    """A match that only one of two sets of rules gives."""

    kind: Kind
    rule: str
    sample: Sample


class RuleChange(Value, frozen=True, kw_only=True):
    """Matches of one rule that the edit gains, loses and keeps."""

    gained: int = 0
    lost: int = 0
    kept: int = 0


class Comparison(Value, frozen=True, kw_only=True):
    """What the rules do that others, from before an edit, did not, and the other way round."""

    gained: int
    lost: int
    kept: int
    articles_gained: int  # that no rule fired on before
    articles_lost: int  # that no rule fires on any more
    by_rule: dict[str, RuleChange]
    changes: list[Change]  # bounded; in the order of the articles
    unlike: int  # articles that only one of the two runs could analyse: compared in nothing


class Backtest(Value, frozen=True, kw_only=True):
    """All that was counted. `articles` is the sum of `analysed`, `dropped` and `unreadable`."""

    schema_version: int = 1
    articles: int
    analysed: int
    dropped: dict[str, int]  # by reason
    unreadable: dict[str, int]  # by reason
    matches: int
    matched_articles: int
    sources: int  # of the articles that matched
    days: dict[str, int]  # articles analysed
    by_rule: dict[str, RuleCount]
    against: Comparison | None = None


@dataclass(kw_only=True)
class _Tally:
    matches: int = 0
    articles: set[str] = field(default_factory=set)
    sources: Counter[str] = field(default_factory=Counter)
    days: Counter[str] = field(default_factory=Counter)
    samples: dict[str, Sample] = field(default_factory=dict)  # by match id


class Counting:
    """Counts articles one after the other; memory grows with the articles that match."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        """Take the rules that run, so that those that never fire are told too."""
        self._rules = rules
        self._outcomes: Counter[tuple[str, str]] = Counter()
        self._days: Counter[str] = Counter()
        self._tallies: dict[str, _Tally] = defaultdict(_Tally)

    def add(self, seen: Seen) -> None:
        """Count one article."""
        self._outcomes[seen.outcome, seen.reason] += 1
        if seen.outcome != "enriched":
            return
        day = day_of(seen.published)
        self._days[day] += 1
        if seen.article is None:
            return
        for match in seen.hits:
            tally = self._tallies[match.rule_id]
            tally.matches += 1
            tally.articles.add(seen.article.key)
            tally.sources[named(seen.article.source)] += 1
            tally.days[day] += 1
            last = max(tally.samples, default="") if len(tally.samples) == MOST_SAMPLES else None
            if last is None or match.match_id < last:
                tally.samples[match.match_id] = sample(seen.article, match)
                if len(tally.samples) > MOST_SAMPLES and last is not None:
                    del tally.samples[last]

    def counted(self, against: Comparison | None = None) -> Backtest:
        """Give all that was counted until now."""
        tallies = {rule.id: self._tallies.get(rule.id, _Tally()) for rule in self._rules}
        return Backtest(
            articles=self._outcomes.total(),
            analysed=self._outcomes["enriched", ""],
            dropped=self._reasons("dropped"),
            unreadable=self._reasons("dead"),
            matches=sum(tally.matches for tally in tallies.values()),
            matched_articles=len(set().union(*(tally.articles for tally in tallies.values()))),
            sources=len(set().union(*(tally.sources for tally in tallies.values()))),
            days=dict(sorted(self._days.items())),
            by_rule={rule.id: _told(rule, tallies[rule.id]) for rule in self._rules},
            against=against,
        )

    def _reasons(self, outcome: Outcome) -> dict[str, int]:
        counts = {reason: count for (of, reason), count in self._outcomes.items() if of == outcome}
        return dict(sorted(counts.items()))


class Comparing:
    """Compares what two sets of rules do, article by article."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._by_rule: dict[str, Counter[str]] = defaultdict(Counter)
        self._articles: Counter[str] = Counter()
        self._changes: list[Change] = []
        self._unlike = 0

    def add(self, now: Seen, before: Seen) -> None:
        """Compare one article under the rules as they are, and as they were."""
        if now.outcome != before.outcome:
            self._unlike += 1
            return
        held = {match.rule_id: match for match in now.hits}
        had = {match.rule_id: match for match in before.hits}
        if bool(held) != bool(had):
            self._articles["gained" if held else "lost"] += 1
        for rule in sorted(held.keys() | had.keys()):
            if rule in held and rule in had:
                self._by_rule[rule]["kept"] += 1
            elif rule in held:
                self._change("gained", now.article, held[rule])
            else:
                self._change("lost", before.article, had[rule])

    def compared(self) -> Comparison:
        """Give all changes until now."""
        total: Counter[str] = sum(self._by_rule.values(), Counter())
        return Comparison(
            gained=total["gained"],
            lost=total["lost"],
            kept=total["kept"],
            articles_gained=self._articles["gained"],
            articles_lost=self._articles["lost"],
            by_rule={rule: RuleChange(**counts) for rule, counts in sorted(self._by_rule.items())},
            changes=list(self._changes),
            unlike=self._unlike,
        )

    def _change(self, kind: Kind, article: ArticleRef | None, match: Match) -> None:
        self._by_rule[match.rule_id][kind] += 1
        if article is not None and len(self._changes) < MOST_CHANGES:
            self._changes.append(Change(kind=kind, rule=match.rule_id, sample=sample(article, match)))


def sample(article: ArticleRef, match: Match) -> Sample:
    """Give what is shown of an article that a rule fired on."""
    return Sample(
        key=article.key,
        id=article.id,
        title=article.title,
        url=article.url,
        source=named(article.source),
        day=day_of(article.published),
        sentences=[
            render.highlights(context, match.evidence) for context in match.context[: render.MOST_CONTEXTS]
        ],
    )


def named(source: Source) -> str:
    """Give a source as it is counted."""
    return source.name or source.domain or "unknown source"


def day_of(published: str | None) -> str:
    """Give the day of an ISO 8601 time in UTC."""
    return published[:10] if published else UNDATED


def binned(days: Mapping[str, int], *, most: int) -> tuple[Unit, list[tuple[str, int]]]:
    """Give counts by day, or by month or year where days would be more than `most`, without gaps.

    What has no date is left out. Where even years are too many, the last that have a count are given.
    """
    dated = {day: count for day, count in days.items() if day != UNDATED and count}
    if not dated:
        return "day", []
    first, last = date.fromisoformat(min(dated)), date.fromisoformat(max(dated))
    spans: tuple[tuple[Unit, int, int], ...] = (
        ("day", 10, (last - first).days + 1),
        ("month", 7, (last.year - first.year) * 12 + last.month - first.month + 1),
        ("year", 4, last.year - first.year + 1),
    )
    unit, length, span = next((row for row in spans if row[2] <= most), spans[-1])
    counts: Counter[str] = Counter()
    for day, count in dated.items():
        counts[day[:length]] += count
    if span > most:
        return unit, sorted(counts.items())[-most:]
    return unit, [(label, counts[label]) for label in _labels(first, last, unit)]


def _labels(first: date, last: date, unit: Unit) -> Iterator[str]:
    match unit:
        case "day":
            for number in range((last - first).days + 1):
                yield (first + timedelta(days=number)).isoformat()
        case "month":
            for number in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
                yield f"{number // 12:04}-{number % 12 + 1:02}"
        case "year":
            for year in range(first.year, last.year + 1):
                yield f"{year:04}"


def _told(rule: Rule, tally: _Tally) -> RuleCount:
    return RuleCount(
        title=rule.title,
        severity=rule.severity,
        families=rule.families,
        matches=tally.matches,
        articles=len(tally.articles),
        sources=len(tally.sources),
        top_sources=dict(tally.sources.most_common(MOST_SOURCES)),
        days=dict(sorted(tally.days.items())),
        samples=[kept for _, kept in sorted(tally.samples.items())],
    )

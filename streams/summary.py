"""What a run came to, counted as it happens and added up at its end."""

from msgspec import Struct

MOST_LATENCIES = 100_000


class Quantiles(Struct, frozen=True, kw_only=True):
    """Seconds from arrival to alert; null where there was no alert."""

    p50: float | None
    p99: float | None


class Summary(Struct, frozen=True, kw_only=True):
    """The final table of a run; in = enriched + dropped + dead."""

    articles_in: int
    enriched: int
    dropped: dict[str, int]
    dead: dict[str, int]
    matches: int
    alerts: int
    ingest_to_alert_seconds: Quantiles
    articles_per_second: float

    @property
    def adds_up(self) -> bool:
        """Tell whether every article has exactly one outcome."""
        return self.articles_in == self.enriched + sum(self.dropped.values()) + sum(self.dead.values())


class Tallies:
    """Counts of a run. An outcome is counted once a source record, however often it was written."""

    def __init__(self) -> None:
        self._outcomes: dict[bytes, tuple[str, str]] = {}
        self._latencies: list[float] = []
        self._matches: set[str] = set()
        self._alerts: set[tuple[str, int]] = set()

    @property
    def outcomes(self) -> int:
        """How many articles have an outcome."""
        return len(self._outcomes)

    def outcome(self, source: bytes, kind: str, reason: str = "") -> None:
        """Count the outcome of the article at a source position."""
        self._outcomes[source] = (kind, reason)

    def match(self, match_id: str) -> None:
        """Count a match."""
        self._matches.add(match_id)

    def alert(self, alert_id: str, version: int, seconds: float) -> bool:
        """Count an alert version that came so many seconds after its article; False for a repeat."""
        if (alert_id, version) in self._alerts:
            return False
        self._alerts.add((alert_id, version))
        if len(self._latencies) < MOST_LATENCIES:
            self._latencies.append(seconds)
        return True

    def summary(self, articles_in: int, seconds: float) -> Summary:
        """Add up a run of so many articles that took so long."""
        return Summary(
            articles_in=articles_in,
            enriched=sum(kind == "enriched" for kind, _ in self._outcomes.values()),
            dropped=self._reasons("dropped"),
            dead=self._reasons("dead"),
            matches=len(self._matches),
            alerts=len({alert_id for alert_id, _ in self._alerts}),
            ingest_to_alert_seconds=Quantiles(p50=self._latency(0.5), p99=self._latency(0.99)),
            articles_per_second=round(articles_in / seconds, 1) if seconds > 0 else 0.0,
        )

    def _reasons(self, wanted: str) -> dict[str, int]:
        counts: dict[str, int] = {}
        for kind, reason in self._outcomes.values():
            if kind == wanted:
                counts[reason] = counts.get(reason, 0) + 1
        return dict(sorted(counts.items()))

    def _latency(self, share: float) -> float | None:
        ranked = sorted(self._latencies)
        return round(ranked[min(len(ranked) - 1, int(share * len(ranked)))], 3) if ranked else None

"""DECIDE: from a shard's state and one match to the next state and the alert versions it causes.

For now an alert is one rule on one article: it opens on the first match, and a new revision of the
article makes a new version when its evidence or its standing changed. A shard's state can be
rebuilt from the versions it published, because nothing it decides is silent.
"""

from collections.abc import Iterable

from msgspec import structs

from processors import ids
from processors.models import Alert, Match, MatchPayload, Names, Origin

MAX_REVISIONS = 100  # remembered a alert; a live blog seldom has more
MAX_ALERTS = 20_000  # remembered a shard, least recently changed forgotten first


class ShardState:
    """The alerts of one shard that a later revision of an article may still change.

    Mutable, owned by whoever decides for the shard; `decide` is its only writer besides `remember`.
    """

    def __init__(self) -> None:
        self._alerts: dict[str, tuple[Alert, Origin]] = {}
        self._by_article: dict[str, set[str]] = {}
        self.forgotten = 0

    def __len__(self) -> int:
        return len(self._alerts)

    def get(self, alert_id: str) -> Alert | None:
        """Give the newest version of an alert."""
        known = self._alerts.get(alert_id)
        return None if known is None else known[0]

    def of_article(self, article_key: str) -> list[tuple[Alert, Origin]]:
        """Give the newest version of each alert that an article founded, and what caused it."""
        return [self._alerts[alert_id] for alert_id in sorted(self._by_article.get(article_key, ()))]

    def remember(self, alert: Alert, origin: Origin) -> None:
        """Take a published version in; an older one than the newest known changes nothing."""
        known = self._alerts.pop(alert.alert_id, None)
        if known is not None and known[0].version > alert.version:
            alert, origin = known
        # Popped and set again: the order of the dict is the order of the last change. What a next
        # version takes from its own match need not be remembered.
        self._alerts[alert.alert_id] = structs.replace(alert, context=[], entities=Names()), origin
        self._by_article.setdefault(alert.article.key, set()).add(alert.alert_id)
        if len(self._alerts) > MAX_ALERTS:
            self._forget(next(iter(self._alerts)))

    def _forget(self, alert_id: str) -> None:
        key = self._alerts.pop(alert_id)[0].article.key
        remaining = self._by_article[key]
        remaining.discard(alert_id)
        if not remaining:
            del self._by_article[key]
        self.forgotten += 1


def decide(state: ShardState, match: MatchPayload, origin: Origin) -> list[Alert]:
    """Give the alert versions that one record of `matches` causes, and take them into the state.

    `origin` is the article record behind the match. What comes from the same or an earlier record
    than the newest version changes nothing: that is how a redelivery, from either topic, is known.
    """
    hits = {hit.rule_id: hit for hit in match.hits}
    versions = []
    for known, cause in state.of_article(match.article.key):
        hit = hits.pop(known.rule_id, None)
        if not _is_earlier(match, origin, known, cause):
            versions += _revise(known, match, hit)
    if match.article.status != "retracted":
        versions += [_open(match, hits[rule_id]) for rule_id in sorted(hits)]
    for version in versions:
        state.remember(version, origin)
    return versions


def _open(match: MatchPayload, hit: Match) -> Alert:
    return Alert(
        alert_id=ids.alert_id(hit.rule_id, match.article.key),
        version=1,
        what_changed=["first report"],
        rule_id=hit.rule_id,
        rule_revision=hit.rule_revision,
        rule_title=hit.rule_title,
        severity=hit.severity,
        story=match.article.key,
        article=match.article,
        sources=[match.article.source],
        evidence=hit.evidence,
        evidence_total=hit.evidence_total,
        certainty=hit.certainty,
        context=hit.context,
        entities=match.entities,
        revisions=[_standing(match)],
    )


def _revise(known: Alert, match: MatchPayload, hit: Match | None) -> list[Alert]:
    standing = _standing(match)
    gone = hit is None or match.article.status == "retracted"
    changes = list(_changes(known, match, hit, gone=gone))
    if standing == known.revisions[-1] or not changes:
        return []
    named = hit if hit is not None else known
    return [
        structs.replace(
            known,
            version=known.version + 1,
            state="withdrawn" if gone else "open",
            what_changed=changes,
            rule_revision=named.rule_revision,
            rule_title=named.rule_title,
            severity=named.severity,
            article=match.article,
            evidence=[] if hit is None else hit.evidence,
            evidence_total=0 if hit is None else hit.evidence_total,
            certainty=known.certainty if hit is None else hit.certainty,
            context=[] if hit is None else hit.context,
            entities=match.entities,
            revisions=[*known.revisions, standing][-MAX_REVISIONS:],
        )
    ]


def _changes(known: Alert, match: MatchPayload, hit: Match | None, *, gone: bool) -> Iterable[str]:
    status, before = match.article.status, known.article.status
    if status != before and status in ("corrected", "retracted"):
        yield f"the article was {status}"
    if gone and known.state == "open" and status != "retracted":
        yield "the rule no longer fires on what the article says now"
    if not gone and known.state == "withdrawn":
        yield "the article says it again"
    if hit is not None and status != "retracted":
        said = {evidence.text.casefold() for evidence in known.evidence}
        new = [evidence.text for evidence in hit.evidence if evidence.text.casefold() not in said]
        if new:
            yield "new evidence: " + "; ".join(dict.fromkeys(new))
        says = {evidence.text.casefold() for evidence in hit.evidence}
        gone_words = [evidence.text for evidence in known.evidence if evidence.text.casefold() not in says]
        if gone_words:
            yield "no longer said: " + "; ".join(dict.fromkeys(gone_words))


def _standing(match: MatchPayload) -> str:
    """Give what tells this revision from the article's others: what it says and how it stands."""
    return f"{match.article.revision}:{match.article.status}"


def _is_earlier(match: MatchPayload, origin: Origin, known: Alert, cause: Origin) -> bool:
    if origin.partition == cause.partition:
        return origin.offset <= cause.offset
    # `articles` has grown and the key moved: what the article says of itself must do.
    if _standing(match) in known.revisions:
        return True
    updated, last = match.article.updated, known.article.updated
    return updated is not None and last is not None and updated < last

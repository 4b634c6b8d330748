"""An alert in words: the one place for its wording, whatever shows it."""

import unicodedata
from collections.abc import Sequence
from datetime import datetime

from processors.models import Alert, Context, Evidence, Names, Source
from processors.text import LONE_JOINER

MOST_NAMES = 8  # of each label; the alert has more
MOST_CONTEXTS = 3
MOST_MARKS = 3
MOST_TITLE = 300  # code points of a title or a name
MOST_SENTENCE = 1_000  # of anything longer

LANGUAGE_UNREAD = "entities unknown: no model reads {language}"
ENTITIES_OFF = "entities not read"


def shown(text: str, *, most: int = MOST_SENTENCE) -> str:
    """Give untrusted text as it may be shown: at most so many code points, in one line, all of them visible.

    Control, bidi and zero-width characters go; joiners stay between letters that change their form by them.
    """
    line = "".join(
        " " if char.isspace() else char
        for char in text[: most + 1]
        if char.isspace() or char in "\u200c\u200d" or unicodedata.category(char)[0] != "C"
    )
    line = LONE_JOINER.sub("", line)
    return line if len(text) <= most else line[:most].rstrip() + "…"


def title(text: str) -> str:
    """Give an untrusted title or name as it may be shown."""
    return shown(text, most=MOST_TITLE)


def highlights(context: Context, evidence: Sequence[Evidence]) -> list[tuple[str, bool]]:
    """Split a sentence into segments, each with whether it fired; put together they are the sentence."""
    spans = sorted(
        (max(proof.start, context.start) - context.start, min(proof.end, context.end) - context.start)
        for proof in evidence
        if proof.field == context.field and max(proof.start, context.start) < min(proof.end, context.end)
    )
    segments: list[tuple[str, bool]] = []
    at = 0
    for start, end in _merged(spans):
        segments += [(context.text[at:start], False), (context.text[start:end], True)]
        at = end
    segments.append((context.text[at:], False))
    return [segment for segment in segments if segment[0]]


def marks(alert: Alert) -> list[str]:
    """Give what qualifies an alert, most important first."""
    article = alert.article
    return [
        word
        for holds, word in (
            (alert.state == "withdrawn", "withdrawn"),
            (article.status in ("corrected", "retracted"), article.status),
            (article.mode == "backfill", "backfill"),
            (article.paywalled, "only the teaser was read"),
            (alert.certainty != "asserted", _doubt(alert)),
        )
        if holds
    ]


def _doubt(alert: Alert) -> str:
    """Give how far the article stands behind an alert, and by which of its words: doubtful: historical (in 1962)."""
    cues = {mark.kind: mark.text for item in alert.evidence for mark in item.marks}
    said = (f"{kind.replace('_', ' ')} ({title(text)})" for kind, text in list(cues.items())[:MOST_MARKS])
    return f"{alert.certainty}: {', '.join(said)}"


def source_line(source: Source) -> str:
    """Give who published it: name, country, tier."""
    name = source.name or source.domain or "unknown source"
    more = [part for part in (source.country, f"tier {source.tier}" if source.tier else None) if part]
    return title(f"{name} ({', '.join(more)})" if more else name)


def names(found: Names, language: str) -> list[tuple[str, str]]:
    """Give the named entities as rows of label and names, or the one row that says why there are none."""
    if found.knowledge != "known":
        unread = LANGUAGE_UNREAD.format(language=language) if found.knowledge == "unknown" else ENTITIES_OFF
        return [("entities", unread)]
    rows = (
        ("people", found.people),
        ("places", found.places),
        ("organisations", found.organisations),
        ("groups", found.groups),
    )
    return [(label, _listed(values)) for label, values in rows if values]


def ages(alert: Alert, *, now_ms: int, ingested_ms: int | None) -> str:
    """Give how long ago it was published and arrived."""
    parts = []
    if alert.article.published and alert.article.published_quality != "date":
        published_ms = datetime.fromisoformat(alert.article.published).timestamp() * 1000
        parts.append(f"published {_duration(now_ms - published_ms)} ago")
    elif alert.article.published:
        parts.append(f"published {alert.article.published[:10]}")
    else:
        parts.append("publication time unknown")
    if ingested_ms is not None:
        parts.append(f"arrived {_duration(now_ms - ingested_ms)} ago")
    return ", ".join(parts)


def changes(alert: Alert) -> str:
    """Give what this version says that the last did not."""
    return shown("; ".join(alert.what_changed))


def plain(alert: Alert) -> str:
    """Give an alert as one line, for a log."""
    evidence = " … ".join(dict.fromkeys(title(proof.text) for proof in alert.evidence[:MOST_CONTEXTS]))
    marked = "".join(f" [{mark}]" for mark in marks(alert))
    return (
        f"{alert.severity.upper()} {title(alert.rule_title)} v{alert.version}{marked}: "
        f"{title(alert.article.title)} "
        f"— {source_line(alert.article.source)}" + (f" — “{evidence}”" if evidence else "")
    )


def _merged(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _listed(values: Sequence[str]) -> str:
    rest = f" and {len(values) - MOST_NAMES} more" if len(values) > MOST_NAMES else ""
    return shown(", ".join(values[:MOST_NAMES])) + rest


def _duration(milliseconds: float) -> str:
    seconds = max(0.0, milliseconds / 1000)
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"

"""A backtest as one page of HTML that needs nothing else: no script, no font, no address to fetch from."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from processors import render
from processors.backtest import UNDATED, Backtest, Change, Comparison, RuleCount, Sample, binned

MOST_BARS = 92
MOST_CHANGES = 200  # shown of each rule; all are in the JSON
WIDTH, HEIGHT = 720, 120
LABELS = 16  # of pixels, below the bars

STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --dim: #59636e; --paper: #fff; --line: #d1d9e0;
  --bar: #2563a8; --mark: #ffe08a; --gained: #1a7f37; --lost: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --dim: #9aa4af; --paper: #15181c;
  --line: #363d45; --bar: #6aa9e9; --mark: #6b5500; --gained: #56c271; --lost: #ff8a80; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2, h3 { line-height: 1.25; } h2 { margin-top: 2.5rem; }
table { border-collapse: collapse; width: 100%; } caption { text-align: left; color: var(--dim); }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.wide { overflow-x: auto; } .dim { color: var(--dim); } a { color: inherit; }
blockquote { margin: .6rem 0; padding-left: .8rem; border-left: 3px solid var(--line); overflow-wrap: anywhere; }
mark { background: var(--mark); color: inherit; } .gained { border-color: var(--gained); }
.lost { border-color: var(--lost); } svg { width: 100%; height: auto; } rect { fill: var(--bar); }
line { stroke: var(--line); } text { fill: var(--dim); font: 11px system-ui, sans-serif; }
"""


def page(found: Backtest, *, title: str, seconds: float) -> str:
    """Give the report. All that came from articles and rules is escaped, in one line and visible."""
    return "\n".join(
        [
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            # Even if something of an article got past the escaping, a browser would not run or fetch it.
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            f"<title>{_text(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>",
            f"<h1>{_text(title)}</h1>",
            _summary(found, seconds),
            "<h2>Articles over time</h2>",
            chart(found.days, "articles analysed"),
            "<h2>Rules</h2>",
            _rules(found.by_rule),
            *(_changes(found.against) if found.against else ()),
            *(part for rule, count in found.by_rule.items() for part in _rule(rule, count)),
            "</main>\n</body>\n</html>\n",
        ]
    )


def chart(days: Mapping[str, int], what: str) -> str:
    """Give counts over time as a bar chart in SVG: by day, or by month or year where days are too many."""
    unit, counts = binned(days, most=MOST_BARS)
    undated = f"; {days[UNDATED]:,} without a date" if days.get(UNDATED) else ""
    if not counts:
        return f'<p class="dim">{_text(what)}: none with a date{undated}</p>'
    most = max(count for _, count in counts)
    step = WIDTH / len(counts)
    room = HEIGHT - 2 * LABELS
    bars = "".join(
        f'<rect x="{index * step:.1f}" y="{LABELS + room * (1 - count / most):.1f}" '
        f'width="{max(step - 1, 0.5):.1f}" height="{room * count / most:.1f}">'
        f"<title>{_text(label)}: {count:,}</title></rect>"
        for index, (label, count) in enumerate(counts)
        if count
    )
    said = f"{what} by {unit}, {counts[0][0]} to {counts[-1][0]}, at most {most:,}{undated}"
    return (
        f'<figure><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{_text(said)}">'
        f'<text x="0" y="{LABELS - 4}">{most:,} at most</text>{bars}'
        f'<line x1="0" x2="{WIDTH}" y1="{HEIGHT - LABELS}" y2="{HEIGHT - LABELS}"/>'
        f'<text x="0" y="{HEIGHT - 2}">{_text(counts[0][0])}</text>'
        f'<text x="{WIDTH}" y="{HEIGHT - 2}" text-anchor="end">{_text(counts[-1][0])}</text></svg>'
        f'<figcaption class="dim">{_text(said)}</figcaption></figure>'
    )


def _summary(found: Backtest, seconds: float) -> str:
    rows: list[tuple[str, int]] = [
        ("articles", found.articles),
        ("analysed", found.analysed),
        *((f"dropped: {reason}", count) for reason, count in found.dropped.items()),
        *((f"unreadable: {reason}", count) for reason, count in found.unreadable.items()),
        ("matches", found.matches),
        ("articles that matched", found.matched_articles),
        ("sources that matched", found.sources),
        *((("articles a second", round(found.articles / seconds)),) if seconds else ()),
    ]
    return _table("", ["what", "count"], [[_text(name), count] for name, count in rows])


def _rules(by_rule: Mapping[str, RuleCount]) -> str:
    most = max((count.matches for count in by_rule.values()), default=0) or 1
    rows: list[list[str | int]] = [
        [
            f'<a href="#{_text(rule)}">{_text(rule)}</a>',
            _text(count.severity),
            count.matches,
            count.articles,
            count.sources,
            f'<svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" style="height:.7em">'
            f'<rect width="{100 * count.matches / most:.1f}" height="10"/></svg>',
        ]
        for rule, count in sorted(by_rule.items(), key=lambda one: (-one[1].matches, one[0]))
    ]
    return _table(
        "Most matches first. An article counts once for each rule that fires on it.",
        ["rule", "severity", "matches", "articles", "sources", ""],
        rows,
    )


def _rule(rule: str, count: RuleCount) -> Iterator[str]:
    yield f'<section id="{_text(rule)}"><h2>{_text(count.title)}</h2>'
    families = f" · {', '.join(count.families)}" if count.families else ""
    yield f'<p class="dim">{_text(f"{rule} · {count.severity}{families}")}</p>'
    if count.matches:
        yield chart(count.days, "matches")
        yield _table(
            "", ["source", "matches"], [[_text(name), number] for name, number in count.top_sources.items()]
        )
        yield f"<h3>Samples: {len(count.samples)} of {count.matches:,}</h3>"
        yield from (_sample(one) for one in count.samples)
    else:
        yield "<p>No match.</p>"
    yield "</section>"


def _changes(against: Comparison) -> Iterator[str]:
    yield "<h2>Against the other rules</h2>"
    yield (
        f"<p>{against.gained:,} matches gained, {against.lost:,} lost, {against.kept:,} kept; "
        f"{against.articles_gained:,} articles that nothing fired on before, "
        f"{against.articles_lost:,} that nothing fires on any more.</p>"
    )
    rows: list[list[str | int]] = [
        [_text(rule), change.gained, change.lost, change.kept] for rule, change in against.by_rule.items()
    ]
    yield _table("", ["rule", "gained", "lost", "kept"], rows)
    groups: dict[tuple[str, str], list[Change]] = {}
    for change in against.changes:
        groups.setdefault((change.rule, change.kind), []).append(change)
    for (rule, kind), changes in sorted(groups.items()):
        shown = changes[:MOST_CHANGES]
        yield f"<details><summary>{_text(f'{rule}, {kind}')}: {len(changes):,}</summary>"
        yield from (_sample(change.sample, kind) for change in shown)
        if len(changes) > len(shown):
            yield f'<p class="dim">and {len(changes) - len(shown):,} more</p>'
        yield "</details>"


def _sample(one: Sample, kind: str = "") -> str:
    title = _text(render.title(one.title) or one.id)
    if one.url:
        title = f'<a href="{escape(one.url)}" rel="noopener noreferrer">{title}</a>'
    sentences = "".join(
        f"<p>{''.join(f'<mark>{_text(part)}</mark>' if fired else _text(part) for part, fired in sentence)}</p>"
        for sentence in one.sentences
    )
    return (
        f'<blockquote class="{kind}"><strong>{title}</strong> '
        f'<span class="dim">{_text(f"{one.source} · {one.day}")}</span>{sentences}</blockquote>'
    )


def _table(caption: str, names: Sequence[str], rows: Sequence[Sequence[str | int]]) -> str:
    """Give a table; a number is laid out as one, a text is HTML already."""
    head = "".join(
        f"<th{' class=number' if rows and isinstance(rows[0][column], int) else ''}>{name}</th>"
        for column, name in enumerate(names)
    )
    body = "".join(f"<tr>{''.join(_cell(value) for value in row)}</tr>\n" for row in rows)
    said = f"<caption>{caption}</caption>" if caption else ""
    return (
        f'<div class="wide"><table>{said}<thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table></div>'
    )


def _cell(value: str | int) -> str:
    return f'<td class="number">{value:,}</td>' if isinstance(value, int) else f"<td>{value}</td>"


def _text(value: str) -> str:
    return escape(render.shown(value))

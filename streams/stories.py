"""`wirewatch stories`: articles in files grouped into stories in the order they stand in, without a broker."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from processors.fingerprints import fingerprint
from processors.models import EnrichedPayload, Entities, MatchPayload
from processors.stories import Placed, Stories, copy_groups
from streams import analyse_files, screen
from streams.child import BatchReply, Reply
from streams.engine import spec_of
from streams.pool import Pool
from streams.settings import Settings


class Told(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A story as it is shown: `articles` and `copies` are article keys, in the order they came and sorted."""

    story_id: str
    rule: str | None = None  # where articles are grouped by the rules they match
    title: str  # of its first article
    articles: list[str]
    copies: list[list[str]]  # lists of articles that are copies of each other


class Found(Struct, frozen=True, kw_only=True):
    """The stories, and how many articles were not grouped because nothing could be read of them."""

    stories: list[Told]
    dropped: int
    dead: int


class _Group:
    """The stories of a file, or of what matches a rule."""

    def __init__(self, rule: str | None) -> None:
        self._rule = rule
        self._open = Stories()
        self._home: dict[str, str] = {}  # article key -> story
        self._titles: dict[str, str] = {}
        self._ended_in: dict[str, str] = {}  # story -> the story it was merged with
        self._links: list[tuple[str, str]] = []

    def add(self, article: EnrichedPayload, entities: Entities) -> None:
        # A file has no stream time: nothing expires, so that the order of its lines matters least.
        placed: Placed = self._open.add(article.key, fingerprint(article, entities), 0)
        self._home.setdefault(article.key, placed.story_id)
        self._titles.setdefault(article.key, article.title or article.text[:80])
        self._ended_in |= dict.fromkeys(placed.merged, placed.story_id)
        if placed.relation == "copy":
            self._links += [(article.key, other) for other in placed.of]

    def told(self) -> list[Told]:
        articles: dict[str, list[str]] = {}
        for key, story_id in self._home.items():
            articles.setdefault(self._lasting(story_id), []).append(key)
        copies: dict[str, list[list[str]]] = {}
        for group in copy_groups(self._links):
            copies.setdefault(self._lasting(self._home[group[0]]), []).append(group)
        return [
            Told(
                story_id=story_id,
                rule=self._rule,
                title=self._titles[keys[0]],
                articles=keys,
                copies=copies.get(story_id, []),
            )
            for story_id, keys in articles.items()
        ]

    def _lasting(self, story_id: str) -> str:
        while story_id in self._ended_in:
            story_id = self._ended_in[story_id]
        return story_id


def run(settings: Settings, files: Sequence[Path], *, by_rule: bool, jobs: int, notes: Console) -> Found:
    """Give the stories of the articles in files; with `by_rule` of those that match one, rule by rule.

    Progress on `notes`.

    Raises:
        FileError: a file can't be read.
        RuleError: the rules can't be used.
        PoolError: no child can be started.
    """
    return asyncio.run(_run(settings, files, by_rule=by_rule, jobs=jobs, notes=notes))


async def _run(
    settings: Settings, files: Sequence[Path], *, by_rule: bool, jobs: int, notes: Console
) -> Found:
    groups: dict[str | None, _Group] = {}
    outcomes = {"enriched": 0, "dropped": 0, "dead": 0}
    async for reply in _replies(settings, files, jobs=jobs, notes=notes):
        outcomes[reply.tally.outcome] += 1
        if reply.tally.outcome != "enriched":
            continue
        article = msgspec.json.decode(reply.outputs[0].value or b"", type=EnrichedPayload)
        entities = Entities(knowledge=article.entities_knowledge, items=article.entities or [])
        for rule in _rules(reply) if by_rule else [None]:
            groups.setdefault(rule, _Group(rule)).add(article, entities)
    return Found(
        stories=[story for _, group in sorted(groups.items(), key=_rule_of) for story in group.told()],
        dropped=outcomes["dropped"],
        dead=outcomes["dead"],
    )


def _rule_of(item: tuple[str | None, _Group]) -> str:
    return item[0] or ""


def _rules(reply: Reply) -> list[str | None]:
    payloads = [
        msgspec.json.decode(output.value or b"", type=MatchPayload)
        for output in reply.outputs
        if output.topic == "matches"
    ]
    return list(dict.fromkeys(hit.rule_id for payload in payloads for hit in payload.hits))


async def _replies(
    settings: Settings, files: Sequence[Path], *, jobs: int, notes: Console
) -> AsyncIterator[Reply]:
    pool = Pool(
        # Without a broker: the rules are those of a folder.
        spec_of(settings.model_copy(update={"rules_from": "files"})),
        children=jobs,
        article_seconds=settings.article_timeout_seconds,
        recycle_articles=settings.child_recycle_articles,
    )
    running: deque[asyncio.Task[BatchReply]] = deque()
    await pool.start()
    try:
        with screen.progress(notes) as progress:
            size = sum(path.stat().st_size for path in files if path.is_file())
            bar = progress.add_task("grouping", total=size)
            given = analyse_files.values(settings, files, lambda count: progress.update(bar, advance=count))
            for batch in analyse_files.batches(settings, given):
                running.append(asyncio.create_task(pool.run(batch)))
                if len(running) >= jobs * analyse_files.BATCHES_AHEAD:
                    for reply in (await running.popleft()).replies:
                        yield reply
            while running:
                for reply in (await running.popleft()).replies:
                    yield reply
    finally:
        for task in running:
            task.cancel()
        await pool.stop()


def show(out: Console, found: Found) -> None:
    """Print stories of two articles or more as a table, the largest first, and what else there is."""
    told = [story for story in found.stories if len(story.articles) > 1]
    ruled = any(story.rule for story in found.stories)
    table = Table("story", *(["rule"] if ruled else []), "articles", "copies", "first headline", box=None)
    for story in sorted(told, key=lambda each: -len(each.articles)):
        row = [story.story_id[:12], *([story.rule or ""] if ruled else [])]
        copies = sum(len(group) - 1 for group in story.copies)
        table.add_row(*row, str(len(story.articles)), str(copies), escape(" ".join(story.title.split())))
    if told:
        out.print(table)
    single = len(found.stories) - len(told)
    out.print(f"{len(found.stories)} stories, {single} of one article alone", markup=False)

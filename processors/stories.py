"""Which articles tell one story: a bounded memory of open stories, and the one that an article belongs to."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from heapq import nsmallest
from math import log
from typing import Literal

from msgspec import Struct

from processors import ids
from processors.fingerprints import Fingerprint, hashes
from processors.likeness import copied, related, reported, same_text

Relation = Literal["new", "update", "copy", "report"]

LIFE_MS = 72 * 60 * 60 * 1000
MAX_STORIES = 100_000
MAX_HELD = 64  # articles of a story that later ones are compared with
MAX_POSTINGS = 64  # articles that a hash or a word leads to
FURNITURE = 5  # stories: a shingle of so many says nothing of any
BODY_KEYS, OPENING_KEYS = 12, 24  # hashes by which an article is found
MIN_CLUES = 2  # words of headline and names that a report has in common with another …
CANDIDATES = 24  # … and how many are looked at, those with most in common first
RAREST = (
    500  # texts, of which one has the word: what is rarer counts no more, however many texts are remembered
)
UNSEEN = 50  # texts that count as seen before the first, so that not every early word is rare


class Placed(Struct, frozen=True, kw_only=True):
    """Where an article belongs: its story, and what it is to the article it was recognised by."""

    story_id: str
    relation: Relation
    of: tuple[str, ...] = ()  # keys of the articles it is a copy or report of, the nearest first
    merged: tuple[str, ...] = ()  # stories that end in this one: the article shows that they are one


class Member(Struct, kw_only=True, eq=False):
    """An article of a story, as later ones are compared with it."""

    key: str
    fingerprint: Fingerprint
    relation: Relation  # to its story, when it came
    story_id: str


class Story(Struct, kw_only=True, eq=False):
    """Articles that tell of one thing: all that `Stories` keeps of them, for a caller to store and put back."""

    story_id: str
    opened_ms: int  # stream time of its first article
    last_ms: int  # and of its last
    members: dict[str, Member]  # by article key, bounded
    links: list[tuple[str, str]]  # keys of two articles that are copies, as they were found


def copy_groups(links: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Give the keys that links join, each group sorted, the groups too."""
    groups: dict[str, set[str]] = {}
    for one, other in links:
        both = groups.get(one, {one}) | groups.get(other, {other})
        groups.update(dict.fromkeys(both, both))
    return sorted(sorted(keys) for keys in {id(keys): keys for keys in groups.values()}.values())


_Postings = dict[int, tuple[Member, ...]]


class Stories:
    """The stories that are open, and what leads to those that an article may belong to.

    Mutable, owned by one caller. One instance groups what belongs together: the matches of a rule, or a file.
    """

    def __init__(self, *, life_ms: int = LIFE_MS, most: int = MAX_STORIES) -> None:
        self._life_ms = life_ms
        self._most = most
        self._stories: dict[str, Story] = {}  # in the order of their last article
        self._members: dict[str, Member] = {}  # by article key
        self._by_hash: _Postings = {}
        self._by_word: _Postings = {}
        self._words: Counter[int] = Counter()  # texts that a word stands in; a copy is no text of its own
        self._texts = 0
        self._now_ms = 0
        self.expired = 0  # stories that ended because nothing came for their life
        self.evicted = 0  # stories that ended because there were too many
        self.unheld = 0  # articles past MAX_HELD of a story, placed and not remembered

    def __len__(self) -> int:
        return len(self._stories)

    def __iter__(self) -> Iterator[Story]:
        return iter(self._stories.values())

    def get(self, story_id: str) -> Story | None:
        """Give an open story."""
        return self._stories.get(story_id)

    def add(self, key: str, fingerprint: Fingerprint, now_ms: int) -> Placed:
        """Say which story an article belongs to, and remember it there.

        `now_ms` is stream time, milliseconds since 1970; a time before the latest counts as the latest. An
        article whose key is there stays in its story, whatever it says now. A copy goes before a report.
        """
        self._now_ms = max(self._now_ms, now_ms)
        self._expire()
        if known := self._members.get(key):
            story = self._stories[known.story_id]
            self._unindex(story.members.pop(key))
            self._hold(story, key, fingerprint, known.relation)
            return Placed(story_id=known.story_id, relation="update")
        if copies := self._copies_of(fingerprint):
            return self._join(key, fingerprint, "copy", copies)
        if reports := self._reports_of(fingerprint):
            return self._join(key, fingerprint, "report", reports)
        return self._open(key, fingerprint)

    def put(self, story: Story) -> None:
        """Take in a story as it was kept elsewhere; put them in the order of their last articles."""
        self._now_ms = max(self._now_ms, story.last_ms)
        self._stories[story.story_id] = story
        for member in story.members.values():
            self._index(member)

    def _open(self, key: str, fingerprint: Fingerprint) -> Placed:
        story_id = ids.story_id(key)
        story = Story(story_id=story_id, opened_ms=self._now_ms, last_ms=self._now_ms, members={}, links=[])
        self._stories[story_id] = story
        self._hold(story, key, fingerprint, "new")
        while len(self._stories) > self._most:
            self._end(next(iter(self._stories.values())))
            self.evicted += 1
        return Placed(story_id=story_id, relation="new")

    def _join(
        self, key: str, fingerprint: Fingerprint, relation: Relation, found: Sequence[Member]
    ) -> Placed:
        """Join the story of the first found; stories of others that belong with it end, all in the oldest."""
        linked = [each for each in found if self._belong_together(each, found[0], relation)]
        stories = {each.story_id: self._stories[each.story_id] for each in linked}
        oldest, *younger = sorted(stories.values(), key=lambda each: (each.opened_ms, each.story_id))
        for story in younger:
            self._merge(story, oldest)
        of = tuple(each.key for each in linked)
        if self._hold(oldest, key, fingerprint, relation) and relation == "copy":
            links = [*oldest.links, *((key, other) for other in of if other in oldest.members)]
            # As few links as say the same: their number stays below that of the articles.
            oldest.links = [(group[0], other) for group in copy_groups(links) for other in group[1:]]
        return Placed(
            story_id=oldest.story_id,
            relation=relation,
            of=of,
            merged=tuple(story.story_id for story in younger),
        )

    def _belong_together(self, one: Member, other: Member, relation: Relation) -> bool:
        if one.story_id == other.story_id:
            return True
        if relation == "copy":
            return same_text(one.fingerprint, other.fingerprint)
        return self._most_related(one.fingerprint, self._stories[other.story_id]) and self._most_related(
            other.fingerprint, self._stories[one.story_id]
        )

    def _merge(self, story: Story, into: Story) -> None:
        del self._stories[story.story_id]
        for member in story.members.values():
            if len(into.members) < MAX_HELD:
                into.members[member.key] = member
                member.story_id = into.story_id
            else:
                self._unindex(member)
                self.unheld += 1
        into.links = [
            link
            for link in (*into.links, *story.links)
            if link[0] in into.members and link[1] in into.members
        ]

    def _copies_of(self, fingerprint: Fingerprint) -> list[Member]:
        """Give the articles that an article is a copy of, the nearest first."""
        of_many: dict[str, list[bool]] = {}  # for each key shared with an article, whether it is furniture
        for each in _keys(fingerprint):
            holders = self._by_hash.get(each, ())
            furniture = len({member.story_id for member in holders}) >= FURNITURE
            for member in holders:
                of_many.setdefault(member.key, []).append(furniture)
        found = []
        for key, shared in of_many.items():
            member = self._members[key]
            share = copied(fingerprint, member.fingerprint, furniture=sum(shared) / len(shared))
            if share:
                found.append((-share, key, member))
        return [member for _, _, member in sorted(found, key=lambda each: each[:2])]

    def _reports_of(self, fingerprint: Fingerprint) -> list[Member]:
        """Give the articles that an article is a report of, the nearest first, where it fits the whole story."""
        leads = (self._by_word.get(word, ()) for word in _clues(fingerprint))
        shared = Counter(member.key for holders in leads if len(holders) < MAX_POSTINGS for member in holders)
        most = nsmallest(CANDIDATES, ((-count, key) for key, count in shared.items() if count >= MIN_CLUES))
        found = []
        for _, key in most:
            member = self._members[key]
            alike = reported(fingerprint, member.fingerprint, self._rarity)
            if alike and self._most_related(fingerprint, self._stories[member.story_id]):
                found.append((-alike, key, member))
        return [member for _, _, member in sorted(found, key=lambda each: each[:2])]

    def _most_related(self, fingerprint: Fingerprint, story: Story) -> bool:
        # By one link each, a chain of reports would lead from any event to any other.
        texts = [member for member in story.members.values() if member.relation != "copy"]
        agreeing = sum(related(fingerprint, member.fingerprint, self._rarity) for member in texts)
        return 2 * agreeing > len(texts)

    def _rarity(self, word: int) -> float:
        """Give the inverse document frequency of a word among the texts remembered."""
        return log(min(RAREST, (self._texts + UNSEEN) / (self._words[word] + 1)))

    def _hold(self, story: Story, key: str, fingerprint: Fingerprint, relation: Relation) -> bool:
        """Tell a story of an article, and say whether the article is remembered."""
        story.last_ms = self._now_ms
        self._stories[story.story_id] = self._stories.pop(story.story_id)
        if len(story.members) >= MAX_HELD:
            self.unheld += 1
            return False
        member = Member(key=key, fingerprint=fingerprint, relation=relation, story_id=story.story_id)
        story.members[key] = member
        self._index(member)
        return True

    def _index(self, member: Member) -> None:
        self._members[member.key] = member
        for each in _keys(member.fingerprint):
            _post(self._by_hash, each, member)
        if member.relation != "copy":
            self._texts += 1
            self._words.update(_words(member.fingerprint))
            for word in _clues(member.fingerprint):
                _post(self._by_word, word, member)

    def _unindex(self, member: Member) -> None:
        del self._members[member.key]
        for each in _keys(member.fingerprint):
            _unpost(self._by_hash, each, member)
        if member.relation != "copy":
            self._texts -= 1
            self._words.subtract(words := _words(member.fingerprint))
            for word in words:
                if not self._words[word]:
                    del self._words[word]
            for word in _clues(member.fingerprint):
                _unpost(self._by_word, word, member)

    def _expire(self) -> None:
        while self._stories:
            oldest = next(iter(self._stories.values()))
            if oldest.last_ms + self._life_ms >= self._now_ms:
                return
            self._end(oldest)
            self.expired += 1

    def _end(self, story: Story) -> None:
        for member in story.members.values():
            self._unindex(member)
        del self._stories[story.story_id]


def _keys(fingerprint: Fingerprint) -> set[int]:
    # The smallest: of a longer text's smallest, those that the shorter has are among its own smallest.
    return {
        *nsmallest(BODY_KEYS, hashes(fingerprint.body)),
        *nsmallest(OPENING_KEYS, hashes(fingerprint.opening)),
    }


def _clues(fingerprint: Fingerprint) -> set[int]:
    return {*hashes(fingerprint.headline), *hashes(fingerprint.names)}


def _words(fingerprint: Fingerprint) -> set[int]:
    return {*_clues(fingerprint), *hashes(fingerprint.lead)}


def _post(postings: _Postings, each: int, member: Member) -> None:
    holders = postings.get(each, ())
    if len(holders) < MAX_POSTINGS:
        postings[each] = (*holders, member)  # most have one: a list would take twice as much


def _unpost(postings: _Postings, each: int, member: Member) -> None:
    if holders := tuple(holder for holder in postings.get(each, ()) if holder is not member):
        postings[each] = holders
    else:
        postings.pop(each, None)

"""What flows: articles, entities, evidence, matches and alerts, as frozen, versioned values."""

from typing import Any, Literal

from msgspec import Struct, field

Field = Literal["title", "text"]
Label = Literal["person", "place", "org", "group"]
Severity = Literal["info", "low", "medium", "high", "critical"]
Status = Literal["new", "updated", "corrected", "retracted"]
Mode = Literal["live", "backfill"]
TimeQuality = Literal["exact", "naive", "date", "future", "invalid", "missing"]
EntityKnowledge = Literal["known", "unknown", "off"]
Certainty = Literal["asserted", "hedged", "doubtful"]
MarkKind = Literal["negated", "hypothetical", "historical", "exercise", "fiction", "reported", "other_sense"]


class Value(Struct, frozen=True, kw_only=True):
    """Base of everything that flows: immutable, keyword-only."""


class Source(Value, frozen=True, kw_only=True):
    """Who published an article."""

    name: str | None = None
    domain: str | None = None
    country: str | None = None  # ISO 3166-1 alpha-2
    tier: int | None = None  # 1 is the most trusted


class ArticlePayload(Value, frozen=True, kw_only=True):
    """What stands on `articles`, version 1, as real feeds send it: null is absent, a source may be a name.

    `id` or `url` must be there, and one of `title`, `text` and `html`. Unknown fields are welcome
    and pass through to `articles.enriched` in `extra`.
    """

    id: str | int | None = None
    url: str | None = None
    title: str | None = None
    text: str | None = None
    html: str | None = None
    source: str | Source | None = None
    section: str | None = None
    language: str | None = None  # ISO 639-1, or a tag such as en-GB
    published: str | int | float | None = None  # ISO 8601, RFC 2822, or seconds or milliseconds since 1970
    updated: str | int | float | None = None
    status: Status | None = None
    mode: Mode | None = None  # backfill: matched and archived, outside the latency objectives


class RawArticle(Value, frozen=True, kw_only=True):
    """An article once read. Unknown fields are kept in `extra`."""

    id: str | None = None
    url: str | None = None
    title: str | None = None
    text: str | None = None
    html: str | None = None
    source: Source | None = None
    section: str | None = None
    language: str | None = None
    published: str | int | float | None = None  # ISO 8601, or seconds or milliseconds since 1970
    updated: str | int | float | None = None
    status: Status = "new"
    mode: Mode = "live"
    extra: dict[str, Any] = field(default_factory=dict)


class Article(Value, frozen=True, kw_only=True):
    """An article after cleaning. Offsets anywhere count code points of this `title` and `text`."""

    key: str  # "domain/id" or the canonical URL; the record key of `articles`
    id: str  # as it arrived, or the URL where there was none
    url: str | None = None
    revision: str  # id of title and text
    title: str
    text: str
    source: Source = Source()
    section: str | None = None
    language: str = "und"  # ISO 639-1, "und" where it could not be told
    published: str | None = None  # ISO 8601 in UTC, "2022-01-12T09:30:00Z"
    published_quality: TimeQuality = "missing"
    updated: str | None = None
    updated_quality: TimeQuality = "missing"
    status: Status = "new"
    mode: Mode = "live"
    paywalled: bool = False  # only the teaser of a longer text is here
    extra: dict[str, Any] = field(default_factory=dict)


class Mention(Value, frozen=True, kw_only=True):
    """One place where an entity stands: code points start to end of the article's field."""

    field: Field
    start: int
    end: int
    text: str


class Entity(Value, frozen=True, kw_only=True):
    """A person, place, organisation or group, once an article, with every mention."""

    name: str  # canonical: the fullest form the article or the gazetteer gives
    label: Label
    count: int  # how often it stands in the article; mentions may be fewer where they are bounded
    mentions: list[Mention]


class Entities(Value, frozen=True, kw_only=True):
    """What is known of an article's entities. `unknown`: no loaded model reads its language."""

    knowledge: EntityKnowledge
    items: list[Entity] = field(default_factory=list)
    truncated: bool = False  # a bound was reached: text, mentions or entities beyond it are missing
    model: str | None = None  # name and version of the model that read it


class Mark(Value, frozen=True, kw_only=True):
    """Why a hit is less than asserted: the cue's own characters, start to end of the article's field."""

    kind: MarkKind
    field: Field | Literal["section"]
    start: int
    end: int
    text: str


class Evidence(Value, frozen=True, kw_only=True, gc=False):
    """Proof of a hit: these code points of this field, from start to before end, satisfied this clause of the rule."""

    clause: str  # the part of the query, as the rule's author wrote it
    field: Field
    start: int
    end: int
    text: str
    certainty: Certainty = "asserted"  # how far the article stands behind it; docs/reference/certainty.md
    marks: tuple[Mark, ...] = ()  # the words that make it less than asserted, the gravest first


class Context(Value, frozen=True, kw_only=True):
    """The sentence in which evidence stands, for showing; offsets are code points of the article's field."""

    field: Field
    start: int
    end: int
    text: str


class Match(Value, frozen=True, kw_only=True):
    """One rule's hit on one revision of an article."""

    match_id: str
    rule_id: str
    rule_revision: str
    rule_title: str
    severity: Severity
    evidence: list[Evidence]
    evidence_total: int  # how many hits there were; `evidence` is bounded
    certainty: Certainty = "asserted"  # the highest of its evidence
    context: list[Context] = field(default_factory=list)


class Enriched(Value, frozen=True, kw_only=True):
    """Outcome: analysed. Published on `articles.enriched`."""

    article: Article
    entities: Entities
    matches: list[Match] = field(default_factory=list)


class Dropped(Value, frozen=True, kw_only=True):
    """Outcome: readable, but not worth analysing. Published on `articles.dropped`."""

    reason: str
    detail: str
    key: str
    id: str
    title: str = ""
    url: str | None = None
    source: Source = Source()


class Rejected(Value, frozen=True, kw_only=True):
    """Outcome: can't be processed. Its original bytes go to `articles.dead`, with this in the headers."""

    stage: str  # decode, clean, analyse, emit
    reason: str
    detail: str  # what, where and how to mend it
    attempts: int = 1


Outcome = Enriched | Dropped | Rejected


class Origin(Value, frozen=True, kw_only=True):
    """The record of `articles` that began a chain: it orders an article's revisions."""

    partition: int
    offset: int
    ingested_ms: int  # when it was written to `articles`


class Record(Value, frozen=True, kw_only=True):
    """One message as it came from Kafka, with the coordinates that everything made of it will carry."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int  # when it was written to its topic
    value: bytes | None
    origin: Origin  # on `articles`, the record itself
    traceparent: str | None = None  # W3C trace context, where the publisher gave one


class Output(Value, frozen=True, kw_only=True):
    """One message to be written. `topic` is the plain name; prefix and cluster are the shell's."""

    topic: str
    key: bytes | None
    value: bytes | None
    partition: int | None = None  # None: by key
    headers: list[tuple[str, bytes]]


class EnrichedPayload(Article, frozen=True, kw_only=True):
    """What stands on `articles.enriched`: the clean article and its entities.

    `entities` is null where no loaded model reads the language: unknown, not none.
    All offsets count Unicode code points of `title` and `text` as they stand here; a browser
    counts UTF-16 units and has to convert.
    """

    schema_version: int = 1
    entities: list[Entity] | None = None
    entities_knowledge: EntityKnowledge = "known"
    entities_truncated: bool = False
    model: str | None = None


class DroppedPayload(Dropped, frozen=True, kw_only=True):
    """What stands on `articles.dropped`: small, which article and why."""

    schema_version: int = 1


class ArticleRef(Value, frozen=True, kw_only=True):
    """An article as matches and alerts carry it: all but its text."""

    key: str
    id: str
    url: str | None = None
    revision: str
    title: str
    source: Source = Source()
    section: str | None = None
    language: str = "und"
    published: str | None = None
    published_quality: TimeQuality = "missing"
    updated: str | None = None
    status: Status = "new"
    mode: Mode = "live"
    paywalled: bool = False


class Names(Value, frozen=True, kw_only=True):
    """Names of an article's entities, most frequent first, bounded; null lists where unknown."""

    people: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    organisations: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    knowledge: EntityKnowledge = "known"
    model: str | None = None


class MatchPayload(Value, frozen=True, kw_only=True):
    """What stands on `matches`: one article's hits for the rules of one shard.

    An article that says it is an update goes to every shard, with or without hits, so that
    evidence that has gone can be seen to be gone.
    """

    schema_version: int = 1
    shard: int
    article: ArticleRef
    entities: Names
    hits: list[Match]


AlertState = Literal["open", "withdrawn"]


class Alert(Value, frozen=True, kw_only=True):
    """What stands on `alerts`: one version of an alert; a consumer keeps the highest of each id."""

    schema_version: int = 1
    alert_id: str
    version: int  # 1, 2, 3 … without gaps
    state: AlertState = "open"  # withdrawn: the article was retracted or no longer says it
    what_changed: list[str]
    rule_id: str
    rule_revision: str
    rule_title: str
    severity: Severity
    story: str  # the article that founded it, until stories are grouped
    article: ArticleRef
    sources: list[Source]
    evidence: list[Evidence]
    evidence_total: int
    certainty: Certainty = "asserted"  # the highest of its evidence
    context: list[Context]
    entities: Names
    revisions: list[str]  # article revisions that made a version, oldest first, bounded

"""An article's title and body as clean text, once: what everything later matches, shows and points into."""

import re
import unicodedata

from processors import furniture, ids, keys, language, markup, times
from processors.models import Article, Dropped, RawArticle, Source

_ROUNDS = 8  # how often markup may hide in markup; twice escaped is common, eight times is an attack
_LEFTOVERS = str.maketrans({"<": " ", "&": " "})

_LINE_ENDS = re.compile(r"\r\n?|[\v\f\x85\u2028]")
# Controls, bidi controls, soft hyphen, zero-width characters, noncharacters: nothing that is read.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e"
    r"\u2060-\u206f\u3164\ud800-\udfff\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
# Scripts whose letters change their form with a joiner: Arabic and its kin, Indic, Khmer, Mongolian.
_JOINING = r"\u0600-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u18af\ufb50-\ufdff\ufe70-\ufefc"
LONE_JOINER = re.compile(rf"(?<![{_JOINING}])[\u200c\u200d]|[\u200c\u200d](?![{_JOINING}])")
_INVISIBLE_LETTERS = "\u034f\u115f\u1160\u17b4\u17b5\u3164"  # those that Unicode counts as printable
_SPACE = re.compile(r"[^\S\n ]")
_SPACES = re.compile(r"  +")
_AROUND_BREAK = re.compile(r" ?\n[ \n]*")
_LETTER = re.compile(r"[^\W\d_]")
_SITE_SEPARATOR = re.compile(r"\s+[-–—|·:»]\s+")

_DETAILS = {
    "no_text": "nothing is left of title and body after cleaning: publish the article's text or html",
    "no_letters": "neither title nor body holds a letter: publish what the article says in words",
    "only_furniture": "the body is navigation, sharing or subscription notices only, and no title says more: "
    "point the publisher at the element that holds the article",
}

_STUB = 1_500  # code points: a longer body is more than a teaser
_STUB_END = 400


def clean(raw: RawArticle, *, now_ms: int) -> Article | Dropped:
    """Give the article with its clean title and text, or say why it is not worth analysing.

    `now_ms` is the record's timestamp, milliseconds since 1970. Offsets anywhere count code points
    of the title and text given here; cleaning them again changes nothing. A title alone is enough:
    a headline can be an alert. Dropped reasons: no_text, no_letters, only_furniture.
    """
    source = raw.source or Source()
    title = headline(raw.title or "", source)
    whole, text = _body(raw)
    if reason := _why_drop(raw, title, text):
        return _dropped(raw, reason, title, source)
    published, published_quality = times.parse(raw.published, now_ms=now_ms)
    updated, updated_quality = times.parse(raw.updated, now_ms=now_ms)
    return Article(
        key=keys.article_key(raw),
        id=_identifier(raw),
        url=_link(raw),
        revision=ids.article_revision(title, text),
        title=title,
        text=text,
        source=source,
        section=_one_line(raw.section or "") or None,
        language=language.detect(f"{text[:1_200]} {title}", raw.language),
        published=published,
        published_quality=published_quality,
        updated=updated,
        updated_quality=updated_quality,
        status=raw.status,
        mode=raw.mode,
        paywalled=_paywalled(raw, whole),
        extra=raw.extra,
    )


def headline(title: str, source: Source) -> str:
    """Give a title in one line, without markup and without its source's name at the end."""
    title = _one_line(title)
    names = {name.casefold() for name in (source.name, source.domain) if name}
    while names:
        parts = _SITE_SEPARATOR.split(title)
        if len(parts) < 2 or parts[-1].casefold() not in names:
            break
        title = title[: [m.start() for m in _SITE_SEPARATOR.finditer(title)][-1]].rstrip()
    return title


def plain(value: str) -> str:
    """Give text without markup, invisible characters and needless white space, in NFC.

    Paragraphs are divided by "\\n\\n"; a line break inside one stays "\\n". Idempotent.
    """
    for _ in range(_ROUNDS):
        value = _normalised(value)
        shown = markup.to_text(value)
        if shown == value:
            return value
        value = shown
    # What still hides markup hides nothing else.
    return _normalised(value.translate(_LEFTOVERS))


def _normalised(value: str) -> str:
    value = _LINE_ENDS.sub("\n", value)
    # Most text needs none of the passes below: asking first is ten times as fast as replacing nothing.
    if not value.replace("\n", "").isprintable() or any(map(value.__contains__, _INVISIBLE_LETTERS)):
        value = _INVISIBLE.sub("", value.replace("\u2029", "\n\n"))
        value = _SPACE.sub(" ", LONE_JOINER.sub("", value))
    value = unicodedata.normalize("NFC", value)
    if "  " in value:
        value = _SPACES.sub(" ", value)
    if " \n" in value or "\n " in value or "\n\n\n" in value:
        value = _AROUND_BREAK.sub(lambda found: "\n\n" if found[0].count("\n") > 1 else "\n", value)
    return value.strip()


def _one_line(value: str) -> str:
    return " ".join(plain(value).split())


def _body(raw: RawArticle) -> tuple[str, str]:
    """Give the body before and after furniture lines are cut; of text and html, what says more."""
    both = [plain(given) for given in (raw.text, raw.html) if given]
    whole = max(both, key=len, default="")
    return whole, furniture.cut(whole)


def _why_drop(raw: RawArticle, title: str, text: str) -> str | None:
    said = title if title and not furniture.is_line(title) else ""
    if not said and not text:
        shown = title or any(
            _LETTER.search(markup.everything(given)) for given in (raw.text, raw.html) if given
        )
        return "only_furniture" if shown else "no_text"
    return None if _LETTER.search(said) or _LETTER.search(text) else "no_letters"


def _dropped(raw: RawArticle, reason: str, title: str, source: Source) -> Dropped:
    return Dropped(
        reason=reason,
        detail=_DETAILS[reason],
        key=keys.article_key(raw),
        id=_identifier(raw),
        title=title,
        url=_link(raw),
        source=source,
    )


def _identifier(raw: RawArticle) -> str:
    return raw.id or raw.url or ""


def _link(raw: RawArticle) -> str | None:
    """Give the article's address where it is one that a reader may follow: http(s) only."""
    return raw.url.strip() if raw.url and keys.canonical_url(raw.url) else None


def _paywalled(raw: RawArticle, whole: str) -> bool:
    declared = raw.extra.get("isAccessibleForFree")
    if declared is False or (isinstance(declared, str) and declared.lower() == "false"):
        return True
    if raw.html and markup.says_paywalled(raw.html):
        return True
    return len(whole) <= _STUB and furniture.asks_to_subscribe(whole[-_STUB_END:])

"""Articles become clean text once: paragraphs kept, furniture and what nobody reads out."""

import gzip
import os
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors import codec, furniture, ids, text
from processors.models import Article, Dropped, RawArticle, Source

NOW_MS = 1_643_000_000_000
DATA = Path(os.environ.get("WIREWATCH_DATA", Path(__file__).parents[3] / "shared" / "data"))
BODY = "The ministry said that two more brigades had been moved to the border on Tuesday night."


def cleaned(**fields: object) -> Article:
    outcome = text.clean(RawArticle(id="1", **fields), now_ms=NOW_MS)  # type: ignore[arg-type]
    assert isinstance(outcome, Article), outcome
    return outcome


def dropped(**fields: object) -> str:
    outcome = text.clean(RawArticle(id="1", **fields), now_ms=NOW_MS)  # type: ignore[arg-type]
    assert isinstance(outcome, Dropped), outcome
    assert outcome.detail
    return outcome.reason


@pytest.mark.parametrize(
    ("given_text", "clean"),
    [
        ("<b>troop</b> build-up", "troop build-up"),
        ("tro<i>op</i>s", "troops"),
        ("build&#8209;up &amp; more", "build\u2011up & more"),
        ("twice &amp;lt;b&amp;gt;escaped&amp;lt;/b&amp;gt;", "twice escaped"),
        ("one<br>two<br/>three", "one\ntwo\nthree"),
        ("one\r\ntwo\r\n\r\n\r\nthree  four\tfive\u00a0six", "one\ntwo\n\nthree four five six"),
        ("first\n\nsecond <em>word</em>\n\nthird", "first\n\nsecond word\n\nthird"),
        ("so\u00adft\u200b hy\ufeffphen \u202eright\u202c", "soft hyphen right"),
        ("می\u200cخواهم a\u200cb", "می\u200cخواهم ab"),
        ("Cafe\u0301", "Café"),
        ("AT&T, R&D; 3 < 4 <troops> & 5 > 2", "AT&T, R&D; 3 < 4 <troops> & 5 > 2"),
        ("a\x00b\x07c half\ud800", "abc half"),
    ],
)
def test_a_text_is_cleaned_of_markup_and_of_what_nobody_reads(given_text: str, clean: str) -> None:
    assert cleaned(text=given_text).text == clean


PAGE = f"""<!DOCTYPE html><html><head><title>Border</title><style>p {{}}</style></head>
<body class="post tag-ukraine"><form id="page"><nav><a href="/">Home</a> <a>World</a></nav>
<div class="share-bar">Share on Facebook</div>
<article class="comments-enabled"><h1>Troops at the border</h1>
<p>{BODY} The <b>troop</b>
   build&#8209;up <a href="x" title="a > b">worries</a> neighbours.</p><p>Second<br>line</p>
<script>var p = "<p>not text</p>";</script>
<aside>Related: other news</aside>
<ul><li>one</li><li>two</li></ul><table><tr><td>a</td><td>b</td></tr></table>
<figure><figcaption>A soldier stands guard <span class="credit">Photo Agency</span></figcaption></figure>
<p>Read more: <a>Another story</a></p>
<div class="newsletter-signup">Get the news in your inbox</div>
<p>Last.</p></article>
<div id="comments"><p>{BODY}</p><p>{BODY}</p></div>
<footer>About us</footer></form></body></html>"""


def test_a_page_keeps_its_paragraphs_and_loses_its_furniture() -> None:
    assert cleaned(html=PAGE).text == (
        f"Troops at the border\n\n{BODY} The troop build\u2011up worries neighbours.\n\nSecond\nline\n\n"
        "one\ntwo\n\na b\n\nA soldier stands guard\n\nLast."
    )


def test_a_name_that_sounds_like_furniture_does_not_cost_the_article_its_body() -> None:
    html = f'<div class="social share"><p>{BODY}</p><p>{BODY}</p></div><p>By a reporter</p>'
    assert BODY in cleaned(html=html).text


@pytest.mark.parametrize(
    "line",
    [
        "Advertisement", "Share this article", "Share Tweet Post Email", "Read more: Another story",
        "12 comments",
        "Related articles", "Sign up for our daily newsletter", "We use cookies to improve your experience",
        "Tags: Ukraine, Russia", "Follow us on Twitter @wire", "Copyright © 2022 The Wire",
        "Story continues below",
        "Lesen Sie auch: Noch ein Bericht", "Alle Cookies akzeptieren", "Artikel teilen", "3 Kommentare",
        "Lire aussi : un autre article", "Inscrivez-vous à notre newsletter", "Partager sur Facebook",
        "Lea también: otra noticia", "Noticias relacionadas", "Leggi anche: un'altra notizia",
        "Leia também: outra",
        "Lees ook: nog een bericht", "Читайте также: другая новость", "Home > World > Europe",
    ],
)  # fmt: skip
def test_a_line_of_furniture_is_cut(line: str) -> None:
    assert cleaned(text=f"{BODY}\n\n{line}\n\n{BODY}").text == f"{BODY}\n\n{BODY}"


@pytest.mark.parametrize(
    "line",
    [
        "Read more troops into the record, the senator said.", "Video: 10 soldiers killed at the border",
        "Share prices fell after the troop build-up.",
        "Related: the army moved two brigades, officials said.",
        "Follow the convoy on its way to the border", "Sign of a build-up",
        "Comments by the minister drew anger.",
        "The tags: a history", "Post offices were closed.", "Closed", "World powers meet",
        "The minister told reporters: read more history.", "Subscribers to the treaty will meet on Friday.",
    ],
)  # fmt: skip
def test_a_line_of_news_that_sounds_like_furniture_stays(line: str) -> None:
    assert cleaned(text=f"{BODY}\n\n{line}").text == f"{BODY}\n\n{line}"


def test_a_title_is_one_line_without_markup_and_without_the_name_of_its_source() -> None:
    bbc = Source(name="BBC News")
    assert (
        cleaned(title="<b>Troops</b>\nmass &amp; wait - BBC News", source=bbc).title == "Troops mass & wait"
    )
    assert cleaned(title="Talks - NATO - BBC News | BBC News", source=bbc).title == "Talks - NATO"
    assert cleaned(title="Troops mass - Reuters", source=bbc).title == "Troops mass - Reuters"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"text": " \n "}, "no_text"),
        ({"html": "<script>var a</script><style>b {}</style>"}, "no_text"),
        ({"text": "\x00" * 5_000 + "\u202e\u202d\u2066" * 5_000}, "no_text"),
        ({"title": "2022", "text": "12 34 !! --"}, "no_letters"),
        ({"text": "Share this article\nSign up for our newsletter\nAccept all cookies"}, "only_furniture"),
        ({"html": "<nav>Home World</nav><footer>About us</footer>"}, "only_furniture"),
        ({"title": "Subscribe", "text": "Sign in"}, "only_furniture"),
    ],
)
def test_what_is_not_worth_analysing_is_dropped_with_its_reason(fields: dict[str, str], reason: str) -> None:
    assert dropped(**fields) == reason


def test_a_headline_alone_is_enough() -> None:
    assert cleaned(title="Troops mass at the border", text="Subscribe").text == ""


@pytest.mark.parametrize(
    "end",
    [
        "Subscribe to continue reading", "To continue reading, please log in or create an account.",
        "This article is for subscribers only.", "Jetzt abonnieren", "Nur für Abonnenten",
        "La suite est réservée aux abonnés", "Abonnez-vous pour lire la suite",
        "Suscríbete para seguir leyendo",
        "Abbonati per continuare a leggere", "Assine para continuar lendo", "Alleen voor abonnees",
    ],
)  # fmt: skip
def test_a_teaser_that_asks_to_subscribe_is_marked(end: str) -> None:
    assert cleaned(title="Troops", text=f"{BODY}\n\n{end}").paywalled


def test_a_paywall_is_marked_where_the_page_or_the_feed_declares_it() -> None:
    html = f'<script type="application/ld+json">{{"isAccessibleForFree": "False"}}</script><p>{BODY}</p>'
    assert cleaned(html=html).paywalled
    assert cleaned(text=BODY, extra={"isAccessibleForFree": False}).paywalled


def test_a_whole_article_is_not_a_teaser() -> None:
    assert not cleaned(text=BODY).paywalled
    assert not cleaned(text=f"{BODY}\n\n" * 40 + "Subscribe to continue reading").paywalled


def test_of_text_and_html_the_one_that_says_more_is_read() -> None:
    assert cleaned(text="Troops.", html=f"<p>{BODY}</p>").text == BODY


def test_the_article_carries_its_key_revision_times_and_language() -> None:
    article = cleaned(
        title="Title",
        text=BODY,
        source=Source(domain="wire.example"),
        language="en-US",
        published="2022-01-12",
        url="javascript:alert(1)",
    )
    assert article.key == "wire.example/1"
    assert article.revision == ids.article_revision("Title", BODY)
    assert (article.language, article.published, article.published_quality) == (
        "en",
        "2022-01-12T00:00:00Z",
        "date",
    )
    assert article.url is None


pieces = st.sampled_from(
    [
        "<b>", "</p>", "<p>", "<br>", "&amp;", "&lt;", "lt;", "amp;", "&#38;", "&#", "60;", "<", ">",
        "<!--", "-->", "\n", "\n\n",
        "\r", " ", "\u00a0", "\u200d", "\u00ad", "\u202e", "\u0301", "e", "troop", "Share", "Read more: x",
        " - BBC", "Site", "\x00",
        "<script>", "</script>", "<div class=share>", "\u2028", "\u2029", "\x85", "ی", "\ud800",
        "<a title='", '"', "'", "Advertisement",
        "<nav>", "</nav>", "<footer>", "©2022 x", "(", "*",
    ]
)  # fmt: skip
scraps = st.lists(pieces | st.text(max_size=5), max_size=14).map("".join)


@settings(max_examples=400)
@given(scraps, scraps)
def test_cleaning_what_is_clean_changes_nothing(title: str, body: str) -> None:
    source = Source(name="Site")
    first = text.clean(RawArticle(id="1", title=title, html=body, source=source), now_ms=NOW_MS)
    if isinstance(first, Article):
        again = cleaned(title=first.title, text=first.text, source=source)
        assert (again.title, again.text, again.revision) == (first.title, first.text, first.revision)
        codec.encode(first).decode()


HOSTILE = {
    "divs": "<div>" * 400_000,
    "classes": '<span class="ad">' * 120_000,
    "tables": "<table><tr><td>" * 130_000,
    "unclosed formatting": "".join(f"<font size={n}><p>x" for n in range(100_000)),
    "bare brackets": "<" * 2_000_000,
    "open attributes": '<a "' * 500_000,
    "comments": "<!--" * 500_000,
    "ampersands": "&" + "amp;" * 500_000,
    "breaks": "\n " * 1_000_000,
    "accents": "a" + "\u0301" * 1_000_000,
    "short lines": "a\n" * 1_000_000,
    "share bars": "<p>x</p>" * 1_000 + "<div class=share>x</div>" * 80_000,
}


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_two_megabytes_of_anything_are_cleaned_in_seconds(hostile: str) -> None:
    start = perf_counter()
    cleaned(title="Troops", html=hostile)
    assert perf_counter() - start < 20


def test_five_megabytes_of_text_are_kept_whole() -> None:
    body = "\n\n".join([BODY] * (5_000_000 // len(BODY)))
    assert cleaned(text=body).text == body


def test_every_real_article_is_read_and_cleaned_and_stays_clean() -> None:
    path = DATA / "news.jsonl.gz"
    if not path.exists():
        pytest.skip(f"the real articles are not at {path}: set WIREWATCH_DATA to their folder")
    lost = 0
    for line in gzip.decompress(path.read_bytes()).splitlines():
        raw = codec.decode(line, max_bytes=1_000_000)
        assert isinstance(raw, RawArticle), raw
        article = text.clean(raw, now_ms=NOW_MS)
        assert isinstance(article, Article), article
        assert furniture.cut(text.plain(article.text)) == article.text
        lost += len((raw.text or "").split()) - len(article.text.split())
    assert 0 < lost < 60_000  # of 2.9 million words, what is cut is furniture

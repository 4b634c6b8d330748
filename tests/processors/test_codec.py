"""Bytes become an article or a named reason; nothing raises, and what goes out can be read again."""

import json
import re
import zlib
from time import perf_counter
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors import codec
from processors.models import Alert, MatchPayload, RawArticle, Rejected, Source

LIMIT = 16 * 1024 * 1024

ENTITY_BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE bomb [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    b"<article>&b;</article>"
)
GZIP_BOMB = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff" + zlib.compress(bytes(1_000_000))

POISON: list[tuple[str, bytes | None, str, str]] = [
    # what it is, its bytes, the reason, what the detail must say
    ("a tombstone", None, "tombstone", "no value"),
    ("nothing", b"", "empty", "0 bytes"),
    ("white space", b" \r\n\t ", "empty", "5 bytes"),
    ("JSON that ends in a string", b'{"id":"1","title":"Troops ma', "truncated_json", "after 28 bytes"),
    ("JSON that ends in an object", b'{"id":"1","title":"x"', "truncated_json", "after 21 bytes"),
    ("JSON that ends in a literal", b'{"id":"1","title":nul', "truncated_json", "publish it whole"),
    ("JSON that ends in a number", b'{"id":1,"published":1.', "truncated_json", "publish it whole"),
    ("JSON that ends in an escape", b'{"id":"1","title":"\\u00', "truncated_json", "publish it whole"),
    ("JSON that ends in a comma", b'{"id":"1",', "truncated_json", "publish it whole"),
    ("bytes of Latin-1", '{"id":"1","title":"Été"}'.encode("latin-1"), "bad_utf8", "byte 19 (0xc9)"),
    ("UTF-16 with its mark", '{"id":"1"}'.encode("utf-16"), "utf16", "UTF-8"),
    ("UTF-16 without a mark", '{"id":"1"}'.encode("utf-16-le"), "utf16", "UTF-8"),
    ("UTF-16, big end first", '{"id":"1"}'.encode("utf-16-be"), "utf16", "UTF-8"),
    ("half of an escaped pair", b'{"id":"1","title":"a\\ud800b"}', "lone_surrogate", "title holds"),
    ("half of a pair, encoded", b'{"id":"1","title":"\xed\xa0\x80"}', "lone_surrogate", "byte 19"),
    ("half of a pair in a field's name", b'{"id":"1","x":{"\\udc00":1}}', "lone_surrogate", "a key of x"),
    ("a list", b'[{"id":"1"}]', "not_an_object", "is a list"),
    ("a string", b'"article"', "not_an_object", "is a string"),
    ("null", b"null", "not_an_object", "is null"),
    (
        "a title that is a list",
        b'{"id":"1","title":["x"]}',
        "schema",
        "title: expected `str | null`, got `array`",
    ),
    (
        "a tier in words",
        b'{"id":"1","title":"x","source":{"tier":"top"}}',
        "schema",
        "source.tier: expected `int",
    ),
    ("a source that is a list", b'{"id":"1","title":"x","source":[]}', "schema", "source: expected"),
    (
        "an unknown status",
        b'{"id":"1","title":"x","status":"gone"}',
        "schema",
        "status: invalid enum value 'gone'",
    ),
    ("an id that is true", b'{"id":true,"title":"x"}', "schema", "id: expected"),
    ("a number too long", b'{"id":"1","title":"x","n":' + b"9" * 9_999 + b"}", "schema", "digits"),
    (
        "a number beyond 64 bits",
        b'{"id":"1","title":"x","n":[' + b"9" * 30 + b"]}",
        "schema",
        "n[0] is an integer",
    ),
    ("no id and no url", b'{"title":"x","text":"y"}', "missing_id", "absent or blank"),
    ("a blank id", b'{"id":"  ","url":"","title":"x"}', "missing_id", "absent or blank"),
    ("a url that is none", b'{"url":"javascript:alert(1)","title":"x"}', "missing_id", "javascript:alert(1)"),
    ("neither title nor text nor html", b'{"id":"1","source":"BBC"}', "missing_body", "text or html"),
    ("a time that is NaN", b'{"id":"1","title":"NaN","published":NaN}', "nan", "byte 36"),
    ("a time without end", b'{"id":"1","title":"x","published":-Infinity}', "nan", "byte 34"),
    ("a number beyond floats", b'{"id":"1","title":"x","published":1e999}', "nan", "published is beyond"),
    ("lists 100,000 deep", b'{"id":"1","x":' + b"[" * 100_000, "too_deep", "64"),
    ("objects 100,000 deep", b'{"x":' * 100_000 + b"1" + b"}" * 100_000, "too_deep", "64"),
    ("lists 100 deep", b'{"id":"1","title":"x","x":' + b"[" * 100 + b"]" * 100 + b"}", "too_deep", "64"),
    ("a body of 50 MB", b'{"id":"1","text":"' + b"x" * 50_000_000 + b'"}', "too_large", "50,000,020"),
    ("a gzip bomb", GZIP_BOMB, "compressed", "gzip"),
    ("a zstd frame", b"\x28\xb5\x2f\xfd\x04\x00", "compressed", "zstd"),
    ("an XML entity bomb", ENTITY_BOMB, "not_json", "byte 0"),
    ("plain text", b"Troops mass at the border", "not_json", "byte 0"),
    ("two records in one", b'{"id":"1"}\n{"id":"2"}', "not_json", "byte 11"),
    ("a flood of raw NUL", b"\x00" * 1_000, "not_json", "byte 0"),
]


@pytest.mark.parametrize(
    ("value", "reason", "says"), [row[1:] for row in POISON], ids=[row[0] for row in POISON]
)
def test_each_kind_of_poison_has_its_own_reason_that_says_where_and_how_to_mend_it(
    value: bytes | None, reason: str, says: str
) -> None:
    start = perf_counter()
    outcome = codec.decode(value, max_bytes=LIMIT)
    assert perf_counter() - start < 0.5
    assert isinstance(outcome, Rejected)
    assert (outcome.stage, outcome.reason) == ("decode", reason)
    assert says in outcome.detail


@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda t: t.encode("utf-8", "surrogatepass")))
def test_no_bytes_raise(value: bytes) -> None:
    assert isinstance(codec.decode(value, max_bytes=LIMIT), Rejected | RawArticle)
    assert codec.decode_as(value, MatchPayload) is not None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
fields = st.sampled_from([*RawArticle.__struct_fields__, "corpus"])


@given(st.dictionaries(fields, json_values, max_size=8), st.integers(0, 400))
def test_no_object_raises_whole_or_cut_and_what_is_read_can_be_written_and_read_again(
    article: dict[str, Any], cut: int
) -> None:
    value = json.dumps(article).encode()
    assert isinstance(codec.decode(value[:cut], max_bytes=LIMIT), Rejected | RawArticle)
    raw = codec.decode(value, max_bytes=LIMIT)
    if isinstance(raw, RawArticle):
        assert codec.decode(codec.encode(raw), max_bytes=LIMIT) == raw
        codec.article_key(raw).encode()


def decoded(**article: Any) -> RawArticle:
    raw = codec.decode(json.dumps(article).encode(), max_bytes=LIMIT)
    assert isinstance(raw, RawArticle), raw
    return raw


def test_a_feed_may_send_numbers_for_ids_a_name_for_a_source_and_null_for_what_it_lacks() -> None:
    raw = decoded(id=42, source="BBC News", title="x", text=None, published=1642000000, status=None)
    assert (raw.id, raw.source, raw.text, raw.status) == ("42", Source(name="BBC News"), None, "new")
    assert raw.published == 1642000000


def test_unknown_fields_are_kept_those_of_the_source_too() -> None:
    raw = decoded(id="1", title="x", corpus="a", tags=["b"], source={"domain": "WWW.BBC.co.uk", "id": 7})
    assert raw.extra == {"corpus": "a", "tags": ["b"], "source": {"id": 7}}
    assert raw.source == Source(domain="bbc.co.uk")


def test_raw_control_characters_and_a_byte_order_mark_are_forgiven() -> None:
    raw = codec.decode(
        b'\xef\xbb\xbf{"id":"1","title":"a\x00\tb\n","text":"\\u0000\\u202e"}', max_bytes=LIMIT
    )
    assert isinstance(raw, RawArticle)
    assert (raw.title, raw.text) == ("a\x00\tb\n", "\x00\u202e")


@pytest.mark.parametrize(
    ("article", "key"),
    [
        ({"id": "7", "source": {"domain": "https://www.bbc.co.uk/news"}}, "bbc.co.uk/7"),
        ({"id": "7", "source": "BBC News"}, "bbc-news/7"),
        ({"id": "7", "source": "tradingeconomics.com"}, "tradingeconomics.com/7"),
        ({"id": "7", "source": "Le Monde", "url": "https://www.lemonde.fr/a"}, "lemonde.fr/7"),
        ({"id": "7"}, "unknown/7"),
        ({"id": "a/b\n"}, "unknown/a/b"),
        ({"url": "HTTPS://Example.COM:443/a?utm_source=x&b=1&fbclid=2#top"}, "https://example.com/a?b=1"),
    ],
)
def test_the_key_is_domain_and_id_or_the_canonical_url(article: dict[str, Any], key: str) -> None:
    assert codec.article_key(decoded(title="x", **article)) == key


def test_a_key_is_bounded_and_two_long_ones_differ() -> None:
    one, other = (codec.article_key(decoded(title="x", id="a" * 5_000 + end)) for end in "bc")
    assert len(one) == len(other) == 1_024
    assert one != other


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("http://user:secret@Example.com.:80", "http://example.com/"),
        ("https://[2001:DB8::1]:8443/a b", "https://[2001:db8::1]:8443/a%20b"),
        ("https://example.com/%7Ea/%2f%41?q=a+b&gclid=1&q=", "https://example.com/~a/%2FA?q=a+b&q="),
        ("ftp://example.com/a", None),
        ("/a/b", None),
        ("http://example.com:99999/", None),
        ("http://[::1", None),
        ("http://", None),
    ],
)
def test_urls_that_mean_the_same_have_one_form(url: str, canonical: str | None) -> None:
    assert codec.canonical_url(url) == canonical


@given(st.text(max_size=60))
def test_a_canonical_url_is_canonical(rest: str) -> None:
    url = codec.canonical_url(f"https://example.com/{rest}")
    assert url is None or codec.canonical_url(url) == url


def test_equal_values_are_written_as_equal_bytes_whatever_the_order_of_their_fields() -> None:
    assert codec.encode({"b": 1, "a": {"d": 1, "c": 2}}) == codec.encode({"a": {"c": 2, "d": 1}, "b": 1})


@given(st.text(st.characters(exclude_categories=[]), max_size=20))
def test_any_text_can_be_written(text: str) -> None:
    written = msgspec.json.decode(codec.encode(RawArticle(id=text, title=text, extra={text: [text]})))
    carried = re.sub("[\ud800-\udfff]", "\ufffd", text)
    assert (written["title"], written["extra"]) == (carried, {carried: [carried]})


def test_a_payload_of_another_build_is_read_if_nothing_required_is_missing() -> None:
    read = codec.decode_as(b'{"version":1,"alert_id":"x"}', Alert)
    assert isinstance(read, Rejected)
    assert read.reason == "schema"
    assert "what_changed" in read.detail
    source = codec.decode_as(b'{"name":"BBC","colour":"red"}', Source)
    assert source == Source(name="BBC")


@settings(max_examples=50)
@given(st.integers(1, 200))
def test_depth_is_refused_at_the_same_level_however_deep_the_caller_stands(depth: int) -> None:
    value = b'{"id":"1","title":"x","x":' + b"[" * depth + b"]" * depth + b"}"
    reason = getattr(codec.decode(value, max_bytes=LIMIT), "reason", None)
    assert reason == ("too_deep" if depth > codec.MAX_DEPTH else None)

"""From bytes to values and back: what can't be read becomes a Rejected with its reason, never raises."""

import json
import re
from collections.abc import Iterator
from typing import Any, TypeVar

import msgspec

from processors.keys import article_key, canonical_url, domain_of, one_line, visible
from processors.models import ArticlePayload, RawArticle, Rejected, Source

__all__ = ["article_key", "canonical_url", "decode", "decode_as", "encode", "read_as"]

MAX_DEPTH = 64  # objects and lists inside each other; a real article has two or three

T = TypeVar("T")

_COMPRESSED = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"PK\x03\x04": "zip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"\x04\x22\x4d\x18": "lz4",
}
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_UTF8_MARK = b"\xef\xbb\xbf"
_STRING_OR_NAN = re.compile(r'"(?:[^"\\]|\\.)*"|(-?Infinity|NaN)', re.DOTALL)
_UNFINISHED = re.compile(
    r"(?:t|tr|tru|f|fa|fal|fals|n|nu|nul|-?\d*(?:\.\d*)?(?:[eE][+-]?\d*)?|\\?u?[0-9a-fA-F]{0,3})\Z"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_ERROR_PATH = re.compile(r" - at `(?:key in )?\$\.?(.*)`\Z", re.DOTALL)


_KNOWN = frozenset(ArticlePayload.__struct_fields__)
_SOURCE_KNOWN = frozenset(Source.__struct_fields__)
_json = msgspec.json.Decoder()
_encoder = msgspec.json.Encoder(order="deterministic")


def decode(value: bytes | None, *, max_bytes: int) -> RawArticle | Rejected:
    """Read one record of `articles`, version 1: a JSON object of at most `max_bytes` bytes.

    Never raises on any input: what can't be read is a Rejected of stage "decode" whose reason is
    one of tombstone, empty, too_large, compressed, utf16, bad_utf8, not_json, truncated_json, nan,
    lone_surrogate, too_deep, not_an_object, schema, missing_id, missing_body.
    """
    parsed = _parsed(value, max_bytes)
    if isinstance(parsed, Rejected):
        return parsed
    if not isinstance(parsed, dict):
        return _rejected(
            "not_an_object",
            f"the record is {_kind(parsed)}, where a JSON object with the fields of one article is expected: "
            "publish one record an article",
        )
    try:
        wire = msgspec.convert(parsed, ArticlePayload)
    except msgspec.ValidationError as error:
        return _schema(error)
    return _checked(_article(wire, _extra(parsed)))


def decode_as(value: bytes | None, kind: type[T], *, max_bytes: int = 64 * 1024 * 1024) -> T | Rejected:
    """Read a payload of one of the other topics as the Struct `kind`; unknown fields are ignored.

    Never raises: a payload that can't be read is a Rejected of stage "decode".
    """
    try:
        return msgspec.json.decode(value or b"", type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError, RecursionError):
        parsed = _parsed(value, max_bytes)  # tells what is wrong
    if isinstance(parsed, Rejected):
        return parsed
    try:
        return msgspec.convert(parsed, kind)
    except msgspec.ValidationError as error:
        return _schema(error)


def read_as(value: bytes | None, kind: type[T]) -> T:
    """Read a payload that must be readable, because this project wrote it.

    Raises:
        ValueError: it is not a `kind`; another build may have written it.
    """
    read = decode_as(value, kind)
    if isinstance(read, Rejected):
        raise ValueError(f"not a {kind.__name__} this build can read: {read.detail}")
    return read


def encode(value: msgspec.Struct | dict[str, Any]) -> bytes:
    """Write a value as JSON, the same bytes for equal values whatever the order of their dicts.

    A lone surrogate, which UTF-8 can't carry, becomes U+FFFD; NaN and infinities become null.
    """
    try:
        return _encoder.encode(value)
    except UnicodeEncodeError:
        return _encoder.encode(_without_surrogates(msgspec.to_builtins(value)))


def _parsed(value: bytes | None, max_bytes: int) -> Any:
    """Give any JSON value, free of what no later stage could carry, or a Rejected."""
    if (refused := _refused_unread(value, max_bytes)) is not None:
        return refused
    assert value is not None  # noqa: S101 - a tombstone was refused just above
    body = value.removeprefix(_UTF8_MARK)
    try:
        parsed = _json.decode(body)
    except RecursionError:
        return _too_deep()
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError):
        # The fast parser tells too little of what is wrong; this one is lenient and slow.
        parsed = _parsed_leniently(body)
    return parsed if isinstance(parsed, Rejected) else _carriable(parsed)


def _refused_unread(value: bytes | None, max_bytes: int) -> Rejected | None:
    if value is None:
        return _rejected(
            "tombstone",
            "the record has no value: `articles` is not compacted; retract an article with its status",
        )
    if not value.strip():
        return _rejected("empty", f"the value is {len(value)} bytes of nothing: publish a JSON object")
    if len(value) > max_bytes:
        return _rejected(
            "too_large",
            f"the value has {len(value):,} bytes, {max_bytes:,} are allowed: cut the text, or raise "
            "the limit",
        )
    for magic, name in _COMPRESSED.items():
        if value.startswith(magic):
            return _rejected(
                "compressed",
                f"the value begins with the magic bytes of {name} and is never expanded: publish plain JSON "
                "and let the producer compress batches (compression.type)",
            )
    if value.startswith(_UTF16_MARKS) or (len(value) >= 2 and (value[0] == 0) != (value[1] == 0)):
        return _rejected("utf16", "the value begins as UTF-16 or UTF-32 does (byte 0): publish JSON in UTF-8")
    return None


def _parsed_leniently(body: bytes) -> Any:
    """Read what strict JSON refuses but real feeds send (raw control characters), or say what is wrong."""
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        return _undecodable(body, error)
    found_nan = False

    def constant(_: str) -> float:
        nonlocal found_nan
        found_nan = True
        return 0.0

    try:
        parsed = json.loads(text, strict=False, parse_constant=constant)
    except RecursionError:
        return _too_deep()
    except json.JSONDecodeError as error:
        return _malformed(text, error)
    except ValueError:  # an integer of more digits than Python converts
        return _rejected("schema", "a number has more than 4,300 digits: publish it as a string")
    if found_nan:
        where = next((m.start() for m in _STRING_OR_NAN.finditer(text) if m[1]), 0)
        return _rejected(
            "nan",
            f"NaN or Infinity at byte {_byte(text, where)} is not JSON: publish null, or leave the field out",
        )
    return parsed


def _undecodable(body: bytes, error: UnicodeDecodeError) -> Rejected:
    at = error.start
    if body[at] == 0xED and len(body) > at + 2 and body[at + 1] >= 0xA0:
        return _rejected(
            "lone_surrogate",
            f"half of a surrogate pair is encoded at byte {at}: publish UTF-8, where characters beyond U+FFFF"
            " take four bytes",
        )
    return _rejected(
        "bad_utf8",
        f"byte {at} (0x{body[at]:02x}) is not UTF-8: {error.reason}; publish the article in UTF-8",
    )


def _malformed(text: str, error: json.JSONDecodeError) -> Rejected:
    at = _byte(text, error.pos)
    opened = text.lstrip()[:1] in ("{", "[", '"')
    rest = text[error.pos :].strip() if len(text) - error.pos < 64 else "?"
    if opened and (error.msg.startswith("Unterminated string") or not rest or _UNFINISHED.match(rest)):
        return _rejected(
            "truncated_json",
            f"the JSON ends unfinished after {_byte(text, len(text))} bytes (opened at byte {at}): the "
            "publisher cut it; publish it whole",
        )
    shown = text[error.pos : error.pos + 20]
    return _rejected(
        "not_json", f"byte {at}, near {shown!a}: {error.msg}; publish one JSON object a record, in UTF-8"
    )


def _carriable(parsed: Any) -> Any:
    """Give the value, or a Rejected where depth, surrogates or numbers could not be written again."""
    for path, depth, value in _walk(parsed):
        if depth > MAX_DEPTH:
            return _too_deep()
        if isinstance(value, str):
            if not value.isascii() and _SURROGATE.search(value):
                return _rejected(
                    "lone_surrogate",
                    f"{path or 'the record'} holds half of a surrogate pair (\\ud800 to \\udfff): escape "
                    "characters beyond U+FFFF as two halves, or write them as UTF-8",
                )
        elif isinstance(value, float) and value in (float("inf"), float("-inf")):
            return _rejected("nan", f"{path or 'the record'} is beyond 1.8e308: publish null or a string")
        elif type(value) is int and not -(2**63) <= value < 2**64:
            return _rejected(
                "schema", f"{path or 'the record'} is an integer beyond 64 bits: publish it as a string"
            )
    return parsed


def _walk(root: Any) -> Iterator[tuple[str, int, Any]]:
    """Give every value and key under a JSON value with its path and depth, without recursion."""
    stack: list[tuple[str, int, Any]] = [("", 0, root)]
    while stack:
        path, depth, value = item = stack.pop()
        yield item
        if isinstance(value, dict):
            for key, inner in value.items():
                if not key.isascii() and _SURROGATE.search(key):
                    yield f"a key of {path or 'the record'}", depth, key
                stack.append((f"{path}.{key}" if path else key, depth + 1, inner))
        elif isinstance(value, list):
            stack.extend((f"{path}[{i}]", depth + 1, inner) for i, inner in enumerate(value))


def _source(wire: str | Source | None) -> Source | None:
    if isinstance(wire, Source):
        return Source(
            name=one_line(wire.name),
            domain=domain_of(wire.domain or ""),
            country=one_line(wire.country),
            tier=wire.tier,
        )
    return None if wire is None else Source(name=one_line(wire))


def _extra(parsed: dict[str, Any]) -> dict[str, Any]:
    """Give the unknown fields; an object `extra` is taken for theirs, so that encoding reads back."""
    extra = {name: value for name, value in parsed.items() if name not in _KNOWN and name != "extra"}
    given = parsed.get("extra")
    if isinstance(given, dict):
        extra = given | extra
    elif given is not None:
        extra["extra"] = given
    if isinstance(source := parsed.get("source"), dict):
        unknown = {name: value for name, value in source.items() if name not in _SOURCE_KNOWN}
        if unknown:
            extra.setdefault("source", unknown)
    return extra


def _article(wire: ArticlePayload, extra: dict[str, Any]) -> RawArticle:
    return RawArticle(
        id=None if wire.id is None else one_line(str(wire.id)),
        url=visible(wire.url or "") or None,
        title=wire.title,
        text=wire.text,
        html=wire.html,
        source=_source(wire.source),
        section=wire.section,
        language=wire.language,
        published=wire.published,
        updated=wire.updated,
        status=wire.status or "new",
        mode=wire.mode or "live",
        extra=extra,
    )


def _checked(raw: RawArticle) -> RawArticle | Rejected:
    try:
        article_key(raw)
    except ValueError:
        given = f"url is {raw.url[:200]!a}" if raw.url else "id and url are absent or blank"
        return _rejected(
            "missing_id",
            f"{given}: give the article the id its source knows it by, or its absolute http(s) url",
        )
    if raw.title is None and raw.text is None and raw.html is None:
        return _rejected(
            "missing_body",
            "title, text and html are all absent: give a title, and text or html",
        )
    return raw


def _schema(error: msgspec.ValidationError) -> Rejected:
    message = str(error)
    path = _ERROR_PATH.search(message)
    where = path[1] if path and path[1] else "the record"
    what = message[: path.start()] if path else message
    return _rejected(
        "schema",
        f"{where}: {what[:1].lower()}{what[1:]}; send that type, or leave the field out if it is optional",
    )


def _rejected(reason: str, detail: str) -> Rejected:
    return Rejected(stage="decode", reason=reason, detail=detail)


def _too_deep() -> Rejected:
    return _rejected(
        "too_deep", f"lists or objects stand more than {MAX_DEPTH} deep in each other: flatten them"
    )


def _kind(value: Any) -> str:
    names = {list: "a list", str: "a string", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def _byte(text: str, position: int) -> int:
    return len(text[:position].encode("utf-8", "surrogatepass"))


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_without_surrogates(inner) for inner in value]
    return value

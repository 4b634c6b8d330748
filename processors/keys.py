"""What an article is known by: its source's domain and its id there, or the one form of its URL."""

import re
import unicodedata
from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urlsplit, urlunsplit

from processors import ids
from processors.models import RawArticle, Source

MAX_KEY = 1_024  # code points of an article key; a longer one ends in a hash of itself

# Controls, bidi controls, invisible spaces and lone surrogates: in no name, id or address.
_CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff]+"
)
_TRACKING = re.compile(
    r"(?:utm_.*|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|igshid|igsh|twclid|ttclid|li_fat_id"
    r"|mc_cid|mc_eid|_hsenc|_hsmi|mkt_tok|vero_id|oly_enc_id|oly_anon_id|wt_mc|wt\.mc_id|cmpid|ocid"
    r"|ns_campaign|ns_source|ns_mchannel|ns_linkname|at_medium|at_campaign|xtor|smid|ito)\Z",
    re.IGNORECASE,
)
_DEFAULT_PORT = {"http": 80, "https": 443}
_NOT_IN_SLUG = re.compile(r"[^\w.]+")
_UNRESERVED = re.compile(r"%([0-9a-fA-F]{2})")


def article_key(raw: RawArticle) -> str:
    """Give an article's key: "domain/id", or its canonical URL where it has no id.

    The domain is the source's, else that of the URL, else a slug of the source's name, else
    "unknown". A key of more than MAX_KEY code points is cut and ends in a hash of the whole.

    Raises:
        ValueError: the article has neither an id nor an http(s) URL; `decode` lets none such pass.
    """
    if identifier := one_line(raw.id):
        return _bounded(f"{_publisher(raw)}/{identifier}")
    if raw.url and (url := canonical_url(raw.url)):
        return _bounded(url)
    raise ValueError("an article needs an id or an absolute http(s) url: give it one of them")


def canonical_url(url: str) -> str | None:
    """Give the one form of an http(s) URL: what differs only in tracking or spelling is the same.

    Scheme and host in lower case, no default port, no user, no fragment, no tracking parameters,
    needless escapes undone (RFC 3986, section 6.2.2). Idempotent. None for anything but an
    absolute http(s) URL with a host.
    """
    try:
        parts = urlsplit(visible(url))
        port = parts.port
    except ValueError:
        return None
    host = _host(parts)
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORT or not host:
        return None
    netloc = f"[{host}]" if ":" in host else host
    if port is not None and port != _DEFAULT_PORT[scheme]:
        netloc += f":{port}"
    kept = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKING.match(pair[0])]
    return urlunsplit((scheme, netloc, _canonical_path(parts.path), urlencode(kept, errors="replace"), ""))


def domain_of(given: str) -> str | None:
    """Give a domain in lower case without `www.`, from a domain or a URL; None where there is none."""
    given = visible(given)
    try:
        host = _host(urlsplit(given if "//" in given else f"//{given}"))
    except ValueError:
        return None
    return host.removeprefix("www.") or None


def one_line(value: str | None) -> str | None:
    """Give a name or id in one line without control characters; None where nothing is left."""
    return " ".join(_CONTROL.sub(" ", value or "").split()) or None


def visible(value: str) -> str:
    """Give an address without control characters and the space around it."""
    return _CONTROL.sub("", value).strip()


def _publisher(raw: RawArticle) -> str:
    source = raw.source or Source()
    if source.domain and (domain := domain_of(source.domain)):
        return domain
    if raw.url and (url := canonical_url(raw.url)):
        return domain_of(url) or "unknown"
    name = unicodedata.normalize("NFKC", source.name or "").casefold()
    return _NOT_IN_SLUG.sub("-", name).strip("-.") or "unknown"


def _host(parts: SplitResult) -> str:
    return (parts.hostname or "").rstrip(".").replace("%", "")


def _canonical_path(path: str) -> str:
    def kept(escape: re.Match[str]) -> str:
        character = chr(int(escape[1], 16))
        plain = character.isascii() and (character.isalnum() or character in "-._~")
        return character if plain else escape[0].upper()

    # Twice undone would be another address: %2541 stays %2541.
    return quote(_UNRESERVED.sub(kept, path), safe="/%:@!$&'()*+,;=~-._", errors="replace") or "/"


def _bounded(key: str) -> str:
    return key if len(key) <= MAX_KEY else f"{key[: MAX_KEY - 33]}~{ids.content_id('key', key)}"

"""HTML to text: paragraphs kept, inline tags joined, page furniture cut by what the markup says of it."""

import re
from html import unescape

from selectolax.lexbor import LexborHTMLParser, LexborNode

_INLINE = (
    "a abbr acronym b bdi bdo big cite code dfn em font i ins kbd mark nobr q s samp small strike strong sub "
    "sup tt u var wbr"
)
_BLOCKS = (
    "p div section article main header footer aside nav h1 h2 h3 h4 h5 h6 ul ol dl table blockquote pre "
    "figure figcaption address details summary fieldset form hr center"
)
_LINES = "br li tr dt dd option caption legend"
_OTHERS = (
    "html head body title meta link img picture source span td th thead tbody tfoot script style noscript "
    "iframe svg time label button input select textarea video audio embed object del col colgroup template"
)
_ALL = "|".join(f"{_INLINE} {_BLOCKS} {_LINES} {_OTHERS}".split())

_ATTRIBUTES = r"""(?:\s(?>(?:[^<>"']|"[^"]*"|'[^']*')*))?/?>"""
_TAG = re.compile(
    rf"<(?:/?(?:{_ALL}){_ATTRIBUTES}|!--|!doctype\s|!\[CDATA\[)",
    re.IGNORECASE,
)
_INLINE_TAG = re.compile(rf"</?(?:{'|'.join(_INLINE.split())}){_ATTRIBUTES}", re.IGNORECASE)
_BLOCK_TAG = re.compile(rf"<(?:{'|'.join(_BLOCKS.split())}|li|tr|html|body){_ATTRIBUTES}", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_AMPERSANDS = re.compile(r"&(?:(?:amp|AMP|#0*38|#[xX]0*26);)+")
_NESTING_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)[^<>]*>")
# They close themselves, or hold no elements: they don't deepen the tree.
_FLAT_NAMES = (
    "p li td th tr dt dd option br hr img input meta link source col embed wbr area base param track "
    "script style textarea title noscript iframe html head body tbody thead tfoot"
)
_FLAT = frozenset(_FLAT_NAMES.split())
_MAX_NESTING = 100  # the parser takes quadratic time in depth; a page has some thirty levels
_FEW_TAGS = 200  # fewer tags can't nest deep enough to matter

_NEVER_SHOWN = "head, script, style, noscript, template, svg, iframe, object, canvas, audio, video, map"
_NEVER_TEXT = (
    "select, button, textarea, nav, dialog, [role=navigation], [role=search], [role=dialog], "
    "[role=alertdialog]"
)
_MAYBE_FURNITURE = (
    "aside, form, footer, [hidden], [aria-hidden=true], [role=complementary], [role=contentinfo], "
    "[role=banner], [class], [id]"
)
_FURNITURE_NAME = re.compile(
    r"(?:^|[\s_-])(?:share|shares|sharing|sharebar|sharetools|social|socials|addthis|sharedaddy|jp-relatedposts"
    r"|newsletter|newsletters|signup|sign-up|subscribe|subscription|related|recirc|recirculation|recommended"
    r"|recommendations|most-read|most-popular|trending|read-more|readmore|more-stories|promo|promos|advert"
    r"|adverts|advertisement|advertising|ad|ads|adslot|sponsor|sponsored|outbrain|taboola|cookie|cookies"
    r"|consent|gdpr|breadcrumb|breadcrumbs|pagination|pager|tags|taglist|tag-list|tag-cloud|toolbar|credit"
    r"|copyright|skip-link|screen-reader-text|visually-hidden|sr-only)(?:[\s_-]|$)",
    re.IGNORECASE,
)
_COMMENTS_NAME = re.compile(
    r"(?:^|\s)(?:comments?(?:[-_](?:section|list|area|thread|wrapper))?|disqus_thread)(?:\s|$)", re.IGNORECASE
)

_PARAGRAPH, _LINE = "\x1e", "\x1d"  # breaks of ours, told from the white space of the source
_SPACE = re.compile(r"[ \t\r\n\f]+")
_BREAKS = re.compile(r"[\x1d\x1e][ \n\x1d\x1e]*")


def to_text(source: str) -> str:
    """Give the text that markup shows; what holds no markup comes back as it is, entities decoded.

    Line breaks of the source count only where it has no block elements: plain text with a few
    inline tags keeps its paragraphs, a page gets them from its elements. Linear in the length.
    """
    source = _AMPERSANDS.sub("&", source) if "&" in source else source
    if "<" not in source or not _TAG.search(source):
        return _ENTITY.sub(lambda found: unescape(found[0]), source) if "&" in source else source
    page = bool(_BLOCK_TAG.search(source))
    body = _parsed(source.replace(_PARAGRAPH, " ").replace(_LINE, " "))
    if body is None:
        return ""
    for node in body.css(f"{_NEVER_SHOWN}, {_NEVER_TEXT}"):
        node.decompose()
    _cut_furniture(body)
    _mark_breaks(body)
    text = body.text(deep=True)
    text = _SPACE.sub(" ", text) if page else text
    return _BREAKS.sub(lambda found: "\n\n" if _PARAGRAPH in found[0] else "\n", text)


def everything(source: str) -> str:
    """Give all words that markup shows, furniture and all, in no particular form."""
    if "<" not in source:
        return unescape(source)
    body = _parsed(source)
    if body is None:
        return ""
    for node in body.css(_NEVER_SHOWN):
        node.decompose()
    return str(body.text(deep=True))


def says_paywalled(source: str) -> bool:
    """Tell whether markup carries schema.org's isAccessibleForFree as false (Paywalled content)."""
    return "isAccessibleForFree" in source and bool(_NOT_FREE.search(source))


_NOT_FREE = re.compile(r"""isAccessibleForFree["']?\s*(?::|content=)\s*["']?false""", re.IGNORECASE)


def _parsed(source: str) -> LexborNode | None:
    # Inline tags join what they stand in; without them the parser has no formatting to rebuild in
    # every paragraph, which a hostile page turns into millions of elements.
    source = _INLINE_TAG.sub("", source)
    if source.count("<") > _FEW_TAGS:
        source = _flattened(source)
    return LexborHTMLParser(source).body


def _flattened(source: str) -> str:
    """Give the source without the tags that would nest deeper than _MAX_NESTING."""
    depth = 0

    def shallow(found: re.Match[str]) -> str:
        nonlocal depth
        if found[2].lower() in _FLAT:
            return found[0]
        if found[1]:
            depth = max(0, depth - 1)
            return found[0] if depth < _MAX_NESTING else " "
        depth += not found[0].endswith("/>")
        return found[0] if depth <= _MAX_NESTING else " "

    return _NESTING_TAG.sub(shallow, source)


def _cut_furniture(body: LexborNode) -> None:
    """Cut what calls itself furniture, but never what holds a large part of the text.

    A page may wrap the whole article in a form, or name its body after a share bar: losing the
    article is worse than keeping a button's label.
    """
    total = None
    for node in body.css(_MAYBE_FURNITURE):
        limit = _largest_share(node)
        if not limit:
            continue
        total = len(body.text(deep=True)) if total is None else total
        if len(node.text(deep=True)) <= total * limit:
            node.decompose()


def _largest_share(node: LexborNode) -> float:
    """Give the part of the text up to which a node may be cut as furniture; 0 where it is none."""
    attributes = node.attributes
    names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
    if _COMMENTS_NAME.search(names):
        return 0.9
    if node.tag == "footer":
        return 1.0
    if node.tag == "aside":
        return 0.9
    if node.tag == "form" or "hidden" in attributes or "role" in attributes:
        return 0.5
    if attributes.get("aria-hidden") == "true":
        return 0.3
    return 0.3 if node.tag not in {"body", "p"} and _FURNITURE_NAME.search(names) else 0.0


def _mark_breaks(body: LexborNode) -> None:
    for node in body.css(_BLOCKS.replace(" ", ", ")):
        node.insert_before(_PARAGRAPH)
        node.insert_after(_PARAGRAPH)
    for node in body.css(_LINES.replace(" ", ", ")):
        node.insert_before(_LINE)
    for node in body.css("td, th"):
        node.insert_after(" ")

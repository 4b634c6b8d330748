"""Cut a query into tokens, and refuse with place and remedy what can't be one."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from processors.query.words import MAX_WORD, cut

END = "the end"
OPERATORS = ("AND", "OR", "NOT", "SENTENCE", "PARAGRAPH", "ATLEAST", "OF")
DISTANCES = ("NEAR", "BEFORE")  # written with how many words may stand between: NEAR/5
AMOUNTS = ("SCORE", "WEIGHT")  # written with an amount: SCORE/3; without one they are words
# Not words when bare, so that they can become operators without changing what a query means.
RESERVED = frozenset({"AFTER", "XOR", "WITHIN"})
SCOPES = ("title", "lead", "text")
PREDICATES = (
    *("person", "place", "org", "group", "entity"),
    *("concept", "language", "source", "tier", "origin", "section"),
)
MIN_STEM = 3  # letters before the first wildcard: fewer would find half the dictionary

_OPENING = '"“”„‟«»＂'
_TOKEN = re.compile(
    rf"(?P<space>\s+)|(?P<paren>[()])"
    rf"|/(?P<regex>(?:[^/\\\n]|\\[^\n])+)/(?=[\s()]|$)"
    rf"|(?P<name>[A-Za-z]+):(?=[^\s)])"
    rf"|(?P<exact>=?)(?P<quote>[{_OPENING}])|(?P<bare>[^\s(){_OPENING}]+)"
)
_VALUE = re.compile(rf"[^\s(){_OPENING}]+")
_CLOSING = re.compile(rf"[{_OPENING}]")
_DISTANCE = re.compile(r"(NEAR|BEFORE)(?:/(\d{1,9}))?")
_AMOUNT = re.compile(r"(SCORE|WEIGHT)/(-?\d{1,4}(?:\.\d{1,3})?)")
_BARE_BAD = re.compile(r"[:/=~^<>\[\]{}#@$%+|&;,!\\]")
_WILD = re.compile(r"[*?]")
_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "HEBREW", "ARABIC")
_MOST_ERRORS = 20


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How large a query may be."""

    length: int = 10_000  # characters
    depth: int = 64  # levels of NOT, parentheses and fields
    terms: int = 500  # words, phrases and other things to look for
    words: int = 32  # in one phrase
    distance: int = 100  # words between
    regexes: int = 5
    regex_length: int = 500  # characters


@dataclass(frozen=True, kw_only=True)
class QueryError:
    """One fault of a query. Lines and columns count from 1, columns in code points."""

    line: int
    column: int
    what: str
    expected: str
    remedy: str

    def __str__(self) -> str:
        """Read it as one line."""
        return f"{self.line}:{self.column}: {self.what}; expected {self.expected}; {self.remedy}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Token:
    """One piece of a query as written.

    `kind` is "phrase", "wildcard", "regex", "name" (a field or predicate before its colon), "value"
    (a bare word after a predicate's), or an operator or parenthesis itself. `number` is how many
    words NEAR and BEFORE allow between; the text of SCORE and WEIGHT is their amount.
    """

    kind: str
    text: str
    start: int
    end: int
    exact: bool = False
    number: int | None = None


@dataclass(frozen=True)
class Lexed:
    """The tokens, with END last, what was refused, and where: one fault should not be heard of twice."""

    tokens: list[Token]
    errors: list[QueryError]
    faulty: frozenset[int]


Fault = tuple[str, str, str]  # what, expected, remedy


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Give the line and column, both from 1, of an offset."""
    return text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1


def lex(query: str, limits: Limits) -> Lexed:
    """Cut a query into tokens; what is refused is an error and, where it can be, still a token."""
    lexer = _Lexer(query, limits)
    if not query.isascii() or not query.isprintable():
        lexer.refuse_invisible()
    lexer.run()
    return Lexed(lexer.tokens, lexer.errors, frozenset(lexer.faulty))


class _Lexer:
    def __init__(self, query: str, limits: Limits) -> None:
        self.query, self.limits = query, limits
        self.tokens: list[Token] = []
        self.errors: list[QueryError] = []
        self.faulty: set[int] = set()

    def refuse(self, offset: int, fault: Fault) -> None:
        what, expected, remedy = fault
        self.faulty.add(offset)
        line, column = line_and_column(self.query, offset)
        self.errors.append(QueryError(line=line, column=column, what=what, expected=expected, remedy=remedy))

    def refuse_invisible(self) -> None:
        for offset, character in enumerate(self.query):
            if (
                unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co"}
                and character not in "\t\n\r\u00ad\u200c\u200d"
            ):
                what = f"an invisible character, U+{ord(character):04X}"
                self.refuse(offset, (what, "visible ones", "delete it, or write the words again by hand"))

    def run(self) -> None:
        query, position = self.query, 0
        values_until: int | None = None  # how deep the parenthesis is that ends a predicate's values
        depth = 0
        while position < len(query) and len(self.errors) < _MOST_ERRORS:
            found = _TOKEN.match(query, position)
            if found is None:  # a lone "=" before a parenthesis or the end
                self.refuse(
                    position, ("`=` stands alone", "a phrase after it", 'write ="US", or take it out')
                )
                position += 1
                continue
            start, position = position, found.end()
            last = self.tokens[-1] if self.tokens else None
            value = (
                last is not None and last.kind == "name" and last.end == start and last.text in PREDICATES
            ) or (values_until is not None)
            match found.lastgroup:
                case "space":
                    continue
                case "paren":
                    depth += 1 if found[0] == "(" else -1
                    if found[0] == "(" and value and values_until is None:
                        values_until = depth - 1
                    elif found[0] == ")" and depth == values_until:
                        values_until = None
                    self.add(found[0], found[0], start, position)
                case "quote":
                    position = self.quoted(start, position, exact=bool(found["exact"]))
                case "name" if found["name"] in SCOPES or found["name"] in PREDICATES:
                    self.add("name", found["name"], start, position)
                case _ if value and (bare := _VALUE.match(query, start)):
                    position = bare.end()
                    self.add(bare[0] if bare[0] in OPERATORS else "value", bare[0], start, position)
                case "regex":
                    self.add("regex", found["regex"], start, position)
                    self.refuse_all(start, _faults_of_regex(found["regex"], self.limits))
                case "name":
                    self.refuse(start, _no_such_name(found["name"]))
                    if (whole := _VALUE.match(query, start)) is not None:
                        position = whole.end()
                        self.add("phrase", whole[0], start, position)
                case _:
                    self.bare(found[0], start)
        self.add(END, "", len(query.rstrip()), len(query))

    def add(self, kind: str, text: str, start: int, end: int, **more: bool | int | None) -> None:
        self.tokens.append(Token(kind=kind, text=text, start=start, end=end, **more))  # type: ignore[arg-type]

    def refuse_all(self, start: int, faults: Iterator[Fault]) -> None:
        """Refuse the last token for these faults, unless it is refused already for a character in it."""
        if self.faulty.isdisjoint(range(start, self.tokens[-1].end)):
            for fault in faults:
                self.refuse(start, fault)

    def quoted(self, start: int, position: int, *, exact: bool) -> int:
        closing = _CLOSING.search(self.query, position)
        if closing is None:
            self.refuse(
                start, ("this quotation mark is never closed", 'a closing "', "close it after the phrase")
            )
            self.add("phrase", self.query[position:], start, len(self.query))
            return len(self.query)
        written = self.query[position : closing.start()]
        self.add("phrase", written, start, closing.end(), exact=exact)
        self.refuse_all(start, _faults_of_phrase(written, self.limits))
        return closing.end()

    def bare(self, text: str, start: int) -> None:
        end = start + len(text)
        distance = _DISTANCE.fullmatch(text)
        if distance:
            number = int(distance[2]) if distance[2] else None
            self.add(distance[1], text, start, end, number=number)
            if fault := _fault_of_distance(distance[1], number, self.limits):
                self.refuse(start, fault)
        elif text in OPERATORS:
            self.add(text, text, start, end)
        elif amount := _AMOUNT.fullmatch(text):
            self.add(amount[1], amount[2], start, end)
        else:
            self.add("wildcard" if _WILD.search(text) else "phrase", text, start, end)
            self.refuse_all(start, _faults_of_bare(text))


def _no_such_name(name: str) -> Fault:
    known = SCOPES + PREDICATES
    near = get_close_matches(name.lower()[:40], known, n=1)
    return (
        f"`{name[:40]}:` is no field that can be asked about",
        ", ".join(f"{each}:" for each in known),
        f"did you mean `{near[0]}:`?"
        if near
        else "put the whole into quotation marks if it is to be found as text",
    )


def _fault_of_distance(name: str, number: int | None, limits: Limits) -> Fault | None:
    if number is None:
        remedy = f'say how many words may stand between: {name}/5; to find the word, quote it: "{name}"'
        return f"{name} without a distance", f"{name}/5", remedy
    if number > limits.distance:
        remedy = "write SENTENCE or PARAGRAPH for what stands in the same one"
        return f"a distance of {number:,} words, at most {limits.distance}", "a smaller distance", remedy
    return None


def _faults_of_regex(written: str, limits: Limits) -> Iterator[Fault]:
    if len(written) > limits.regex_length:
        yield (
            f"a regular expression of {len(written):,} characters, at most {limits.regex_length}",
            "a shorter one",
            "write alternatives as phrases joined by OR: they are faster, too",
        )


def _faults_of_bare(text: str) -> Iterator[Fault]:
    if text in {"&&", "||", "&", "|"}:
        return
    bad = _BARE_BAD.search(text)
    name = re.split(r"[/:\d]", text, maxsplit=1)[0]
    if name in RESERVED:
        yield (
            f"{name} is kept for an operator that this version does not have",
            "AND, OR, NOT, NEAR/5, BEFORE/5 or a word",
            ("turn the two sides round and write BEFORE/5; " if name == "AFTER" else "")
            + f'to find the word, quote it: "{name}"',
        )
    elif bad and re.split(r"[/:\d]", text, maxsplit=1)[0] in (*OPERATORS, *DISTANCES, *AMOUNTS):
        yield (
            f"`{text[:40]}` is no operator",
            "NEAR/5, BEFORE/5, SENTENCE, PARAGRAPH, ATLEAST 3 (…), 2 OF (…) or SCORE/3 (a WEIGHT/2 OR b)",
            "a distance is a whole number of words after NEAR/ or BEFORE/, an amount such as 2 or 0.5",
        )
    elif text[:-1] in (*SCOPES, *PREDICATES) and text[-1] == ":":
        yield (
            f"`{text}` without a value",
            f"what it is to be, as in {text}…",
            "write it without a space after the colon",
        )
    elif text[0] in "'‘’`":
        yield (
            "a phrase does not stand in single quotation marks",
            "double ones",
            'write "…"; curly ones do as well',
        )
    elif bad:
        yield (
            f"`{bad[0]}` can't stand in a word",
            "letters, digits, hyphens, apostrophes, full stops",
            'leave it out; for a word in this form and case only write ="US"'
            if bad[0] == "="
            else f'leave it out, or quote the whole: "{text}"',
        )
    elif _WILD.search(text):
        yield from _faults_of_wildcard(text)
    else:
        yield from faults_of_words(text, 32)


def _faults_of_wildcard(text: str) -> Iterator[Fault]:
    stem = _WILD.split(text, maxsplit=1)[0]
    if len(stem) < MIN_STEM:
        yield (
            "a wildcard stands too early" if stem else "a wildcard stands at the beginning",
            f"at least {MIN_STEM} letters before it",
            "it would find half the dictionary, and cost as much: write the forms out, joined by OR",
        )
    elif len(cut(re.sub(r"[*?]+", "x", text))) != 1:
        yield (
            "a wildcard stands in more than one word",
            "one word, such as mobili*",
            "join two words with BEFORE/0: mobili* BEFORE/0 troops",
        )
    else:
        yield from faults_of_words(_WILD.sub("", text), 32)


def _faults_of_phrase(written: str, limits: Limits) -> Iterator[Fault]:
    bad = _WILD.search(written)
    if bad:
        yield (
            f"`{bad[0]}` can't stand in a phrase",
            "words",
            "take the word with the wildcard out of the quotation marks: mobili* BEFORE/0 troops",
        )
    yield from faults_of_words(written, limits.words)


def faults_of_words(written: str, most: int) -> Iterator[Fault]:
    """Give what is wrong with words that are to be found, at most so many."""
    words = cut(written)
    if not words:
        yield ("there is no word in it", "a letter or a digit", "write what is to be found, or take it out")
    if len(words) > most:
        yield (
            f"a phrase of {len(words)} words, at most {most}",
            "a shorter phrase",
            "nobody writes it the same way twice: keep what is telling, or split it with AND",
        )
    if written.isascii() and len(written) <= MAX_WORD:
        return
    for word, _ in words:
        scripts = _scripts(word)
        if len(word) > MAX_WORD:
            yield (f"a word of {len(word):,} characters, at most {MAX_WORD}", "a word", "shorten it")
        elif len(scripts) > 1:
            yield (
                f"{word!r} mixes {' and '.join(scripts)} letters that look alike",
                "letters of one script",
                "write the word again by hand",
            )


def _scripts(word: str) -> list[str]:
    if word.isascii():
        return []
    names = {unicodedata.name(character, "").split(" ", 1)[0] for character in word if character.isalpha()}
    return sorted(name.capitalize() for name in names if name in _SCRIPTS)

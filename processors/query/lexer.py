"""Cut a query into tokens, and refuse with place and remedy what can't be one."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from processors.query.words import MAX_WORD, cut

END = "the end"
OPERATORS = ("AND", "OR", "NOT")
# Not words when bare, so that they can become operators without changing what a query means.
RESERVED = frozenset({"NEAR", "BEFORE", "AFTER", "SENTENCE", "PARAGRAPH", "ATLEAST", "OF", "XOR", "WITHIN"})
_OPENING = '"“”„‟«»＂'
_TOKEN = re.compile(
    rf"(?P<space>\s+)|(?P<paren>[()])|(?P<exact>=?)(?P<quote>[{_OPENING}])|(?P<bare>[^\s(){_OPENING}]+)"
)
_CLOSING = re.compile(rf"[{_OPENING}]")
_BARE_BAD = re.compile(r"[*?:/=~^<>\[\]{}#@$%+|&;,!\\]")
_PHRASE_BAD = re.compile(r"[*?]")
_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "HEBREW", "ARABIC")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How large a query may be."""

    length: int = 10_000  # characters
    depth: int = 64  # levels of NOT and parentheses
    terms: int = 500  # words and phrases
    words: int = 32  # in one phrase


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


@dataclass(frozen=True, kw_only=True)
class Token:
    """An operator, a parenthesis or a phrase, and where it stands. `kind` of the first two is their text."""

    kind: str
    text: str
    start: int
    end: int
    exact: bool = False


@dataclass(frozen=True)
class Lexed:
    """The tokens, with END last, what was refused, and where: one fault should not be heard of twice."""

    tokens: list[Token]
    errors: list[QueryError]
    faulty: frozenset[int]


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Give the line and column, both from 1, of an offset."""
    return text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1


def lex(query: str, limits: Limits) -> Lexed:
    """Cut a query into tokens; what is refused is an error and, where it can be, still a token."""
    tokens: list[Token] = []
    errors: list[QueryError] = []
    faulty: set[int] = set()

    def refuse(offset: int, what: str, expected: str, remedy: str) -> None:
        faulty.add(offset)
        line, column = line_and_column(query, offset)
        errors.append(QueryError(line=line, column=column, what=what, expected=expected, remedy=remedy))

    for offset, character in enumerate(query):
        if (
            unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co"}
            and character not in "\t\n\r\u00ad\u200c\u200d"
        ):
            refuse(
                offset,
                f"an invisible character, U+{ord(character):04X}",
                "visible ones",
                "delete it, or write the words again by hand",
            )
    position = 0
    while position < len(query) and len(errors) < 20:
        found = _TOKEN.match(query, position)
        if found is None:  # a lone "=" before a parenthesis or the end
            break
        start, position = position, found.end()
        if found["space"]:
            continue
        if found["paren"]:
            tokens.append(Token(kind=found["paren"], text=found["paren"], start=start, end=position))
        elif found["bare"]:
            tokens.append(_bare(found["bare"], start))
            for problem in _faults_of_bare(found["bare"]):
                refuse(start, *problem)
        else:
            closing = _CLOSING.search(query, position)
            if closing is None:
                refuse(
                    start, "this quotation mark is never closed", 'a closing "', "close it after the phrase"
                )
                tokens.append(Token(kind="phrase", text=query[position:], start=start, end=len(query)))
                break
            written, position = query[position : closing.start()], closing.end()
            tokens.append(
                Token(kind="phrase", text=written, start=start, end=position, exact=bool(found["exact"]))
            )
            for problem in _faults_of_phrase(written, limits):
                refuse(start, *problem)
    tokens.append(Token(kind=END, text="", start=len(query.rstrip()), end=len(query)))
    return Lexed(tokens, errors, frozenset(faulty))


def _bare(text: str, start: int) -> Token:
    kind = text if text in OPERATORS else "phrase"
    return Token(kind=kind, text=text, start=start, end=start + len(text))


def _faults_of_bare(text: str) -> Iterator[tuple[str, str, str]]:
    if text in OPERATORS or text in {"&&", "||", "&", "|"}:
        return
    bad = _BARE_BAD.search(text)
    name = re.split(r"[/:\d]", text, maxsplit=1)[0]
    if name in RESERVED:
        yield (
            f"{name} is kept for an operator that this version does not have",
            "AND, OR, NOT or a word",
            f'to find the word, quote it: "{name}"',
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
            else f'leave it out, or quote the whole: "{text}"'
            if bad[0] not in "*?"
            else "write the forms out, joined by OR; plurals, -ed and -ing are found without it",
        )
    else:
        yield from _faults_of_words(text, 32)


def _faults_of_phrase(written: str, limits: Limits) -> Iterator[tuple[str, str, str]]:
    bad = _PHRASE_BAD.search(written)
    if bad:
        yield (
            f"`{bad[0]}` can't stand in a phrase",
            "words",
            "write the forms out, joined by OR; plurals, -ed and -ing are found without it",
        )
    yield from _faults_of_words(written, limits.words)


def _faults_of_words(written: str, most: int) -> Iterator[tuple[str, str, str]]:
    words = cut(written)
    if not words:
        yield ("there is no word in it", "a letter or a digit", "write what is to be found, or take it out")
    if len(words) > most:
        yield (
            f"a phrase of {len(words)} words, at most {most}",
            "a shorter phrase",
            "nobody writes it the same way twice: keep what is telling, or split it with AND",
        )
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

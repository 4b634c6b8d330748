"""From what an analyst writes to a tree, or to every error found in it, each with its place and a remedy.

    query   = any ;
    any     = all , { "OR" , all } ;
    all     = not , { "AND" , not } ;
    not     = "NOT" , not | "(" , any , ")" | phrase ;
    phrase  = [ "=" ] , '"' , words , '"' | word ;

Two terms side by side are an error, not an AND: whoever forgets a quotation mark should hear of it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from processors.query.lexer import END, Lexed, Limits, QueryError, Token, lex, line_and_column
from processors.query.tree import And, Node, Not, Or, Phrase, requires_something

__all__ = ["Limits", "QueryError", "parse"]

_STARTERS = {"phrase", "NOT", "("}
_OPERATORS_MISTYPED = {"and", "or", "not", "And", "Or", "Not", "&&", "||", "&", "|"}


def parse(query: str, limits: Limits | None = None) -> Node | list[QueryError]:
    """Give the tree of a query, or its errors in the order of their places, 20 at most."""
    limits = limits or Limits()
    if len(query) > limits.length:
        return [
            QueryError(
                line=1,
                column=1,
                what=f"the query has {len(query):,} characters, at most {limits.length:,}",
                expected="a shorter query",
                remedy="split it into several rules",
            )
        ]
    lexed = lex(query, limits)
    parser = _Parser(query, lexed, limits)
    node = parser.query()
    errors = sorted(lexed.errors + parser.errors, key=lambda error: (error.line, error.column))
    if not errors and node is not None and not requires_something(node):
        errors = [_nothing_required(query, node)]
    if errors:
        return errors[:20]
    assert node is not None  # noqa: S101  an empty query is an error
    return node


def _nothing_required(query: str, node: Node) -> QueryError:
    line, column = line_and_column(query, node.start)
    return QueryError(
        line=line,
        column=column,
        what="nothing has to be found: this query holds for almost every article (a bare NOT)",
        expected="a word or phrase that is required",
        remedy='write what must be there before what must not: "troop build-up" AND NOT exercise; '
        "in an OR, each alternative needs something that must be there",
    )


class _TooMuch(Exception):
    """A limit was passed: what follows is not read."""


@dataclass
class _Parser:
    query_text: str
    lexed: Lexed
    limits: Limits
    position: int = 0
    depth: int = 0
    terms: int = 0

    def __post_init__(self) -> None:
        self.errors: list[QueryError] = []

    @property
    def token(self) -> Token:
        return self.lexed.tokens[self.position]

    def query(self) -> Node | None:
        try:
            node = self.any()
            while self.token.kind != END:
                if self.token.kind == ")":
                    self.error(
                        self.token,
                        "this parenthesis closes nothing",
                        "an operator or the end",
                        "take it out, or open one before it",
                    )
                    self.position += 1
                    if self.token.kind in {"AND", "OR"}:
                        self.position += 1
                        node = self.any()
                else:
                    node = self.any()
        except _TooMuch:
            return None
        return node

    def any(self) -> Node | None:
        return self.row("OR", self.all)

    def all(self) -> Node | None:
        return self.row("AND", self.negated)

    def row(self, operator: str, part: Callable[[], Node | None]) -> Node | None:
        parts = [part()]
        while self.token.kind == operator or (operator == "AND" and self.token.kind in _STARTERS):
            if self.token.kind == operator:
                self.position += 1
            else:
                self.side_by_side()
            parts.append(part())
        whole = [node for node in parts if node is not None]
        if len(whole) != len(parts):
            return None
        if len(whole) == 1:
            return whole[0]
        kind = Or if operator == "OR" else And
        return kind(start=whole[0].start, end=whole[-1].end, parts=tuple(whole))

    def side_by_side(self) -> None:
        before, here = self.lexed.tokens[self.position - 1], self.token
        if {before.start, here.start} & self.lexed.faulty:
            return
        for token in (here, before):
            if token.text in _OPERATORS_MISTYPED:
                # One error for the two gaps that a lower-case operator makes.
                if token is here:
                    self.error(
                        here,
                        f"`{here.text}` here is read as a word to be found",
                        "an operator: AND, OR, NOT",
                        f'write {_capital(here.text)}, or put "{here.text}" '
                        "into the phrase's quotation marks",
                    )
                return
        self.error(
            here,
            "two terms stand side by side",
            "AND or OR between them",
            'write AND or OR, or put both into one pair of quotation marks: "troop build-up"',
        )

    def negated(self) -> Node | None:
        token = self.token
        match token.kind:
            case "NOT":
                self.position += 1
                part = self.nested(token, self.negated)
                return part and Not(start=token.start, end=part.end, part=part)
            case "(":
                return self.group()
            case "phrase":
                self.position += 1
                self.terms += 1
                if self.terms > self.limits.terms:
                    self.error(
                        token,
                        f"more than {self.limits.terms} words and phrases",
                        "fewer alternatives",
                        "split it into several rules",
                    )
                    raise _TooMuch
                return Phrase(start=token.start, end=token.end, written=token.text, exact=token.exact)
        self.missing(token)
        return None

    def missing(self, token: Token) -> None:
        if self.position and token.kind in {"AND", "OR"}:
            what = f"{token.kind} follows {self.lexed.tokens[self.position - 1].kind}"
        elif token.kind in {"AND", "OR"}:
            what = f"the query begins with {token.kind}"
        elif token.kind == END:
            what = "the query is empty" if self.position == 0 else "the query ends too early"
        else:
            what = "there is nothing inside these parentheses"
        remedy = (
            f'add what is to be found, or take the operator out; to find the word, quote it: "{token.text}"'
        )
        self.error(
            token,
            what,
            "a word, a phrase in quotation marks, NOT or (",
            remedy if token.kind in {"AND", "OR"} else 'add what is to be found: "troop build-up"',
        )

    def group(self) -> Node | None:
        opening = self.token
        self.position += 1
        node = self.nested(opening, self.any)
        if self.token.kind == ")":
            closing = self.token
            self.position += 1
            return node and _wider(node, opening.start, closing.end)
        self.error(opening, "this parenthesis is never closed", ")", "close it after the last alternative")
        return None

    def nested(self, token: Token, part: Callable[[], Node | None]) -> Node | None:
        self.depth += 1
        if self.depth > self.limits.depth:
            self.error(
                token,
                f"more than {self.limits.depth} levels of NOT and parentheses",
                "fewer levels",
                "flatten it: A OR (B OR C) is A OR B OR C",
            )
            raise _TooMuch
        node = part()
        self.depth -= 1
        return node

    def error(self, token: Token, what: str, expected: str, remedy: str) -> None:
        line, column = line_and_column(self.query_text, token.start)
        self.errors.append(QueryError(line=line, column=column, what=what, expected=expected, remedy=remedy))


def _capital(word: str) -> str:
    return {"&&": "AND", "&": "AND", "||": "OR", "|": "OR"}.get(word, word.upper())


def _wider(node: Node, start: int, end: int) -> Node:
    """Give a node with its parentheses, unless it is a phrase, whose clause reads better without."""
    if isinstance(node, Phrase):
        return node
    match node:
        case And(parts=parts):
            return And(start=start, end=end, parts=parts)
        case Or(parts=parts):
            return Or(start=start, end=end, parts=parts)
        case Not(part=part):
            return Not(start=start, end=end, part=part)

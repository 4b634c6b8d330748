"""From what an analyst writes to a tree, or to every error found in it, each with its place and a remedy.

    query     = any ;
    any       = all , { "OR" , all } ;
    all       = not , { "AND" , not } ;
    not       = "NOT" , not | near ;
    near      = unit , { [ "NOT" ] , ( "NEAR/n" | "BEFORE/n" | "SENTENCE" | "PARAGRAPH" ) , unit } ;
    unit      = "(" , any , ")" | "ATLEAST" , n , "(" , any , ")" | n , "OF" , "(" , any , ")"
              | "SCORE/x" , "(" , weighed , { "OR" , weighed } , ")"
              | scope , ":" , unit | predicate , ":" , values | "/" , re , "/" | phrase | wildcard ;
    weighed   = all , [ "WEIGHT/x" ] ;
    values    = value | "(" , value , { "OR" , value } , ")" ;
    phrase    = [ "=" ] , '"' , words , '"' | word ;

Two terms side by side are an error, not an AND: whoever forgets a quotation mark should hear of it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from processors.query.lexer import (
    AMOUNTS,
    END,
    SCOPES,
    Lexed,
    Limits,
    QueryError,
    Token,
    lex,
    line_and_column,
)
from processors.query.predicates import predicate
from processors.query.regexes import fault_of
from processors.query.tree import (
    And,
    AtLeast,
    Near,
    Node,
    Not,
    Of,
    Or,
    Phrase,
    Regex,
    Scoped,
    Score,
    Wildcard,
    gives_hits,
    requires_something,
)

T = TypeVar("T")

__all__ = ["Limits", "QueryError", "parse"]

_STARTERS = {"phrase", "wildcard", "regex", "name", "value", "NOT", "(", "ATLEAST", "SCORE"}
_PROXIMITY = {"NEAR", "BEFORE", "SENTENCE", "PARAGRAPH"}
_OPERATORS_MISTYPED = {"and", "or", "not", "And", "Or", "Not", "&&", "||", "&", "|"}
_MOST_ERRORS = 20


def parse(query: str, limits: Limits | None = None, *, pack: str = "") -> Node | list[QueryError]:
    """Give the tree of a query, or its errors in the order of their places, 20 at most.

    A concept named without a pack is one of `pack`.
    """
    limits = limits or Limits()
    if len(query) > limits.length:
        return [
            QueryError(
                line=1,
                column=1,
                what=f"the query has {len(query):,} characters, at most {limits.length:,}",
                expected="a shorter query",
                remedy="split it into several rules, or put its lists of words into concepts",
            )
        ]
    lexed = lex(query, limits)
    parser = _Parser(query, lexed, limits, pack)
    node = parser.query()
    errors = sorted(lexed.errors + parser.errors, key=lambda error: (error.line, error.column))
    if not errors and node is not None and not requires_something(node):
        errors = [_nothing_required(query, node)]
    if errors:
        return errors[:_MOST_ERRORS]
    assert node is not None  # noqa: S101  an empty query is an error
    return node


def _nothing_required(query: str, node: Node) -> QueryError:
    line, column = line_and_column(query, node.start)
    return QueryError(
        line=line,
        column=column,
        what="nothing has to be found: this query holds for almost every article (a bare NOT, or a filter "
        "or regular expression alone)",
        expected="a word, phrase, entity or concept that is required",
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
    pack: str
    position: int = 0
    depth: int = 0
    terms: int = 0
    regexes: int = 0

    def __post_init__(self) -> None:
        self.errors: list[QueryError] = []
        self.told: set[int] = set()  # where an operator is mistyped, and was told so

    @property
    def token(self) -> Token:
        return self.lexed.tokens[self.position]

    def after(self, count: int = 1) -> Token:
        return self.lexed.tokens[min(self.position + count, len(self.lexed.tokens) - 1)]

    @property
    def ended(self) -> int:
        """Where the last token that was read ends: a part itself stands without its parentheses."""
        return self.lexed.tokens[self.position - 1].end

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
        start = self.token.start
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
        return kind(start=start, end=self.ended, parts=tuple(whole))

    def side_by_side(self) -> None:
        before, here = self.lexed.tokens[self.position - 1], self.token
        if {before.start, here.start} & self.lexed.faulty:
            return
        mistyped = next((token for token in (before, here) if token.text in _OPERATORS_MISTYPED), None)
        if mistyped is not None:
            if mistyped.start not in self.told:  # one error for the two gaps that it makes
                self.told.add(mistyped.start)
                self.error(
                    mistyped,
                    f"`{mistyped.text}` here is read as a word to be found",
                    "an operator: AND, OR, NOT",
                    f'write {_capital(mistyped.text)}, or put "{mistyped.text}" '
                    "into the phrase's quotation marks",
                )
            return
        if amount := next((token for token in (before, here) if self.bare_amount(token)), None):
            what, expected = f"{amount.text} without a number", "SCORE/3 (a WEIGHT/2 OR b)"
            remedy = f'write {amount.text}/2 for an amount of 2; to find the word, quote it: "{amount.text}"'
            self.error(amount, what, expected, remedy)
            raise _TooMuch
        self.error(
            here,
            "two terms stand side by side",
            "AND or OR between them",
            'write AND or OR, or put both into one pair of quotation marks: "troop build-up"',
        )

    def bare_amount(self, token: Token) -> bool:
        return token.text in AMOUNTS and self.query_text[token.start : token.end] == token.text

    def negated(self) -> Node | None:
        token = self.token
        if token.kind != "NOT":
            return self.near()
        self.position += 1
        part = self.nested(token, self.negated)
        return part and Not(start=token.start, end=self.ended, part=part)

    def near(self) -> Node | None:
        start = self.token.start
        left = self.unit()
        while (operator := self.after() if self.token.kind == "NOT" else self.token).kind in _PROXIMITY:
            negated = self.token.kind == "NOT"
            self.position += 2 if negated else 1
            right = self.unit()
            if left is None or right is None:
                left = None
                continue
            for side in (left, right):
                if not gives_hits(side):
                    self.no_hits(side, operator.kind)
            left = Near(
                start=start,
                end=self.ended,
                left=left,
                right=right,
                unit="sentence" if operator.kind == "SENTENCE" else "paragraph",
                most=operator.number,
                ordered=operator.kind == "BEFORE",
                negated=negated,
            )
        return left

    def no_hits(self, side: Node, operator: str) -> None:
        line, column = line_and_column(self.query_text, side.start)
        what = f"a side of {operator} says something of the whole article, which stands nowhere in it"
        expected = "words, phrases, entities and concepts, joined by OR or by other distances"
        remedy = "for AND, write the distance for each: (a NEAR/5 b) AND (a NEAR/5 c)"
        self.errors.append(QueryError(line=line, column=column, what=what, expected=expected, remedy=remedy))

    def unit(self) -> Node | None:
        token = self.token
        if token.kind == "phrase" and token.text.isdecimal() and self.after().kind == "OF":
            return self.of(token)
        match token.kind:
            case "(":
                return self.group()
            case "ATLEAST":
                return self.at_least(token)
            case "SCORE":
                return self.score(token)
            case "name" if token.text in SCOPES:
                self.position += 1
                part = self.nested(token, self.unit)
                return part and Scoped(start=token.start, end=self.ended, scope=token.text, part=part)  # type: ignore[arg-type]
            case "name":
                return self.predicate(token)
            case "phrase":
                self.take(token)
                return Phrase(start=token.start, end=token.end, written=token.text, exact=token.exact)
            case "wildcard":
                self.take(token)
                return Wildcard(start=token.start, end=token.end, written=token.text)
            case "regex":
                return self.regex(token)
        self.missing(token)
        return None

    def take(self, token: Token) -> None:
        self.position += 1
        self.terms += 1
        if self.terms > self.limits.terms:
            self.error(
                token,
                f"more than {self.limits.terms} words and phrases",
                "fewer alternatives",
                "put lists of words into concepts, or split it into several rules",
            )
            raise _TooMuch

    def regex(self, token: Token) -> Node:
        self.take(token)
        self.regexes += 1
        if self.regexes > self.limits.regexes:
            what = f"more than {self.limits.regexes} regular expressions"
            self.error(token, what, "fewer", "join them with | into one, or write phrases")
            raise _TooMuch
        if token.start not in self.lexed.faulty and (fault := fault_of(token.text)):
            self.error(
                token, f"RE2 does not read this: {fault}", "a regular expression of RE2's syntax", REMEDY
            )
        return Regex(start=token.start, end=token.end, written=token.text)

    def at_least(self, token: Token) -> Node | None:
        number = self.after()
        if not (number.kind == "phrase" and number.text.isdecimal() and self.after(2).kind == "("):
            self.error(
                token,
                "ATLEAST without a number and parentheses",
                "ATLEAST 3 (…)",
                'say how many hits and of what; to find the word, quote it: "ATLEAST"',
            )
            raise _TooMuch
        self.position += 2
        part = self.group()
        count = self.number(number, 1, 1_000)
        if part is not None and not gives_hits(part):
            self.no_hits(part, "ATLEAST")
        return part and AtLeast(start=token.start, end=self.ended, count=count, part=part)

    def of(self, number: Token) -> Node | None:
        if self.after(2).kind != "(":
            what, expected = "OF without parentheses", "2 OF (…)"
            self.error(self.after(), what, expected, "put the alternatives, joined by OR, into parentheses")
            raise _TooMuch
        self.position += 2
        part = self.group()
        if part is None:
            return None
        parts = part.parts if isinstance(part, Or) else (part,)
        count = self.number(number, 1, len(parts))
        return Of(start=number.start, end=self.ended, count=count, parts=parts)

    def score(self, token: Token) -> Node | None:
        opening = self.after()
        if opening.kind != "(":
            self.error(
                token,
                "SCORE without parentheses",
                "SCORE/3 (a WEIGHT/2 OR b)",
                "put what is weighed into some",
            )
            raise _TooMuch
        self.position += 2
        weighed = [self.nested(opening, self.weighed)]
        while self.token.kind == "OR":
            self.position += 1
            weighed.append(self.nested(opening, self.weighed))
        closing = self.token
        if closing.kind != ")":
            self.error(
                opening, "this parenthesis is never closed", ")", "close it after the last that is weighed"
            )
            return None
        self.position += 1
        parts = tuple((weight, part) for weight, part in weighed if part is not None)
        if len(parts) < len(weighed):
            return None
        return Score(start=token.start, end=closing.end, threshold=float(token.text), parts=parts)

    def weighed(self) -> tuple[float, Node | None]:
        part, weight = self.all(), 1.0
        if self.token.kind == "WEIGHT":
            weight = float(self.token.text)
            self.position += 1
        return weight, part

    def number(self, token: Token, least: int, most: int) -> int:
        count = int(token.text[:9])
        if not least <= count <= most or len(token.text) > 9:
            what = f"{token.text[:9]} of them can't be asked for"
            self.error(
                token, what, f"a number from {least} to {most:,}", "count the alternatives joined by OR"
            )
        return count

    def predicate(self, name: Token) -> Node | None:
        self.position += 1
        if self.token.kind != "(":
            return self.value(name, name.start)
        opening = self.token
        self.position += 1
        values = [self.value(name, self.token.start)]
        while self.token.kind == "OR":
            self.position += 1
            values.append(self.value(name, self.token.start))
        if self.token.kind != ")":
            self.error(
                opening if self.token.kind == END else self.token,
                "this parenthesis is never closed"
                if self.token.kind == END
                else f"values of {name.text}: that are not joined by OR",
                ")" if self.token.kind == END else "OR between values, ) after the last",
                f"write {name.text}:(a OR b)",
            )
            raise _TooMuch
        closing = self.token
        self.position += 1
        nodes = [value for value in values if value is not None]
        if len(nodes) != len(values):
            return None
        if len(nodes) == 1:
            return replace(nodes[0], start=name.start, end=closing.end)
        return Or(start=name.start, end=closing.end, parts=tuple(nodes))

    def value(self, name: Token, start: int) -> Node | None:
        token = self.token
        if token.kind == "name" and (name.text, token.text) == ("source", "tier"):
            self.position += 1
            return self.value(token, start)
        if token.kind not in {"value", "phrase"}:
            what = f"{name.text}: without a value"
            self.error(
                token,
                what,
                f"a name after it, as in {name.text}:…",
                "write it without a space after the colon",
            )
            raise _TooMuch
        self.take(token)
        found = predicate(name.text, token.text, pack=self.pack, start=start, end=token.end)
        if isinstance(found, tuple):
            if token.start not in self.lexed.faulty:
                self.error(token, *found)
            return None
        return found

    def missing(self, token: Token) -> None:
        """Say that a term is missing where this token stands, and step over what nobody else would."""
        operators = {"AND", "OR", "OF", "WEIGHT", *_PROXIMITY}
        before = self.lexed.tokens[self.position - 1].kind if self.position else ""
        remedy = 'add what is to be found: "troop build-up"'
        if token.kind == "NOT":
            what, remedy = f"NOT after {before}", f"write a NOT {before} b for hits of a without b there"
        elif token.kind in operators:
            what = f"{token.kind} follows {before}" if before else f"the query begins with {token.kind}"
            remedy = f'add what is to be found, or take the operator out; to find the word, quote it: "{token.text}"'
        elif token.kind == END:
            what = "the query ends too early" if before else "the query is empty"
        else:
            what = "there is nothing inside these parentheses"
        self.error(token, what, "a word, a phrase in quotation marks, NOT or (", remedy)
        if token.kind in {"NOT", "OF", "WEIGHT", *_PROXIMITY}:
            self.position += 1
            if self.token.kind in _STARTERS - {"NOT"}:
                self.unit()

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

    def nested(self, token: Token, part: Callable[[], T]) -> T:
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
        if len(self.errors) == _MOST_ERRORS:
            raise _TooMuch
        line, column = line_and_column(self.query_text, token.start)
        self.errors.append(QueryError(line=line, column=column, what=what, expected=expected, remedy=remedy))


REMEDY = "it has no look-around and no back references; escape what is meant literally with a backslash"


def _capital(word: str) -> str:
    return {"&&": "AND", "&": "AND", "||": "OR", "|": "OR"}.get(word, word.upper())


def _wider(node: Node, start: int, end: int) -> Node:
    """Give a node with its parentheses, unless it is one term, whose clause reads better without."""
    if isinstance(node, (And, Or, Not, Near, AtLeast, Of, Scoped)):
        return replace(node, start=start, end=end)
    return node

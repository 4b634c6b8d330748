"""The reference page says what the language does."""

import re
from pathlib import Path

import pytest

from processors.query.lexer import RESERVED, Limits
from processors.query.parse import parse
from processors.query.words import MAX_WORD

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "query-language.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("query", re.findall(r"```query\n(.*?)```", PAGE, re.DOTALL))
def test_the_queries_shown_are_accepted(query: str) -> None:
    assert not isinstance(parse(query), list)


def test_every_reserved_name_and_every_limit_is_told() -> None:
    for name in RESERVED:
        assert f"`{name}`" in PAGE
    limits = Limits()
    for limit in (limits.length, limits.depth, limits.terms, limits.words, MAX_WORD):
        assert f"| {limit:,} |" in PAGE

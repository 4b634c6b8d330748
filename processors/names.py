"""Names as they are compared: without case, accents and punctuation."""

import unicodedata
from functools import lru_cache


@lru_cache(maxsize=65_536)
def folded(name: str) -> str:
    """Give a name's words in lower case, without marks and punctuation: `Türkiye’s` is `turkiyes`."""
    plain = unicodedata.normalize("NFKD", name.replace("-", " ")).casefold()
    return " ".join("".join(c for c in plain if c.isalnum() or c.isspace()).split())

"""The demo's own day of news: real bytes for the real pipeline, the broken ones among them."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

HERE = Path(__file__).parent
DAY_ENDS = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)  # in articles.jsonl
LEAD = timedelta(minutes=2)  # the last article is this old when the demo starts
_TIME = re.compile(r"^2026-03-02T\d\d:\d\d:\d\dZ$")


def load(now_ms: int) -> list[bytes]:
    """Give the day's values for `articles`, moved in time so that the day ends just before `now_ms`.

    Only whole times of that day are moved; a missing, date-only or broken one stays as it is. The
    values that can't be read are spread evenly among the others.
    """
    shift = datetime.fromtimestamp(now_ms / 1000, UTC) - LEAD - DAY_ENDS
    values = [_moved(line, shift) for line in (HERE / "articles.jsonl").read_bytes().splitlines() if line]
    broken = (HERE / "broken.bin").read_bytes().split(b"\n")[:-1]
    step = len(values) // (len(broken) + 1)
    for number, value in enumerate(broken, 1):
        values.insert(number * step + number - 1, value)
    return values


def _moved(line: bytes, shift: timedelta) -> bytes:
    article = json.loads(line)
    for field in ("published", "updated"):
        value = article.get(field)
        if isinstance(value, str) and _TIME.match(value):
            moved = datetime.fromisoformat(value) + shift
            article[field] = moved.strftime("%Y-%m-%dT%H:%M:%SZ")
    return json.dumps(article, ensure_ascii=False).encode()

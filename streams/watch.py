"""`wirewatch watch`: alerts live in the terminal, as they are written."""

from msgspec import json as msgjson
from rich.console import Console

from processors import codec
from processors.models import Alert
from streams import screen
from streams.follow import Follower
from streams.settings import Settings


def run(settings: Settings, *, out: Console, from_start: bool, limit: int | None, as_json: bool) -> int:
    """Show alerts until interrupted, or until `limit` are shown; give how many were."""
    shown = 0
    with Follower(settings, ["alerts"], from_start=from_start) as follower:
        while limit is None or shown < limit:
            for _, record in follower.poll(1.0):
                alert = codec.read_as(record.value, Alert)
                if as_json:
                    out.out(msgjson.encode(alert).decode(), highlight=False)
                else:
                    headers = dict(record.headers)
                    ingested = int(headers.get("ingested-ms", b"0")) or None
                    screen.show_alert(out, alert, now_ms=record.timestamp, ingested_ms=ingested)
                shown += 1
                if limit is not None and shown >= limit:
                    break
    return shown

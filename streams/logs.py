"""Log lines: JSON for machines, readable on a terminal; untrusted text can't break out of a line.

A line that concerns a message carries its coordinates: pass them as
`extra={"topic": …, "partition": …, "offset": …}`.
"""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Literal

COORDINATES = ("topic", "partition", "offset")
MOST_CHARACTERS = 4_000  # of one message
# Libraries that tell of each connection and group step: from which level on they are heard.
QUIET = {
    "aiokafka": logging.WARNING,
    "asyncio": logging.WARNING,
    "faust": logging.WARNING,
    "mode": logging.WARNING,
    "streams.transport": logging.WARNING,
    # Its failures are raised as well, and whoever catches them says so once.
    "kafka": logging.CRITICAL,
}


def set_up(level: str, form: Literal["auto", "json", "text"]) -> None:
    """Send every log line to standard error in the wanted form."""
    handler = logging.StreamHandler(sys.stderr)
    text = form == "text" or (form == "auto" and sys.stderr.isatty())
    handler.setFormatter(TextFormatter() if text else JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, heard_from in QUIET.items():
        logging.getLogger(name).setLevel(logging.DEBUG if level == "DEBUG" else heard_from)


class JsonFormatter(logging.Formatter):
    """One JSON object a line; JSON's own escapes keep control characters in it."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the line."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage()[:MOST_CHARACTERS],
        }
        line |= {name: getattr(record, name) for name in COORDINATES if hasattr(record, name)}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


class TextFormatter(logging.Formatter):
    """A line to read, with control characters and line breaks escaped."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the line; a traceback follows it."""
        time = datetime.fromtimestamp(record.created).strftime("%H:%M:%S")
        where = " ".join(f"{name}={getattr(record, name)}" for name in COORDINATES if hasattr(record, name))
        message = escaped(record.getMessage()[:MOST_CHARACTERS])
        line = f"{time} {record.levelname.lower():7} {message}" + (f"  [{where}]" if where else "")
        return line + ("\n" + self.formatException(record.exc_info) if record.exc_info else "")


def escaped(text: str) -> str:
    """Give text with what is not printable as its escape, so that it can't forge a line or colour it."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)

"""When a source says it published: one form, and how far it can be trusted."""

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

from processors.models import TimeQuality

AHEAD_MS = 60 * 60 * 1000  # clocks of publishers are off by minutes; an hour ahead is another thing

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"[+-]?\d{9,}(?:\.\d{1,9})?\Z")
_DATE = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)\Z")
_ISO = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d|\d{8})[Tt ]\s*"
    r"(?P<hour>\d\d)(?::?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?)?"
    r"\s*(?P<zone>[Zz]|UTC|GMT|[+-]\d\d(?::?\d\d)?)?\Z"
)
# Numbers below are seconds since 1970, above milliseconds: 1e11 s is the year 5138, 1e11 ms is 1973.
_MILLISECONDS_FROM = 1e11
_MICROSECONDS_FROM = 1e14


def parse(value: str | int | float | None, *, now_ms: int) -> tuple[str | None, TimeQuality]:
    """Give a time as ISO 8601 in UTC ("2022-01-12T09:30:00Z") and how it came.

    Reads ISO 8601, RFC 2822 and seconds, milliseconds or microseconds since 1970. A time without
    a zone is taken for UTC and is `naive`; a day alone is its first moment and is `date`; a time
    more than an hour after `now_ms` (milliseconds since 1970 of the record) is `future`, whatever
    else it is; what can't be read, or lies outside the years 1 to 9999, is (None, "invalid").
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return None, "missing"
    try:
        moment, quality = _read(value)
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError, TypeError):
        return None, "invalid"
    if (moment - _EPOCH) // timedelta(milliseconds=1) > now_ms + AHEAD_MS:
        quality = "future"
    return _written(moment), quality


def _read(value: str | int | float) -> tuple[datetime, TimeQuality]:
    if not isinstance(value, str):
        return _from_number(float(value)), "exact"
    text = value.strip()
    if len(text) > 64:
        raise ValueError("no time is that long")
    if day := _DATE.match(text):
        year, month, date = map(int, day.groups())
        return datetime(year, month, date, tzinfo=UTC), "date"
    if iso := _ISO.match(text):
        return _from_iso(iso)
    if _NUMBER.match(text):
        return _from_number(float(text)), "exact"
    return _from_mail(text)


def _from_iso(found: re.Match[str]) -> tuple[datetime, TimeQuality]:
    digits = found["date"].replace("-", "")
    hour, second = int(found["hour"]), int(found["second"] or 0)
    midnight_after = hour == 24 and int(found["minute"] or 0) == second == 0  # ISO 8601 allows 24:00
    moment = datetime(
        int(digits[:4]),
        int(digits[4:6]),
        int(digits[6:]),
        0 if midnight_after else hour,
        int(found["minute"] or 0),
        min(second, 59) if second == 60 else second,  # a leap second
        int((found["fraction"] or "0")[:6].ljust(6, "0")),
        tzinfo=_zone(found["zone"]),
    )
    if midnight_after:
        moment += timedelta(days=1)
    return moment, "exact" if found["zone"] else "naive"


def _zone(written: str | None) -> timezone:
    if not written or written[0] not in "+-":
        return UTC
    digits = written[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if written[0] == "-" else offset)


def _from_number(number: float) -> datetime:
    size = abs(number)
    unit = 1 if size < _MILLISECONDS_FROM else 1_000 if size < _MICROSECONDS_FROM else 1_000_000
    return _EPOCH + timedelta(microseconds=round(number * (1_000_000 // unit)))


def _from_mail(text: str) -> tuple[datetime, TimeQuality]:
    moment = parsedate_to_datetime(text)
    # Without a zone, or with -0000, RFC 5322's way of saying that the zone is not known.
    naive = moment.tzinfo is None
    return (moment.replace(tzinfo=UTC), "naive") if naive else (moment, "exact")


def _written(moment: datetime) -> str:
    text = moment.strftime("%Y-%m-%dT%H:%M:%S")
    text = text if len(text) == 19 else text.rjust(19, "0")  # glibc does not pad the year
    if moment.microsecond:
        text += f".{moment.microsecond:06d}".rstrip("0")
    return text + "Z"

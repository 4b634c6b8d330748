"""A publisher's time comes out in one form with a word on how far to trust it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors import times

NOW_MS = int(datetime(2022, 1, 20, tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, (None, "missing")),
        ("  ", (None, "missing")),
        ("2022-01-12T09:30:00Z", ("2022-01-12T09:30:00Z", "exact")),
        ("2021-12-23T22:48:20+08:00", ("2021-12-23T14:48:20Z", "exact")),
        ("2022-01-12T09:30:00.123456789-0500", ("2022-01-12T14:30:00.123456Z", "exact")),
        ("20220112T093000Z", ("2022-01-12T09:30:00Z", "exact")),
        ("1987-10-19T12:17:53", ("1987-10-19T12:17:53Z", "naive")),
        ("2022-01-12 09:30", ("2022-01-12T09:30:00Z", "naive")),
        ("2022-01-12T24:00", ("2022-01-13T00:00:00Z", "naive")),
        ("2017-10-14", ("2017-10-14T00:00:00Z", "date")),
        ("20171014", ("2017-10-14T00:00:00Z", "date")),
        ("Wed, 12 Jan 2022 09:30:00 GMT", ("2022-01-12T09:30:00Z", "exact")),
        ("Wed, 12 Jan 2022 09:30:00 +0100", ("2022-01-12T08:30:00Z", "exact")),
        ("12 Jan 2022 09:30 EST", ("2022-01-12T14:30:00Z", "exact")),
        ("Wed, 12 Jan 2022 09:30:00 -0000", ("2022-01-12T09:30:00Z", "naive")),
        ("Wed, 12 Jan 2022 09:30:00", ("2022-01-12T09:30:00Z", "naive")),
        (1642000000, ("2022-01-12T15:06:40Z", "exact")),
        (1642000000.5, ("2022-01-12T15:06:40.5Z", "exact")),
        (1642000000000, ("2022-01-12T15:06:40Z", "exact")),
        (1642000000000000, ("2022-01-12T15:06:40Z", "exact")),
        ("1642000000", ("2022-01-12T15:06:40Z", "exact")),
        (-86400, ("1969-12-31T00:00:00Z", "exact")),
        ("2022-01-20T00:59:00Z", ("2022-01-20T00:59:00Z", "exact")),
        ("2022-01-20T01:01:00Z", ("2022-01-20T01:01:00Z", "future")),
        ("2031-01-01", ("2031-01-01T00:00:00Z", "future")),
        ("0005-03-01", ("0005-03-01T00:00:00Z", "date")),
        ("2022-02-30", (None, "invalid")),
        ("0000-01-01", (None, "invalid")),
        ("2022-01-12T25:00:00Z", (None, "invalid")),
        ("0001-01-01T00:00:00+05:00", (None, "invalid")),
        ("9999-12-31T23:59:59-05:00", (None, "invalid")),
        (1e300, (None, "invalid")),
        (float("nan"), (None, "invalid")),
        (float("inf"), (None, "invalid")),
        ("NaN", (None, "invalid")),
        ("yesterday", (None, "invalid")),
        ("9" * 1_000, (None, "invalid")),
    ],
)
def test_each_way_of_writing_a_time_has_its_fate(
    value: str | int | float | None, expected: tuple[str | None, str]
) -> None:
    assert times.parse(value, now_ms=NOW_MS) == expected


@given(st.text(max_size=40) | st.integers() | st.floats())
def test_nothing_raises(value: str | int | float) -> None:
    written, quality = times.parse(value, now_ms=NOW_MS)
    assert (written is None) == (quality in {"invalid", "missing"})


@given(st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(2022, 1, 1)))
def test_what_is_written_is_read_as_the_same(moment: datetime) -> None:
    written, _ = times.parse(moment.isoformat(), now_ms=NOW_MS)
    assert times.parse(written, now_ms=NOW_MS) == (written, "exact")

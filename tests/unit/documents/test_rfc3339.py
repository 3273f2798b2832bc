from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockserver.documents.rfc3339 import from_milliseconds, is_date_time, to_milliseconds
from support.cases import table

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MS = timedelta(milliseconds=1)
FIRST = -62_167_219_200_000
LAST = 253_402_300_799_999

offsets = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@table(__file__, "date-times")
def test_accepts(text: str) -> None:
    assert is_date_time(text)


@table(__file__, "no-date-times")
def test_refuses(text: str) -> None:
    assert not is_date_time(text)
    with pytest.raises(ValueError, match="not an RFC 3339 date-time"):
        to_milliseconds(text)


def slow_is_date_time(text: str) -> bool:
    """The same rules, letter by letter, with `datetime` for the calendar."""
    shape = "".join("9" if ch in "0123456789" else ch for ch in text)
    if not shape.startswith(("9999-99-99T99:99:99", "9999-99-99t99:99:99")):
        return False
    rest = shape[19:]
    if rest.startswith(".9"):
        rest = rest[1:].lstrip("9")
    if rest not in ("Z", "z", "+99:99", "-99:99"):
        return False
    year, month, day = int(text[:4]), int(text[5:7]), int(text[8:10])
    hour, minute, second = int(text[11:13]), int(text[14:16]), int(text[17:19])
    offset = timedelta()
    if rest not in ("Z", "z"):
        hours, minutes = int(text[-5:-3]), int(text[-2:])
        if hours > 23 or minutes > 59:
            return False
        offset = timedelta(hours=hours, minutes=minutes) * (-1 if rest[0] == "-" else 1)
    try:
        # The calendar repeats after 400 years, and these years leave room on both sides.
        local = datetime(
            year % 400 + 2000, month, day, hour, minute, 59 if second == 60 else second
        )
    except ValueError:
        return False
    after = local - offset + timedelta(seconds=1)
    return second != 60 or (after.day, after.hour, after.minute, after.second) == (1, 0, 0, 0)


@st.composite
def near_date_times(draw: st.DrawFn) -> str:
    year = draw(st.sampled_from([0, 4, 100, 400, 1900, 2000, 2023, 2024, 9999]))
    month = draw(st.sampled_from([0, 1, 2, 2, 3, 4, 11, 12, 13]))
    day = draw(st.sampled_from([0, 1, 27, 28, 29, 30, 31, 32]))
    hour, minute = draw(st.sampled_from([(23, 59), (0, 59), (22, 59), (24, 0), (12, 60), (0, 0)]))
    second = draw(st.sampled_from([0, 59, 60, 60, 61]))
    fraction = draw(st.sampled_from(["", "", ".0", ".", ".123456"]))
    offset = draw(st.sampled_from(["Z", "z", "+01:00", "-01:00", "+00:59", "-24:00", "+00:60", ""]))
    text = f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}{offset}"
    if draw(st.booleans()):
        at = draw(st.integers(0, len(text)))
        cut = draw(st.integers(0, 2))
        put = draw(st.text("0123456789TtZz:+-. \n٣", max_size=2))
        text = text[:at] + put + text[at + cut :]
    return text


@given(near_date_times())
@example("1990-12-31T23:59:60Z\n")
def test_agrees_with_a_slow_reading(text: str) -> None:
    assert is_date_time(text) is slow_is_date_time(text)


@given(st.dates(), st.sampled_from(["Z", "+01:00", "-01:00"]))
def test_leap_seconds_agree_with_a_slow_reading(day: object, offset: str) -> None:
    hour = {"Z": 23, "+01:00": 0, "-01:00": 22}[offset]
    text = f"{day}T{hour:02}:59:60{offset}"
    assert is_date_time(text) is slow_is_date_time(text)


@given(st.datetimes(timezones=offsets))
def test_milliseconds_agree_with_datetime(moment: datetime) -> None:
    assert to_milliseconds(moment.isoformat()) == (moment - EPOCH) // MS


@given(st.integers(FIRST + 366 * 86_400_000, LAST))
def test_text_agrees_with_datetime(ms: int) -> None:
    text = (EPOCH + ms * MS).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert from_milliseconds(ms) == text


@given(st.integers(FIRST, LAST))
@example(FIRST)
@example(LAST)
@example(-1)
def test_milliseconds_survive_a_round_trip(ms: int) -> None:
    assert to_milliseconds(from_milliseconds(ms)) == ms


def test_every_turn_of_february_in_a_cycle_of_years() -> None:
    day = timedelta(days=1)
    for year in range(1896, 2305):
        for moment in (datetime(year, 3, 1, tzinfo=UTC) - day, datetime(year, 3, 1, tzinfo=UTC)):
            ms = (moment - EPOCH) // MS
            assert from_milliseconds(ms) == f"{moment:%Y-%m-%d}T00:00:00.000Z"
            assert to_milliseconds(from_milliseconds(ms)) == ms


def test_the_example_of_the_docs() -> None:
    assert from_milliseconds(1_759_505_603_496) == "2025-10-03T15:33:23.496Z"


def test_ends_of_the_range() -> None:
    assert from_milliseconds(FIRST) == "0000-01-01T00:00:00.000Z"
    assert from_milliseconds(LAST) == "9999-12-31T23:59:59.999Z"


@pytest.mark.parametrize("ms", [FIRST - 1, LAST + 1])
def test_years_of_more_than_four_digits_are_refused(ms: int) -> None:
    with pytest.raises(ValueError, match="years 0000 to 9999"):
        from_milliseconds(ms)


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("1970-01-01T00:00:00.9999Z", 999),
        ("1970-01-01T00:00:00.5Z", 500),
        ("1969-12-31T23:59:59.9999Z", -1),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1990-12-31T23:59:60Z", 662_688_000_000),
        ("1991-01-01T00:00:00Z", 662_688_000_000),
    ],
)
def test_milliseconds(text: str, ms: int) -> None:
    assert to_milliseconds(text) == ms


def test_a_long_text_is_not_repeated_in_full() -> None:
    with pytest.raises(ValueError, match="not an RFC") as caught:
        to_milliseconds("x" * 100_000)
    assert len(str(caught.value)) < 100

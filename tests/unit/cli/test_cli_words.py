"""What a person types is understood, or refused with an example of how to write it."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.cli.exporting import moment
from collector.cli.searching import numbers
from collector.config.duration import octets, seconds, written, written_octets
from collector.errors import UsageError

CUIABA = ZoneInfo("America/Cuiaba")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-01", "2026-11-01T04:00:00+00:00"),
        ("2026-11-01T06:30", "2026-11-01T10:30:00+00:00"),
        ("2026-11-01T06:30:00.5Z", "2026-11-01T06:30:00.500+00:00"),
        ("2026-11-01 06:30+02:00", "2026-11-01T04:30:00+00:00"),
    ],
)
def test_a_time_without_an_offset_is_the_sites(text, expected):
    assert moment(text, CUIABA) == int(datetime.fromisoformat(expected).astimezone(UTC).timestamp() * 1000)


@pytest.mark.parametrize("text", ["yesterday", "", "01.11.2026", "2026-13-01"])
def test_what_is_no_time_is_refused_with_an_example(text):
    with pytest.raises(UsageError) as caught:
        moment(text, CUIABA)
    assert "2026-11-01" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "expected"), [("126", [126]), ("1-3,126", [1, 2, 3, 126]), (" 5 , 4-6", [5, 4, 6]), ("0,255", [0, 255])]
)
def test_addresses(text, expected):
    assert numbers(text) == expected


@pytest.mark.parametrize("text", ["", "a", "1-", "256", "9-3", "-1", "1,,2"])
def test_what_is_no_address_is_refused(text):
    with pytest.raises(UsageError):
        numbers(text)


@given(st.integers(1, 10**9), st.sampled_from(["ms", "s", "min", "h", "d"]))
def test_a_duration_is_written_as_it_is_read(amount, unit):
    value = seconds(f"{amount}{unit}")
    assert seconds(written(value)) == pytest.approx(value)


@given(st.integers(1, 9999), st.sampled_from(["B", "kB", "MB", "GB"]))
def test_a_size_is_written_as_it_is_read(amount, unit):
    value = octets(f"{amount}{unit}")
    assert octets(written_octets(value)) == value


@given(st.text(max_size=12))
def test_any_text_is_a_duration_or_a_value_error(text):
    try:
        assert seconds(text) >= 0
    except ValueError as error:
        assert "duration" in str(error)

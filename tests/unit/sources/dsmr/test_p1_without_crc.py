"""A telegram of DSMR 2 or 3 has no CRC: whatever shows that it was damaged makes all of it unbelievable."""

from __future__ import annotations

import pytest
from p1_captures import telegram

from collector.sources.dsmr.decode import DAMAGED, NO_VALUES, decode

OLD = (
    b"/ISk5\\2MT382-1004\r\n\r\n0-0:96.1.1(00000000000000)\r\n1-0:1.8.1(00001.001*kWh)\r\n1-0:1.8.2(00002.002*kWh)\r\n"
    b"1-0:1.7.0(0001.01*kW)\r\n1-0:2.7.0(0000.00*kW)\r\n0-1:24.3.0(161107190000)(00)(60)(1)(0-1:24.2.1)(m3)\r\n"
    b"(00001.001)\r\n!\r\n"
)


def test_one_that_arrived_as_it_was_sent_is_read() -> None:
    (found,) = decode(OLD)
    assert found.complete
    assert {value.code: value.value for value in found.values}["1-0:1.8.2"] == 2.002


@pytest.mark.parametrize(
    ("sent", "arrived"),
    [
        (b"00002.002*kWh", b"00002.00202.002*kWh"),
        (b"1-0:1.8.2", b"1-0:1.8.*2"),
        (b"1-0:1.8.2", b"1Z0:1.8.2"),
        (b"1-0:1.8.2", b"1-0:1.8.1"),
        (b"0000.00*kW", b"0000.00*(kW"),
        (b"00002.002*kWh", b"00002.002"),
        (b"0001.01*kW", b"0001.0?*kW"),
        (b"(00000000000000)", b"(0000000\xef000000)"),
        (b"MT382", b"MT\xb382"),
    ],
)
def test_one_damaged_line_is_enough(sent: bytes, arrived: bytes) -> None:
    assert sent in OLD
    (found,) = decode(OLD.replace(sent, arrived))
    assert (found.complete, found.values) == (False, ())
    assert found.problems


def test_the_reason_is_told() -> None:
    (found,) = decode(OLD.replace(b"1-0:1.8.2", b"1-0:1.8.1"))
    assert DAMAGED in found.problems


def test_a_header_and_an_end_are_no_telegram() -> None:
    (found,) = decode(b"/ISk5\\2MT382-1004\r\n\r\n!\r\n")
    assert not found.complete
    assert NO_VALUES in found.problems


def test_a_stray_control_character_takes_no_whole_telegram_along() -> None:
    """STX begins a block in other telegrams of IEC 62056-21; behind a P1 telegram it is the noise of a cut one."""
    found = decode(telegram() + b"\x0fISk5\x02MIE5T-200\r\n\r\n0-0:1.0.0(2302\r\n" + telegram())
    assert [one.complete for one in found if one.values] == [True, True]

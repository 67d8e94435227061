"""A logger cannot write to a meter of DL/T 645."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.errors import UsageError
from collector.sources.dlt645.frame import ANYBODY, build
from collector.sources.dlt645.queries import ask_address, permit, read, read_on

METER = "123456789012"


def test_what_reads_may_leave() -> None:
    for query in (read(METER, "9010"), read(METER, "00010000"), read(ANYBODY, "0201FF00"), ask_address()):
        permit(query.frame)
    permit(read_on(read(METER, "0001FF00"), 1).frame)
    permit(read_on(read(METER, "901F"), 1).frame)


def test_the_bytes_of_a_request() -> None:
    assert read("000000000001", "9010").frame.hex() == "fefefefe680100000000006801024" + "3c3da16"
    assert read(METER, "00010000").frame.hex() == "fefefefe68129078563412681104333334336816"
    assert read_on(read(METER, "0001FF00"), 2).frame[-8:-2].translate(bytes((b - 0x33) % 256 for b in range(256))) == (
        bytes.fromhex("D200FF010002")
    )


@pytest.mark.parametrize("control", [code for code in range(256) if code not in (0x01, 0x02, 0x11, 0x12, 0x13)])
def test_every_other_control_code_is_refused(control: int) -> None:
    for size in (0, 2, 4, 5, 12):
        with pytest.raises(UsageError):
            permit(build(METER, control, bytes(size)))


def test_reading_with_data_is_refused() -> None:
    for control, size in ((0x01, 4), (0x11, 2), (0x11, 5), (0x12, 4), (0x13, 6)):
        with pytest.raises(UsageError):
            permit(build(METER, control, bytes(size)))


def test_a_second_frame_behind_the_first_is_refused() -> None:
    good = read(METER, "00010000").frame
    write = build(METER, 0x14, bytes(16))
    for frame in (good + write, write + good, b"\xfe" * 5 + good, good[:-1], good + b"\x00", b"", b"\x00" + good):
        with pytest.raises(UsageError):
            permit(frame)


def test_addresses_are_checked() -> None:
    for address in ("", "123", "12345678901F", "1234567890123", "12345678901-"):
        with pytest.raises(UsageError):
            read(address, "00010000")


@given(st.binary(max_size=40))
def test_random_bytes_are_refused(frame: bytes) -> None:
    with pytest.raises(UsageError):
        permit(frame)

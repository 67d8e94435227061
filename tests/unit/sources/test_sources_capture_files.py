"""A captured file is understood as raw bytes, as hex digits in any usual form, and as `phaselog record` wrote it."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.sources.capture import of_meter
from collector.sources.hex_text import written

#: Reverse energy of a DL/T 645 meter, with wake-up bytes.
FRAME = bytes.fromhex("fefefefe6861010000000068910833333433593333338a16")
XXD = b"""00000000: fefe fefe 6861 0100 0000 0068 9108 3333  ....ha.....h..33
00000010: 3433 5933 3333 8a16                      43Y333..
"""
HEXDUMP = b"""00000000  fe fe fe fe 68 61 01 00  00 00 00 68 91 08 33 33  |....ha.....h..33|
00000010  34 33 59 33 33 33 8a 16                           |43Y333..|
00000018
"""
OD = b"""000000 fe fe fe fe 68 61 01 00 00 00 00 68 91 08 33 33
000010 34 33 59 33 33 33 8a 16
000018
"""


#: The text beside the bytes looks like bytes, too.
DIGITS = b"""00000000: 3132 3334 3536 3738 3930 3132 3334 3536  1234567890123456
00000010: 3132                                     12
"""


def separated(by: str, prefix: str = "") -> bytes:
    return by.join(f"{prefix}{byte:02X}" for byte in FRAME).encode()


@pytest.mark.parametrize(
    "text",
    [
        FRAME.hex().encode(),
        b"\xef\xbb\xbf" + FRAME.hex().upper().encode() + b"\r\n",
        separated(" "),
        separated("\n"),
        separated(":"),
        separated("-"),
        separated(", ", "0x"),
        separated("", "\\x"),
        XXD,
        HEXDUMP,
        OD,
    ],
)
def test_hex_digits_are_the_bytes_that_they_mean(tmp_path: Path, text: bytes):
    file = tmp_path / "frame.txt"
    file.write_bytes(text)
    assert of_meter(file) == FRAME


def test_the_text_beside_a_dump_is_not_taken_for_bytes():
    assert written(DIGITS) == b"123456789012345612"


@pytest.mark.parametrize(
    "raw",
    [
        FRAME,
        b"/ISK5ME162-0033\r\n\x02F.F(00)\r\n!\r\n\x03\x55",
        b"1.8.0(000001.0*kWh)\r\n",
        b"$01RVI0A\n",
        b"\x1b\x1b\x1b\x1b\x01\x01\x01\x01",
        b"68 1",
        b"00000000: fefe\n00000010: fefe\n",
        b"",
    ],
)
def test_what_is_no_hex_text_stays_as_it_is(tmp_path: Path, raw: bytes):
    file = tmp_path / "raw.bin"
    file.write_bytes(raw)
    assert of_meter(file) == raw


@given(st.one_of(st.binary(), st.text("0x\\aF9 ,:-;\n|", max_size=60).map(str.encode)))
def test_any_bytes_are_taken(data: bytes):
    assert written(data) is None or data.strip(b" \n")


@given(st.binary(min_size=1, max_size=200), st.sampled_from([" ", "", ":", ", ", "\n"]))
def test_what_was_written_is_what_is_meant(data: bytes, by: str):
    assert written(by.join(f"{byte:02x}" for byte in data).encode()) == data


def test_a_pipe_is_read_once(tmp_path: Path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(FRAME,))
    writer.start()
    assert of_meter(pipe) == FRAME
    writer.join()


@pytest.mark.parametrize("text", [b"68 " * 300_000 + b"!", b"00000000" + b" 00" * 300_000 + b"!", b"0" * 900_001])
def test_long_text_that_is_no_hex_after_all_takes_no_long_time(text: bytes):
    begun = time.process_time()
    assert written(text) is None
    assert time.process_time() - begun < 10.0

"""A logger cannot write to an optical meter: only what reads leaves the box."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from iec62056_captures import as_7e1, check

from collector.errors import LineError, UsageError
from collector.sources.channel.channel import Channel
from collector.sources.iec62056.queries import BREAK, WAKE_UP, acknowledge, permit, read_register, request

READING = [
    request(None),
    request("28342193"),
    acknowledge("5"),
    acknowledge("0", programming=True),
    read_register("R5", "1.8.0"),
    read_register("R1", "1-0:1.8.0*255"),
    BREAK,
    WAKE_UP,
]


def message(body: bytes) -> bytes:
    return b"\x01" + body + bytes([check(body)])


@pytest.mark.parametrize("frame", READING)
def test_reading_passes_with_and_without_parity(frame: bytes) -> None:
    permit(frame)
    permit(as_7e1(frame))


@pytest.mark.parametrize(
    "frame",
    [
        message(b"P1\x02(00000000)\x03"),
        message(b"P2\x02(1234)\x03"),
        message(b"P0\x02()\x03"),
        message(b"W1\x021.8.0(0)\x03"),
        message(b"W5\x02C003(0)\x03"),
        message(b"E2\x02C003()\x03"),
        message(b"R3\x021.8.0()\x03"),
        b"\x06052\r\n",  # y = 2: binary mode, HDLC
        b"\x06058\r\n",  # y = 6 to 9: the maker's own
        b"\x06150\r\n",
        b"",
        b"/?!",
        b"/?123!\r\n/?!\r\n",
        request(None) + message(b"W1\x021.8.0(0)\x03"),
        read_register("R5", "1.8.0")[:-1] + b"\0",
        read_register("R5", "1.8.0") + b"\0",
    ],
)
def test_everything_else_is_refused(frame: bytes) -> None:
    for sent in (frame, as_7e1(frame)):
        with pytest.raises(UsageError):
            permit(sent)


@given(st.binary(max_size=40))
def test_noise_is_refused(frame: bytes) -> None:
    if frame.strip(b"\0") and frame not in READING:
        with pytest.raises(UsageError):
            permit(frame)


@given(st.sampled_from([b"P1", b"P2", b"W1", b"W2", b"W5", b"E2"]), st.binary(max_size=20))
def test_no_command_but_reading_ever_passes(command: bytes, rest: bytes) -> None:
    with pytest.raises(UsageError):
        permit(message(command + b"\x02" + rest + b"\x03"))


class Pipe(Channel):
    """A channel whose bytes can be looked at."""

    def _connect(self) -> int:
        self.out, fd = os.pipe()
        os.set_blocking(self.out, False)
        return fd

    def _close(self) -> None:
        os.close(self.out)

    def _lost(self, reason: str) -> LineError:
        return LineError(reason)


def test_a_channel_to_a_meter_sends_no_password() -> None:
    pipe = Pipe("pipe", permit)
    pipe.connect()
    with pytest.raises(UsageError):
        pipe.send(message(b"P1\x02(00000000)\x03"))
    with pytest.raises(BlockingIOError):
        os.read(pipe.out, 100)
    pipe.send(request("1"))
    assert os.read(pipe.out, 100) == b"/?1!\r\n"
    pipe.close()


@pytest.mark.parametrize("address", ["12!", "a" * 33, "/?", "12\r\n", "ü"])
def test_an_address_that_breaks_out_is_refused(address: str) -> None:
    with pytest.raises(UsageError):
        request(address)


@pytest.mark.parametrize("code", ["", "1.8.0(", "\x03", "a" * 33])
def test_a_register_that_breaks_out_is_refused(code: str) -> None:
    with pytest.raises(UsageError):
        read_register("R5", code)

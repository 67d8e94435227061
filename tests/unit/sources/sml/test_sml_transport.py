"""Telegrams are found in any stream, and none is believed whose check is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.sources.simulator.sml_meter import wrapped
from collector.sources.sml.crc import kermit, x25
from collector.sources.sml.transport import MOST_BYTES, Frame, FrameReader, frames

#: Full of what could be taken for an escape sequence.
nasty = st.lists(
    st.one_of(st.binary(max_size=6), st.sampled_from([b"\x1b" * n for n in range(1, 14)] + [b"\x1a\0", b"\x01" * 4]))
).map(b"".join)
START = b"\x1b\x1b\x1b\x1b\x01\x01\x01\x01"


def test_the_check_values_are_those_of_the_catalogue():
    assert (x25(b"123456789"), kermit(b"123456789")) == (0x906E, 0x2189)


@given(nasty)
def test_any_payload_comes_back(payload: bytes):
    assert list(frames(wrapped(payload))) == [Frame(0, payload)]


@pytest.mark.slow
@given(nasty, nasty, st.integers(1, 9))
def test_it_does_not_matter_how_the_stream_is_cut(first: bytes, second: bytes, size: int):
    stream = wrapped(first) + wrapped(second)
    reader = FrameReader()
    found = [frame for at in range(0, len(stream), size) for frame in reader.feed(stream[at : at + size])]
    assert [frame.payload for frame in found] == [first, second]
    assert found[1].start == len(wrapped(first))
    assert not reader.waiting


@given(st.binary(min_size=1, max_size=60), st.data())
def test_no_single_damaged_byte_is_believed(payload: bytes, data: st.DataObject):
    whole = bytearray(wrapped(payload))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    assert not [frame for frame in frames(bytes(whole)) if frame.payload is not None]


@given(st.binary(max_size=400))
def test_any_bytes_are_taken_and_accounted_for(noise: bytes):
    found = list(frames(noise))
    assert bool(found) == bool(noise)
    assert all(frame.payload is None and frame.problem and frame.reason for frame in found)


def test_a_wrong_check_names_both_values():
    whole = wrapped(b"1234")
    (frame,) = frames(whole[:-1] + bytes([whole[-1] ^ 1]))
    stated = x25(whole[:-2]) ^ 0x100
    assert frame.problem == f"wrong CRC: {x25(whole[:-2]):04X} computed, {stated:04X} stands there"
    assert (frame.payload, frame.reason) == (None, "crc")


def test_a_telegram_that_is_cut_by_the_next_one_is_lost_and_the_next_one_is_not():
    found = list(frames(wrapped(b"first one")[:14] + wrapped(b"second")))
    assert [(frame.payload, frame.reason) for frame in found] == [(None, "cut"), (b"second", "")]


def test_a_capture_may_begin_and_end_anywhere():
    found = list(frames(wrapped(b"first one")[3:] + wrapped(b"second") + wrapped(b"third")[:-1]))
    assert [frame.payload for frame in found if not frame.fragment] == [b"second"]
    assert [frame.reason for frame in found] == ["fragment", "", "cut"]


def test_what_has_no_end_is_given_up_in_time():
    reader = FrameReader()
    found = list(reader.feed(START + bytes(3 * MOST_BYTES) + wrapped(b"next")))
    assert [(frame.payload, frame.reason) for frame in found] == [(None, "length"), (None, "fragment"), (b"next", "")]


@pytest.mark.parametrize("padding", [4, 200])
def test_impossible_padding_is_refused(padding: int):
    content = START + b"1234" + b"\x1b\x1b\x1b\x1b\x1a" + bytes([padding])
    (frame,) = frames(content + x25(content).to_bytes(2, "little"))
    assert (frame.payload, frame.reason) == (None, "padding")


def test_an_unknown_escape_sequence_ends_a_telegram():
    found = list(frames(START + b"1234" + b"\x1b\x1b\x1b\x1b\x02\x00\x00\x00" + wrapped(b"next")))
    assert [frame.payload for frame in found if not frame.fragment] == [None, b"next"]
    assert found[0].reason == "escape"

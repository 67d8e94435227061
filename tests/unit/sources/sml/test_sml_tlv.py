"""Elements of SML come back as they were sent; what is none is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.sources.simulator.sml_meter import head, listed, number, octets
from collector.sources.sml.tlv import MOST_DEPTH, Node, Number, TlvError, read


@st.composite
def numbers(draw: st.DrawFn) -> tuple[bytes, Node]:
    width, signed = draw(st.integers(1, 8)), draw(st.booleans())
    low = -(1 << 8 * width - 1) if signed else 0
    value = draw(st.integers(low, (1 << 8 * width - signed) - 1))
    return number(value, width, signed=signed), Number(value, width, signed)


def together(pairs: list[tuple[bytes, Node]]) -> tuple[bytes, Node]:
    return listed(*(coded for coded, _ in pairs)), tuple(node for _, node in pairs)


leaves = st.one_of(
    numbers(),
    st.binary(min_size=1, max_size=300).map(lambda octet: (octets(octet), octet)),
    st.booleans().map(lambda truth: (bytes([0x42, truth]), truth)),
    st.just((b"\x01", None)),
)
elements = st.recursive(leaves, lambda inner: st.lists(inner, max_size=40).map(together), max_leaves=60)


@pytest.mark.slow
@given(elements, st.binary(max_size=4))
def test_every_element_comes_back(element: tuple[bytes, Node], behind: bytes):
    coded, node = element
    assert read(coded + behind, 0) == (node, len(coded))


@pytest.mark.slow
@given(elements, st.data())
def test_what_is_cut_off_is_refused(element: tuple[bytes, Node], data: st.DataObject):
    coded, _ = element
    with pytest.raises(TlvError):
        read(coded[: data.draw(st.integers(0, len(coded) - 1))], 0)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(noise: bytes):
    try:
        _, end = read(noise, 0)
    except TlvError:
        return
    assert 0 < end <= len(noise)


@pytest.mark.parametrize("coded", [b"\x00", b"\x80\x01", b"\x60", b"\x22\x00", b"\x43\0\0", b"\x6a" + bytes(9)])
def test_what_the_standard_does_not_know_is_refused(coded: bytes):
    with pytest.raises(TlvError):
        read(coded, 0)


def test_a_length_of_many_bytes_is_refused_before_it_is_believed():
    with pytest.raises(TlvError):
        read(b"\xf1" + b"\x8f" * 1000 + b"\x01", 0)
    with pytest.raises(TlvError):
        read(head(7, 0xFFFF) + bytes(10), 0)


def test_lists_in_lists_end_somewhere():
    assert read(b"\x71" * MOST_DEPTH + b"\x01", 0)[1] == MOST_DEPTH + 1
    with pytest.raises(TlvError):
        read(b"\x71" * 30000, 0)

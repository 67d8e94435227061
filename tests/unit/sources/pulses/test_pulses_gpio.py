"""The bytes that go to and come from the kernel lie where linux/gpio.h says."""

from __future__ import annotations

import os
import random
import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.errors import LineError, PortMissing
from collector.sources.pulses.gpio import EVENT, GET_LINE, REQUEST, edges, open_line, request
from tests.unit.sources.pulses.pulse_edges import event

#: What the compiler says of the documented structures, the same on every Linux that Phaselog runs on.
PROBE = r"""
#include <stddef.h>
#include <stdio.h>
#include <linux/gpio.h>
#define AT(s, f) printf("%zu ", offsetof(struct s, f))
int main(void) {
    printf("%zu %zu %u ", sizeof(struct gpio_v2_line_request), sizeof(struct gpio_v2_line_event),
           (unsigned)GPIO_V2_GET_LINE_IOCTL);
    AT(gpio_v2_line_request, consumer); AT(gpio_v2_line_request, config.flags);
    AT(gpio_v2_line_request, config.num_attrs);
    AT(gpio_v2_line_request, config.attrs[0].attr.id);
    AT(gpio_v2_line_request, config.attrs[0].attr.debounce_period_us);
    AT(gpio_v2_line_request, config.attrs[0].mask); AT(gpio_v2_line_request, num_lines);
    AT(gpio_v2_line_request, event_buffer_size); AT(gpio_v2_line_request, fd);
    AT(gpio_v2_line_event, timestamp_ns); AT(gpio_v2_line_event, id); AT(gpio_v2_line_event, line_seqno);
    printf("%llu %u", (unsigned long long)(GPIO_V2_LINE_FLAG_INPUT | GPIO_V2_LINE_FLAG_EDGE_FALLING |
           GPIO_V2_LINE_FLAG_BIAS_PULL_UP), (unsigned)GPIO_V2_LINE_EVENT_FALLING_EDGE);
    return 0;
}
"""
KNOWN = [592, 48, 0xC250B407, 256, 288, 296, 320, 328, 336, 560, 564, 588, 0, 8, 20, 0x124, 2]


def test_the_sizes_are_those_of_the_documented_structures() -> None:
    assert [REQUEST.size, EVENT.size, GET_LINE] == KNOWN[:3]


@pytest.mark.skipif(not shutil.which("cc"), reason="no C compiler")
def test_the_compiler_says_the_same(tmp_path: Path) -> None:
    source, program = tmp_path / "probe.c", tmp_path / "probe"
    source.write_text(PROBE)
    made = subprocess.run(["cc", "-o", program, source], capture_output=True, text=True, check=False, timeout=120)
    if "linux/gpio.h" in made.stderr:
        pytest.skip("no linux/gpio.h of version 2")
    assert made.returncode == 0, made.stderr
    said = subprocess.run([program], capture_output=True, text=True, check=True, timeout=60).stdout
    assert [int(word) for word in said.split()] == KNOWN


def test_a_request_says_what_is_wanted_and_all_else_is_zero() -> None:
    asked = request(17, 5000)
    fields = {0: 17, 296: 1, 320: 3, 328: 5000, 560: 1, 564: 1024, 588: 0}
    assert {at: struct.unpack_from("=I", asked, at)[0] for at in fields} == fields
    assert struct.unpack_from("=Q", asked, 288)[0] == KNOWN[15]
    assert struct.unpack_from("=Q", asked, 336)[0] == 1
    assert asked[256:264] == b"phaselog"
    blank = bytearray(asked)
    for start, end in ((0, 4), (256, 264), (288, 300), (320, 324), (328, 332), (336, 344), (560, 568)):
        blank[start:end] = bytes(end - start)
    assert not any(blank)
    assert struct.unpack_from("=I", request(17, 0), 296)[0] == 0


def test_what_is_no_gpio_chip_is_said() -> None:
    with pytest.raises(PortMissing, match="no such GPIO chip"):
        open_line("/dev/gpiochip-of-nobody", 17, 5000)
    with pytest.raises(LineError, match="no GPIO chip"):
        open_line("/dev/null", 17, 5000)


def through_a_pipe(data: bytes) -> list[tuple[int, int]]:
    ours, theirs = os.pipe()
    os.set_blocking(ours, False)
    try:
        os.write(theirs, data)
        return [(edge.monotonic_ns, edge.number) for edge in edges(ours)]
    finally:
        os.close(ours)
        os.close(theirs)


@given(
    st.lists(st.tuples(st.integers(0, 2**64 - 1), st.integers(0, 2**32 - 1), st.sampled_from([1, 2, 7])), max_size=50)
)
def test_every_falling_edge_is_told(told: list[tuple[int, int, int]]) -> None:
    found = through_a_pipe(b"".join(event(*one) for one in told))
    assert found == [(stamp, number) for stamp, number, kind in told if kind == 2]


def test_half_an_event_is_a_fault_of_the_line() -> None:
    with pytest.raises(OSError, match="no edges"):
        through_a_pipe(event(1, 1)[:-1])


@pytest.mark.slow
def test_ten_million_random_bytes_are_edges_or_a_fault() -> None:
    chance = random.Random(2)
    for _ in range(10_000_000 // 4800):
        data = chance.randbytes(48 * chance.randrange(1, 200) + chance.choice((0, 0, 0, 1)))
        try:
            through_a_pipe(data)
        except OSError:
            assert len(data) % 48

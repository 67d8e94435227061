"""The lamp is asked for as linux/gpio.h lays it out, and a pin that is not there costs a sentence."""

from __future__ import annotations

import struct

import pytest

from ocr.capture.errors import CaptureError
from ocr.capture.lamp import REQUEST, lit, request


def test_a_line_is_asked_for_as_an_output_that_is_high() -> None:
    """struct gpio_v2_line_request has 592 bytes; its config begins at 288 with flags and the number of attributes."""
    asked = request(17)
    assert (len(asked), REQUEST.size) == (592, 592)
    assert struct.unpack_from("=I", asked) == (17,)
    flags, attributes = struct.unpack_from("=QI", asked, 288)
    assert (flags, attributes) == (1 << 3, 1)
    # The first attribute: GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES = 2, values, mask.
    assert struct.unpack_from("=IIQQ", asked, 288 + 32) == (2, 0, 1, 1)
    assert struct.unpack_from("=II", asked, 288 + 32 + 10 * 24) == (1, 0)


@pytest.mark.parametrize("lamp", ["17", "/dev/gpiochip999:1", "/dev/null:1", "/dev/gpiochip0:17; rm"])
def test_a_lamp_that_is_not_there_is_one_sentence(lamp: str) -> None:
    with pytest.raises(CaptureError, match="lamp"), lit(lamp):
        raise AssertionError("it is lit")


def test_without_a_lamp_nothing_happens() -> None:
    with lit(None):
        pass

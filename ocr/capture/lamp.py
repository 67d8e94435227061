"""Lights a lamp while pictures are taken: a GPIO line as an output (Linux uAPI version 2, linux/gpio.h).

Whoever ends, however he ends, closes the line, and the kernel takes it back: the lamp never stays on.
"""

from __future__ import annotations

import fcntl
import os
import re
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ocr.capture.errors import CaptureError

#: s until the light and the camera's exposure are there.
WARM_UP = 0.5
#: GPIO_V2_LINE_FLAG_OUTPUT
_OUTPUT = 1 << 3
_ATTRIBUTE_VALUES = 2
#: struct gpio_v2_line_config_attribute: id, padding, the union (here output values), mask of lines.
_ATTRIBUTE = struct.Struct("=IIQQ")
#: struct gpio_v2_line_config without its 10 attributes: flags, num_attrs, padding.
_CONFIG = struct.Struct("=QI20x")
#: struct gpio_v2_line_request: offsets, consumer, config, num_lines, event_buffer_size, padding, fd.
REQUEST = struct.Struct(f"=256s32s{_CONFIG.size + 10 * _ATTRIBUTE.size}sII20xi")
#: _IOWR(0xB4, 0x07, struct gpio_v2_line_request)
_GET_LINE = 3 << 30 | REQUEST.size << 16 | 0xB4 << 8 | 0x07
#: "/dev/gpiochip0:17"
FORM = re.compile(r"(/dev/gpiochip\d+):(\d{1,3})")


def request(line: int) -> bytes:
    """What asks for one line as an output that is high at once."""
    config = _CONFIG.pack(_OUTPUT, 1) + _ATTRIBUTE.pack(_ATTRIBUTE_VALUES, 0, 1, 1)
    return REQUEST.pack(struct.pack("=I", line), b"phaselog-lamp", config, 1, 0, 0)


@contextmanager
def lit(lamp: str | None) -> Iterator[None]:
    """The lamp is on inside of the `with` block; without a lamp nothing happens."""
    if lamp is None:
        yield
        return
    found = FORM.fullmatch(lamp)
    if not found:
        raise CaptureError(f'lamp "{lamp}": is no pin', 'write it like "/dev/gpiochip0:17"')
    line = _light(found[1], int(found[2]))
    try:
        time.sleep(WARM_UP)
        yield
    finally:
        os.close(line)


def _light(chip: str, line: int) -> int:
    try:
        device = os.open(chip, os.O_RDWR | os.O_CLOEXEC)
        try:
            asked = bytearray(request(line))
            fcntl.ioctl(device, _GET_LINE, asked)
        finally:
            os.close(device)
    except OSError as error:
        hint = "`gpioinfo` lists the pins and who holds them; the user must be in group gpio"
        raise CaptureError(f"lamp at {chip}, pin {line}: {error.strerror}", hint) from None
    return int(REQUEST.unpack(asked)[-1])

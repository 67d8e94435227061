"""Codes readings as records that stand for themselves: payload length, CRC-32, payload; all little-endian.

A file of records begins empty and only grows. A *shape* record (meter, boot, names of the quantities) precedes the
first reading that has it; a reading names its shape by number and carries its doubles, NaN for a missing value. What a
crash leaves half-written at the end is recognised and ignored.
"""

from __future__ import annotations

import json
import math
import struct
import zlib
from dataclasses import dataclass, field

from collector.model.reading import Flag, Reading

_HEAD = struct.Struct("<II")  # length of the payload, CRC-32 of the payload
_READING = struct.Struct("<BHqI")  # kind, shape, time (ms), flags
_SHAPE = 0
_WHOLE = 1  #: a reading without missing values
_HOLED = 2  #: a reading with missing values
_COUNTED = 3  #: the same, and behind it as JSON what its counters counted where that is no difference

#: No record is longer: a greater length is damage.
LONGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class _Shape:
    """What readings of one meter have in common; `body` holds the whole reading."""

    meter: str
    boot: str | None
    names: tuple[str, ...]
    number: int
    body: struct.Struct

    @classmethod
    def of(cls, meter: str, boot: str | None, names: tuple[str, ...], number: int) -> _Shape:
        return cls(meter, boot, names, number, struct.Struct(f"{_READING.format}{len(names)}d"))

    def record(self) -> bytes:
        text = json.dumps([self.meter, self.boot, self.names], separators=(",", ":"))
        return _framed(bytes([_SHAPE]) + text.encode())


def _framed(payload: bytes) -> bytes:
    return _HEAD.pack(len(payload), zlib.crc32(payload)) + payload


class Encoder:
    """Encodes the readings of one file, in the order in which they are written to it."""

    def __init__(self) -> None:
        self._shapes: dict[tuple[str, str | None, tuple[str, ...]], _Shape] = {}

    def encode(self, reading: Reading) -> bytes:
        """The bytes to append, with the shape in front when it is new in this file."""
        names = tuple(reading.values)
        key = (reading.meter, reading.boot, names)
        shape = self._shapes.get(key)
        if shape is not None:
            return self._reading(reading, shape)
        shape = self._shapes[key] = _Shape.of(*key, len(self._shapes))
        return shape.record() + self._reading(reading, shape)

    @staticmethod
    def _reading(reading: Reading, shape: _Shape) -> bytes:
        values = tuple(reading.values.values())
        kind = _WHOLE
        if None in values:
            kind = _HOLED
            values = tuple(math.nan if value is None else value for value in values)
        behind = b""
        if reading.counted:
            kind, behind = _COUNTED, json.dumps(dict(reading.counted), separators=(",", ":")).encode()
            values = tuple(math.nan if value is None else value for value in values)
        return _framed(shape.body.pack(kind, shape.number, reading.time, int(reading.flags), *values) + behind)


@dataclass(slots=True)
class Decoded:
    """What a file of records holds. `good`: bytes that are whole. `damaged`: what follows them is not a torn tail."""

    readings: list[Reading] = field(default_factory=list)
    good: int = 0
    damaged: bool = False


class _Decoder:
    """Reads the payloads of one file, in order."""

    def __init__(self) -> None:
        self._shapes: list[_Shape] = []
        # Flag(...) costs more than all the rest of a reading; few different flags occur.
        self._flags: dict[int, Flag] = {}

    def reading(self, data: bytes, start: int, length: int) -> Reading | None:
        """The reading at `start`; None for a shape. Raises ValueError, LookupError or struct.error on damage."""
        if data[start] == _SHAPE:
            meter, boot, names = json.loads(data[start + 1 : start + length])
            self._shapes.append(_Shape.of(meter, boot, tuple(names), len(self._shapes)))
            return None
        shape = self._shapes[data[start + 1] | data[start + 2] << 8]
        kind, size = data[start], shape.body.size
        if size > length or (size < length and kind != _COUNTED):
            raise ValueError("a reading that is longer or shorter than its shape")
        _, _, time, bits, *values = shape.body.unpack_from(data, start)
        flags = self._flags.get(bits)
        if flags is None:
            flags = self._flags[bits] = Flag(bits)
        if kind != _WHOLE:
            # NaN is the only value that differs from itself.
            values = [value if value == value else None for value in values]  # noqa: PLR0124
        found = dict(zip(shape.names, values, strict=True))
        if kind == _COUNTED:
            counted = {
                str(name): float(value) for name, value in json.loads(data[start + size : start + length]).items()
            }
            return Reading(shape.meter, time, found, flags, shape.boot, counted)
        return Reading(shape.meter, time, found, flags, shape.boot)


def decode(data: bytes) -> Decoded:
    """Every whole reading from the beginning of a file of records up to a torn tail or the first damage."""
    found, decoder, end = Decoded(), _Decoder(), len(data)
    keep = found.readings.append
    while end - found.good >= _HEAD.size:
        length, crc = _HEAD.unpack_from(data, found.good)
        start = found.good + _HEAD.size
        stop = start + length
        if not 0 < length <= LONGEST:
            break
        if stop > end:
            return found
        try:
            if zlib.crc32(data[start:stop]) != crc:
                break
            reading = decoder.reading(data, start, length)
        except (ValueError, LookupError, TypeError, AttributeError, struct.error):
            break
        if reading is not None:
            keep(reading)
        found.good = stop
    # A file that was grown but not written before the power went ends in zeros: torn, not damaged.
    found.damaged = end - found.good >= _HEAD.size and any(data[found.good :])
    return found

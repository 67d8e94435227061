"""Plays a meter that sends SML by itself, every few seconds (SML 1.04; BSI TR-03109-1, annex IV)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from collector.devices.map import Code, Model
from collector.devices.obis import PART, short
from collector.model.quantity import QUANTITIES
from collector.sources.simulator.optical import OpticalHead, OpticalMeter
from collector.sources.simulator.plant import EPOCH, Plant, phases_of
from collector.sources.sml.crc import x25
from collector.sources.sml.messages import GET_LIST_RESPONSE
from collector.sources.sml.transport import BEGIN, ESCAPE

#: s from the beginning of a telegram to the next.
EVERY = 2.0
_NOTHING, _END_OF_MESSAGE = b"\x01", b"\x00"
#: DLMS number and power of ten of the last digit, by unit of the quantity.
_SCALES = {"Wh": (30, -1), "varh": (32, -1), "VAh": (31, -1), "W": (27, -2), "var": (29, -2), "VA": (28, -2),
           "V": (35, -1), "A": (33, -2), "Hz": (44, -1), "°": (8, -1), "": (255, -3)}  # fmt: skip

#: What a meter says of itself or of its plant: OBIS name, DLMS unit, power of ten, whole number or octets.
Told = tuple[bytes, int | None, int, int | bytes]


class SmlMeter(OpticalMeter):
    """One meter. `told`: what it says now."""

    def __init__(self, number: int, told: Callable[[], list[Told]]) -> None:
        super().__init__("PHL5SIMULATED", dict)
        self._server = b"\x0a\x01PHL" + number.to_bytes(5, "big")
        self._told = told
        self._count = 0

    def telegram(self) -> bytes:
        """What it sends now."""
        self._count += 1
        entries: list[Told] = [
            (bytes((1, 0, 96, 50, 1, 1)), None, 0, b"PHL"),
            (bytes((1, 0, 96, 1, 0, 255)), None, 0, self._server),
            *self._told(),
        ]
        listed = _list(*(_entry(entry) for entry in entries))
        server = _octets(self._server)
        content = _list(_NOTHING, server, _NOTHING, _NOTHING, listed, _NOTHING, _NOTHING)
        sent = framed(self._message(GET_LIST_RESPONSE, content))
        return sent[:-1] + bytes([sent[-1] ^ 0x55]) if self.wrong_check else sent

    def _message(self, kind: int, content: bytes) -> bytes:
        body = _list(_unsigned(kind, 2), content)
        parts = (_octets(self._count.to_bytes(4, "big")), _unsigned(0, 1), _unsigned(0, 1), body)
        head = bytes([0x70 | len(parts) + 2]) + b"".join(parts)
        return head + _unsigned(x25(head), 2) + _END_OF_MESSAGE


def framed(messages: bytes) -> bytes:
    """Messages as the transport protocol carries them: escaped, padded to four bytes, with a CRC."""
    padding = -len(messages) % 4
    body = (messages + bytes(padding)).replace(ESCAPE, ESCAPE + ESCAPE)
    sent = BEGIN + body + ESCAPE + bytes((0x1A, padding))
    return sent + x25(sent).to_bytes(2, "big")


def seen(model: Model, plant: Plant, since: float | None = None) -> Callable[[], list[Told]]:
    """What a meter of this model says of the plant, at every moment. `since`: plant time now, s."""
    began = time.monotonic()
    start = time.time() - EPOCH if since is None else since

    def now() -> list[Told]:
        values = plant.at(start + time.monotonic() - began)
        return [_measured(code, values) for code in model.codes]

    return now


def _measured(code: Code, values: Mapping[str, float]) -> Told:
    """A part of a sum (import, export) is never negative: the other one is then 0."""
    value = values[code.quantity]
    value = max(0.0, value * code.sign) if short(code.code) in PART else value
    unit, power = _SCALES[QUANTITIES[code.quantity].unit]
    c, d, e = (int(part) for part in code.code.split("."))
    return bytes((1, 0, c, d, e, 255)), unit, power, round(value / 10.0**power)


def _entry(told: Told) -> bytes:
    name, unit, power, value = told
    coded = _octets(value) if isinstance(value, bytes) else _signed(value)
    numbered = _NOTHING if unit is None else _unsigned(unit, 1)
    scaler = _NOTHING if unit is None else _signed(power)
    return _list(_octets(name), _NOTHING, _NOTHING, numbered, scaler, coded, _NOTHING)


def _list(*elements: bytes) -> bytes:
    return _head(0x70, len(elements)) + b"".join(elements)


def _octets(content: bytes) -> bytes:
    return _head(0x00, len(content) + (2 if len(content) > 14 else 1)) + content


def _signed(value: int) -> bytes:
    """In as few bytes as hold it."""
    size = next(size for size in (1, 2, 4, 8) if -(1 << 8 * size - 1) <= value < 1 << 8 * size - 1)
    return bytes([0x50 | size + 1]) + value.to_bytes(size, "big", signed=True)


def _unsigned(value: int, size: int) -> bytes:
    return bytes([0x60 | size + 1]) + value.to_bytes(size, "big")


def _head(kind: int, length: int) -> bytes:
    """Type and length; a length above 15 goes over two bytes."""
    return bytes([kind | length]) if length < 16 else bytes((0x80 | kind | length >> 4, length & 0x0F))


def serve(model: Model, link: Path, number: str) -> OpticalHead:
    """Such a meter on a new pseudo-terminal, at the speed of the model."""
    head = OpticalHead([], link, parity=False)
    head.push(SmlMeter(int(number), seen(model, Plant(phases=phases_of(model)))), EVERY, model.baud)
    return head

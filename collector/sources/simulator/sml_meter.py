"""Plays a meter that sends SML by itself: telegrams of a plant, at the speed of their characters (SML 1.04)."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from pathlib import Path
from random import Random
from types import TracebackType

from collector.devices.map import Code, Model
from collector.devices.obis import CODE, PART, short
from collector.model.quantity import QUANTITIES
from collector.sources.linetime import character_seconds
from collector.sources.simulator.plant import EPOCH, Plant, phases_of
from collector.sources.simulator.pty import Pty
from collector.sources.sml.crc import x25
from collector.sources.sml.messages import CLOSE_RESPONSE, GET_LIST_RESPONSE, OPEN_RESPONSE

_LEFT_OUT = b"\x01"
_ESCAPE = b"\x1b" * 4
#: Unit of a quantity -> (DLMS number, scaler, bytes), as real meters have them; others: thousandths without a unit.
_CODED = {
    "Wh": (30, -1, 8), "varh": (32, -1, 8), "VAh": (31, -1, 8), "W": (27, -2, 4), "var": (29, -2, 4), "VA": (28, -2, 4),
    "V": (35, -1, 2), "A": (33, -2, 3), "Hz": (44, -2, 2), "°": (8, 0, 2),
}  # fmt: skip
#: s from the beginning of a telegram to the next: every code of the generic model takes 1.7 s.
EVERY = 2.0
#: Bytes that a UART hands on together.
_LUMP = 8


def octets(content: bytes) -> bytes:
    """An octet string."""
    return head(0, len(content), own=True) + content


def head(kind: int, length: int, *, own: bool = False) -> bytes:
    """Type and length; `own`: the length counts the head itself, too."""
    size = 1
    while length + (size if own else 0) >= 1 << 4 * size:
        size += 1
    length += size if own else 0
    nibbles = [length >> 4 * place & 15 for place in reversed(range(size))]
    coded = [nibbles[0] | kind << 4, *nibbles[1:]]
    return bytes(byte | (0x80 if place < size - 1 else 0) for place, byte in enumerate(coded))


def number(value: int, width: int, *, signed: bool = False) -> bytes:
    """A whole number of so many bytes."""
    return head(5 if signed else 6, width, own=True) + value.to_bytes(width, "big", signed=signed)


def listed(*elements: bytes) -> bytes:
    """A list of elements."""
    return head(7, len(elements)) + b"".join(elements)


def message(transaction: int, tag: int, body: bytes) -> bytes:
    """One message with its check value."""
    parts = (octets(transaction.to_bytes(4, "big")), number(0, 1), number(0, 1), listed(number(tag, 4), body))
    content = head(7, 6) + b"".join(parts)
    return content + b"\x63" + x25(content).to_bytes(2, "little") + b"\0"


def wrapped(payload: bytes) -> bytes:
    """A telegram: the messages between start and end, with its check value."""
    padding = -len(payload) % 4
    escaped = payload.replace(_ESCAPE, 2 * _ESCAPE) + bytes(padding)
    content = _ESCAPE + b"\x01" * 4 + escaped + _ESCAPE + b"\x1a" + bytes([padding])
    return content + x25(content).to_bytes(2, "little")


class SmlMeter:
    """One meter. `maker`: three letters; `serial`: its number, up to 8 digits. Every code of the model is sent."""

    def __init__(self, model: Model, plant: Plant, serial: int = 12345, since: float | None = None) -> None:
        """`since`: plant time now, s."""
        self.server = b"\x0a\x01PHL\x00" + serial.to_bytes(4, "big")
        self._model = model
        self._plant = plant
        self._began = time.monotonic()
        self._start = time.time() - EPOCH if since is None else since
        self._transaction = 0

    def telegram(self) -> bytes:
        """What it says now."""
        running = time.monotonic() - self._began
        values = self._plant.at(self._start + running)
        entries = [self._named("1-0:96.50.1*1", b"PHL"), self._named("1-0:96.1.0*255", self.server)]
        entries += [_entry(code, values[code.quantity]) for code in self._model.codes]
        moment = listed(number(1, 1), number(int(running), 4))
        server = octets(self.server)
        opened = listed(_LEFT_OUT, _LEFT_OUT, octets(b"\0\0\0\1"), server, moment, _LEFT_OUT)
        told = listed(_LEFT_OUT, server, octets(_name("1-0:98.10.255*255")), moment, listed(*entries), *[_LEFT_OUT] * 2)
        self._transaction += 3
        first = self._transaction
        return wrapped(
            message(first, OPEN_RESPONSE, opened)
            + message(first + 1, GET_LIST_RESPONSE, told)
            + message(first + 2, CLOSE_RESPONSE, listed(_LEFT_OUT))
        )

    def _named(self, code: str, content: bytes) -> bytes:
        return listed(octets(_name(code)), *[_LEFT_OUT] * 4, octets(content), _LEFT_OUT)


def _entry(code: Code, value: float) -> bytes:
    """A part of a sum (import, export) is never negative: the other one is then 0."""
    value = max(0.0, value * code.sign) if short(code.code) in PART else value
    unit, scaler, width = _CODED.get(QUANTITIES[code.quantity].unit, (255, -3, 3))
    content = number(round(value / 10**scaler), width, signed=True)
    coded = number(unit, 1), number(scaler, 1, signed=True)
    return listed(octets(_name(code.code)), _LEFT_OUT, _LEFT_OUT, *coded, content, _LEFT_OUT)


def _name(code: str) -> bytes:
    """The six bytes of an OBIS code; what is left out is 1-0: and *255."""
    found = CODE.fullmatch(code)
    assert found
    defaults = {"a": "1", "b": "0", "e": "0", "f": "255"}
    return bytes(int(found[group] or defaults[group]) for group in "abcdef")


class SmlLine:
    """A served line: one thread, from now until `close`. `path`: what a collector opens.

    Tests turn its knobs: `silent`, `noise` (share of damaged characters), `cut` (characters after which each telegram
    breaks off). `whole`: telegrams that left undamaged.
    """

    def __init__(self, meter: SmlMeter, link: Path | None = None, every: float = 1.0, baud: int = 9600) -> None:
        """`every`: s from the beginning of a telegram to the next; longer where it takes longer."""
        self.silent = False
        self.noise = 0.0
        self.cut: int | None = None
        self.whole = 0
        self._meter = meter
        self._every = every
        self._character = character_seconds(baud, "8N1")
        self._chance = Random(1104)
        self._pty = Pty(link)
        self.path = self._pty.path
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"SML {self.path}", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends the thread and closes the line; may be called twice."""
        if not self._stop.is_set():
            self._stop.set()
            self._thread.join()
            self._pty.close()

    def __enter__(self) -> SmlLine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self) -> None:
        while not self._stop.is_set():
            begin = time.monotonic()
            if not self.silent:
                self._speak(self._meter.telegram(), begin)
            self._stop.wait(max(0.0, begin + self._every - time.monotonic()))

    def _speak(self, telegram: bytes, begin: float) -> None:
        """Each lump appears when its last character has come."""
        said = self._damaged(telegram)[: self.cut]
        for at in range(0, len(said), _LUMP):
            lump = said[at : at + _LUMP]
            if self._stop.wait(max(0.0, begin + (at + len(lump)) * self._character - time.monotonic())):
                return
            with suppress(BlockingIOError):  # nobody reads: the characters are lost, as on a wire
                os.write(self._pty.fd, lump)
        self.whole += said == telegram

    def _damaged(self, telegram: bytes) -> bytes:
        if not self.noise:
            return telegram
        chance = self._chance
        return bytes(chance.randrange(256) if chance.random() < self.noise else byte for byte in telegram)


def serve(model: Model, link: Path, number: str) -> SmlLine:
    """Such a meter on a new pseudo-terminal, at the speed of the model."""
    return SmlLine(SmlMeter(model, Plant(phases=phases_of(model)), int(number)), link, EVERY, model.baud)

"""Behaves as one meter does in modes A, B, C and D (IEC 62056-21, section 6.4)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from collector.sources.iec62056.characters import block_check
from collector.sources.iec62056.identification import SPEEDS, Identification

#: s from the end of a message to the first character of the answer (6.3.15: 0.2 to 1.5).
REACTION = 0.2
#: s for which a meter waits for the answer to its identification.
OFFER = 2.0
_REQUEST = re.compile(rb"/\?([0-9A-Za-z ]{0,32})!\r\n")
_ACKNOWLEDGE = re.compile(rb"\x060([0-6])([01])\r\n")
_COMMAND = re.compile(rb"\x01R[15]\x02([^(]*)\(\)\x03.", re.DOTALL)
_START = 300


@dataclass(frozen=True, slots=True)
class Utterance:
    """What a meter says: at which speed, and how long (s) after what it heard."""

    text: bytes
    speed: int
    after: float = REACTION


class OpticalMeter:
    """One meter. `identification` without "/": "ISK5ME162-0033". `shown`: code -> content of its bracket, now."""

    def __init__(self, identification: str, shown: Callable[[], Mapping[str, str]], address: str = "") -> None:
        self.who = Identification(identification[:3], identification)
        self.address = address
        self.silent = False
        self.asleep = False  #: the next call only wakes it
        self.wrong_check = False
        self.unchecked = False  #: its read-out has no block and no check
        #: A meter that ignores a speed it has agreed to: it answers at another.
        self.lost_speed = False
        self.calls = 0
        self.heard: list[bytes] = []
        self._shown = shown
        self._offered_at = float("-inf")
        self._programming = False
        self.speed = _START

    def hear(self, message: bytes, speed: int, now: float) -> list[Utterance]:
        """What it says to a message that arrived at this speed; nothing if it did not understand, or is not meant."""
        if self.silent or speed != self.speed:
            return []
        called = _REQUEST.fullmatch(message)
        if called and not self._programming:
            return self._called(called[1], now)
        self.heard.append(message)
        agreed = _ACKNOWLEDGE.fullmatch(message)
        if agreed and now < self._offered_at + OFFER and self.who.mode == "C":
            return self._agreed(agreed[1].decode(), programming=agreed[2] == b"1")
        return self._commanded(message) if self._programming else []

    def telegram(self) -> bytes:
        """What it sends by itself in mode D: no block, no check."""
        return b"/%b\r\n\r\n%b!\r\n" % (self.who.text.encode("ascii"), self._lines())

    def _called(self, address: bytes, now: float) -> list[Utterance]:
        if address and address.decode() != self.address:
            return []
        self.calls += 1
        if self.asleep:
            self.asleep = False
            return []
        self._offered_at = now
        line = Utterance(b"/%b\r\n" % self.who.text.encode("ascii"), _START)
        if self.who.mode == "C":
            return [line]
        return [line, Utterance(self._block(), self.who.speed)]

    def _agreed(self, sign: str, *, programming: bool) -> list[Utterance]:
        speed = SPEEDS[sign] if sign in ("0", self.who.character) else _START
        self._offered_at = float("-inf")
        if not programming:
            return [Utterance(self._block(), 1200 if self.lost_speed and speed != _START else speed)]
        self._programming, self.speed = True, speed
        return [Utterance(self._checked(b"\x01P0\x02()\x03"), speed)]

    def _commanded(self, message: bytes) -> list[Utterance]:
        asked = _COMMAND.fullmatch(message)
        if asked is None:
            self._programming, self.speed = False, _START
            return []
        code = asked[1].decode()
        content = self._shown().get(code)
        answer = f"{code}({content})" if content is not None else "(ER01)"
        return [Utterance(self._checked(b"\x02" + answer.encode("latin-1") + b"\x03"), self.speed)]

    def _lines(self) -> bytes:
        return "".join(f"{code}({content})\r\n" for code, content in self._shown().items()).encode("latin-1")

    def _block(self) -> bytes:
        if self.unchecked:
            return self._lines() + b"!\r\n"
        return self._checked(b"\x02" + self._lines() + b"!\r\n\x03")

    def _checked(self, message: bytes) -> bytes:
        return message + bytes([block_check(message[1:]) ^ (0x55 if self.wrong_check else 0)])

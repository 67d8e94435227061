"""Finds and builds the frames of DL/T 645 (1997: section 5.2, 2007: section 5.2): addresses, control code, sum."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

START, END, WAKE = 0x68, 0x16, 0xFE
#: Bytes around the data: two starts, six of address, control, length, sum, end.
AROUND = 12
#: The data bytes of any frame; the standard lets a reader expect 200 at most.
LONGEST = AROUND + 255
#: Each data byte is sent with this added.
OFFSET = 0x33
#: Bits of the control code: it comes from the meter, the meter refuses, more follows.
ANSWER, REFUSAL, MORE = 0x80, 0x40, 0x20
FUNCTION = 0x1F
#: The address that every meter takes for its own.
ANYBODY = "AAAAAAAAAAAA"

_ENCODED = bytes((byte + OFFSET) & 0xFF for byte in range(256))
_DECODED = bytes((byte - OFFSET) & 0xFF for byte in range(256))


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame whose sum is right. `address`: 12 digits, AA for "any". `data`: as meant, low byte first.

    `begin`, `end`: where it lay in the bytes that were searched.
    """

    address: str
    control: int
    data: bytes
    begin: int = 0
    end: int = 0

    @property
    def answers(self) -> bool:
        """True when a meter sent it."""
        return bool(self.control & ANSWER)

    @property
    def refuses(self) -> bool:
        """True when a meter says that it will not answer."""
        return self.control & (ANSWER | REFUSAL) == ANSWER | REFUSAL

    @property
    def more(self) -> bool:
        """True when the rest of the data has to be asked for."""
        return self.control & (ANSWER | MORE) == ANSWER | MORE

    @property
    def function(self) -> int:
        """What is asked for or answered: 01 and 02 (1997), 11, 12 and 13 (2007) read."""
        return self.control & FUNCTION


@dataclass(frozen=True, slots=True)
class Damage:
    """A frame that cannot be believed. `whole`: it has its length and its end; `reason`: why not, for people."""

    reason: str
    whole: bool
    begin: int
    end: int


def build(address: str, control: int, data: bytes = b"") -> bytes:
    """A frame ready to send, without wake-up bytes. `address`: 12 digits (or A)."""
    body = bytes((START, *bytes.fromhex(address)[::-1], START, control, len(data))) + data.translate(_ENCODED)
    return body + bytes((sum(body) & 0xFF, END))


def is_address(text: str) -> bool:
    """True for 12 digits; a byte of AA stands for "any"."""
    pairs = [text[at : at + 2] for at in range(0, 12, 2)]
    return len(text) == 12 and all(pair == "AA" or (pair.isascii() and pair.isdecimal()) for pair in pairs)


def search(data: bytes) -> Iterator[Frame | Damage]:
    """Every frame in order, and what looks like one but is none; work is linear in the bytes."""
    at, told = data.find(START), 0
    while at >= 0:
        end, found = _end(data, at), None
        if 0 < end <= len(data) and data[end - 1] == END:
            found = _judge(data[at:end], at)
        elif end and at >= told:
            found = _fragment(data, at, end)
        if isinstance(found, Frame):
            yield found
            told = found.end
            at = data.find(START, told)
            continue
        if found and at >= told:
            yield found
            told = found.end  # its inside is searched, too, for a frame, but damage in it is not told a second time
        at = data.find(START, at + 1)


def _end(data: bytes, at: int) -> int:
    """Where the frame ends that begins here (behind all bytes when it is cut off); 0 when none begins here."""
    left = len(data) - at
    if left > 7 and data[at + 7] != START:
        return 0
    return at + AROUND + data[at + 9] if left >= 10 else len(data) + 1


def _fragment(data: bytes, at: int, end: int) -> Damage:
    if end > len(data):
        return Damage(f"it is cut off after {len(data) - at} bytes", False, at, len(data))
    return Damage(f"there is no end (16) behind its {data[at + 9]} bytes of data", False, at, at + 10)


def _judge(frame: bytes, at: int) -> Frame | Damage:
    """What has its length and its end."""
    end, total = at + len(frame), sum(frame[:-2]) & 0xFF
    if total != frame[-2]:
        return Damage(f"its sum is {total:02X}, and not {frame[-2]:02X} as it says", True, at, end)
    address = frame[6:0:-1].hex().upper()
    if not is_address(address):
        return Damage(f"its address {address} is no number", True, at, end)
    return Frame(address, frame[8], frame[10:-2].translate(_DECODED), at, end)

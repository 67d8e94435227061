"""Builds the messages that read a meter, and lets no other leave (IEC 62056-21, 6.3.1 to 6.3.3, 6.4).

There is no password (P), no writing (W) and no execution (E) here: a logger only reads.
"""

from __future__ import annotations

import re

from collector.errors import UsageError
from collector.sources.iec62056.characters import block_check, text_of

#: Ends a conversation in programming mode.
BREAK = b"\x01B0\x03q"
#: Wakes a meter on a battery: NUL for 2.1 to 2.3 s at 300 baud (annex B).
WAKE_UP = bytes(66)
_ADDRESS = re.compile(r"[0-9A-Za-z ]{0,32}")
_CODE = re.compile(r"[0-9A-Za-z.:*&-]{1,32}")
_REQUEST = re.compile(rb"/\?[0-9A-Za-z ]{0,32}!\r\n")
_ACKNOWLEDGE = re.compile(rb"\x060[0-6][01]\r\n")
_READ = re.compile(rb"\x01R[1256]\x02[0-9A-Za-z.:*&-]{1,32}\([0-9A-Za-z;,.:-]{0,64}\)\x03(.)", re.DOTALL)


def request(address: str | None) -> bytes:
    """Calls one meter by its device address, or the only one. UsageError for an address that cannot be sent."""
    if not _ADDRESS.fullmatch(address or ""):
        raise UsageError(f'"{address}" is no device address', "up to 32 letters and digits, as printed on the meter")
    return b"/?%b!\r\n" % (address or "").encode("ascii")


def acknowledge(speed: str, *, programming: bool = False) -> bytes:
    """Agrees to a speed (its character), for a read-out, or to ask for single registers."""
    return b"\x060%b%d\r\n" % (speed.encode("ascii"), programming)


def read_register(command: str, code: str) -> bytes:
    """Asks for one register by its code: `command` is R1 (read) or R5 (read formatted)."""
    if not _CODE.fullmatch(code):
        raise UsageError(f'"{code}" is no register that can be asked for')
    body = f"{command}\x02{code}()\x03".encode("ascii")
    return b"\x01" + body + bytes([block_check(body)])


def permit(frame: bytes) -> None:
    """Lets through what reads and nothing else, with or without parity bits; UsageError for the rest."""
    text = text_of(frame)
    if text == BREAK or (text and not text.strip(b"\0")):
        return
    if _REQUEST.fullmatch(text) or _ACKNOWLEDGE.fullmatch(text):
        return
    read = _READ.fullmatch(text)
    if read is None or read[1][0] != block_check(text[1:-1]):
        raise UsageError("this message does more than read a meter, so it is not sent")

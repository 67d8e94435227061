"""Takes the messages of a frame apart and finds the list of values (SML 1.04, section 5.1.15: GetList.Res)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from collector.sources.sml.crc import kermit, x25
from collector.sources.sml.tlv import Element, Number, Reader, SmlError

GET_LIST_RESPONSE = 0x0701
_PARTS = 6


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of a list: name of 6 bytes, unit (DLMS number), power of ten, value."""

    name: bytes
    unit: int | None
    scaler: int
    value: Element


@dataclass(frozen=True, slots=True)
class ValueList:
    """What one GetList.Res says. `server`: the meter's number as it is sent."""

    server: bytes
    entries: tuple[Entry, ...]


def value_lists(body: bytes) -> tuple[list[ValueList], bool]:
    """Every value list of a frame's messages, and whether the messages' CRCs are Holley's instead of X.25.

    Raises SmlError when any message cannot be read or its own CRC is wrong: then nothing of the frame is believed.
    """
    reader, found, odd = Reader(body), [], False
    while reader.at < len(body):
        if reader.end_of_message():
            continue  # padding in front of a message
        begin = reader.at
        if reader.list_begins() != _PARTS:
            raise SmlError("a message has other parts")
        for _ in range(3):
            reader.element()
        content = reader.element()
        end = reader.at
        odd = _crc_is_kermit(reader, body[begin:end]) or odd
        if not reader.end_of_message():
            raise SmlError("a message does not end")
        found += list(_list(content))
    return found, odd


def _crc_is_kermit(reader: Reader, message: bytes) -> bool:
    """False when the message's CRC is right, True when it is right by Holley's sum; raises SmlError for a wrong one."""
    stated = reader.element()
    if not isinstance(stated, Number):
        raise SmlError("a message has no CRC")
    checks: tuple[Callable[[bytes], int], ...] = (x25, kermit)
    for kind, check in enumerate(checks):
        # A CRC whose first byte is 0 may be sent as one byte.
        if check(message) == stated.value:
            return kind == 1
    raise SmlError(f"wrong CRC of a message: {x25(message):04x} computed, {stated.value:04x} stands there")


def _list(content: Element) -> Iterator[ValueList]:
    if not isinstance(content, list) or len(content) != 2 or not isinstance(content[0], Number):
        raise SmlError("a message's content means nothing")
    if content[0].value != GET_LIST_RESPONSE:
        return
    response = content[1]
    if not isinstance(response, list) or len(response) != 7 or not isinstance(response[4], list):
        raise SmlError("a list of values means nothing")
    server = response[1] if isinstance(response[1], bytes) else b""
    yield ValueList(server, tuple(_entry(entry) for entry in response[4]))


def _entry(entry: Element) -> Entry:
    if not isinstance(entry, list) or len(entry) != 7 or not isinstance(entry[0], bytes) or len(entry[0]) != 6:
        raise SmlError("a value means nothing")
    unit = entry[3].value if isinstance(entry[3], Number) else None
    scaler = entry[4].value if isinstance(entry[4], Number) else 0
    if not -32 <= scaler <= 32:
        raise SmlError(f"10 to the power of {scaler} is no scale")
    return Entry(entry[0], unit, scaler, entry[5])

"""Reads the messages of a telegram and the lists in them (SML 1.04, sections 5.1 and 5.2.4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from collector.sources.sml.crc import kermit, x25
from collector.sources.sml.tlv import Node, Number, TlvError, read

OPEN_RESPONSE, CLOSE_RESPONSE, GET_LIST_RESPONSE = 0x0101, 0x0201, 0x0701
_MESSAGE_HEAD = 0x76  #: a list of six
_MESSAGE_END = 0x00
_FILL = 0x00  #: some meters fill each message up, not only the last


class Check(Enum):
    """What the check value of a message says."""

    RIGHT = "right"
    KERMIT = "kermit"  #: right by CRC-16/KERMIT, which is not the standard's
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Message:
    """One message: `tag` says of what kind. `computed`, `stated`: its check value."""

    tag: int
    body: Node
    check: Check
    computed: int
    stated: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of a list. `name`: its OBIS code, six bytes; `unit`: DLMS number; value = number * 10^`scaler`."""

    name: bytes
    unit: int | None
    scaler: int
    value: Node


@dataclass(frozen=True, slots=True)
class ValueList:
    """What one GetListResponse says. `server`: the meter's identification, empty where it is left out."""

    server: bytes
    entries: tuple[Entry, ...]


def messages(payload: bytes) -> Iterator[Message]:
    """Every message of a telegram. Raises TlvError."""
    at, end = 0, len(payload.rstrip(b"\0"))
    while at < end:
        if payload[at] == _FILL:
            at += 1
            continue
        message, at = _message(payload, at)
        yield message


def _message(payload: bytes, start: int) -> tuple[Message, int]:
    if payload[start] != _MESSAGE_HEAD:
        raise TlvError(f"no message begins at byte {start}")
    at = start + 1
    for _ in range(3):  # transaction, group and what to do after an error
        _, at = read(payload, at)
    choice, end = read(payload, at)
    stated, at = read(payload, end)
    if not isinstance(stated, Number) or stated.signed or stated.width > 2:
        raise TlvError(f"the message at byte {start} has no check value where it should be")
    if payload[at : at + 1] != bytes([_MESSAGE_END]):
        raise TlvError(f"the end of the message at byte {start} is missing")
    tag, body = _chosen(choice, start)
    check, computed = _checked(payload[start:end], stated.value)
    return Message(tag, body, check, computed, stated.value), at + 1


def _checked(content: bytes, stated: int) -> tuple[Check, int]:
    """Both bytes of the check value are swapped in the number that carries it."""
    computed = _swapped(x25(content))
    if stated == computed:
        return Check.RIGHT, computed
    return (Check.KERMIT if stated == _swapped(kermit(content)) else Check.WRONG), computed


def _swapped(check: int) -> int:
    return (check & 0xFF) << 8 | check >> 8


def _chosen(choice: Node, start: int) -> tuple[int, Node]:
    if isinstance(choice, tuple) and len(choice) == 2 and isinstance(choice[0], Number):
        return choice[0].value, choice[1]
    raise TlvError(f"the message at byte {start} has no body")


def value_list(body: Node) -> ValueList:
    """The content of a GetListResponse. Raises TlvError."""
    if not isinstance(body, tuple) or len(body) != 7 or not isinstance(body[4], tuple):
        raise TlvError("a list of values has not the parts that it should have")
    server = body[1] if isinstance(body[1], bytes) else b""
    return ValueList(server, tuple(_entry(node) for node in body[4]))


def _entry(node: Node) -> Entry:
    if not isinstance(node, tuple) or len(node) != 7:
        raise TlvError("an entry of the list has not the parts that it should have")
    name, _, _, unit, scaler, value, _ = node
    if not isinstance(name, bytes) or len(name) != 6:
        raise TlvError("an entry of the list has no OBIS code")
    return Entry(name, _optional(unit, "unit"), _optional(scaler, "scaler") or 0, value)


def _optional(node: Node, what: str) -> int | None:
    if node is None:
        return None
    if isinstance(node, Number) and node.width == 1:
        return node.value
    raise TlvError(f"the {what} of an entry cannot be read")

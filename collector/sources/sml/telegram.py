"""Reads one SML telegram: its check sums, its messages, its values (BSI TR-03109-1 annex IV, sections 6 and 8)."""

from __future__ import annotations

from dataclasses import dataclass

from collector.sources.sml.crc import kermit, x25
from collector.sources.sml.entry import WORDS_OF_MAKER, Entry, entries, identity
from collector.sources.sml.fault import with_faults_mended
from collector.sources.sml.tlv import BadStructure, Node, Number, Reader
from collector.sources.telegram import Telegram

_ESCAPE = b"\x1b" * 4
#: Escape and version before the messages; escape, end mark, count of fill bytes and check sum behind them.
_HEAD = _TAIL = 8
_GET_LIST_RESPONSE = 0x0701
#: In the server id of meters of Holley, which compute their sums as CRC-16/Kermit.
_HOLLEY = b"HLY"


@dataclass(frozen=True, slots=True)
class Read:
    """A telegram; `reason`: one word on why it is not believed, else "". `serial`: the meter's own number."""

    telegram: Telegram
    reason: str = ""
    serial: str = ""


def read(raw: bytes) -> Read:
    """What these bytes say, from the first escape to the check sum."""
    given = int.from_bytes(raw[-2:], "little")
    told: tuple[str, ...] = ()
    computed = x25(raw[:-2])
    if given != computed:
        if _HOLLEY not in raw or given != kermit(raw[:-2]):
            return _refused(f"wrong check sum: the telegram says {given:04X}, its bytes give {computed:04X}", "crc")
        told = ("check sum is CRC-16/Kermit instead of X-25, as this maker computes it",)
    try:
        lists, wrong = _lists(_unwrapped(raw))
        found = [entry for node in lists for entry in entries(node)]
    except BadStructure as error:
        return _refused(f"the check sum is right, but the structure is not: {error}", "structure")
    if wrong:
        return _refused(wrong, "message_crc")
    server = next((node[1] for node in lists if isinstance(node[1], bytes)), None)
    return _told(found, server, told)


def _refused(problem: str, reason: str) -> Read:
    return Read(Telegram("", complete=False, problems=(problem,)), reason)


def _told(found: list[Entry], server: bytes | None, told: tuple[str, ...]) -> Read:
    server = server or next((entry.octets for entry in found if entry.names_the_meter), None)
    serial = identity(server) if server else ""
    maker = next((str(entry.value) for entry in found if entry.code in WORDS_OF_MAKER and entry.value), "")
    found, problems = with_faults_mended(found, server or b"")
    values = tuple(entry.as_value() for entry in found if entry.raw is not None)
    problems = (
        *told,
        *problems,
        *(f"{entry.code} has no value, which it must have" for entry in found if entry.raw is None),
    )
    if not values:
        problems = (*problems, "it has no list of values")
    whole = len(values) == len(found) and bool(values)
    return Read(Telegram(f"{maker} {serial}".strip(), values, whole, problems), "" if whole else "structure", serial)


def _unwrapped(raw: bytes) -> bytes:
    """The messages without the transport around them."""
    filled = raw[-3]
    body = raw[_HEAD:-_TAIL].replace(_ESCAPE + _ESCAPE, _ESCAPE)
    if filled > 3 or filled > len(body):
        raise BadStructure(f"{filled} bytes are said to fill up, 3 is the most")
    return body[: len(body) - filled]


def _lists(body: bytes) -> tuple[list[list[Node]], str]:
    """The content of every list response, and what is wrong with a message's own check sum."""
    reader, found, wrong = Reader(body), [], ""
    while reader.more():
        began = reader.at
        if reader.list_header() != 6:
            raise BadStructure(f"byte {began}: a message has six elements")
        parts = [reader.node() for _ in range(4)]
        check = body[began : reader.at]
        given = reader.node()
        if not reader.end_of_message():
            raise BadStructure(f"byte {reader.at}: a message does not end where it must")
        wrong = wrong or _wrong_sum(check, given)
        content = _content(parts[3])
        if content is not None:
            found.append(content)
    return found, wrong


def _content(choice: Node) -> list[Node] | None:
    if not (isinstance(choice, list) and len(choice) == 2 and isinstance(choice[0], Number)):
        raise BadStructure("a message without a kind")
    if choice[0].value != _GET_LIST_RESPONSE:
        return None
    if not isinstance(choice[1], list) or len(choice[1]) != 7:
        raise BadStructure("a list response has seven elements")
    return choice[1]


def _wrong_sum(message: bytes, given: Node) -> str:
    """What is wrong with the check sum of a message; it is sent low byte first, and read high byte first."""
    if not isinstance(given, Number):
        return "a message has no check sum"
    sums = [x25(message), *([kermit(message)] if _HOLLEY in message else [])]
    if given.value in [(one & 0xFF) << 8 | one >> 8 for one in sums]:
        return ""
    swapped = (given.value & 0xFF) << 8 | given.value >> 8
    return f"wrong check sum of a message: it says {swapped:04X}, its bytes give {sums[0]:04X}"

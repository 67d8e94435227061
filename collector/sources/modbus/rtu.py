"""Tells whether bytes on a serial line are the answer to what was asked (Modbus over serial line 1.02, section 2.5).

A frame is an answer only if unit, function, byte count and CRC all agree. Nothing is guessed from pauses: a USB adapter
hands bytes over in lumps with up to 20 ms between them.
"""

from __future__ import annotations

from collections.abc import Iterator

from pymodbus.framer import FramerRTU
from pymodbus.pdu import DecodePDU

from collector.errors import BadAnswer, DeviceError, NoAnswer
from collector.sources.modbus.exceptions import EXCEPTIONS, refused
from collector.sources.modbus.queries import Query

#: Bytes of noise that may precede an answer (drivers switching direction send a few).
MAX_NOISE = 16
EXCEPTION_LENGTH = 5
REQUEST_LENGTH = 8

_DECODER = DecodePDU(False)


def crc_is_right(frame: bytes) -> bool:
    """True when the last two bytes are the CRC of those before (6 µs for 85 bytes by pymodbus, measured)."""
    return FramerRTU.compute_CRC(frame[:-2]) == int.from_bytes(frame[-2:], "big")


def answer_in(heard: bytes, query: Query) -> bytes | None:
    """The PDU of the answer if all of it is there; None while it is not. Raises MeterRefused for a valid exception."""
    for start in _starts(heard, query):
        length = _length(heard, start, query)
        if length is not None and len(heard) >= start + length:
            frame = heard[start : start + length]
            if crc_is_right(frame):
                if frame[1] != query.function:
                    raise refused(query.unit, frame[2])
                return frame[1:-2]
    return None


def progress(heard: bytes, query: Query) -> tuple[int, int]:
    """How many bytes of what may become the answer are there, and how many are missing at least."""
    start = next(_starts(heard, query), None)
    if start is None:
        return 0, 1
    have = len(heard) - start
    length = EXCEPTION_LENGTH if have < 2 else _length(heard, start, query)
    return have, max(1, length - have) if length is not None else 1


def unanswered(heard: bytes, query: Query, waited: float) -> DeviceError:
    """Why there is no answer, now that the line is silent; `waited` in s."""
    said = heard[after_echo(heard, query) :]
    if not said:
        return _silence(bool(heard), query, waited)
    reason, words = _blame(said, query)
    shown = said[:24].hex(" ") + (" …" if len(said) > 24 else "")
    return BadAnswer(f"unit {query.unit}: {words} ({shown})", reason, _HINTS.get(reason, ""))


def after_echo(heard: bytes, query: Query) -> int:
    """Where listening begins: behind our own request, if the adapter hears itself.

    Whatever repeats the request is never an answer, not even where it would pass for one (FC 01 with 17 to 24 coils).
    """
    echo = heard.find(query.rtu, 0, MAX_NOISE + len(query.rtu))
    return echo + len(query.rtu) if echo >= 0 else 0


_HINTS = {
    "crc": "check termination, bias and shield; do baud and frame match?",
    "unit": "is there a second master on this line, or a unit number that is used twice?",
    "noise": "do baud and frame match?",
}


def _silence(echoed: bool, query: Query, waited: float) -> NoAnswer:
    if echoed:
        hint = "the adapter hears itself, so the cable may end there: is the meter on, are A and B swapped?"
    else:
        hint = "is the meter on, are A and B not swapped, do baud, frame and unit match?"
    return NoAnswer(f"unit {query.unit} was silent for {waited * 1000:.0f} ms", hint)


def _starts(heard: bytes, query: Query) -> Iterator[int]:
    """Offsets at which an answer to the query may begin."""
    first = _after_strangers(heard, after_echo(heard, query), query)
    if _own_frame(heard, first, query):
        return
    for start in range(first, min(len(heard), first + MAX_NOISE + 1)):
        if heard[start] == query.unit and _heads(heard[start + 1 : start + 3], query):
            yield start


def _heads(head: bytes, query: Query) -> bool:
    """The second and third byte, as far as they are there, are those of the answer or of an exception."""
    if not head:
        return True
    if head[0] == query.function:
        return len(head) == 1 or query.size in (None, head[1])
    return head[0] == query.function | 0x80 and (len(head) == 1 or head[1] in EXCEPTIONS)


def _length(heard: bytes, start: int, query: Query) -> int | None:
    """Length of the frame that begins here; None while too little of it is known."""
    if len(heard) < start + 3:
        return None
    if heard[start + 1] & 0x80:
        return EXCEPTION_LENGTH
    if query.size is not None:
        return 5 + query.size
    kind = _DECODER.lookupPduClass(heard[start:])
    # pymodbus says 998 or 999 while the answer to 2Bh is too short to tell.
    return kind.calculateRtuFrameSize(heard[start:]) or None if kind else None


def _after_strangers(heard: bytes, start: int, query: Query) -> int:
    """Skips whole frames of other units: another master's traffic, or a late answer of a neighbour."""
    while start < len(heard) and heard[start] != query.unit:
        length = _whole_frame(heard, start)
        if length is None:
            break
        start += length
    return start


def _own_frame(heard: bytes, start: int, query: Query) -> bool:
    """A whole and sound frame of the unit that was asked, which is not the answer: what follows is not believed."""
    if start + EXCEPTION_LENGTH > len(heard) or heard[start] != query.unit:
        return False
    function, third = heard[start + 1], heard[start + 2]
    if query.size is None or (function == query.function and third == query.size):
        return False
    if function == query.function | 0x80 and third in EXCEPTIONS:
        return False
    return _whole_frame(heard, start) is not None


def _whole_frame(heard: bytes, start: int) -> int | None:
    """Length of a sound frame (answer, exception or request) at this place; None if there is none."""
    if start + EXCEPTION_LENGTH > len(heard):
        return None
    for length in (EXCEPTION_LENGTH, 5 + heard[start + 2], REQUEST_LENGTH):
        if start + length <= len(heard) and crc_is_right(heard[start : start + length]):
            return length
    return None


def _blame(said: bytes, query: Query) -> tuple[str, str]:
    """The counted word and the sentence for bytes that are no answer."""
    start = _after_strangers(said, 0, query)
    if start > 0 and start == len(said):
        return "unit", f"unit {said[0]} answered instead"
    if _own_frame(said, start, query):
        return _blame_frame(said[start + 1], said[start + 2], query)
    begin = next(_starts(said, query), None)
    if begin is None:
        if said[start : start + 2] == bytes((query.unit, query.function)):
            return "length", "the answer's byte count is not what was asked for"
        return "noise", "what came is not an answer"
    length = _length(said, begin, query)
    if length is None or len(said) < begin + length:
        return "truncated", f"the answer ends after {len(said) - begin} bytes"
    return "crc", "the answer is damaged (CRC)"


def _blame_frame(function: int, third: int, query: Query) -> tuple[str, str]:
    """The same for a sound frame that answers something else."""
    if function & 0x7F != query.function:
        return "function", f"answered function {function:02X}h, asked was {query.function:02X}h"
    if function & 0x80:
        return "exception", f"answered with exception {third}, which does not exist"
    return "length", f"answered {third} bytes of values, asked were {query.size}"

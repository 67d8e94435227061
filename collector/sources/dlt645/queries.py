"""Builds the only requests that Phaselog can send to a DL/T 645 meter: they read (1997: 6.3, 2007: 7.2)."""

from __future__ import annotations

from dataclasses import dataclass

from collector.errors import UsageError
from collector.sources.dlt645.contents import ASK_ADDRESS, MORE_1997, MORE_2007, READ_1997, READ_2007
from collector.sources.dlt645.frame import ANYBODY, WAKE, Frame, build, is_address, search

#: Control code -> length of its data, for the requests that read: the closed list.
PERMITTED = {READ_1997: 2, MORE_1997: 2, READ_2007: 4, MORE_2007: 5, ASK_ADDRESS: 0}
#: Wake-up bytes before each request, for optical ports and for lines that drift when nobody speaks.
WAKE_UP = bytes((WAKE,)) * 4


@dataclass(frozen=True, slots=True)
class Query:
    """One request. `code`: the identifier that is asked for, empty for the address. `number`: of a follow-on frame."""

    address: str
    control: int
    code: str = ""
    number: int = 0

    @property
    def frame(self) -> bytes:
        """The bytes to send."""
        data = bytes.fromhex(self.code)[::-1]
        if self.control == MORE_2007:
            data += bytes((self.number,))
        return WAKE_UP + build(self.address, self.control, data)


def read(address: str, code: str) -> Query:
    """Asks for one code or block of either edition."""
    return Query(_existing(address), READ_1997 if len(code) == 4 else READ_2007, code)


def read_on(query: Query, number: int) -> Query:
    """Asks for the rest of an answer that was too long for one frame."""
    return Query(query.address, MORE_1997 if len(query.code) == 4 else MORE_2007, query.code, number)


def ask_address() -> Query:
    """Asks the only meter of the line for its address (2007)."""
    return Query(ANYBODY, ASK_ADDRESS)


def permit(frame: bytes) -> None:
    """Lets a request pass that only reads; raises UsageError for anything else, however it came about."""
    asleep = len(frame) - len(frame.lstrip(WAKE_UP[:1]))
    request = next(search(frame[asleep:]), None)
    whole = isinstance(request, Frame) and request.begin == 0 and request.end == len(frame) - asleep
    if not isinstance(request, Frame) or not whole or asleep > len(WAKE_UP):
        raise UsageError(f"{len(frame)} bytes are no request of DL/T 645", "Phaselog only reads meters")
    if PERMITTED.get(request.control) != len(request.data):
        said = f"control {request.control:02X} with {len(request.data)} bytes"
        raise UsageError(f"{said} is not a read request", "Phaselog only reads meters: controls 01, 02, 11, 12 and 13")


def _existing(address: str) -> str:
    if not is_address(address):
        raise UsageError(f'"{address}" is no address of a DL/T 645 meter', "it has 12 digits, as printed on the meter")
    return address

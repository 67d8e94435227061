"""Builds the only requests that Phaselog can send over Cirbus: they read (Circutor CVMk manual, section 11.2)."""

from __future__ import annotations

from collector.errors import UsageError
from collector.sources.cirbus.commands import COMMANDS, IDENTIFY
from collector.sources.cirbus.message import Message, build, search

#: The closed list: no command that writes (W..), deletes (CMD) or is not known leaves the box.
PERMITTED = frozenset((*COMMANDS, IDENTIFY))


def question(unit: int, command: str) -> bytes:
    """The bytes that ask; UsageError for a unit that does not exist."""
    if not 0 <= unit <= 99:
        raise UsageError(f"unit {unit} does not exist", "units of Cirbus are 0 to 99")
    return build(unit, command)


def permit(frame: bytes) -> None:
    """Lets a request pass that only reads; raises UsageError for anything else, however it came about."""
    request = next(search(frame), None)
    if not isinstance(request, Message) or request.begin or request.end != len(frame):
        raise UsageError(f"{len(frame)} bytes are no request of Cirbus", "Phaselog only reads meters")
    if request.text not in PERMITTED:
        raise UsageError(f'"{request.text}" is not a read command', "Phaselog only reads meters")

"""Puts a meter's refusal into words (Modbus application protocol 1.1b3, section 7)."""

from __future__ import annotations

from collector.errors import MeterRefused

EXCEPTIONS = {
    1: "it does not know this function",
    2: "it has no such register",
    3: "it does not accept this number of registers",
    4: "it failed",
    5: "it needs more time (acknowledge)",
    6: "it is busy",
    7: "it will not do that (negative acknowledge)",
    8: "its memory is damaged (parity)",
    10: "the gateway has no path to it",
    11: "it did not answer the gateway",
}
ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE = 1, 2, 3
#: A gateway speaks for a meter that is silent.
GATEWAY_NO_PATH, GATEWAY_SILENCE = 10, 11

_HINTS = {
    1: "is the model right?",
    2: "is the model right?",
    3: "is the model right?",
    10: "does the unit number exist behind this gateway?",
    11: "is the meter on, and does the unit number match?",
}


def refused(unit: int, code: int) -> MeterRefused:
    """The error for exception `code` of a unit."""
    words = EXCEPTIONS.get(code, "a code that the standard does not know")
    return MeterRefused(f"unit {unit} refused (exception {code}): {words}", code, _HINTS.get(code, ""))

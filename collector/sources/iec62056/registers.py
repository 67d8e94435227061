"""Asks for single registers in programming mode by R5 or R1, without a password (IEC 62056-21, 6.4.4 and 6.5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from collector.devices.obis import short
from collector.errors import BadAnswer
from collector.sources.iec62056.decode import decode
from collector.sources.iec62056.ends import BlockEnd
from collector.sources.iec62056.identification import Identification
from collector.sources.iec62056.queries import read_register
from collector.sources.iec62056.wire import CharacterWire
from collector.sources.telegram import Telegram, Value

#: R5: what is read comes as in a read-out; R1: older.
_COMMANDS = ("R5", "R1")


def ask(wire: CharacterWire, who: Identification, codes: Sequence[str], turn: float) -> Telegram:
    """The values of these registers; those the meter refuses are left out. Raises BadAnswer, LineError."""
    values: list[Value] = []
    commands = list(_COMMANDS)
    for code in codes:
        for command in tuple(commands):
            found = _one(wire, command, code, turn)
            if found:
                values += found
                commands = [command]
                break
    return Telegram(who.text, tuple(values))


def _one(wire: CharacterWire, command: str, code: str, turn: float) -> list[Value]:
    """What one register holds; empty when the meter refuses."""
    wire.pause(turn)
    wire.send(read_register(command, code))
    heard, end = bytearray(), BlockEnd(commands=False)

    def take(chunk: bytes) -> bool:
        heard.extend(chunk[: end.feed(chunk)])
        return end.whole

    if not wire.hear(take):
        raise BadAnswer(f"register {code}: no answer, or half of one", "cut")
    if end.refused:
        return []
    telegram = decode(bytes(heard))[-1]
    if not telegram.complete:
        raise BadAnswer(f"register {code}: {'; '.join(telegram.problems)}", "block_check")
    return _named(code, telegram.values)


def _named(code: str, values: Sequence[Value]) -> list[Value]:
    """The answer may leave the address out. An error ("ER01") is no value; another address no answer."""
    if any(value.code not in ("", code) and short(value.code) != short(code) for value in values):
        raise BadAnswer(f"register {code}: another one answers", "register")
    if any(isinstance(value.value, str) and value.value.startswith("ER") for value in values):
        return []
    return [replace(value, code=code) for value in values]

"""Turns SML frames into telegrams, and believes a value only if both checks agree and its type can be trusted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from collector.devices.obis import quantity
from collector.sources.sml.crc import kermit, x25
from collector.sources.sml.messages import Entry, ValueList, value_lists
from collector.sources.sml.tlv import Number, SmlError
from collector.sources.sml.transport import BEGIN, Frame, frames
from collector.sources.telegram import Telegram, Value

#: DLMS unit numbers (IEC 62056-62, section 4.2) that electricity meters use.
_UNITS = {8: "°", 9: "°C", 13: "m³", 27: "W", 28: "VA", 29: "var", 30: "Wh", 31: "VAh", 32: "varh", 33: "A", 35: "V",
          44: "Hz", 54: "%", 62: ""}  # fmt: skip
_POWER = 27
_NO_UNIT = (None, 0, 255)
#: Number of the meter: 0A 01, three letters of the maker, then the number that is printed on it.
_DZG = b"\x0a\x01DZG"
#: From this number on DZG's meters code small powers rightly; before it, what looks negative may be positive.
_DZG_MENDED = 60_000_000

CUT_OFF = "behind it stands a telegram that was cut off"
HOLLEY = "its checks are CRC-16/KERMIT, as Holley's meters have them"


def decode(data: bytes) -> list[Telegram]:
    """Every telegram in these bytes, in order. Never raises; the work is linear in the length."""
    found: list[Telegram] = []
    cut: list[Telegram] = []
    for frame in frames(data):
        telegram = _telegram(frame)
        (found if frame.whole else cut).append(telegram)
    if not any(telegram.complete for telegram in found):
        return found + cut or ([_refused("no SML telegram begins in these bytes")] if data else [])
    start = data.find(BEGIN)
    if start > 0:
        found[0] = _noting(found[0], f"before it stand {start} bytes of a telegram whose beginning is missing")
    if cut:
        found[-1] = _noting(found[-1], CUT_OFF)
    return found


def _telegram(frame: Frame) -> Telegram:
    if frame.fault:
        return _refused(frame.fault)
    odd = x25(frame.checked) != frame.crc
    if odd and kermit(frame.checked) != frame.crc:
        return _refused(f"wrong CRC: {x25(frame.checked):04x} computed, {frame.crc:04x} stands there")
    try:
        lists, odd_messages = value_lists(frame.body)
    except SmlError as error:
        return _refused(f"its check agrees, but it is no SML: {error}")
    if not lists:
        return _refused("it holds no list of values")
    maker = _maker(lists[0])
    if (odd or odd_messages) and maker != "HLY":
        return _refused("its checks are computed as only Holley's meters do it, and it is none of them")
    problems = [HOLLEY] if odd or odd_messages else []
    values = [value for listed in lists for value in _values(listed, problems)]
    identification = " ".join(word for word in (maker, _server(lists[0].server)) if word)
    return Telegram(identification, tuple(values), True, tuple(dict.fromkeys(problems)))


def _values(listed: ValueList, problems: list[str]) -> Iterator[Value]:
    for entry in listed.entries:
        code = _code(entry.name)
        unit = _UNITS.get(entry.unit or 0, "" if entry.unit in _NO_UNIT else f"unit {entry.unit}")
        if _doubtful(entry, listed.server):
            problems.append(f"{code}: this meter codes powers above 327 W so that they look negative: not believed")
            yield Value(code, quantity(code), None, unit)
        elif isinstance(entry.value, Number):
            number = float(Decimal(entry.value.value).scaleb(entry.scaler))
            yield Value(code, quantity(code), number, unit)
        elif isinstance(entry.value, bytes):
            yield Value(code, None, _text(entry.value), unit)
        elif isinstance(entry.value, bool):
            yield Value(code, None, "true" if entry.value else "false", unit)
        else:
            problems.append(f"{code}: it has no value")
            yield Value(code, quantity(code), None, unit)


def _doubtful(entry: Entry, server: bytes) -> bool:
    """DZG's fault: unsigned powers in the shortest signed type, so that 400.00 W (9C40) reads as -255.36 W."""
    value = entry.value
    if entry.unit != _POWER or not isinstance(value, Number) or not server.startswith(_DZG):
        return False
    return value.signed and value.size < 4 and value.value < 0 and int.from_bytes(server[-4:], "big") < _DZG_MENDED


def _code(name: bytes) -> str:
    a, b, c, d, e, f = name
    return f"{a}-{b}:{c}.{d}.{e}*{f}"


def _text(octets: bytes) -> str:
    """Letters and digits as they are, everything else in hex digits: most octets are numbers and signatures."""
    return octets.decode("ascii") if octets.isalnum() else octets.hex()


def _maker(listed: ValueList) -> str:
    for entry in listed.entries:
        if entry.name in (b"\x81\x81\xc7\x82\x03\xff", b"\x01\x00\x60\x32\x01\x01") and isinstance(entry.value, bytes):
            return _text(entry.value)
    return ""


def _server(server: bytes) -> str:
    """The meter's number as it is printed: 1EMH0012345678 (DIN 43863-5); hex digits where it has another form."""
    maker = server[2:5]
    if len(server) == 10 and server[0] == 0x0A and maker.isalpha():
        return f"{server[1]}{maker.decode('ascii')}{int.from_bytes(server[5:], 'big'):010d}"
    return server.hex()


def _refused(problem: str) -> Telegram:
    return Telegram("", (), False, (problem,))


def _noting(telegram: Telegram, problem: str) -> Telegram:
    return replace(telegram, problems=(*telegram.problems, problem))

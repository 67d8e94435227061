"""Reads the entries of an SML list: name, status, time, unit, scaler, value (BSI TR-03109-1 annex IV, 6.2.4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from collector.devices.obis import quantity
from collector.sources.sml.tlv import BadStructure, Node, Number
from collector.sources.sml.units import UNITS
from collector.sources.telegram import Value

#: Where a meter writes who made it.
WORDS_OF_MAKER = ("129-129:199.130.3*255", "1-0:96.50.1*1")
_WORDS_OF_NUMBER = ("1-0:96.1.0*255", "1-0:0.0.9*255")
_OCTETS_OF_NAME = 6


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `raw`: the value as sent; `value` = raw * 10 ** scaler for numbers; `unit` as text."""

    code: str
    raw: Node
    scaler: int
    unit: str

    @property
    def octets(self) -> bytes | None:
        """The value if it is a string of octets."""
        return self.raw if isinstance(self.raw, bytes) else None

    @property
    def names_the_meter(self) -> bool:
        """True if the value is the number of the meter."""
        return self.code in _WORDS_OF_NUMBER and self.octets is not None

    @property
    def value(self) -> float | str | None:
        """Exact as far as a float can be; octets as text if they are letters and digits, else in hex."""
        if isinstance(self.raw, Number):
            return scaled(self.raw.value, self.scaler)
        if isinstance(self.raw, bytes):
            return self.raw.decode() if self.raw.isalnum() else self.raw.hex()
        return int(self.raw) if isinstance(self.raw, bool) else None

    def unsigned(self) -> Entry:
        """The same octets read as a number without sign."""
        assert isinstance(self.raw, Number)
        return replace(self, raw=Number(self.raw.value % (1 << 8 * self.raw.width), False, self.raw.width))

    def as_value(self) -> Value:
        """As Phaselog's sources give it."""
        return Value(self.code, quantity(self.code), self.value, self.unit)


def scaled(raw: int, scaler: int) -> float:
    """raw * 10 ** scaler, rounded once: 172433683 and -1 are 17243368.3; whole where the scaler leaves it whole."""
    return raw * 10**scaler if scaler >= 0 else float(Decimal(raw).scaleb(scaler))


def identity(octets: bytes) -> str:
    """The number of a meter: "1DZG0060694611" if coded after DIN 43863-5 (1, maker, block, number), else its text."""
    if len(octets) == 10 and octets[0] == 0x0A and octets[2:5].isalpha() and octets[1] in range(1, 10):
        return f"{octets[1]}{octets[2:5].decode()}{octets[5]:02X}{int.from_bytes(octets[6:]):08d}"
    return octets.decode() if octets.isalnum() else octets.hex()


def entries(response: list[Node]) -> Iterator[Entry]:
    """Every entry of a list response: client, server, name, time, values, signature, time of the gateway."""
    values = response[4]
    if not isinstance(values, list):
        raise BadStructure("a list response without its list")
    for node in values:
        if not isinstance(node, list) or len(node) != 7 or not isinstance(node[0], bytes):
            raise BadStructure("an entry of the list has seven elements, the first of them its name")
        name, _status, _time, unit, scaler, value, _signature = node
        assert isinstance(name, bytes)
        yield Entry(_code(name), _checked(value), _whole(scaler, "scaler"), _unit(unit))


def _code(name: bytes) -> str:
    if len(name) != _OCTETS_OF_NAME:
        raise BadStructure(f"a name of {len(name)} bytes, {_OCTETS_OF_NAME} is right")
    return "{}-{}:{}.{}.{}*{}".format(*name)


def _checked(value: Node) -> Node:
    if isinstance(value, list):
        raise BadStructure("an entry whose value is a list")
    return value


def _whole(node: Node, what: str) -> int:
    if node is None:
        return 0
    if not isinstance(node, Number) or not -128 <= node.value <= 127:
        raise BadStructure(f"a {what} that is no small number")
    return node.value


def _unit(node: Node) -> str:
    if node is None:
        return ""
    if not isinstance(node, Number) or not 0 <= node.value <= 255:
        raise BadStructure("a unit that is no number of a unit")
    return UNITS.get(node.value, "" if node.value in (0, 255) else f"unit {node.value}")

"""Finds where a SunSpec device keeps its models (SunSpec Device Information Model 1.1, section 6: device map)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from collector.devices.map import Model, Register
from collector.errors import BadAnswer, MeterRefused, NoAnswer
from collector.sources.modbus.queries import READ_HOLDING_REGISTERS, read_registers
from collector.sources.modbus.wire import Wire

#: Where the marker may stand; the standard's own places first, then where devices put it that count from 1.
BASES = (40000, 50000, 0, 39999, 49999)
MARKER = b"SunS"
COMMON, END = 1, 0xFFFF
#: No device known has half as many models.
MOST_MODELS = 100
#: Registers of model 1 that hold texts: maker, model, options, version, serial number.
TEXTS = 64
_TEXT_BYTES = (32, 32, 16, 16, 32)

#: Reads (address, count); raises DeviceError.
Read = Callable[[int, int], bytes]


@dataclass(frozen=True, slots=True)
class Entry:
    """One model of the chain. `address`: of its ID; `length`: registers behind ID and length."""

    number: int
    address: int
    length: int

    @property
    def end(self) -> int:
        """First address behind it."""
        return self.address + 2 + self.length


@dataclass(frozen=True, slots=True)
class Common:
    """What model 1 says of the device it stands before."""

    maker: str
    model: str
    version: str
    serial: str


@dataclass(frozen=True, slots=True)
class Chain:
    """All models of a device, in order."""

    base: int
    entries: tuple[Entry, ...]

    def entry(self, numbers: tuple[int, ...]) -> Entry | None:
        """The first model that is one of these."""
        return next((entry for entry in self.entries if entry.number in numbers), None)

    def common(self, entry: Entry) -> Entry | None:
        """The model 1 that `entry` belongs to: the last one before it, for an inverter has one of its own."""
        before = [one for one in self.entries if one.number == COMMON and one.address <= entry.address]
        return before[-1] if before else None


def walk(read: Read) -> Chain | None:
    """The device's chain; None where there is no marker. Raises BadAnswer when the chain is broken, and NoAnswer."""
    base = next((base for base in BASES if _marked(read, base)), None)
    return None if base is None else Chain(base, tuple(_entries(read, base + 2)))


def _marked(read: Read, base: int) -> bool:
    try:
        return read(base, 2) == MARKER
    except MeterRefused:
        return False


def _entries(read: Read, address: int) -> Iterator[Entry]:
    for _ in range(MOST_MODELS):
        header = read(address, 2) if address <= 0xFFFE else b""
        number, length = int.from_bytes(header[:2], "big"), int.from_bytes(header[2:], "big")
        if number == END:
            return
        entry = Entry(number, address, length)
        if not number or not length or entry.end > 0xFFFF:
            raise BadAnswer(f"the SunSpec chain is broken at register {address}", "sunspec_chain")
        yield entry
        address = entry.end
    raise BadAnswer(f"the SunSpec chain has more than {MOST_MODELS} models", "sunspec_chain")


def identify(read: Read, common: Entry) -> Common:
    """What a model 1 says; empty where it is too short to say anything."""
    if common.length < TEXTS:
        return Common("", "", "", "")
    data, texts = read(common.address + 2, TEXTS), []
    for size in _TEXT_BYTES:
        texts.append(data[:size].split(b"\0")[0].decode("ascii", "ignore").strip())
        data = data[size:]
    maker, model, _, version, serial = ("".join(filter(str.isprintable, text)) for text in texts)
    return Common(maker, model, version, serial)


def located(model: Model, entry: Entry) -> Model:
    """The model with its registers where this device has them; what a shorter one lacks is left out."""

    def there(register: Register) -> Register:
        return replace(register, address=register.address + entry.address)

    groups = tuple(
        replace(group, registers=tuple(there(one) for one in group.registers if one.end <= entry.length + 2))
        for group in model.groups
    )
    return replace(model, groups=tuple(group for group in groups if group.registers))


@dataclass(frozen=True, slots=True)
class Discovered:
    """A SunSpec device as `scan` tells of it. `numbers`: of all its models."""

    common: Common
    numbers: tuple[int, ...]


def discover(wire: Wire, unit: int, patience: float) -> Discovered | None:
    """What SunSpec device this unit is; None if it is none or says nothing usable. Raises LineError."""

    def read(address: int, count: int) -> bytes:
        query = read_registers(unit, READ_HOLDING_REGISTERS, address, count)
        return wire.exchange(query, patience).pdu[2:]

    try:
        chain = walk(read)
        if chain is None or not chain.entries:
            return None
        common = chain.common(chain.entries[-1])
        said = identify(read, common) if common else Common("", "", "", "")
    except (NoAnswer, BadAnswer, MeterRefused):
        return None
    return Discovered(said, tuple(entry.number for entry in chain.entries))

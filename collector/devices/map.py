"""Says what a meter model is: its registers or named values, how they are coded, how the model is recognised.

Addresses are protocol (PDU) addresses, zero-based: the number that goes over the wire.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum


class RegisterType(Enum):
    """How a value is coded in registers (Modbus application protocol 1.1b3, section 4.3); big-endian bytes."""

    INT16 = "int16"
    UINT16 = "uint16"
    INT32 = "int32"
    UINT32 = "uint32"
    INT64 = "int64"
    UINT64 = "uint64"
    FLOAT32 = "float32"
    FLOAT64 = "float64"

    @property
    def count(self) -> int:
        """Number of 16-bit registers."""
        return int(self.value[-2:]) // 16


class Encoding(Enum):
    """How a raw number is to be understood."""

    PLAIN = "plain"
    #: Power factor of Schneider's PM5000 and iEM3000: -2 to -1 and 1 to 2 mean leading, the sign is the power's.
    FOUR_QUADRANT = "four_quadrant"
    #: Power factor of Schneider's PM700: the highest bit means lagging and says nothing of the power's direction.
    MAGNITUDE = "magnitude"


class When(Enum):
    """When a group is read."""

    TICK = "tick"  #: with every tick of the meter
    PERIOD = "period"  #: every `Group.every` s, or with every tick if that is slower
    DEMAND = "demand"  #: only when a person or a moved change counter asks (maxima, minima, settings, identity)


@dataclass(frozen=True, slots=True)
class Choice:
    """A register whose meaning is a setting of the meter: quantity = `quantities[(setting >> shift) & mask]`."""

    setting: str  #: name of the register that holds the setting
    shift: int
    mask: int
    quantities: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Register:
    """One value of the meter: `value = raw * scale * 10 ** exponent`, in the quantity's unit.

    The exponent is what the register `scale_register` holds, 0 without one; until it is known there is no value.
    `name` is unique in the model. `quantity` is None for maxima, settings and status words, and where `choice` decides.
    `missing`: raw patterns (as unsigned integers of the whole value) that mean "not available", beside NaN.
    `valid`: the lowest and the highest raw number that can be a value; everything else is "not available", too.
    `rollover`: the counter's value after which it starts at 0 again, in the quantity's unit.
    """

    name: str
    address: int
    type: RegisterType
    quantity: str | None = None
    scale: float = 1.0
    unit: str = ""
    missing: frozenset[int] = frozenset()
    rollover: float | None = None
    choice: Choice | None = None
    evidence: str | None = None  #: name under which its raw value goes to Sample.evidence
    note: str = ""
    verified: bool = True
    scale_register: str | None = None
    encoding: Encoding = Encoding.PLAIN
    valid: tuple[float, float] | None = None
    word_order: str = ""  #: only where it is another one than the model's

    @property
    def end(self) -> int:
        """First address after this value."""
        return self.address + self.type.count

    def offered(self) -> Iterator[Offered]:
        """What this register may give."""
        floats = self.type in (RegisterType.FLOAT32, RegisterType.FLOAT64)
        step = 0.0 if floats or self.scale_register else self.scale
        yield from (Offered(quantity, self.rollover, step) for quantity in self.quantities)

    @property
    def quantities(self) -> tuple[str, ...]:
        """Every quantity that this register may become."""
        if self.choice:
            return tuple(self.choice.quantities.values())
        return (self.quantity,) if self.quantity else ()


@dataclass(frozen=True, slots=True)
class Code:
    """One value of a meter that names its values (OBIS code, data identifier, command, topic).

    `quantity` is the sum of `sign` * value over all its codes (P = import - export). `scale`: factor to the quantity's
    unit where the telegram tells no unit. `rollover` and `step` (the smallest step) are in the quantity's unit. `part`:
    the value is only a part of the quantity (a tariff of the total), for meters that do not tell the quantity itself.
    """

    code: str
    quantity: str
    sign: float = 1.0
    scale: float = 1.0
    rollover: float | None = None
    step: float = 1.0
    note: str = ""
    verified: bool = True
    part: bool = False


@dataclass(frozen=True, slots=True)
class Offered:
    """A quantity as one of the model's values gives it; see `Code`. `step`: 0 where it is as fine as its float."""

    quantity: str
    rollover: float | None
    step: float


@dataclass(frozen=True, slots=True)
class Group:
    """Registers that are read together at one pace; the planner cuts them into blocks (requests)."""

    name: str
    when: When
    registers: tuple[Register, ...]
    every: float = 0.0  #: s, for When.PERIOD


@dataclass(frozen=True, slots=True)
class Block:
    """Registers that the meter gives only together, in one request."""

    address: int
    count: int

    @property
    def end(self) -> int:
        """First address after it."""
        return self.address + self.count

    def holds(self, register: Register) -> bool:
        """True when the register is one of them."""
        return self.address <= register.address and register.end <= self.end


@dataclass(frozen=True, slots=True)
class Identity:
    """How `scan` knows this model: by what the meter says of itself, and by physics."""

    vendor: str = ""  #: part of FC 2Bh/0Eh object 0, lower case
    product: str = ""  #: part of object 1, lower case
    slave_id: str = ""  #: part of the FC 11h answer, lower case
    probe: str = ""  #: register whose value physics can judge (voltage or frequency)


@dataclass(frozen=True, slots=True)
class Model:
    """What a kind of meter offers: the content of one TOML file."""

    name: str
    maker: str
    title: str
    protocol: str
    groups: tuple[Group, ...]
    sources: tuple[str, ...]  #: manuals and programs that the map was taken from
    verified: bool
    unit: int = 1  #: factory defaults
    baud: int = 9600
    frame: str = "8N1"
    functions: tuple[int, ...] = (3,)  #: codes (3, 4) that serve the values; two codes are used in turn
    word_order: str = "big"  #: "big": most significant register first
    max_registers: int = 125  #: per request
    fill_gaps: bool = True  #: False: never ask for a register that is not in the map
    turnaround: float = 0.005  #: s that the meter takes to answer, typical
    blocks: tuple[Block, ...] = ()  #: registers in them cannot be read but all together
    sunspec: tuple[int, ...] = ()  #: the SunSpec models whose registers these are; addresses count from their ID
    status_bits: Mapping[str, int] | None = None  #: evidence name -> FC 02 address
    identity: Identity = Identity()
    note: str = ""
    codes: tuple[Code, ...] = ()  #: instead of groups, where the meter names its values
    every: float = 1.0  #: s between two readings, unless the meter's configuration says otherwise
    least_every: float = 0.1  #: s; never more often
    options: Mapping[str, str | int | float | bool] = field(default_factory=dict)  #: the protocol's own

    def registers(self) -> Iterator[Register]:
        """Every register of every group."""
        for group in self.groups:
            yield from group.registers

    def register(self, name: str) -> Register:
        """The register of this name; KeyError if there is none."""
        for register in self.registers():
            if register.name == name:
                return register
        raise KeyError(name)

    def exponents(self) -> frozenset[str]:
        """The names of the registers that scale others."""
        return frozenset(register.scale_register for register in self.registers() if register.scale_register)

    def block(self, register: Register) -> Block:
        """What must be asked to get this register: the block it is in, or itself."""
        own = Block(register.address, register.type.count)
        return next((block for block in self.blocks if block.holds(register)), own)

    def quantities(self) -> tuple[str, ...]:
        """Every quantity that a meter of this model may give regularly, in map order, without doubles."""
        return tuple(dict.fromkeys(one.quantity for one in self.offered()))

    def offered(self) -> Iterator[Offered]:
        """Every quantity that is recorded regularly, once for each value that may give it."""
        for group in self.groups:
            if group.when is not When.DEMAND:
                yield from (offered for register in group.registers for offered in register.offered())
        yield from (Offered(code.quantity, code.rollover, code.step) for code in self.codes)

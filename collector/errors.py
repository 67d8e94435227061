"""Names everything that can go wrong, so that a caller knows which parent to catch.

PhaselogError                 exit code 1
 ├─ ConfigError               2   the configuration file is wrong (all mistakes at once)
 ├─ DeviceError               3   a meter or its wire
 │   ├─ LineError                 the port or socket itself
 │   │   ├─ PortMissing           no such port, adapter unplugged
 │   │   ├─ PortBusy              another program holds it
 │   │   ├─ PortDenied            no permission
 │   │   └─ GatewayDown           no TCP connection to the gateway or meter
 │   ├─ NoAnswer                  the meter was silent until the deadline
 │   ├─ BadAnswer                 what came was not the answer (CRC, unit, function, length, noise)
 │   └─ MeterRefused              the meter answered with an exception code
 ├─ StoreError                4   the database
 │   ├─ StoreDown                 not reachable, or it went away
 │   ├─ StoreRefused              permission, disk full, a statement refused
 │   └─ SchemaOutdated            a table, column or partition is missing: `phaselog db migrate`
 ├─ SpoolError                5   neither store nor disk can take readings
 ├─ OutletError               7   what leaves the box was not taken (mail server, web address)
 └─ UsageError                6   the command cannot do this here (port of the page taken, unknown meter ...)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class PhaselogError(Exception):
    """Something that a person can mend; `hint` says how."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake in a configuration: where (`meter[0].unit`), what, and what to do."""

    key: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.key}: {self.message}" if self.key else self.message


class ConfigError(PhaselogError):
    """The configuration is wrong; `mistakes` lists all of it, not only the first."""

    exit_code = 2

    def __init__(self, message: str, mistakes: Sequence[Mistake] = (), hint: str = "") -> None:
        super().__init__(message, hint)
        self.mistakes = tuple(mistakes)


class DeviceError(PhaselogError):
    """A meter could not be read."""

    exit_code = 3
    #: The word under which this error is counted (health page, metrics).
    kind = "device"


class LineError(DeviceError):
    """The line itself failed: no meter on it can be read."""

    kind = "line"


class PortMissing(LineError):
    """The serial port does not exist, or the adapter was unplugged."""

    kind = "port_missing"


class PortBusy(LineError):
    """Another program holds the serial port."""

    kind = "port_busy"


class PortDenied(LineError):
    """This user may not open the serial port."""

    kind = "port_denied"


class GatewayDown(LineError):
    """No TCP connection to the gateway or meter."""

    kind = "gateway_down"


class NoAnswer(DeviceError):
    """The meter was silent until the deadline."""

    kind = "no_answer"


class BadAnswer(DeviceError):
    """Bytes came, but they are not the answer to what was asked; `reason` is one counted word."""

    kind = "bad_answer"

    def __init__(self, message: str, reason: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.reason = reason


class MeterRefused(DeviceError):
    """The meter answered with a Modbus exception; `code` is 1 to 11."""

    kind = "refused"

    def __init__(self, message: str, code: int, hint: str = "") -> None:
        super().__init__(message, hint)
        self.code = code


class StoreError(PhaselogError):
    """The database cannot do what was asked."""

    exit_code = 4


class StoreDown(StoreError):
    """The database cannot be reached, or went away; try again later."""


class StoreRefused(StoreError):
    """The database said no: rights, space, a statement."""


class SchemaOutdated(StoreError):
    """A table, column or partition is missing; `phaselog db migrate` adds it."""


class SpoolError(PhaselogError):
    """The spool cannot take readings."""

    exit_code = 5


class OutletError(PhaselogError):
    """A message could not be handed over; it waits and is tried again."""

    exit_code = 7


class UsageError(PhaselogError):
    """The command was understood but cannot be done like this."""

    exit_code = 6

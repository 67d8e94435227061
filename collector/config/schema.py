"""Declares the configuration file: every key, its type, range and meaning; the only place that knows pydantic."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from collector.config.duration import octets, seconds

#: One error of pydantic's: where in the table, which rule, the rule's figures, the value that was given.
Fault = tuple[tuple[str | int, ...], str, Mapping[str, Any], Any]

Baud = Literal[300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 76800, 115200, 230400, 460800]
Frame = Literal["8N1", "8N2", "8E1", "8E2", "8O1", "8O2"]
_NAME = r"^[a-z0-9][a-z0-9_-]{0,39}$"


def _from_text(read: Callable[[str], float], example: str) -> BeforeValidator:
    def convert(value: object) -> float:
        if not isinstance(value, str):
            raise ValueError(f"{value} has no unit; write it like {example}")
        return read(value)

    return BeforeValidator(convert)


_READ_SECONDS = _from_text(seconds, '"60s" or "10min"')
_READ_OCTETS = _from_text(octets, '"500MB" or "2GB"')
Duration = Annotated[float, _READ_SECONDS]
OptionalDuration = Annotated[float | None, _READ_SECONDS]
Size = Annotated[int, _READ_OCTETS]
Name = Annotated[str, Field(pattern=_NAME)]
Text = Annotated[str, Field(min_length=1, max_length=200)]
TcpPort = Annotated[int, Field(ge=1, le=65535)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, frozen=True)


class SiteTable(_Table):
    """Where the logger stands."""

    name: Text = Field("Phaselog", description="What the page calls this place.")
    timezone: Text = Field("UTC", description="IANA time zone; it decides what a day is. Everything is stored in UTC.")


class StoreTable(_Table):
    """Where readings are kept."""

    kind: Literal["sqlite", "mariadb"] = Field("sqlite", description="The database.")
    path: Text | None = Field(
        None, description="SQLite: the file, relative to this file; default: phaselog.sqlite in the state folder."
    )
    database: Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,64}$")] = Field(
        "phaselog", description="MariaDB: the database's name."
    )
    socket: Text | None = Field(None, description="MariaDB: unix socket; default: Debian's.")
    host: Text | None = Field(None, description="MariaDB on another machine: its address, instead of the socket.")
    tcp_port: TcpPort = Field(3306, description="MariaDB on another machine: its port.")
    user: Text | None = Field(None, description="MariaDB: account; default: the name of the system user.")
    password_file: Text | None = Field(
        None,
        description="MariaDB: file that holds nothing but the password, relative to this file; none with a socket.",
    )
    commit_every: Duration = Field(
        60.0, ge=0.1, le=3600, description="How often readings go to the database; less often spares the SD card."
    )
    keep_raw_days: int = Field(90, ge=1, le=36500, description="Days that single readings are kept.")
    keep_minute_days: int = Field(730, ge=1, le=36500, description="Days that one-minute summaries are kept.")
    compatible_meter: Name | None = Field(
        None, description="MariaDB: the meter that the view chapada_imperial.multimedidor shows."
    )
    mysql_readers: tuple[Text, ...] = Field(
        (), strict=False, description="MariaDB: system users who may read everything at the `mysql` prompt."
    )


class SpoolTable(_Table):
    """How much may wait on disk while the database is down."""

    max_bytes: Size = Field(2_000_000_000, ge=1_000_000, description="Most that may wait.")
    max_age: Duration = Field(90 * 86400.0, ge=3600, description="Longest that a reading may wait.")
    min_free_bytes: Size = Field(200_000_000, ge=0, description="What always stays free on the disk.")


class ClockTable(_Table):
    """When the clock is believed."""

    wait: Duration = Field(
        600.0, ge=0, le=86400, description="How long readings wait for a trusted time before an estimated one is used."
    )
    trust: Literal["auto", "system"] = Field(
        "auto",
        description='"auto": NTP, a clock chip or `phaselog clock set`; "system": this machine\'s clock is right.',
    )


class PageTable(_Table):
    """Where the status page listens."""

    host: Text = Field("127.0.0.1", description='Address to listen on; "0.0.0.0" shows the page to the whole network.')
    port: TcpPort = Field(8080, description="Port to listen on.")


class LineTable(_Table):
    """One shared wire or socket; `port` or `host`."""

    name: Name = Field(description="Its name in this file.")
    port: Text | None = Field(None, description="Serial port, by a stable name (`phaselog ports` lists them).")
    baud: Baud = Field(19200, description="Speed of the wire in bit/s.")
    frame: Frame = Field("8N2", description="Data bits, parity, stop bits.")
    host: Text | None = Field(None, description="Modbus TCP meter or gateway: its address.")
    tcp_port: TcpPort = Field(502, description="Its port.")
    framing: Literal["tcp", "rtu"] = Field("tcp", description='"tcp": Modbus TCP; "rtu": RTU frames through a socket.')
    timeout: OptionalDuration = Field(
        None, ge=0.01, le=30, description="Longest wait for an answer's first byte; default 300ms, over TCP 1s."
    )
    gap: Duration = Field(0.0, ge=0, le=10, description="Extra silence before each request, for slow gateways.")
    echo: bool = Field(False, description="The adapter hears its own bytes; normally found out by itself.")


class MeterTable(_Table):
    """One physical instrument."""

    name: Name = Field(description="Its name everywhere: database, page, commands.")
    model: Text = Field(description="What it is; `phaselog models` lists them.")
    line: Text = Field(description="Name of the line it hangs on.")
    unit: int = Field(1, ge=0, le=255, description="Modbus address: 1 to 247, over TCP 0 to 255.")
    every: Duration = Field(1.0, ge=0.1, le=86400, description="How often it is read.")
    nominal_voltage: float | None = Field(
        None, gt=0, le=1_000_000, description="Volts from phase to neutral that are right here."
    )
    nominal_frequency: float | None = Field(None, ge=10, le=100, description="Hertz that are right here.")
    rated_apparent_power: float | None = Field(
        None, gt=0, le=1e12, description="Volt-amperes of the installation, all phases; sharpens what is refused."
    )
    ct_ratio: float = Field(1.0, gt=0, le=1e6, description="Current transformer ratio that the meter does not know of.")
    vt_ratio: float = Field(1.0, gt=0, le=1e6, description="Voltage transformer ratio that the meter does not know of.")
    invert: bool = Field(False, description="The current transformers look the wrong way: swap import and export.")


#: Tables that may be written once, `[site]`.
SINGLE: dict[str, type[_Table]] = {
    "site": SiteTable,
    "store": StoreTable,
    "spool": SpoolTable,
    "clock": ClockTable,
    "page": PageTable,
}
#: Tables that may be written many times, `[[line]]`.
MANY: dict[str, type[_Table]] = {"line": LineTable, "meter": MeterTable}
TABLES = SINGLE | MANY


def keys(table: str) -> tuple[str, ...]:
    """The keys of a table, in the order of the documentation."""
    return tuple(TABLES[table].model_fields)


def checked(table: str, data: Mapping[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
    """The values of one table with defaults filled in, or everything that is wrong with it."""
    try:
        return TABLES[table].model_validate(dict(data)).model_dump(), []
    except ValidationError as error:
        faults = error.errors(include_url=False)
        return {}, [(f["loc"], f["type"], f.get("ctx", {}), f["input"]) for f in faults]


def described(table: str) -> list[tuple[str, str, object, bool]]:
    """(key, description, default, required) of every key of a table, for the documentation."""
    fields = TABLES[table].model_fields
    return [(key, f.description or "", f.default, f.is_required()) for key, f in fields.items()]


def bounds(table: str, key: str) -> tuple[tuple[float, bool] | None, float | None]:
    """((lowest, is it excluded?), highest) that a key may have; None where there is no bound."""
    rules = {name: value for rule in TABLES[table].model_fields[key].metadata for name, value in _limits(rule)}
    lowest = (rules["gt"], True) if "gt" in rules else (rules["ge"], False) if "ge" in rules else None
    return lowest, rules.get("le")


def _limits(rule: object) -> Iterator[tuple[str, float]]:
    for name in ("gt", "ge", "le"):
        if (value := getattr(rule, name, None)) is not None:
            yield name, value


def measure(table: str, key: str) -> str:
    """How a number is written: "duration" (`"60s"`), "size" (`"2GB"`) or "" (as it is)."""
    rules = TABLES[table].model_fields[key].metadata
    return "duration" if _READ_SECONDS in rules else "size" if _READ_OCTETS in rules else ""


def choices(table: str, key: str) -> tuple[object, ...]:
    """The values a key may have, when they are a closed list."""
    return get_args(TABLES[table].model_fields[key].annotation)

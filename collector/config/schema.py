"""Declares the configuration file: every key, its type, range and meaning; the only place that knows pydantic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, ValidationError
from pydantic.fields import FieldInfo

from collector.config.alert_schema import AlertsTable, AlertTable, MailTable, WebhookTable
from collector.config.kinds import (
    READ_OCTETS,
    READ_SECONDS,
    Broker,
    CameraName,
    Duration,
    HostName,
    Lamp,
    Name,
    Network,
    OptionalDuration,
    Size,
    SshTarget,
    SystemUser,
    Table,
    TcpPort,
    Text,
    TimeOfDay,
    TimeOrNever,
)
from collector.config.tariff_schema import TARIFF

#: One error of pydantic's: where in the table, which rule, the rule's figures, the value that was given.
Fault = tuple[tuple[str | int, ...], str, Mapping[str, Any], Any]

Baud = Literal[300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 76800, 115200, 230400, 460800]
Frame = Literal["8N1", "8N2", "8E1", "8E2", "8O1", "8O2", "7E1", "7E2", "7O1", "7O2", "7N2"]


class SiteTable(Table):
    """Where the logger stands."""

    name: Text = Field("Phaselog", description="What the page calls this place.")
    timezone: Text = Field("UTC", description="IANA time zone; it decides what a day is. Everything is stored in UTC.")


class StoreTable(Table):
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
    mysql_readers: tuple[SystemUser, ...] = Field(
        (), strict=False, description="MariaDB: system users who may read everything at the `mysql` prompt."
    )


class SpoolTable(Table):
    """How much may wait on disk while the database is down."""

    max_bytes: Size = Field(2_000_000_000, ge=1_000_000, description="Most that may wait.")
    max_age: Duration = Field(90 * 86400.0, ge=3600, description="Longest that a reading may wait.")
    min_free_bytes: Size = Field(200_000_000, ge=0, description="What always stays free on the disk.")


class ClockTable(Table):
    """When the clock is believed."""

    wait: Duration = Field(
        600.0, ge=0, le=86400, description="How long readings wait for a trusted time before an estimated one is used."
    )
    trust: Literal["auto", "system"] = Field(
        "auto",
        description='"auto": NTP, a clock chip or `phaselog clock set`; "system": this machine\'s clock is right.',
    )


class PageTable(Table):
    """Where the status page listens."""

    host: Text = Field("127.0.0.1", description='Address to listen on; "0.0.0.0" shows the page to the whole network.')
    port: TcpPort = Field(8080, description="Port to listen on.")
    login: Literal["changes", "always"] = Field(
        "changes",
        description='What needs a password: "changes": only changing something; "always": looking at the page, too.',
    )


class BackupTable(Table):
    """Where the nightly backup goes, and how many are kept."""

    folder: Annotated[str, Field(pattern=r"^/[A-Za-z0-9._/-]+$")] = Field(
        "/mnt/phaselog-backup",
        description="Folder that holds the backups; on the appliance a USB stick is mounted there.",
    )
    label: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,16}$")] | None = Field(
        "PHASELOG", description="Appliance: label of the USB stick's file system."
    )
    copy_to: SshTarget | None = Field(
        None, description='Appliance: a second copy by rsync over SSH, "user@host:/folder".'
    )
    at: TimeOfDay = Field("02:15", description="Appliance: when, in the site's time.")
    keep_daily: int = Field(7, ge=1, le=366, description="Newest backups that are kept, one a day.")
    keep_weekly: int = Field(5, ge=0, le=520, description="Beyond those, one a week for so many weeks.")
    keep_monthly: int = Field(12, ge=0, le=600, description="Beyond those, one a month for so many months.")


class EnergyTable(Table):
    """What energy costs; the tariffs themselves are `[[tariff]]`, here or in files of their own."""

    tariff_files: tuple[Text, ...] = Field(
        (), strict=False, description="Files with more `[[tariff]]` tables, relative to this file."
    )


_Share = Annotated[float, Field(ge=0, le=1)]


class ForecastTable(Table):
    """How a forecast follows what is measured; each number is estimated for each quantity where it is not given."""

    level: _Share | None = Field(None, description="Share of an error that goes into the level.")
    day: _Share | None = Field(None, description="Share that goes into the hour of the day.")
    week: _Share | None = Field(None, description="Share that goes into the hour of the week.")
    memory: _Share | None = Field(None, description="Share of an error that is left an hour later.")


class ApplianceTable(Table):
    """What the installer makes of this machine; a collector that runs elsewhere takes no notice."""

    lan: tuple[Network, ...] = Field(
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10"),
        strict=False,
        description="Networks that may see the page and log in by SSH; everybody else is shut out.",
    )
    https: bool = Field(False, description="Put nginx with TLS before the page; costs some 10 MB of memory.")
    remote_database: tuple[Network, ...] = Field(
        (),
        strict=False,
        description="Networks that may read the database over TLS with a password; none: no TCP at all.",
    )
    internet: bool = Field(
        True, description="false: a site without internet; time is kept by chrony and the clock chip."
    )
    time_servers: tuple[HostName, ...] = Field(
        (), strict=False, description="NTP servers of this site; default: those of the system."
    )
    clock_chip: Literal["none", "ds1307", "ds3231", "pcf8523", "pcf8563", "rv3028"] = Field(
        "none", description="Clock chip (RTC) on the Pi's I2C pins."
    )
    header_uart: bool = Field(
        False, description="The meter hangs on the Pi's own pins 8 and 10: /dev/serial0 with parity, Bluetooth off."
    )
    updates: Literal["security", "none"] = Field(
        "security", description="Updates of the system that install themselves."
    )
    reboot_at: TimeOrNever = Field(
        "03:45", description='When it restarts after an update that needs it, in the site\'s time, or "never".'
    )


class LineTable(Table):
    """One shared wire, socket or camera: `port`, `host`, `udp_port`, `mqtt`, `gpio` or `camera`."""

    name: Name = Field(description="Its name in this file.")
    port: Text | None = Field(
        None, description='Serial port, by a stable name (`phaselog ports` lists them); "usb": the only USB adapter.'
    )
    baud: Baud | None = Field(
        None, description="Speed of the wire in bit/s; default: 19200 for Modbus, else what the protocol says."
    )
    frame: Frame | None = Field(
        None, description="Data bits, parity, stop bits; default: 8N2 for Modbus, else what the protocol says."
    )
    host: Text | None = Field(None, description="Meter or gateway in the network, instead of a port: its address.")
    tcp_port: TcpPort = Field(502, description="Its port.")
    framing: Literal["tcp", "rtu"] = Field(
        "tcp", description='Modbus over a socket: "tcp": Modbus TCP; "rtu": RTU frames.'
    )
    udp_port: TcpPort | None = Field(None, description="Meters that send datagrams: the port to listen on.")
    mqtt: Broker | None = Field(None, description='MQTT broker that the meters speak to: "host" or "host:port".')
    tls: bool = Field(False, description="MQTT: over TLS.")
    ca_file: Text | None = Field(
        None, description="MQTT over TLS: certificate of the authority, relative to this file; default: the system's."
    )
    user: Text | None = Field(None, description="MQTT, network camera: account.")
    password_file: Text | None = Field(
        None, description="MQTT, camera: file that holds nothing but the password, relative to this file."
    )
    gpio: Text | None = Field(
        None, description='Pulse outputs (S0) on pins of this machine: the GPIO chip, "/dev/gpiochip0".'
    )
    camera: CameraName | None = Field(
        None,
        description='Camera that sees a display: "rpicam" (the Pi\'s own), "/dev/video0", "http://..." (a snapshot), '
        '"rtsp://...", or the folder that another program fills with pictures.',
    )
    lamp: Lamp | None = Field(
        None, description='Camera: the pin that lights the display while the picture is taken, "/dev/gpiochip0:17".'
    )
    timeout: OptionalDuration = Field(
        None, ge=0.01, le=30, description="Longest wait for an answer's first byte; default 300ms, over TCP 1s."
    )
    gap: Duration = Field(0.0, ge=0, le=10, description="Extra silence before each request, for slow gateways.")
    echo: bool = Field(False, description="The adapter hears its own bytes; normally found out by itself.")


class MeterTable(Table):
    """One physical instrument."""

    name: Name = Field(description="Its name everywhere: database, page, commands.")
    model: Text = Field(description="What it is; `phaselog models` lists them.")
    line: Text = Field(description="Name of the line it hangs on.")
    unit: int = Field(
        1, ge=0, le=255, description="Modbus address: 1 to 247, over TCP 0 to 255; Cirbus: 0 to 99; pulses: the pin."
    )
    address: Annotated[str, Field(pattern=r"^[A-Za-z0-9 :-]{1,32}$")] | None = Field(
        None, description="IEC 62056-21: device address; DL/T 645: its 12 digits; datagrams: the sender's MAC."
    )
    topic: Annotated[str, Field(pattern=r"^[^#+\x00]{1,200}$")] | None = Field(
        None, description="MQTT: the topic under which the meter speaks."
    )
    key_file: Text | None = Field(
        None, description="Encrypted P1 port: file with the key in hex digits, relative to this file."
    )
    profile: Text | None = Field(
        None,
        description="Camera: file that says where the display is, relative to this file; "
        "default: what `phaselog camera setup` has kept.",
    )
    pulses_per_kwh: float | None = Field(None, gt=0, le=1e6, description="Pulse output: pulses of one kilowatt-hour.")
    start_kwh: float = Field(
        0.0, ge=0, le=1e12, description="Pulse output: what the meter showed when its pulses began to be counted."
    )
    every: OptionalDuration = Field(
        None, ge=0.1, le=86400, description="How often it is read; default: 1s for Modbus, else what the model says."
    )
    nominal_voltage: float | None = Field(
        None, gt=0, le=1_000_000, description="Volts from phase to neutral that are right here."
    )
    nominal_frequency: float | None = Field(None, ge=10, le=100, description="Hertz that are right here.")
    rated_apparent_power: float | None = Field(
        None, gt=0, le=1e12, description="Volt-amperes of the installation, all phases; sharpens what is refused."
    )
    quality_profile: Literal["en50160", "gbt", "ansi-c84-1", "island"] = Field(
        "en50160", description="What good electricity is here; an isolated plant is an island."
    )
    ct_ratio: float = Field(1.0, gt=0, le=1e6, description="Current transformer ratio that the meter does not know of.")
    vt_ratio: float = Field(1.0, gt=0, le=1e6, description="Voltage transformer ratio that the meter does not know of.")
    invert: bool = Field(False, description="The current transformers look the wrong way: swap import and export.")


#: Tables that may be written once, `[site]`.
SINGLE: dict[str, type[Table]] = {
    "site": SiteTable,
    "store": StoreTable,
    "spool": SpoolTable,
    "clock": ClockTable,
    "page": PageTable,
    "backup": BackupTable,
    "mail": MailTable,
    "alerts": AlertsTable,
    "energy": EnergyTable,
    "forecast": ForecastTable,
    "appliance": ApplianceTable,
}
#: Tables that may be written many times, `[[line]]`.
MANY: dict[str, type[Table]] = {"line": LineTable, "meter": MeterTable, "webhook": WebhookTable, "alert": AlertTable}
#: Every table, those within `[[tariff]]` by their full names.
TABLES = SINGLE | MANY | TARIFF


def keys(table: str) -> tuple[str, ...]:
    """The keys of a table, in the order of the documentation."""
    return tuple(field.alias or key for key, field in TABLES[table].model_fields.items())


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
    return [(f.alias or key, f.description or "", f.default, f.is_required()) for key, f in fields.items()]


def bounds(table: str, key: str) -> tuple[tuple[float, bool] | None, float | None]:
    """((lowest, is it excluded?), highest) that a key may have; None where there is no bound."""
    rules = {name: value for rule in _field(table, key).metadata for name, value in _limits(rule)}
    lowest = (rules["gt"], True) if "gt" in rules else (rules["ge"], False) if "ge" in rules else None
    return lowest, rules.get("le")


def _limits(rule: object) -> Iterator[tuple[str, float]]:
    for name in ("gt", "ge", "le"):
        if (value := getattr(rule, name, None)) is not None:
            yield name, value


def measure(table: str, key: str) -> str:
    """How a number is written: "duration" (`"60s"`), "size" (`"2GB"`) or "" (as it is)."""
    rules = _field(table, key).metadata
    return "duration" if READ_SECONDS in rules else "size" if READ_OCTETS in rules else ""


def choices(table: str, key: str) -> tuple[object, ...]:
    """The values a key may have, when they are a closed list."""
    return get_args(_field(table, key).annotation)


def _field(table: str, key: str) -> FieldInfo:
    """The rules of a key, as it stands in the file."""
    return next(f for name, f in TABLES[table].model_fields.items() if key == (f.alias or name))

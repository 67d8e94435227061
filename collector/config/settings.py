"""Holds the checked configuration as frozen values: what the rest of the program sees of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from collector.config.protocols import PROTOCOLS
from collector.model.tariff import Tariff

#: `port` of a line that hangs on the only USB serial adapter, whichever that is.
USB = "usb"


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """Where the logger stands. `timezone` decides what a day is; everything is stored in UTC."""

    name: str = "Phaselog"
    timezone: str = "UTC"

    @property
    def zone(self) -> ZoneInfo:
        """The site's time zone."""
        return ZoneInfo(self.timezone)


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """Where readings are kept. `path`: SQLite file. `socket`, `host`, `tcp_port`, `user`, `password_file`: MariaDB."""

    kind: str = "sqlite"
    path: Path | None = None
    database: str = "phaselog"
    socket: str | None = None
    host: str | None = None
    tcp_port: int = 3306
    user: str | None = None
    password_file: Path | None = None
    commit_every: float = 60.0  #: s
    keep_raw_days: int = 90
    keep_minute_days: int = 730
    compatible_meter: str | None = None  #: the meter that view chapada_imperial.multimedidor shows
    mysql_readers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SpoolSettings:
    """How much may wait on disk while the store is down."""

    max_bytes: int = 2_000_000_000
    max_age: float = 90 * 86400.0  #: s
    min_free_bytes: int = 200_000_000  #: the disk floor: the spool never takes the last of the card


@dataclass(frozen=True, slots=True)
class ClockSettings:
    """When a clock is believed.

    `wait`: how long readings wait for a trusted time before they are stored with an estimated one, s.
    `trust`: "auto" (NTP, a plausible RTC, `phaselog clock set`) or "system" (this machine's clock is right).
    """

    wait: float = 600.0
    trust: str = "auto"


@dataclass(frozen=True, slots=True)
class PageSettings:
    """Where the status page listens. `login`: for "changes" only, or "always"."""

    host: str = "127.0.0.1"
    port: int = 8080
    login: str = "changes"


@dataclass(frozen=True, slots=True)
class BackupSettings:
    """Where the nightly backup goes and how many are kept; `label`, `copy_to` and `at` are the installer's."""

    folder: str = "/mnt/phaselog-backup"
    label: str | None = "PHASELOG"
    copy_to: str | None = None
    at: str = "02:15"  #: hours and minutes of the site's time
    keep_daily: int = 7
    keep_weekly: int = 5
    keep_monthly: int = 12


@dataclass(frozen=True, slots=True)
class EnergySettings:
    """Where tariffs stand beside the configuration itself; relative to it."""

    tariff_files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ApplianceSettings:
    """What the installer makes of the machine; networks are written like 192.168.1.0/24."""

    lan: tuple[str, ...] = ()
    https: bool = False
    remote_database: tuple[str, ...] = ()
    internet: bool = True
    time_servers: tuple[str, ...] = ()
    clock_chip: str = "none"
    header_uart: bool = False
    updates: str = "security"
    reboot_at: str = "03:45"


@dataclass(frozen=True, slots=True)
class CameraService:
    """Who takes pictures and reads them. `state`: where it keeps them, if we may start it ourselves."""

    socket: Path
    state: Path | None = None


@dataclass(frozen=True, slots=True)
class LineSettings:
    """One shared wire or socket: `port` + `baud` + `frame`, or `host` + `tcp_port` + `framing`, or one that speaks.

    `protocol`: what its meters speak (config.protocols).
    """

    name: str
    port: str | None = None
    baud: int = 19200
    frame: str = "8N2"
    host: str | None = None
    tcp_port: int = 502
    framing: str = "tcp"  #: "tcp" (MBAP) or "rtu" (RTU frames over TCP)
    udp_port: int | None = None
    mqtt: str | None = None  #: "host" or "host:port"
    tls: bool = False
    ca_file: Path | None = None
    user: str | None = None
    password_file: Path | None = None
    gpio: str | None = None  #: the chip's device file
    camera: str | None = None  #: "rpicam", a V4L2 device, a URL, or a folder's full name
    lamp: str | None = None  #: GPIO chip and pin, "/dev/gpiochip0:17"
    service: CameraService | None = None  #: beside `camera`: who takes its pictures and reads them
    protocol: str = "modbus"
    timeout: float | None = None  #: s until the first byte; None: 0.3 s serial, 1 s TCP
    gap: float = 0.0  #: s of extra silence before each request, for slow gateways
    echo: bool = False  #: the adapter hears its own bytes; found out by itself when False

    @property
    def serial(self) -> bool:
        """True for a serial port, False for TCP."""
        return self.port is not None


@dataclass(frozen=True, slots=True)
class MeterSettings:
    """One physical instrument."""

    name: str
    model: str
    line: str
    unit: int = 1
    address: str | None = None
    topic: str | None = None
    key_file: Path | None = None
    profile: Path | None = None  #: how a camera sees the display; None: the camera service has kept it
    pulses_per_kwh: float | None = None
    start_kwh: float = 0.0  #: what the meter's register showed when its pulses began to be counted
    every: float = 1.0  #: s
    nominal_voltage: float | None = None  #: V, phase to neutral
    nominal_frequency: float | None = None  #: Hz
    rated_apparent_power: float | None = None  #: VA, all phases
    ct_ratio: float = 1.0
    vt_ratio: float = 1.0
    quality_profile: str = "en50160"  #: what good electricity is here (insight.quality.profile)
    invert: bool = False  #: current transformers look the wrong way: import and export change places

    def place(self, protocol: str) -> str:
        """Where it is on its line, for people: "unit 126", "address 000000012345"; empty where it is alone there."""
        key = PROTOCOLS[protocol].address
        value = getattr(self, key) if key and key != "name" else None
        return "" if value is None else f"{key} {value}"


@dataclass(frozen=True, slots=True)
class MailSettings:
    """The mail server, and who gets mail; without `to` nobody does."""

    host: str = "localhost"
    tcp_port: int = 587
    tls: str = "starttls"  #: "starttls", "tls" or "none"
    ca_file: Path | None = None
    user: str | None = None
    password_file: Path | None = None
    sender: str = "phaselog@localhost"
    to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AlertingSettings:
    """What all alerts have in common. `language`: of the messages."""

    language: str = "en"


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """A web address that takes messages; `url`, or a file that holds it."""

    name: str
    url: str | None = None
    url_file: Path | None = None
    body: str = "{text}"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """When somebody must be told; times in s. `meters` empty: all. `send` None: everywhere. `quiet`: "22:00-06:00"."""

    name: str
    kind: str
    meters: tuple[str, ...] = ()
    quantity: str | None = None
    above: float | None = None
    below: float | None = None
    hysteresis: float = 0.0
    per: float = 3600.0
    lasting: float = 0.0
    repeat: float = 86400.0
    quiet: str | None = None
    send: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class ForecastSettings:
    """How a forecast follows what is measured, 0 to 1; None: estimated for each quantity."""

    level: float | None = None
    day: float | None = None
    week: float | None = None
    memory: float | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole file. `path` is where it was read; `warnings` are things that work but should be mended."""

    path: Path
    site: SiteSettings = field(default_factory=SiteSettings)
    store: StoreSettings = field(default_factory=StoreSettings)
    spool: SpoolSettings = field(default_factory=SpoolSettings)
    clock: ClockSettings = field(default_factory=ClockSettings)
    page: PageSettings = field(default_factory=PageSettings)
    backup: BackupSettings = field(default_factory=BackupSettings)
    energy: EnergySettings = field(default_factory=EnergySettings)
    forecast: ForecastSettings = field(default_factory=ForecastSettings)
    appliance: ApplianceSettings = field(default_factory=ApplianceSettings)
    lines: tuple[LineSettings, ...] = ()
    meters: tuple[MeterSettings, ...] = ()
    tariffs: tuple[Tariff, ...] = ()
    warnings: tuple[str, ...] = ()
    mail: MailSettings = field(default_factory=MailSettings)
    alerting: AlertingSettings = field(default_factory=AlertingSettings)
    webhooks: tuple[WebhookSettings, ...] = ()
    alerts: tuple[AlertSettings, ...] = ()

    def line(self, name: str) -> LineSettings:
        """The line of this name (load has checked that it exists)."""
        return next(line for line in self.lines if line.name == name)

    def meters_on(self, line: str) -> tuple[MeterSettings, ...]:
        """The meters that share this line, in the order of the file."""
        return tuple(meter for meter in self.meters if meter.line == line)

"""Names the kinds of values that the tables of the configuration file consist of, in pydantic's terms."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from ipaddress import ip_network
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from collector.config.duration import octets, seconds

_NAME = r"^[a-z0-9][a-z0-9_-]{0,39}$"


def _from_text(read: Callable[[str], float], example: str) -> BeforeValidator:
    def convert(value: object) -> float:
        if not isinstance(value, str):
            raise ValueError(f"{value} has no unit; write it like {example}")
        return read(value)

    return BeforeValidator(convert)


def _network(value: str) -> str:
    try:
        return str(ip_network(value))
    except ValueError as error:
        raise ValueError(f'{error}; write it like "192.168.1.0/24"') from None


READ_SECONDS = _from_text(seconds, '"60s" or "10min"')
READ_OCTETS = _from_text(octets, '"500MB" or "2GB"')
Duration = Annotated[float, READ_SECONDS]
OptionalDuration = Annotated[float | None, READ_SECONDS]
Size = Annotated[int, READ_OCTETS]
Name = Annotated[str, Field(pattern=_NAME)]
Text = Annotated[str, Field(min_length=1, max_length=200)]
TcpPort = Annotated[int, Field(ge=1, le=65535)]
Network = Annotated[str, AfterValidator(_network)]
Broker = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{0,252}(:[0-9]{1,5})?$")]
HostName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.:-]{0,252}$")]
CameraName = Annotated[
    str, Field(pattern=r"^(rpicam|(https?|rtsps?)://[^\s/@]+(/\S*)?|[^:]+)$", min_length=1, max_length=500)
]
Lamp = Annotated[str, Field(pattern=r"^/dev/gpiochip[0-9]+:[0-9]{1,3}$")]
SystemUser = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_-]{0,31}$")]
SshTarget = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9._-]*@[A-Za-z0-9.-]+:/[A-Za-z0-9._/-]*$")]
TimeOfDay = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
TimeOrNever = Annotated[str, Field(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|never)$")]


class Table(BaseModel):
    """One table: unknown keys are mistakes, nothing is converted silently."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, frozen=True)


_DIGITS = re.compile(r"-?\d{1,9}(\.\d{1,6})?")


def _decimal(value: object) -> Decimal:
    """A number as it is written: 0.1 is a tenth, not the nearest binary fraction."""
    text = str(value) if isinstance(value, (int, str)) and not isinstance(value, bool) else ""
    if isinstance(value, float):
        text = f"{Decimal(repr(value)):f}"
    if not _DIGITS.fullmatch(text):
        raise ValueError(f"{value} is no amount; write a number with at most six digits behind the point, like 0.2451")
    return Decimal(text)


def _date(value: object) -> object:
    """A date of TOML stands without quotes."""
    if not isinstance(value, date) or hasattr(value, "hour"):
        raise ValueError(f"{value} is no date; write it without quotes, like 2026-01-31")
    return value


Amount = Annotated[Decimal, BeforeValidator(_decimal)]
Day = Annotated[date, BeforeValidator(_date)]

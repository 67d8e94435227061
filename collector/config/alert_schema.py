"""Declares `[mail]`, `[[webhook]]` and `[[alert]]`: who is told, and when; in pydantic's terms."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from collector.config.kinds import Duration, HostName, Name, Table, TcpPort, Text

Kind = Literal[
    "threshold",
    "rate",
    "absence",
    "silent",
    "counter",
    "camera",
    "quality",
    "anomaly",
    "disk",
    "backup",
    "prices",
    "health",
]
_Address = Annotated[str, Field(pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+$", max_length=200)]
_Url = Annotated[str, Field(pattern=r"^https?://[^\s]{1,500}$")]
_Hours = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$")]
_Header = Annotated[str, Field(pattern=r"^[\x20-\x7e]{1,300}$")]
_HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,60}$")]


class MailTable(Table):
    """The mail server that takes our mail, and who gets it. Without `to` nobody is written to."""

    host: HostName = Field("localhost", description="The mail server.")
    tcp_port: TcpPort = Field(587, description="Its port: 587 with starttls, 465 with tls.")
    tls: Literal["starttls", "tls", "none"] = Field(
        "starttls", description='How the connection is encrypted; "none" is for a server on this machine.'
    )
    ca_file: Text | None = Field(
        None, description="Certificate of the authority, relative to this file; default: the system's."
    )
    user: Text | None = Field(None, description="Account at the mail server.")
    password_file: Text | None = Field(
        None, description="File that holds nothing but the password, relative to this file."
    )
    sender: _Address = Field("phaselog@localhost", description="From whom mail comes.")
    to: tuple[_Address, ...] = Field((), strict=False, description="Who gets it.")


class WebhookTable(Table):
    """A web address that takes messages: ntfy, Telegram, Gotify, Home Assistant and the like."""

    name: Name = Field(description="Its name in `send`.")
    url: _Url | None = Field(None, description="The address.")
    url_file: Text | None = Field(
        None, description="File that holds nothing but the address, for one that is a secret; relative to this file."
    )
    body: Annotated[str, Field(max_length=4000)] = Field(
        "{text}",
        description="What is posted; {headline}, {text} and {id} are filled in, in JSON as texts with their quotes.",
    )
    headers: dict[_HeaderName, _Header] = Field(
        {}, description='Headers, `{Title = "{headline}"}`; the default Content-Type is text/plain.'
    )


class AlertsTable(Table):
    """What all alerts have in common."""

    language: Literal["en", "pt"] = Field("en", description="Language of the messages; the page speaks each reader's.")


class AlertTable(Table):
    """When somebody must be told. Without any, a few rules that every logger needs are in force."""

    name: Name = Field(description="Its name.")
    kind: Kind = Field(description="What it looks at.")
    meters: tuple[Name, ...] = Field((), strict=False, description="The meters that it is about; default: all.")
    quantity: Text | None = Field(None, description="threshold, rate, absence: the quantity.")
    above: float | None = Field(None, description="threshold, rate: more than this, in the quantity's unit.")
    below: float | None = Field(None, description="threshold, rate: less than this.")
    hysteresis: float = Field(0.0, ge=0, description="By so much it must come back before it is over.")
    per: Duration = Field(3600.0, ge=60, le=86400 * 7, description="rate: the time within which it changed.")
    lasting: Duration = Field(
        0.0, ge=0, le=86400 * 31, description="How long it must last before anybody is told, and be over."
    )
    repeat: Duration = Field(
        86400.0, ge=0, le=86400 * 366, description='How often it is told again while it lasts; "0s": never.'
    )
    quiet: _Hours | None = Field(
        None, description='Hours of the site in which nothing is sent, "22:00-06:00"; it is sent when they end.'
    )
    send: tuple[Name, ...] | None = Field(
        None, strict=False, description='Where to: "mail" and names of webhooks; default: everywhere.'
    )

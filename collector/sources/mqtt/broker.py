"""Connects to an MQTT broker, subscribes, and hands over what it delivers; every fault becomes a LineError."""

from __future__ import annotations

import ssl
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from collector.config.settings import LineSettings
from collector.errors import GatewayDown, LineError
from collector.model.ports import Ticker
from collector.sources.channel.resolver import Resolver
from collector.sources.mqtt.client import HearingClient

#: s without a sign of life until the broker is asked for one; after twice that it is gone.
KEEPALIVE = 15
#: s from the connection to the broker's word that it takes us.
PATIENCE = 5.0
PORT, TLS_PORT = 1883, 8883
_HINT = "is the broker on, is `mqtt` its address, does a firewall stand between?"


@dataclass(frozen=True, slots=True)
class Message:
    """What was published. `retained`: the broker kept it, nobody knows how long; `boot_ns`: when it came."""

    topic: str
    payload: bytes
    retained: bool
    boot_ns: int


class Broker:
    """One connection. It is not made again: whoever lost it makes a new one."""

    def __init__(self, line: LineSettings, topics: Mapping[str, Sequence[str]], ticker: Ticker) -> None:
        """`topics`: meter -> what to subscribe to for it. Raises LineError if there is no connection."""
        self._ticker = ticker
        self._topics = topics
        self._target = f"{line.mqtt} mqtt"
        self._fault: LineError | None = None
        self._subscribed: dict[int, str] = {}
        self._heard: deque[Message] = deque()
        #: Meters whose topics the broker does not let us hear.
        self.refused: list[str] = []
        self._client: Client = HearingClient()
        self._client.on_connect = self._connected
        self._client.on_subscribe = self._answered
        self._client.on_message = self._arrived
        self._client.on_disconnect = self._left
        self._welcome_by: float | None = ticker.monotonic() + PATIENCE
        try:
            self._connect(line)
        except (OSError, ValueError) as error:
            raise self._lost(f"no connection ({error})", _hint(error)) from error

    def _connect(self, line: LineSettings) -> None:
        host, _, port = (line.mqtt or "localhost").partition(":")
        if line.user is not None:
            self._client.username_pw_set(line.user, _password(line))
        if line.tls:
            self._client.tls_set_context(ssl.create_default_context(cafile=line.ca_file))
        # A name server that does not answer is found out here, where that takes 5 s at most.
        Resolver(host, 0).addresses()
        self._client.connect(host, int(port or (TLS_PORT if line.tls else PORT)), KEEPALIVE)

    def hear(self, seconds: float) -> Sequence[Message]:
        """What comes within this time, as soon as there is something. Raises LineError."""
        try:
            self._client.loop(max(0.0, seconds))
        except Exception as error:  # whatever a peer that speaks no MQTT makes paho-mqtt stumble over
            raise self._lost(f"it does not speak MQTT ({error})") from error
        if self._fault is not None:
            raise self._fault
        if self._welcome_by is not None and self._ticker.monotonic() > self._welcome_by:
            raise self._lost(f"no welcome within {PATIENCE:.0f} s", "is that an MQTT broker? `tls` may be missing")
        heard, self._heard = self._heard, deque()
        return heard

    def close(self) -> None:
        """Says goodbye."""
        with suppress(Exception):
            self._client.disconnect()
            self._client.loop(0.0)

    def _connected(
        self, client: Client, _: object, flags: ConnectFlags, code: ReasonCode, __: Properties | None
    ) -> None:
        if code.is_failure:
            self._lost(f"the broker refuses us: {code}", "are `user` and `password_file` right?")
            return
        self._welcome_by = None
        for meter, topics in self._topics.items():
            _, number = client.subscribe([(topic, 0) for topic in topics])
            if number is not None:
                self._subscribed[number] = meter

    def _answered(self, _: Client, __: object, number: int, codes: list[ReasonCode], ___: Properties | None) -> None:
        meter = self._subscribed.pop(number, None)
        if meter is not None and any(code.is_failure for code in codes):
            self.refused.append(meter)

    def _arrived(self, _: Client, __: object, message: MQTTMessage) -> None:
        self._heard.append(Message(message.topic, bytes(message.payload), message.retain, self._ticker.boot_ns()))

    def _left(self, _: Client, __: object, flags: DisconnectFlags, code: ReasonCode, ___: Properties | None) -> None:
        self._lost(f"the connection broke ({code})")

    def _lost(self, reason: str, hint: str = _HINT) -> LineError:
        """Keeps the first fault: what follows from it tells less."""
        if self._fault is None:
            self._fault = GatewayDown(f"{self._target}: {reason}", hint)
        return self._fault


def _password(line: LineSettings) -> str | None:
    if line.password_file is None:
        return None
    return (line.password_file.read_text(encoding="utf-8").splitlines() or [""])[0]


def _hint(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename is not None:
        return "may the collector read this file?"
    if isinstance(error, ssl.SSLCertVerificationError):
        return "is `ca_file` the authority of this broker, and does its certificate have the name in `mqtt`?"
    if isinstance(error, ssl.SSLError):
        return "does the broker speak TLS on this port?"
    return _HINT

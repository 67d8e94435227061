"""A real mosquitto on a free port, and devices that publish there."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from collector.config.settings import LineSettings, MeterSettings
from collector.devices import catalogue
from collector.devices.map import Model
from collector.errors import LineError
from collector.model.reading import Sample
from collector.sources.mqtt.listener import MqttListener
from collector.sources.ticker import SystemTicker

MOSQUITTO = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Mosquitto:
    """A broker; what it retains is forgotten when it stops."""

    def __init__(self, folder: Path, *settings: str) -> None:
        self.port = free_port()
        self._config = folder / "mosquitto.conf"
        self._log = folder / "mosquitto.log"
        lines = [f"listener {self.port} 127.0.0.1", "persistence false", "user root", *settings]
        if not any(line.startswith("allow_anonymous") for line in settings):
            lines.append("allow_anonymous true")
        self._config.write_text("\n".join(lines) + "\n")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        assert MOSQUITTO is not None
        with self._log.open("ab") as log:
            self._process = subprocess.Popen([MOSQUITTO, "-c", str(self._config)], stdout=log, stderr=log)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            assert self._process.poll() is None, self._log.read_text()
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError("mosquitto does not listen")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)
            self._process = None


class Device:
    """What publishes: a client with a last will."""

    def __init__(
        self, broker: Mosquitto, will: tuple[str, str] | None = None, user: str = "", password: str = ""
    ) -> None:
        self._client = paho.Client(CallbackAPIVersion.VERSION2)
        if will is not None:
            self._client.will_set(*will, qos=1, retain=True)
        if user:
            self._client.username_pw_set(user, password)
        self._client.connect("127.0.0.1", broker.port, keepalive=30)
        self._client.loop_start()

    def publish(self, topic: str, payload: str | bytes, *, retain: bool = False, qos: int = 1) -> None:
        self._client.publish(topic, payload, qos, retain).wait_for_publish(20)

    def hear_everything(self) -> list[str]:
        """The topics of all that is published from now on."""
        seen: list[str] = []
        ready = threading.Event()
        self._client.on_message = lambda _client, _data, message: seen.append(message.topic)
        self._client.on_subscribe = lambda *_: ready.set()
        self._client.subscribe("#")
        assert ready.wait(20)
        return seen

    def die(self) -> None:
        """The power is cut: no goodbye, so the broker publishes the will."""
        self._client.loop_stop()
        found = self._client.socket()
        assert isinstance(found, socket.socket)
        found.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


def listener_of(line: LineSettings, *meters: tuple[str, str, str]) -> MqttListener:
    """(meter, model, topic) on one line."""
    return listener_with(line, *((name, catalogue.load(model), topic) for name, model, topic in meters))


def listener_with(line: LineSettings, *meters: tuple[str, Model, str]) -> MqttListener:
    settings = {name: (MeterSettings(name, model.name, line.name, topic=topic), model) for name, model, topic in meters}
    return MqttListener(line, settings, SystemTicker())


def heard_within(listener: MqttListener, seconds: float, count: int = 1000) -> list[Sample]:
    """What is heard until there are so many samples or the time is over."""
    deadline, samples = time.monotonic() + seconds, []
    while len(samples) < count and (left := deadline - time.monotonic()) > 0:
        samples += listener.listen(min(left, 0.5))
    return samples


def until_it_works(listener: MqttListener, seconds: float = 30) -> Sequence[Sample]:
    """Listens until the line does not fail any more."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return listener.listen(0.3)
        except LineError:
            assert time.monotonic() < deadline
            time.sleep(0.1)

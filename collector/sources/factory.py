"""Makes wires, sources and listeners from the configuration: the only place that knows every protocol."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from collector.config.settings import LineSettings, MeterSettings
from collector.devices.map import Model
from collector.errors import UsageError
from collector.model.ports import Listener, Source, Ticker
from collector.sources.camera.source import CameraSource
from collector.sources.channel.channel import Channel, Permit
from collector.sources.channel.serial_port import SerialPort
from collector.sources.channel.tcp_socket import TcpSocket
from collector.sources.cirbus import queries as cirbus
from collector.sources.cirbus.line import CirbusLine
from collector.sources.cirbus.source import CirbusSource
from collector.sources.dlt645 import queries as dlt645
from collector.sources.dlt645.line import Dlt645Line
from collector.sources.dlt645.source import Dlt645Source
from collector.sources.dsmr.listener import DsmrListener
from collector.sources.iec62056 import queries as optical
from collector.sources.iec62056.line import OpticalLine
from collector.sources.iec62056.push import PushListener
from collector.sources.iec62056.source import OpticalSource
from collector.sources.learned import Learned
from collector.sources.linetime import character_seconds, silence_seconds
from collector.sources.modbus.queries import permit_mbap, permit_rtu
from collector.sources.modbus.rtu_wire import GatewayRtuWire, Pace, RtuWire
from collector.sources.modbus.source import ModbusSource
from collector.sources.modbus.sunspec_source import SunSpecSource
from collector.sources.modbus.tcp_wire import TcpWire
from collector.sources.modbus.wire import Wire
from collector.sources.mqtt.listener import MqttListener
from collector.sources.pulses.listener import PulseListener
from collector.sources.sml.listener import SmlListener
from collector.sources.udp.listener import UdpListener

#: The meters of one line, each with what its kind offers.
Meters = Sequence[tuple[MeterSettings, Model]]


ByName = Mapping[str, tuple[MeterSettings, Model]]


@dataclass(frozen=True, slots=True)
class Places:
    """Folders for what a listener must remember: `state` on disk, `runtime` in RAM; None: nothing is remembered."""

    state: Path | None = None
    runtime: Path | None = None


#: s until the first byte, unless the line says otherwise.
SERIAL_TIMEOUT, TCP_TIMEOUT = 0.3, 1.0
#: Between two bytes of one frame, s: FTDI holds bytes for 16 ms, radio gateways for longer.
SERIAL_GAP, TCP_GAP = 0.05, 0.15


def open_wire(line: LineSettings, ticker: Ticker) -> Wire:
    """The wire of a line. Nothing is opened yet: that happens at first use, and anew after the line broke."""
    if line.port is not None:
        return RtuWire(line, SerialPort(line.port, line.baud, line.frame, permit_rtu), serial_pace(line), ticker)
    timeout = line.timeout or TCP_TIMEOUT
    host = line.host or "localhost"
    if line.framing == "rtu":
        pace = Pace(0.0, line.gap, timeout, TCP_GAP)
        return GatewayRtuWire(line, TcpSocket(host, line.tcp_port, permit_rtu), pace, ticker)
    return TcpWire(line, TcpSocket(host, line.tcp_port, permit_mbap), timeout, ticker)


def serial_pace(line: LineSettings) -> Pace:
    """The times of a serial line."""
    silence = silence_seconds(line.baud, line.frame) + line.gap
    return Pace(character_seconds(line.baud, line.frame), silence, line.timeout or SERIAL_TIMEOUT, SERIAL_GAP)


def make_source(meter: MeterSettings, model: Model, wire: Wire, ticker: Ticker, learned: Learned) -> ModbusSource:
    """The source that reads this Modbus meter on this wire."""
    kind = SunSpecSource if model.sunspec else ModbusSource
    return kind(meter, model, wire, ticker, learned.gaps(meter, wire.line))


@dataclass(frozen=True, slots=True)
class Asked:
    """A line whose meters are asked. Nothing is opened until the first is. `close` lets go of the port."""

    sources: Mapping[str, Source]
    close: Callable[[], None]


def open_asked(  # noqa: PLR0913, PLR0917 - what a line is made of, and two that the daemon adds
    line: LineSettings,
    meters: Meters,
    ticker: Ticker,
    learned: Learned,
    alive: Callable[[], None] = lambda: None,
    state: Path | None = None,
) -> Asked:
    """The sources of all meters on a line that is asked. `alive` is called in the course of long answers.

    `state`: folder for what a source must remember; without one it tells what the meter says, for a person to judge.
    """
    if line.protocol == "camera":
        return _cameras(line, meters, ticker, alive, state)
    if line.protocol == "iec62056-21":
        return _optical(line, meters, ticker, alive)
    if line.protocol.startswith("dlt645"):
        return _dlt645(line, meters, ticker, alive)
    if line.protocol == "cirbus":
        return _cirbus(line, meters, ticker, alive)
    wire = open_wire(line, ticker)
    sources = {meter.name: make_source(meter, model, wire, ticker, learned) for meter, model in meters}
    return Asked(sources, wire.close)


def _optical(line: LineSettings, meters: Meters, ticker: Ticker, alive: Callable[[], None]) -> Asked:
    shared = OpticalLine(line, open_channel(line, optical.permit), ticker)
    shared.on_turn(alive)
    return Asked({meter.name: OpticalSource(meter, model, shared, ticker) for meter, model in meters}, shared.close)


def _dlt645(line: LineSettings, meters: Meters, ticker: Ticker, alive: Callable[[], None]) -> Asked:
    shared = Dlt645Line(line, open_channel(line, dlt645.permit), ticker)
    shared.on_turn(alive)
    return Asked({meter.name: Dlt645Source(meter, model, shared, ticker) for meter, model in meters}, shared.close)


def _cirbus(line: LineSettings, meters: Meters, ticker: Ticker, alive: Callable[[], None]) -> Asked:
    shared = CirbusLine(line, open_channel(line, cirbus.permit), ticker)
    shared.on_turn(alive)
    return Asked({meter.name: CirbusSource(meter, model, shared, ticker) for meter, model in meters}, shared.close)


def _cameras(
    line: LineSettings, meters: Meters, ticker: Ticker, alive: Callable[[], None], state: Path | None
) -> Asked:
    def memory(meter: MeterSettings) -> Path | None:
        return None if state is None else state / f"camera-{meter.name}.json"

    sources = {meter.name: CameraSource(meter, model, line, ticker, alive, memory(meter)) for meter, model in meters}
    return Asked(sources, lambda: None)


def open_channel(line: LineSettings, permit: Permit) -> Channel:
    """The bytes of a line, for protocols that frame them themselves. IEC 62056-21 makes the parity of 7E1 itself."""
    if line.port is not None:
        frame = "8N1" if line.protocol.startswith("iec62056-21") and line.frame == "7E1" else line.frame
        return SerialPort(line.port, line.baud, frame, permit)
    return TcpSocket(line.host or "localhost", line.tcp_port, permit)


#: Lines on which one meter speaks.
_ALONE: Mapping[str, Callable[[MeterSettings, Model, Channel, Ticker], Listener]] = {
    "iec62056-21-push": PushListener,
    "sml": SmlListener,
    "dsmr": DsmrListener,
}

#: Lines on which several meters speak.
_SHARED: Mapping[str, Callable[[LineSettings, ByName, Ticker], Listener]] = {
    "kerrucent": UdpListener,
    "mqtt": MqttListener,
}


def _nothing(frame: bytes) -> None:
    """The permit of a line on which nobody is asked."""
    raise UsageError(f"{len(frame)} bytes would be sent to a meter that speaks by itself")


def open_listener(line: LineSettings, meters: Meters, ticker: Ticker, places: Places) -> Listener:
    """The listener of a line whose meters speak by themselves."""
    if line.protocol == "pulses":
        by_name = {meter.name: (meter, model) for meter, model in meters}
        return PulseListener(line, by_name, ticker, places.state, places.runtime)
    if line.protocol in _SHARED:
        return _SHARED[line.protocol](line, {meter.name: (meter, model) for meter, model in meters}, ticker)
    (meter, model), *_ = meters
    return _ALONE[line.protocol](meter, model, open_channel(line, _nothing), ticker)

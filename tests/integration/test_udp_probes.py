"""Probes send datagrams through a real socket."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from collector.config.settings import LineSettings, MeterSettings
from collector.devices import catalogue
from collector.errors import LineError, PortBusy
from collector.model.reading import Sample
from collector.sources.ticker import SystemTicker
from collector.sources.udp.listener import UdpListener

#: Exchanges at the pace of a real line.
pytestmark = pytest.mark.slow

MACS = {"workshop": "5C:CF:7F:0A:1B:2C", "stable": "5c:cf:7f:0a:1b:2d"}


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listener_at(port: int, host: str = "127.0.0.1") -> UdpListener:
    model = catalogue.load("kerrucent-probe")
    meters = {name: (MeterSettings(name, model.name, "probes", address=mac), model) for name, mac in MACS.items()}
    return UdpListener(LineSettings("probes", host=host, udp_port=port), meters, SystemTicker())


@pytest.fixture
def line() -> Iterator[tuple[UdpListener, socket.socket]]:
    port = free_port()
    listener = listener_at(port)
    listener.listen(0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect(("127.0.0.1", port))
        yield listener, sender
    listener.close()


def heard(listener: UdpListener, count: int) -> list[Sample]:
    samples: list[Sample] = []
    deadline = time.monotonic() + 10
    while len(samples) < count and time.monotonic() < deadline:
        samples += listener.listen(0.2)
    return samples


def test_two_probes_on_one_port_are_two_meters(line: tuple[UdpListener, socket.socket]) -> None:
    listener, sender = line
    before = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    sender.send(b"5c:cf:7f:0a:1b:2c/1.25/231.4/12.5/282.4/62.6/289.2\0")
    sender.send(b"5C-CF-7F-0A-1B-2D/0.5/-/0/115.0/0/115.0")
    first, second = heard(listener, 2)
    assert first.meter == "workshop"
    assert first.values == {
        "current_l1": 1.25, "voltage_l1_n": 231.4, "phase_angle_total": 12.5,
        "active_power_total": 282.4, "reactive_power_total": 62.6, "apparent_power_total": 289.2,
    }  # fmt: skip
    assert (second.meter, second.values["voltage_l1_n"], second.values["current_l1"]) == ("stable", None, 0.5)
    assert before <= first.boot_ns <= second.boot_ns
    assert listener.statistics["stable"].errors == {"impossible_value": 1}


def test_a_stranger_and_noise_are_counted_and_never_a_reading(line: tuple[UdpListener, socket.socket]) -> None:
    listener, sender = line
    sender.send(b"00:00:00:00:00:00/1/230/0/230/0/230")
    sender.send(b"\xff" * 1400)
    sender.send(b"")
    assert heard_within(listener, 0.5) == []
    assert listener.errors == {"stranger": 1, "bad_datagram": 2}


def heard_within(listener: UdpListener, seconds: float) -> list[Sample]:
    deadline, samples = time.monotonic() + seconds, []
    while (left := deadline - time.monotonic()) > 0:
        samples += listener.listen(left)
    return samples


def test_a_second_of_many_probes_is_lost_by_nobody(line: tuple[UdpListener, socket.socket]) -> None:
    listener, sender = line
    for number in range(300):
        sender.send(b"5c:cf:7f:0a:1b:2c/%d/230/0/0/0/0" % (number % 100))
    assert [sample.values["current_l1"] for sample in heard(listener, 300)] == [n % 100 for n in range(300)]


def test_silence_ends_in_time(line: tuple[UdpListener, socket.socket]) -> None:
    began = time.monotonic()
    assert line[0].listen(0.2) == ()
    assert time.monotonic() - began < 10


def test_a_port_that_is_taken_is_said_and_had_as_soon_as_it_is_free() -> None:
    port = free_port()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", port))
        with pytest.raises(PortBusy, match="another program listens"):
            listener_at(port).listen(0)
    listener = listener_at(port)
    assert listener.listen(0) == ()
    listener.close()
    listener.close()


def test_an_address_that_is_not_ours_is_said() -> None:
    with pytest.raises(LineError, match="cannot listen"):
        listener_at(free_port(), "192.0.2.1").listen(0)

"""The host adds next to nothing to the time on the wire, and next to no CPU."""

from __future__ import annotations

import resource
import socket
import statistics
import struct
import threading
import time

import pytest
from modbus_meters import everything
from modbus_peer import Memory, Peer

from collector.config.settings import LineSettings, MeterSettings
from collector.devices.map import Group, Model, Register, RegisterType, When
from collector.sources.factory import make_source, open_wire
from collector.sources.learned import Learned
from collector.sources.ticker import SystemTicker

TURNAROUND = 0.005
WORDS = ("active_power", "reactive_power", "apparent_power", "power_factor", "phase_angle")
NAMES = [f"{word}_{part}" for word in WORDS for part in ("l1", "l2", "l3", "total")]
CURRENTS = ("current_l1", "current_l2", "current_l3", "current_n")


def pac3100_like() -> Model:
    """Three blocks of 40, 8 and 8 registers."""
    f32 = tuple(Register(f"r{a}", a, RegisterType.FLOAT32, NAMES[k]) for k, a in enumerate(range(1, 41, 2)))
    totals = tuple(
        Register(f"t{a}", a, RegisterType.FLOAT32, q) for a, q in zip(range(47, 55, 2), CURRENTS, strict=True)
    )
    energy = (
        Register("e", 801, RegisterType.FLOAT64, "active_energy_import"),
        Register("q", 805, RegisterType.FLOAT64, "reactive_energy_import"),
    )
    groups = (Group("now", When.TICK, (*f32, *totals)), Group("energy", When.TICK, energy))
    return Model("m", "x", "y", "modbus", groups, (), True, functions=(3, 4), fill_gaps=False, turnaround=TURNAROUND)


def content() -> Memory:
    floats = struct.pack(">20f", *(float(k + 1) for k in range(20)))
    return Memory({1: floats, 47: floats[:16], 801: struct.pack(">2d", 1e6, 2e6)})


@pytest.mark.slow
@pytest.mark.parametrize("baud", [9600, 19200, 38400])
def test_a_cycle_takes_what_the_wire_takes(baud: int) -> None:
    with Peer({126: content()}, baud=baud, turnaround=TURNAROUND) as peer:
        ticker = SystemTicker()
        wire = open_wire(LineSettings("l", port=peer.port, baud=baud), ticker)
        meter = make_source(MeterSettings("t", "m", "l", 126), pac3100_like(), wire, ticker, Learned())
        meter.read(everything(meter))
        ideal = sum(request.milliseconds for request in meter.plan.requests) / 1000
        times = []
        for _ in range(40):
            began = time.perf_counter()
            assert not meter.read(everything(meter)).failed
            times.append(time.perf_counter() - began)
    ratio = statistics.median(times) / ideal
    overhead = 1000 * (statistics.median(times) - ideal) / len(meter.plan.requests)
    print(f"{baud}: ideal {1000 * ideal:.1f} ms, ratio {ratio:.4f}, {overhead:.2f} ms more per request")
    assert ratio <= 1.05


def test_a_reading_costs_little_cpu() -> None:
    """One PAC3100 at 1 Hz may take 1 % of a core in all: the wire's share must be a small part of 10 ms."""
    with Peer({126: content()}, baud=38400, turnaround=TURNAROUND) as peer:
        ticker = SystemTicker()
        wire = open_wire(LineSettings("l", port=peer.port, baud=38400), ticker)
        meter = make_source(MeterSettings("t", "m", "l", 126), pac3100_like(), wire, ticker, Learned())
        meter.read(everything(meter))
        before = resource.getrusage(resource.RUSAGE_THREAD)
        for _ in range(20):
            meter.read(everything(meter))
        after = resource.getrusage(resource.RUSAGE_THREAD)
    cpu = (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / 20
    print(f"CPU per reading of three blocks: {1000 * cpu:.3f} ms")
    assert cpu < 0.005


def test_a_request_over_tcp_costs_little_cpu() -> None:
    """100 meters of 40 values at 1 Hz may take 25 % of a core in all: 2.5 ms each, storing included."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        memory = Memory({1: struct.pack(">20f", *(float(k + 1) for k in range(20)))})
        with connection:
            while request := connection.recv(12):
                body = memory.answer(request[6:] + b"\0\0")[:-2]
                connection.sendall(request[:4] + struct.pack(">H", len(body)) + body)

    threading.Thread(target=serve, daemon=True).start()
    line = LineSettings("l", host="127.0.0.1", tcp_port=listener.getsockname()[1])
    f32 = tuple(Register(f"r{a}", a, RegisterType.FLOAT32, NAMES[k]) for k, a in enumerate(range(1, 41, 2)))
    model = Model("m", "x", "y", "modbus", (Group("now", When.TICK, f32),), (), True)
    ticker = SystemTicker()
    wire = open_wire(line, ticker)
    meter = make_source(MeterSettings("t", "m", "l", 1), model, wire, ticker, Learned())
    meter.read(everything(meter))
    before = resource.getrusage(resource.RUSAGE_THREAD)
    for _ in range(200):
        assert not meter.read(everything(meter)).failed
    after = resource.getrusage(resource.RUSAGE_THREAD)
    wire.close()
    listener.close()
    cpu = (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / 200
    print(f"CPU per reading over TCP: {1e6 * cpu:.0f} µs")
    assert cpu < 0.001

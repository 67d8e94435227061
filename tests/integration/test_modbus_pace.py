"""While the wire is busy the host sleeps; how exactly its cycles fill the wire, the bench measures."""

from __future__ import annotations

import struct
import time

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


def test_waiting_for_the_wire_is_no_work() -> None:
    """What a reading costs is measured by the bench; here: its time is spent asleep, however busy the machine is."""
    with Peer({126: content()}, baud=9600, turnaround=TURNAROUND) as peer:
        ticker = SystemTicker()
        wire = open_wire(LineSettings("l", port=peer.port, baud=9600), ticker)
        meter = make_source(MeterSettings("t", "m", "l", 126), pac3100_like(), wire, ticker, Learned())
        meter.read(everything(meter))
        peer.requests.clear()
        began, busy = time.monotonic(), time.thread_time()
        for _ in range(5):
            assert not meter.read(everything(meter)).failed
        share = (time.thread_time() - busy) / (time.monotonic() - began)
    assert len(peer.requests) == 5 * len(meter.plan.requests) == 15
    assert share < 0.25

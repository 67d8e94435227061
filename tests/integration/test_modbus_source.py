"""A source finds out what a meter's registers mean, what it says of itself, and which holes it answers."""

from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path

import pytest
from modbus_meters import VOLTAGES, everything, hang_up, memory, source, two_blocks, with_counter
from modbus_peer import Memory, Peer, exception, floats, silent

from collector.config.settings import LineSettings
from collector.errors import NoAnswer
from collector.sources.learned import Learned

BAUD = 38400


def on(peer: Peer) -> LineSettings:
    return LineSettings("rs485", port=peer.port, baud=BAUD)


def counting(meaning: int, changes: int = 1) -> Memory:
    return Memory({
        1: floats(230.0) + struct.pack(">I", changes),
        801: struct.pack(">d", 123456.0),
        50025: struct.pack(">I", meaning),
    })  # fmt: skip


@pytest.mark.parametrize(
    ("meaning", "quantity"),
    [(0, "active_energy_import"), (1, "active_energy_export"), (0xABCD0002, "active_energy_net")],
)
def test_a_counter_is_what_the_meters_setting_says(meaning: int, quantity: str) -> None:
    with Peer({126: counting(meaning)}, baud=BAUD) as peer:
        meter = source(with_counter(), on(peer))
        sample = meter.read(everything(meter))
        assert sample.values == {"voltage_l1_n": 230.0, quantity: 123456.0}
        assert sample.evidence == {"changes": 1.0}
        peer.requests.clear()
        meter.read(everything(meter))
        assert len(peer.requests) == 2, "the setting is not asked for again"


def test_a_moved_change_counter_makes_it_ask_again_before_it_stores_a_value() -> None:
    content = counting(0)
    with Peer({126: content}, baud=BAUD) as peer:
        meter = source(with_counter(), on(peer))
        assert "active_energy_import" in meter.read(everything(meter)).values
        content.put(50025, struct.pack(">I", 1))
        content.put(3, struct.pack(">I", 2))
        assert meter.read(everything(meter)).values == {"voltage_l1_n": 230.0, "active_energy_export": 123456.0}


def test_a_counter_of_unknown_meaning_is_missing() -> None:
    content = counting(0)
    for address in (50025, 50026):
        del content.words[address]
    with Peer({126: content}, baud=BAUD) as peer:
        meter = source(with_counter(), on(peer))
        values = meter.read(everything(meter)).values
        assert values["voltage_l1_n"] == 230.0
        assert [values[f"active_energy_{word}"] for word in ("import", "export", "net")] == [None] * 3


def test_a_meter_that_was_gone_is_asked_again_what_it_counts() -> None:
    content = counting(0)
    with Peer({126: content}, baud=BAUD) as peer:
        meter = source(with_counter(), replace(on(peer), timeout=0.1))
        meter.read(everything(meter))
        peer.faults.append(silent)
        with pytest.raises(NoAnswer):
            meter.read(everything(meter))
        content.put(50025, struct.pack(">I", 2))
        assert "active_energy_net" in meter.read(everything(meter)).values


def test_status_bits_are_evidence() -> None:
    content = counting(0)
    content.bits = {110: True, 111: False, 126: True}
    with Peer({126: content}, baud=BAUD) as peer:
        meter = source(with_counter(status_bits={"any": 110, "restart": 111, "overload": 126}), on(peer))
        evidence = meter.read(everything(meter)).evidence
        assert evidence == {"changes": 1.0, "any": 1.0, "restart": 0.0, "overload": 1.0}


def test_a_meter_without_status_bits_is_not_asked_for_them_again() -> None:
    with Peer({126: counting(0)}, baud=BAUD) as peer:
        meter = source(with_counter(status_bits={"overload": 126}), on(peer))
        sample = meter.read(everything(meter))
        assert sample.values["voltage_l1_n"] == 230.0
        assert not sample.failed
        peer.requests.clear()
        meter.read(everything(meter))
        assert [request[1] for request in peer.requests if request[1] == 2] == []


def test_a_block_of_its_own_period_is_read_alone() -> None:
    with Peer({126: counting(0)}, baud=BAUD) as peer:
        model = with_counter(status_bits={"overload": 126})
        meter = source(model, on(peer))
        assert set(meter.periods.values()) == {1.0, 10.0}
        meter.read(everything(meter))
        fast = frozenset(name for name, period in meter.periods.items() if period == 1.0)
        peer.requests.clear()
        assert meter.read(fast).values["voltage_l1_n"] == 230.0
        assert {request[1] for request in peer.requests} <= {3, 4}


def test_a_hole_the_meter_answers_is_read_along_from_then_on(tmp_path: Path) -> None:
    content = memory()
    content.put(7, bytes(64))
    with Peer({126: content}, baud=BAUD) as peer:
        model = replace(two_blocks(), fill_gaps=True, turnaround=0.03)
        meter = source(model, on(peer), learned=Learned(tmp_path))
        assert len(meter.plan.requests) == 2
        names = everything(meter)
        first = meter.read(names)
        assert len(meter.plan.requests) == 1
        peer.requests.clear()
        assert meter.read(names).values == first.values
        assert [request[5] for request in peer.requests] == [40]
        assert len(source(model, on(peer), learned=Learned(tmp_path)).plan.requests) == 1, "remembered"


@pytest.mark.parametrize("refusal", ["exception", "silence"])
def test_a_hole_the_meter_refuses_is_never_asked_for_again(tmp_path: Path, refusal: str) -> None:
    with Peer({126: memory()}, baud=BAUD) as peer:
        model = replace(two_blocks(), fill_gaps=True, turnaround=0.03)
        line = replace(on(peer), timeout=0.1)
        meter = source(model, line, learned=Learned(tmp_path))

        def mute(request: bytes) -> None:
            if refusal == "silence" and request[5] > 10:
                peer.faults.append(silent)

        peer.on_request = mute
        for _ in range(3):
            sample = meter.read(everything(meter))
            assert sample.values["frequency"] == 60.0
            assert not sample.failed, "a trial costs no reading"
        assert sum(request[5] > 10 for request in peer.requests) == 1
        peer.requests.clear()
        hang_up(meter)
        again = source(model, line, learned=Learned(tmp_path))
        again.read(everything(again))
        assert max(request[5] for request in peer.requests) <= 6


def test_a_filled_block_that_is_refused_later_falls_back(tmp_path: Path) -> None:
    content = memory()
    content.put(7, bytes(64))
    with Peer({126: content}, baud=BAUD) as peer:
        meter = source(replace(two_blocks(), fill_gaps=True, turnaround=0.03), on(peer), learned=Learned(tmp_path))
        names = everything(meter)
        meter.read(names)
        del content.words[20]
        assert meter.read(names).failed == {*VOLTAGES, "frequency"}
        assert meter.read(names).values["frequency"] == 60.0


def test_both_functions_are_used_in_turn_and_one_that_is_refused_is_given_up() -> None:
    with Peer({126: memory()}, baud=BAUD) as peer:
        meter = source(two_blocks(), on(peer))
        for _ in range(4):
            meter.read(everything(meter))
        blocks = [request[1] for request in peer.requests if request[5] == 6]
        assert blocks in ([3, 4, 3, 4], [4, 3, 4, 3])
    with Peer({126: memory()}, baud=BAUD) as peer:
        meter = source(two_blocks(), on(peer))

        def no_input_registers(request: bytes) -> None:
            if request[1] == 4:
                peer.faults.append(exception(1))

        peer.on_request = no_input_registers
        for _ in range(3):
            assert meter.read(everything(meter)).values["frequency"] == 60.0
        assert [request[1] for request in peer.requests].count(4) <= 2


@pytest.mark.slow
def test_statistics_tell_how_fast_the_meter_is() -> None:
    with Peer({126: memory()}, baud=BAUD, turnaround=0.03) as peer:
        meter = source(two_blocks(), on(peer))
        assert meter.statistics.response_ms() is None
        for _ in range(5):
            meter.read(everything(meter))
        p50, p99 = meter.statistics.response_ms() or (0.0, 0.0)
        assert 30 <= p50 <= p99 < 200
        assert meter.statistics.requests == 11

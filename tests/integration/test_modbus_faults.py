"""Whatever goes wrong on a line: never a wrong value, and the next good reading at most one period later."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace

import pytest
from modbus_meters import everything, memory, source, two_blocks
from modbus_peer import Fault, Peer, crc, exception, framed, late, silent

from collector.config.settings import LineSettings
from collector.errors import NoAnswer
from collector.sources.modbus.source import ModbusSource

GOOD = {"voltage_l1_n": 230.0, "voltage_l2_n": 231.0, "voltage_l3_n": 232.0, "frequency": 60.0}
FIRST = ("voltage_l1_n", "voltage_l2_n", "voltage_l3_n")
PERIOD = 1.0


def said(change: object) -> Fault:
    return lambda request, answer: [(0.0, change(request, answer))]  # type: ignore[operator]


LOST = {
    "wrong unit": said(lambda q, a: framed(b"\x7d" + a[1:-2])),
    "wrong function": said(lambda q, a: framed(bytes((a[0], a[1] ^ 7)) + a[2:-2])),
    "too long": said(lambda q, a: framed(bytes((a[0], a[1], a[2] + 4)) + a[3:-2] + b"CREW")),
    "too short": said(lambda q, a: framed(bytes((a[0], a[1], a[2] - 4)) + a[3:-6])),
    "byte count lies": said(lambda q, a: bytes((a[0], a[1], 0x32)) + a[3:]),
    "crc": said(lambda q, a: a[:-1] + bytes((a[-1] ^ 0x10,))),
    "bit error": said(lambda q, a: a[:5] + bytes((a[5] ^ 1,)) + a[6:]),
    "truncated": said(lambda q, a: a[:-3]),
    "last byte swallowed": said(lambda q, a: b"\x00" + a[:-1]),
    "only noise": said(lambda q, a: bytes(range(40, 70))),
    "one byte": said(lambda q, a: a[:1]),
    "refuses another function": said(lambda q, a: framed(bytes((a[0], 0x90, 2)))),
    "exception that does not exist": exception(77),
    "late by half a second": late(0.5),
    "somebody else, then nothing": said(lambda q, a: framed(b"\x09\x03\x02\x00\x01")),
}
LOST |= {f"exception {code}": exception(code) for code in (1, 2, 3, 4, 5, 6)}

KEPT = {
    "null bytes before": said(lambda q, a: b"\x00\x00\x00" + a),
    "noise before": said(lambda q, a: b"\xff\x7e\x13" + a),
    "noise long before": lambda q, a: [(-0.002, b"\x00"), (0.08, a)],
    "noise after": said(lambda q, a: a + b"\x00\xff\xfe"),
    "usb lumps": lambda q, a: [(0.0, a[:4]), (0.03, a[4:9]), (0.06, a[9:])],
    "slow": late(0.2),
    "echo": said(lambda q, a: q + a),
    "foreign frame before": said(lambda q, a: framed(b"\x09\x03\x02\x00\x01") + a),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", LOST)
def test_a_fault_costs_at_most_its_own_block(name: str) -> None:
    with Peer({126: memory()}, baud=38400) as peer:
        meter = source(two_blocks(functions=(3,)), LineSettings("rs485", port=peer.port, baud=38400))
        assert meter.read(everything(meter)).values == GOOD
        # The next slot comes a period after the bad one began; by then the line must be ready for it. A busy machine
        # may be late once.
        assert any(seconds_of_a_fault(meter, peer, LOST[name]) < PERIOD for _ in range(3))
        assert sum(meter.statistics.errors.values()) >= 1


def seconds_of_a_fault(meter: ModbusSource, peer: Peer, fault: Fault) -> float:
    """From a slot with this fault to the end of the next one, which is good."""
    peer.faults.append(fault)
    began = time.monotonic()
    try:
        sample = meter.read(everything(meter))
    except NoAnswer:
        pass
    else:
        assert sample.failed == frozenset(FIRST)
        assert all(sample.values[quantity] is None for quantity in FIRST)
        assert sample.values["frequency"] in (60.0, None)
    sample = meter.read(everything(meter))
    assert sample.values == GOOD
    assert not sample.failed
    return time.monotonic() - began


@pytest.mark.parametrize("name", KEPT)
def test_what_only_surrounds_the_answer_costs_nothing(name: str) -> None:
    with Peer({126: memory()}, baud=38400) as peer:
        meter = source(two_blocks(), LineSettings("rs485", port=peer.port, baud=38400))
        meter.read(everything(meter))
        peer.faults.append(KEPT[name])
        assert meter.read(everything(meter)).values == GOOD
        assert meter.read(everything(meter)).values == GOOD
        assert not meter.statistics.errors


@pytest.mark.parametrize("code", [10, 11])
def test_a_gateway_that_speaks_for_a_silent_meter_is_silence(code: int) -> None:
    with Peer({126: memory()}, baud=38400) as peer:
        meter = source(two_blocks(), LineSettings("rs485", port=peer.port, baud=38400))
        meter.read(everything(meter))
        peer.faults.append(exception(code))
        with pytest.raises(NoAnswer):
            meter.read(everything(meter))
        assert meter.statistics.errors == {f"refused_{code}": 1}
        assert meter.read(everything(meter)).values == GOOD


def test_not_available_is_missing_and_not_a_failure() -> None:
    nan = memory()
    nan.put(1, b"\xff\xff\xff\xff" + b"\x7f\xc0\x00\x00" + b"\x7f\x80\x00\x00")
    with Peer({126: nan}, baud=38400) as peer:
        meter = source(two_blocks(), LineSettings("rs485", port=peer.port, baud=38400))
        sample = meter.read(everything(meter))
        assert sample.values == {**dict.fromkeys(FIRST), "frequency": 60.0}
        assert not sample.failed


def test_a_dead_gateway_that_says_zero_is_missing() -> None:
    zero = memory()
    for address in (1, 3, 5, 39):
        zero.put(address, bytes(4))
    with Peer({126: zero}, baud=38400) as peer:
        meter = source(two_blocks(), LineSettings("rs485", port=peer.port, baud=38400))
        sample = meter.read(everything(meter))
        assert sample.values == dict.fromkeys(GOOD)
        assert sample.failed == frozenset(GOOD)
        assert meter.statistics.errors == {"bad_answer_all_zero": 1}


def test_one_dead_phase_is_a_value() -> None:
    dark = memory()
    dark.put(3, bytes(4))
    with Peer({126: dark}, baud=38400) as peer:
        meter = source(two_blocks(), LineSettings("rs485", port=peer.port, baud=38400))
        assert meter.read(everything(meter)).values == {**GOOD, "voltage_l2_n": 0.0}


@pytest.mark.slow
def test_a_silent_meter_costs_one_question() -> None:
    with Peer({126: memory()}, baud=38400) as peer:
        meter = source(two_blocks(), LineSettings("rs485", port=peer.port, baud=38400))
        meter.read(everything(meter))
        peer.requests.clear()
        peer.faults.extend([silent] * 10)
        with pytest.raises(NoAnswer):
            meter.read(everything(meter))
        assert len(peer.requests) == 1
        with pytest.raises(NoAnswer):
            meter.probe()
        assert len(peer.requests) == 2


def test_a_meter_that_falls_silent_after_its_first_block_keeps_that_block() -> None:
    with Peer({126: memory()}, baud=38400) as peer:
        meter = source(two_blocks(), LineSettings("rs485", port=peer.port, baud=38400))
        meter.read(everything(meter))
        peer.faults.extend([lambda q, a: [(0.0, a)], silent])
        sample = meter.read(everything(meter))
        assert sample.values == {**GOOD, "frequency": None}
        assert sample.failed == {"frequency"}


@pytest.mark.slow
def test_a_neighbours_silence_does_not_touch_the_others() -> None:
    from modbus_meters import MeterSettings

    from collector.sources.factory import make_source, open_wire
    from collector.sources.learned import Learned
    from collector.sources.ticker import SystemTicker

    with Peer({126: memory()}, baud=38400) as peer:
        ticker = SystemTicker()
        wire = open_wire(LineSettings("rs485", port=peer.port, baud=38400), ticker)
        alive, dead = (
            make_source(MeterSettings(f"m{unit}", "m", "rs485", unit), two_blocks(), wire, ticker, Learned())
            for unit in (126, 5)
        )
        for _ in range(2):
            with pytest.raises(NoAnswer):
                dead.read(everything(dead))
            assert alive.read(everything(alive)).values == GOOD
        assert not alive.statistics.errors


@pytest.mark.slow
def test_a_line_on_which_somebody_talks_all_the_time_is_given_up_in_time() -> None:
    with Peer({126: memory()}, baud=38400) as peer:
        meter = source(two_blocks(), LineSettings("rs485", port=peer.port, baud=38400))
        meter.read(everything(meter))
        peer.faults.append(lambda q, a: [(0.001 * k, b"\x55") for k in range(20_000)])
        began = time.monotonic()
        # On a busy machine the talker stops for breath, and the meter is called silent: no value comes either way.
        with suppress(NoAnswer):
            assert meter.read(everything(meter)).values == dict.fromkeys(GOOD)
        assert time.monotonic() - began < 15


def test_the_echo_of_an_adapter_is_found_out() -> None:
    with Peer({126: memory()}, baud=38400, echo=True) as peer:
        meter = source(two_blocks(), LineSettings("rs485", port=peer.port, baud=38400))
        assert meter.read(everything(meter)).values == GOOD
        peer.faults.append(silent)
        with pytest.raises(NoAnswer, match="silent"):
            meter.read(everything(meter))
        assert meter.read(everything(meter)).values == GOOD


def test_an_echo_that_must_be_there_and_is_damaged_is_a_collision() -> None:
    with Peer({126: memory()}, baud=38400) as peer:
        meter = source(two_blocks(), LineSettings("rs485", port=peer.port, baud=38400, echo=True))
        sample = meter.read(everything(meter))
        assert sample.values == dict.fromkeys(GOOD)
        assert meter.statistics.errors["bad_answer_echo"] >= 1


@pytest.mark.slow
def test_the_stamp_is_the_first_bytes() -> None:
    with Peer({126: memory()}, baud=9600, turnaround=0.05) as peer:
        meter = source(two_blocks(), LineSettings("rs485", port=peer.port, baud=9600))
        meter.read(everything(meter))
        heard: list[int] = []
        peer.on_request = lambda request: heard.append(time.clock_gettime_ns(time.CLOCK_BOOTTIME))
        delays = []
        for _ in range(8):
            heard.clear()
            sample = meter.read(everything(meter))
            delays.append((sample.boot_ns - heard[0]) / 1e9)
        # 8 characters of request, 3.5 of silence, 50 ms of turnaround, one character; a busy machine stamps some late.
        expected = 0.05 + 12.5 * 11 / 9600
        assert expected - 0.002 < min(delays) < expected + 0.02


def test_the_peer_really_breaks_crcs() -> None:
    answer = framed(b"\x7e\x03\x04abcd")
    ((_, damaged),) = LOST["crc"](b"", answer)
    assert crc(damaged[:-2]) != damaged[-2:]


@pytest.mark.slow
@pytest.mark.parametrize("baud", [1200, 4800])
def test_a_long_answer_on_a_slow_line_is_waited_for(baud: int) -> None:
    with Peer({126: memory()}, baud=baud) as peer:
        meter = source(two_blocks(), LineSettings("rs485", port=peer.port, baud=baud))
        assert meter.read(everything(meter)).values == GOOD
        assert not meter.statistics.errors


def test_a_meter_of_one_register_is_fenced_by_asking_who_it_is() -> None:
    model = two_blocks()
    alone = replace(model, groups=(replace(model.groups[0], registers=model.groups[0].registers[:1]),))
    with Peer({126: memory()}, baud=38400) as peer:
        meter = source(alone, LineSettings("rs485", port=peer.port, baud=38400))
        assert meter.read(everything(meter)).values == {"voltage_l1_n": 230.0}
        assert peer.requests[0][1] == 0x11
        meter.probe()

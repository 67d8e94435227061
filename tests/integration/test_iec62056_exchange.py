"""Optical meters are read over a head that keeps the standard's times: every mode, address and speed."""

from __future__ import annotations

import socket
import threading
import time
from itertools import pairwise

import pytest
from iec62056_head import MODEL, READOUT, TRUE, line_to, meter, source_on, told

from collector.config.settings import LineSettings
from collector.errors import NoAnswer
from collector.sources.channel.tcp_socket import TcpSocket
from collector.sources.iec62056.line import OpticalLine
from collector.sources.iec62056.queries import permit
from collector.sources.simulator.optical import OpticalHead, OpticalMeter
from collector.sources.simulator.optical import shown as shown_by
from collector.sources.simulator.plant import Plant
from collector.sources.ticker import SystemTicker

#: Exchanges at the pace of a real line.
pytestmark = pytest.mark.slow


@pytest.mark.parametrize("echo", [False, True], ids=["silent head", "head that hears itself"])
@pytest.mark.parametrize("parity", [False, True], ids=["parity taken off", "parity in bit 7"])
def test_mode_c_goes_on_at_9600_baud_once_the_acknowledgement_has_left(echo: bool, parity: bool) -> None:
    house = meter()
    before = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    with OpticalHead([house], echo=echo, parity=parity) as head:
        source = source_on(line_to(head, "7E1" if parity else "8N1"))
        sample = source.read(READOUT)
        source.close()
    assert told(sample.values) == pytest.approx(TRUE)
    assert sample.evidence == {"serial": "28342193"}
    assert not sample.failed
    assert house.heard == [b"\x06050\r\n"]
    response = source.statistics.response_ms()
    assert response
    assert 200 <= response[0] < 700  # the standard's reaction time, and a character at 300 baud
    assert before + 350e6 < sample.boot_ns < before + 1100e6


def test_an_adapter_that_begins_to_send_late_does_not_spoil_the_change_of_speed() -> None:
    house = meter()
    with OpticalHead([house]) as head:
        head.late = 0.02
        source = source_on(line_to(head))
        assert told(source.read(READOUT).values) == pytest.approx(TRUE)
        source.close()
    assert house.heard == [b"\x06050\r\n"]


def test_a_second_reading_begins_at_300_baud_again() -> None:
    with OpticalHead([meter("ISk6FAST")]) as head:  # 19200 baud, a meter that reacts fast
        source = source_on(line_to(head))
        for _ in range(2):
            assert told(source.read(READOUT).values) == pytest.approx(TRUE)
        source.close()


def test_mode_e_is_offered_and_read_as_c() -> None:
    house = meter("LGZ5\\2ZMD3104407.B24")
    with OpticalHead([house]) as head:
        source = source_on(line_to(head))
        assert told(source.read(READOUT).values) == pytest.approx(TRUE)
        source.close()
    assert house.heard == [b"\x06050\r\n"]


def test_mode_b_changes_speed_without_a_word() -> None:
    house = meter("ABCEOLD")
    with OpticalHead([house]) as head:
        source = source_on(line_to(head))
        assert told(source.read(READOUT).values) == pytest.approx(TRUE)
        source.close()
    assert house.heard == []


@pytest.mark.slow
def test_mode_a_stays_at_300_baud_and_tells_that_it_lives() -> None:
    turns = []
    with OpticalHead([meter("KAM 685-382")]) as head:
        line = line_to(head)
        line.on_turn(lambda: turns.append(time.monotonic()))
        source = source_on(line)
        assert told(source.read(READOUT).values) == pytest.approx(TRUE)
        source.close()
    assert max(after - before for before, after in pairwise(turns)) < 1.5


@pytest.mark.slow
def test_meters_on_one_line_are_told_apart_by_their_address() -> None:
    first, second = meter(address="11", number="111"), meter("ISK5OTHER", address="22", number="222")
    with OpticalHead([first, second]) as head:
        line = line_to(head)
        sources = [source_on(line, "11", "one"), source_on(line, "22", "two")]
        for source in (*sources, *sources):
            sample = source.read(READOUT)
            assert sample.evidence == {"serial": source.meter.replace("one", "111").replace("two", "222")}
            assert told(sample.values) == pytest.approx(TRUE)
        with pytest.raises(NoAnswer):
            source_on(line, "33").read(READOUT)
        line.close()
    assert (first.calls, second.calls) == (2, 2)


@pytest.mark.slow
def test_registers_are_asked_one_by_one_without_a_password() -> None:
    house = meter()
    with OpticalHead([house], echo=True) as head:
        source = source_on(line_to(head), registers=1)
        source._codes = ["0.0.0", "1.8.0", "2.8.0", "3.8.0"]
        sample = source.read(READOUT)
        source.close()
    assert told(sample.values) == {"active_energy_import": 33402264.0, "active_energy_export": 13465.0}
    assert house.heard[0] == b"\x06051\r\n"
    assert {message[1:3] for message in house.heard[1:]} == {b"R5", b"R1", b"B0"}
    assert house.heard[-1] == b"\x01B0\x03q"


def test_a_probe_is_a_sign_on_and_the_reading_goes_on_from_there() -> None:
    house = meter()
    with OpticalHead([house]) as head:
        source = source_on(line_to(head))
        source.probe()
        assert told(source.read(READOUT).values) == pytest.approx(TRUE)
        source.close()
    assert house.calls == 1


def test_a_slow_head_stays_at_300_baud_where_the_model_says_so() -> None:
    house = OpticalMeter("ISK5ME162", lambda: {"1.8.0": "0033402.264*kWh"})
    with OpticalHead([house]) as head:
        source = source_on(line_to(head), max_baud=4800)
        assert told(source.read(READOUT).values) == {"active_energy_import": 33402264.0}
        source.close()
    assert house.heard == [b"\x06000\r\n"]


@pytest.mark.slow
def test_a_read_out_without_a_check_is_believed_only_where_the_model_says_so() -> None:
    house = meter()
    house.unchecked = True
    with OpticalHead([house], echo=True) as head:
        line = line_to(head)
        assert told(source_on(line).read(READOUT).values) == {}
        source = source_on(line, unchecked=1)
        assert told(source.read(READOUT).values) == pytest.approx(TRUE)
        head.noise = 0.02
        for _ in range(3):
            try:
                found = told(source.read(READOUT).values)
            except NoAnswer:
                continue
            assert found in ({}, pytest.approx(TRUE))
        line.close()


@pytest.mark.slow
def test_a_meter_on_a_battery_is_woken_first() -> None:
    with OpticalHead([OpticalMeter("ISK5BATT", lambda: {"1.8.0": "1.5*kWh"})]) as head:
        source = source_on(line_to(head), wake_up=1)
        assert told(source.read(READOUT).values) == {"active_energy_import": 1500.0}
        source.close()


def test_a_gateway_keeps_its_speed() -> None:
    """Through TCP the speed cannot be changed: the acknowledgement says so."""
    house = meter()
    server = socket.create_server(("127.0.0.1", 0))

    def gateway() -> None:
        connection, _ = server.accept()
        heard = b""
        with connection:
            while chunk := connection.recv(100):
                heard += bytes(byte & 0x7F for byte in chunk)
                if heard.endswith(b"\r\n"):
                    for utterance in house.hear(heard, 300, time.monotonic()):
                        time.sleep(0.1)
                        assert utterance.speed == 300
                        connection.sendall(utterance.text)
                    heard = b""

    thread = threading.Thread(target=gateway)
    thread.start()
    settings = LineSettings("gateway", host="127.0.0.1", tcp_port=server.getsockname()[1], baud=300, frame="7E1")
    line = OpticalLine(settings, TcpSocket("127.0.0.1", settings.tcp_port, permit), SystemTicker())
    assert told(source_on(line).read(READOUT).values) == pytest.approx(TRUE)
    line.close()
    thread.join()
    server.close()
    assert house.heard == [b"\x06000\r\n"]


def test_a_meter_built_from_its_model_shows_the_plant() -> None:
    plant = Plant(seed=5)
    house = OpticalMeter("PHL6SIM", shown_by(MODEL, "1234", plant, since=1e6))
    with OpticalHead([house]) as head:
        source = source_on(line_to(head))
        sample = source.read(READOUT)
        source.close()
    assert set(told(sample.values)) == set(MODEL.quantities())
    expected = plant.at(1e6)
    for quantity in ("active_energy_import", "voltage_l1_n", "frequency"):
        assert sample.values[quantity] == pytest.approx(expected[quantity], rel=0.01)
    assert sample.evidence == {"serial": "1234"}

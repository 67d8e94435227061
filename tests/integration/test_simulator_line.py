"""Simulated meters on pseudo-terminals: real frames at the pace of a real line, and silence where a meter is silent."""

from __future__ import annotations

import os
import select
import termios
import time
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest
from pymodbus.client import ModbusSerialClient

from collector.devices import catalogue
from collector.errors import PortMissing, UsageError
from collector.sources.linetime import character_seconds, silence_seconds
from collector.sources.simulator import Plant, SimulatedMeter, serve_port, serve_pty
from collector.sources.simulator.station import rtu_frame

MODEL = catalogue.load("siemens-pac3100")
FIRST_40 = bytes.fromhex("0300010028")


class Master:
    """The other end: raw bytes in and out."""

    def __init__(self, path: Path, baud: int = 38400) -> None:
        self.fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self.fd)
        attributes = termios.tcgetattr(self.fd)
        attributes[4] = attributes[5] = getattr(termios, f"B{baud}")
        termios.tcsetattr(self.fd, termios.TCSANOW, attributes)

    def hear(self, count: int, within: float = 5.0) -> bytes:
        """Until so many bytes are there, or that time is over."""
        heard, end = b"", time.monotonic() + within
        while len(heard) < count and (left := end - time.monotonic()) > 0:
            if select.select([self.fd], [], [], left)[0]:
                heard += os.read(self.fd, 4096)
        return heard

    def ask(self, frame: bytes, count: int, within: float = 5.0) -> bytes:
        os.write(self.fd, frame)
        return self.hear(count, within)


@pytest.fixture
def devices() -> dict[int, SimulatedMeter]:
    return {126: SimulatedMeter(MODEL), 3: SimulatedMeter(MODEL, Plant(seed=2))}


@pytest.fixture
def master(devices) -> Iterator[Master]:
    with serve_pty(devices, 38400, "8N2") as line:
        one = Master(line.path)
        yield one
        os.close(one.fd)


def test_who_speaks_at_another_speed_is_not_understood(devices) -> None:
    with serve_pty(devices, 38400, "8N2") as line:
        master = Master(line.path, 9600)
        assert master.ask(rtu_frame(126, FIRST_40), 85, within=0.3) == b""
        os.close(master.fd)


@pytest.mark.slow
@pytest.mark.parametrize(("baud", "frame"), [(9600, "8N2"), (19200, "8N2"), (38400, "8N1")])
def test_an_answer_takes_the_time_it_takes_on_a_wire(devices, baud, frame):
    """Never early, and late only as this machine is busy; how exact it is with an idle one, the bench measures."""
    character, silence = character_seconds(baud, frame), silence_seconds(baud, frame)
    ideal = (8 + 85) * character + silence + MODEL.turnaround
    first = (8 + 8) * character + silence + MODEL.turnaround
    lates, firsts = [], []
    with serve_pty(devices, baud, frame) as line:
        master = Master(line.path, baud)
        for _ in range(15):
            begun = time.monotonic()
            os.write(master.fd, rtu_frame(126, FIRST_40))
            select.select([master.fd], [], [], 5)
            firsts.append(time.monotonic() - begun - first)
            assert len(master.hear(85)) == 85
            lates.append(time.monotonic() - begun - ideal)
            time.sleep(silence)
        os.close(master.fd)
    assert min(lates) > -0.0005
    assert min(firsts) > -0.0005
    assert min(lates) < 0.1


def test_each_unit_answers_for_itself(master, devices):
    for unit in (126, 3):
        answer = master.ask(rtu_frame(unit, FIRST_40), 85)
        assert answer[0] == unit
        assert answer == rtu_frame(unit, answer[1:-2])
    assert devices[126].requests == devices[3].requests == 1


@pytest.mark.parametrize(
    "frame",
    [rtu_frame(9, FIRST_40), rtu_frame(0, FIRST_40), rtu_frame(126, FIRST_40)[:-1] + b"\0", b"\xff\xfe\xfd", b"~"],
    ids=["nobody's unit", "broadcast", "damaged", "noise", "one byte"],
)
def test_what_is_not_for_a_meter_is_not_answered_and_forgotten(master, frame):
    assert master.ask(frame, 1, within=0.15) == b""
    assert len(master.ask(rtu_frame(126, FIRST_40), 85)) == 85


def test_a_request_may_come_in_pieces(master):
    frame = rtu_frame(126, FIRST_40)
    for byte in frame[:-1]:
        os.write(master.fd, bytes([byte]))
    assert len(master.ask(frame[-1:], 85)) == 85


def test_an_unknown_function_is_refused_after_silence(master):
    assert master.ask(rtu_frame(126, b"\x64\x00\x01"), 5) == rtu_frame(126, b"\xe4\x01")


def test_a_write_is_refused_and_changes_nothing(master):
    settings = rtu_frame(126, bytes.fromhex("03c3690002"))
    before = master.ask(settings, 9)
    assert master.ask(rtu_frame(126, bytes.fromhex("06ea640000")), 5)[1:3] == b"\x86\x01"
    assert master.ask(rtu_frame(126, bytes.fromhex("10c36900020400000002")), 5)[1:3] == b"\x90\x01"
    assert master.ask(settings, 9) == before


def test_pymodbus_own_client_reads_it(devices):
    devices[126].set("frequency", 59.5)
    with serve_pty(devices, 19200, "8N2") as line:
        client = ModbusSerialClient(str(line.path), baudrate=19200, stopbits=2, timeout=5, retries=0)
        assert client.connect()
        words = client.read_input_registers(39, count=2, device_id=126).registers
        client.close()
    assert client.convert_from_registers(words, client.DATATYPE.FLOAT32) == 59.5


def test_a_meter_is_exchanged_while_the_line_is_up(devices, master):
    devices[126] = SimulatedMeter(MODEL)
    devices[126].set("frequency", 50.0)
    assert master.ask(rtu_frame(126, bytes.fromhex("0300270002")), 9) == rtu_frame(126, bytes.fromhex("030442480000"))
    del devices[126]
    assert master.ask(rtu_frame(126, FIRST_40), 1, within=0.15) == b""


def test_the_name_is_there_as_long_as_the_line(devices, tmp_path):
    link = tmp_path / "meter-rs485"
    for _ in range(2):
        with serve_pty(devices, 19200, "8N2", link=link) as line:
            assert line.path == link
            assert link.is_char_device()
        assert not link.is_symlink()
    link.symlink_to("/nowhere")
    with serve_pty(devices, 19200, "8N2", link=link):
        assert link.is_char_device()


def test_a_name_that_is_taken_is_not_touched(devices, tmp_path):
    taken = tmp_path / "letters"
    taken.write_text("dear")
    with pytest.raises(UsageError, match="letters"):
        serve_pty(devices, 19200, "8N2", link=taken)
    assert taken.read_text() == "dear"


def test_a_closed_line_is_an_unplugged_one(devices):
    line = serve_pty(devices, 19200, "8N2")
    master = Master(line.path)
    line.close()
    line.close()
    with pytest.raises(OSError, match="Input/output error"):
        os.write(master.fd, b"x")
    os.close(master.fd)


def test_a_serial_port_is_served(devices):
    """One end of a pair of pseudo-terminals, as socat makes them, stands for the port."""
    ours, theirs = os.openpty()
    tty.setraw(ours)
    with serve_port(devices, 19200, "8N2", Path(os.ttyname(theirs))):
        frame = rtu_frame(126, FIRST_40)
        os.write(ours, frame)
        heard = b""
        while len(heard) < 85 and select.select([ours], [], [], 5)[0]:
            heard += os.read(ours, 256)
        assert heard == rtu_frame(126, heard[1:-2])
    os.close(ours)
    os.close(theirs)


def test_a_port_that_is_not_there(devices, tmp_path):
    with pytest.raises(PortMissing, match="no such port"):
        serve_port(devices, 19200, "8N2", tmp_path / "none")

"""A port that is missing, busy, forbidden or unplugged: one clear sentence, and back when it is back."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from modbus_meters import everything, memory, source, two_blocks
from modbus_peer import Peer

from collector.config.settings import LineSettings
from collector.errors import LineError, PortBusy, PortDenied, PortMissing


def test_a_missing_port_says_so(tmp_path: Path) -> None:
    meter = source(two_blocks(), LineSettings("l", port=str(tmp_path / "nothing")))
    with pytest.raises(PortMissing, match="no such port") as caught:
        meter.read(everything(meter))
    assert "phaselog ports" in caught.value.hint


def test_a_busy_port_says_so() -> None:
    with Peer({126: memory()}) as peer:
        first = source(two_blocks(), LineSettings("l", port=peer.port))
        first.read(everything(first))
        second = source(two_blocks(), LineSettings("l", port=peer.port))
        with pytest.raises(PortBusy, match="another program"):
            second.read(everything(second))
        assert first.read(everything(first)).values["frequency"] == 60.0


def test_a_file_is_not_a_port(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("hello")
    for path in (tmp_path / "file", tmp_path):
        meter = source(two_blocks(), LineSettings("l", port=str(path)))
        with pytest.raises(LineError, match="serial port"):
            meter.read(everything(meter))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody without rights")
def test_a_forbidden_port_says_so() -> None:
    program = (
        "import os, sys; os.setgid(65534); os.setuid(65534)\n"
        "from collector.sources.channel.serial_port import SerialPort\n"
        "from collector.errors import PortDenied\n"
        "try: SerialPort(sys.argv[1], 9600, '8N1', print).connect()\n"
        "except PortDenied as error: print(error, '|', error.hint)\n"
    )
    with Peer({}) as peer:
        Path(peer.port).chmod(0o600)
        root = Path(__file__).resolve().parents[2]
        command = [sys.executable, "-c", _preloaded(program), peer.port]
        done = subprocess.run(command, capture_output=True, text=True, cwd=root, check=False)
    assert "permission denied" in done.stdout, done.stderr
    assert "dialout" in done.stdout
    assert issubclass(PortDenied, LineError)


def _preloaded(program: str) -> str:
    """Imports before the rights are given up: the checkout may be root's own."""
    return "import collector.sources.channel.serial_port\n" + program


def test_an_unplugged_adapter_is_found_again_by_its_name(tmp_path: Path) -> None:
    name = tmp_path / "meter-rs485"
    with Peer({126: memory()}) as peer:
        name.symlink_to(peer.port)
        meter = source(two_blocks(), LineSettings("l", port=str(name), timeout=0.1))
        assert meter.read(everything(meter)).values["frequency"] == 60.0
        peer.unplug()
        began = time.monotonic()
        with pytest.raises(LineError, match="gone"):
            meter.read(everything(meter))
        assert time.monotonic() - began < 5
    name.unlink()
    with pytest.raises(PortMissing):
        meter.read(everything(meter))
    with Peer({126: memory()}) as other:
        name.symlink_to(other.port)
        assert meter.read(everything(meter)).values["frequency"] == 60.0


def test_an_adapter_unplugged_while_it_answers() -> None:
    with Peer({126: memory()}, baud=1200) as peer:
        meter = source(two_blocks(), LineSettings("l", port=peer.port, baud=1200))
        peer.on_request = lambda request: peer.vanish()
        with pytest.raises(LineError):
            meter.read(everything(meter))


@pytest.mark.parametrize("frame", ["8N1", "8E1", "8O1", "8N2", "7E1"])
@pytest.mark.parametrize("baud", [4800, 115200])
def test_every_frame_can_be_opened(frame: str, baud: int) -> None:
    with Peer({126: memory()}, baud=115200) as peer:
        meter = source(two_blocks(), LineSettings("l", port=peer.port, baud=baud, frame=frame))
        assert meter.read(everything(meter)).values["frequency"] == 60.0

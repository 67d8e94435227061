"""A meter with a customer port P1 is heard over a serial line from any moment on, and never misheard."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from collector.config.settings import MeterSettings
from collector.devices import catalogue
from collector.errors import UsageError
from collector.model.reading import Sample
from collector.sources.channel.serial_port import SerialPort
from collector.sources.dsmr.listener import DsmrListener
from collector.sources.simulator.optical import OpticalHead
from collector.sources.simulator.p1_meter import P1Meter, contents
from collector.sources.simulator.plant import Plant
from collector.sources.simulator.pty import Pty
from collector.sources.ticker import SystemTicker

MODEL = catalogue.load("generic-dsmr")
CAPTURES = Path(__file__).parents[2].parent / "shared" / "real" / "dsmr-p1"
EVERY = 0.7


def refuse(frame: bytes) -> None:
    raise UsageError(f"{len(frame)} bytes to a meter that is never asked")


def listener_on(path: Path, key: Path | None = None, baud: int = MODEL.baud) -> DsmrListener:
    meter = MeterSettings("house", MODEL.name, "p1", key_file=key)
    return DsmrListener(meter, MODEL, SerialPort(str(path), baud, "8N1", refuse), SystemTicker())


def house() -> P1Meter:
    return P1Meter("E0012345", contents(MODEL, Plant()))


def hear(listener: DsmrListener, seconds: float, most: int = 1000) -> list[Sample]:
    until = time.monotonic() + seconds
    heard: list[Sample] = []
    while time.monotonic() < until and len(heard) < most:
        heard += listener.listen(0.2)
    return heard


@pytest.fixture
def head() -> Iterator[OpticalHead]:
    with OpticalHead([], parity=False) as served:
        yield served


def plausible(samples: Sequence[Sample]) -> None:
    now = Plant().at(time.time() - 1735689600.0)
    for sample in samples:
        told = {name: value for name, value in sample.values.items() if value is not None}
        assert set(told) == set(MODEL.quantities())
        assert told["active_energy_import"] == pytest.approx(now["active_energy_import"], abs=100)
        assert told["active_energy_import"] == pytest.approx(told["active_energy_import_t1"])
        assert 200 < told["voltage_l1_n"] < 240
        assert sample.evidence == {"serial": "E0012345"}


def test_a_telegram_is_one_sample_stamped_with_its_first_byte(head: OpticalHead) -> None:
    listener = listener_on(head.path)
    listener.listen(0)
    before = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    head.push(house(), 60.0, 115200)
    samples = hear(listener, 3.0, 1)
    listener.close()
    assert len(samples) == 1
    assert 0 < samples[0].boot_ns - before < 0.2e9
    plausible(samples)
    assert (listener.statistics["house"].requests, listener.statistics["house"].errors) == (1, {})


@pytest.mark.slow
@pytest.mark.parametrize("at", [5, 400, 1500])
def test_it_joins_in_the_middle(head: OpticalHead, at: int) -> None:
    head.push(house(), 2.5, 9600)
    while head.said < at:
        time.sleep(0.002)
    listener = listener_on(head.path, baud=9600)
    samples = hear(listener, 8.0, 2)
    listener.close()
    assert len(samples) == 2
    plausible(samples)
    assert listener.statistics["house"].errors == {}


@pytest.mark.slow
def test_noise_silence_and_a_wrong_crc(head: OpticalHead) -> None:
    meter, listener = house(), listener_on(head.path)
    head.push(meter, EVERY, 115200)
    plausible(hear(listener, 3.0, 1))
    head.noise = 0.002
    plausible(hear(listener, 4.0))
    head.noise, meter.silent = 0.0, True
    hear(listener, 1.5)
    counted = dict(listener.statistics["house"].errors)
    assert sum(counted.values()) >= 2
    assert hear(listener, 1.5) == []
    assert listener.statistics["house"].errors == counted
    meter.silent, meter.wrong_check = False, True
    assert hear(listener, 2.0) == []
    assert listener.statistics["house"].errors["bad_answer_check"] > counted.get("bad_answer_check", 0)
    meter.wrong_check = False
    samples = hear(listener, 4.0, 2)
    listener.close()
    assert len(samples) == 2
    plausible(samples)


def test_what_comes_after_a_pause_never_completes_a_telegram() -> None:
    pty, telegram = Pty(None), house().telegram()
    listener = listener_on(pty.path)
    listener.listen(0)
    os.write(pty.fd, telegram)
    assert len(hear(listener, 2.0, 1)) == 1
    os.write(pty.fd, telegram[:300])
    assert hear(listener, 0.8) == []
    os.write(pty.fd, telegram[300:])
    assert hear(listener, 0.8) == []
    assert listener.statistics["house"].errors["bad_answer_telegram"] == 2
    listener.close()
    pty.close()


def _played(data: bytes, listener: DsmrListener, pty: Pty, most: int) -> list[Sample]:
    listener.listen(0)

    def play() -> None:
        at = 0
        while at < len(data):
            try:
                at += os.write(pty.fd, data[at : at + 1000])
            except BlockingIOError:
                time.sleep(0.001)

    player = threading.Thread(target=play)
    player.start()
    samples = hear(listener, 10.0 if most else 1.0, most or 1)
    player.join()
    samples += hear(listener, 0.8)
    listener.close()
    pty.close()
    return samples


def test_a_stream_of_566_telegrams() -> None:
    capture = CAPTURES / "nielsbasjes-dsmr-tools" / "ttyUSB0-raw.crlf.bin"
    if not capture.exists():
        pytest.skip("the capture is not here")
    pty = Pty(None)
    listener = listener_on(pty.path)
    samples = _played(capture.read_bytes(), listener, pty, 566)
    assert len(samples) == 566
    assert listener.statistics["house"].errors == {}
    energies = [sample.values["active_energy_import"] for sample in samples]
    assert all(energy is not None for energy in energies)
    assert energies == sorted(energies, key=lambda energy: energy or 0.0)
    assert energies[-1] == 6657553.0


@pytest.mark.parametrize(("key", "count"), [("AA" * 16, 5), ("AB" * 16, 0), (None, 0)])
def test_encrypted_telegrams(tmp_path: Path, key: str | None, count: int) -> None:
    pytest.importorskip("cryptography", reason="cryptography is not installed")
    capture = CAPTURES / "esphome-libs-dsmr_parser" / "encrypted_packet.bin"
    if not capture.exists():
        pytest.skip("the capture is not here")
    file = tmp_path / "p1.key"
    file.write_text(f"{key}\n")
    pty = Pty(None)
    listener = listener_on(pty.path, file if key else None)
    samples = _played(capture.read_bytes()[100:] + 5 * capture.read_bytes(), listener, pty, count)
    assert [sample.values["active_energy_import"] for sample in samples] == count * [6545766.0]
    errors = dict(listener.statistics["house"].errors)
    assert set(errors) == (set() if count else {"bad_answer_check" if key else "bad_answer_encrypted"})

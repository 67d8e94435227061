"""What waited in a port while nobody listened is thrown away: nobody knows when the meter said it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence

import pytest

from collector.config.settings import MeterSettings
from collector.devices import catalogue
from collector.model.ports import Listener
from collector.model.reading import Sample
from collector.sources.channel.serial_port import SerialPort
from collector.sources.dsmr.listener import DsmrListener
from collector.sources.freshness import LATE, STALE
from collector.sources.simulator.plant import Plant
from collector.sources.simulator.pty import Pty
from collector.sources.simulator.sml_meter import SmlMeter
from collector.sources.sml.listener import SmlListener
from collector.sources.ticker import SystemTicker

#: Exchanges at the pace of a real line.
pytestmark = pytest.mark.slow

TICKER = SystemTicker()


def sml() -> bytes:
    return SmlMeter(catalogue.load("generic-sml"), Plant(), since=1000.0).telegram()


def p1() -> bytes:
    return b"/ISk5\\2MT382-1004\r\n\r\n1-0:1.8.1(00001.001*kWh)\r\n1-0:1.8.2(00002.002*kWh)\r\n!\r\n"


def hear(listener: Listener, seconds: float) -> list[Sample]:
    until = time.monotonic() + seconds
    found: list[Sample] = []
    while (left := until - time.monotonic()) > 0:
        found += listener.listen(min(left, 0.25))
    return found


@pytest.mark.parametrize(
    ("kind", "model", "telegram"), [(SmlListener, "generic-sml", sml), (DsmrListener, "generic-dsmr", p1)]
)
def test_late_telegrams_are_no_samples(
    kind: Callable[..., Listener], model: str, telegram: Callable[[], bytes]
) -> None:
    pty = Pty(None)
    channel = SerialPort(str(pty.path), 9600, "8N1", lambda frame: None)
    listener = kind(MeterSettings("house", model, "line"), catalogue.load(model), channel, TICKER)
    listener.listen(0)
    os.write(pty.fd, telegram())
    assert len(hear(listener, 1.0)) == 1
    os.write(pty.fd, telegram())
    time.sleep(STALE + 0.5)
    os.write(pty.fd, telegram()[:50])
    assert hear(listener, 1.0) == []
    assert listener.statistics["house"].errors[LATE] == 1
    before = TICKER.boot_ns()
    os.write(pty.fd, telegram())
    samples: Sequence[Sample] = hear(listener, 1.0)
    listener.close()
    pty.close()
    assert [before <= sample.boot_ns <= before + 500_000_000 for sample in samples] == [True]

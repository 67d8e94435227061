"""Looks at every line and reads every meter once; only while no collector holds the lines."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

from collector.config.settings import LineSettings, MeterSettings, Settings
from collector.devices import catalogue
from collector.doctor import maps
from collector.errors import PhaselogError, PortMissing
from collector.model.finding import Finding, attention, fine, skipped, wrong
from collector.pipeline.derive import apply, steps
from collector.sources.learned import Learned
from collector.sources.owner import describe
from collector.sources.ports import device_of
from collector.sources.reader import LineReader
from collector.sources.ticker import SystemTicker


def lines(settings: Settings) -> Iterator[Finding]:
    """One finding per line, one per meter."""
    for line in settings.lines:
        found = _port(line) if line.port else _gateway(line) if line.host else fine(f"line {line.name}", describe(line))
        yield found
        for meter in settings.meters_on(line.name):
            if found.advice:
                yield skipped(f"meter {meter.name}", f"line {line.name} is not there")
            else:
                yield _read(settings, line, meter)


def _port(line: LineSettings) -> Finding:
    subject = f"line {line.name}"
    try:
        port = Path(device_of(line.port or ""))
    except PortMissing as error:
        return wrong(subject, str(error), error.hint)
    try:
        mode = port.stat().st_mode
    except OSError as error:
        return wrong(
            subject, f"{port}: {error.strerror}", "is the adapter plugged in? `phaselog ports` lists what is there"
        )
    if not stat.S_ISCHR(mode):
        return wrong(subject, f"{port} is no serial port", "`phaselog ports` lists what is there")
    if not os.access(port, os.R_OK | os.W_OK):
        return wrong(subject, f"{port}: this user may not open it", "sudo usermod -aG dialout $USER, then log in anew")
    return fine(subject, f"{port}, {line.baud} {line.frame}")


def _gateway(line: LineSettings) -> Finding:
    subject, where = f"line {line.name}", f"{line.host}:{line.tcp_port}"
    try:
        with socket.create_connection((line.host or "", line.tcp_port), timeout=3):
            return fine(subject, f"{where} takes connections")
    except OSError as error:
        advice = "is it switched on, is the address right, is port and network open?"
        return wrong(subject, f"{where}: {error.strerror or error}", advice)


def _read(settings: Settings, line: LineSettings, meter: MeterSettings) -> Finding:
    """One real reading."""
    subject, ticker = f"meter {meter.name}", SystemTicker()
    model = catalogue.load(meter.model)
    reader = LineReader(line, [(meter, model)], ticker, Learned())
    try:
        sample = reader.read(meter.name)
    except PhaselogError as error:
        return wrong(subject, str(error), error.hint or "look at the wire, the address and the speed")
    finally:
        reader.close()
    there = sum(value is not None for value in sample.values.values())
    if sample.failed or not there:
        seen = f"only {there} of {len(sample.values)} values came"
        return wrong(subject, seen, f"is it really a {meter.model}? `phaselog scan` looks")
    if suspicions := maps.judged(apply(steps(meter, model), sample.values), meter, model):
        return attention(subject, f"answers, but {suspicions[0]}", maps.ADVICE)
    return fine(subject, f"answers: {there} values")

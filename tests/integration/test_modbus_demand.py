"""What a meter keeps for people is read when asked, and its settings are told when somebody changed them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from collector.config.settings import ClockSettings, LineSettings, MeterSettings
from collector.devices import catalogue
from collector.pipeline.clock import SiteClock
from collector.pipeline.process import MeterPipeline
from collector.pipeline.trusted_time import Machine
from collector.sources.factory import make_source, open_wire
from collector.sources.learned import Learned
from collector.sources.modbus.demand import runs
from collector.sources.simulator import SimulatedMeter, serve_tcp
from collector.sources.ticker import SystemTicker
from tests.integration.conftest import SITE, Box

MODEL = catalogue.load("siemens-pac3100")
METER = MeterSettings("turbine", MODEL.name, "net", unit=126)


def test_runs_never_cut_a_value_nor_cross_a_hole() -> None:
    model = replace(MODEL, max_registers=20)
    for group in MODEL.groups:
        for run in runs(group.registers, model):
            assert run.count == sum(register.type.count for register in run.registers) <= 20


def test_everything_that_is_kept_is_read_when_asked() -> None:
    meter = SimulatedMeter(MODEL)
    ticker = SystemTicker()
    with serve_tcp({126: meter}, "127.0.0.1", 0, "tcp") as net:
        wire = open_wire(LineSettings("net", host="127.0.0.1", tcp_port=net.port), ticker)
        source = make_source(METER, MODEL, wire, ticker, Learned(None))
        kept = {one.name: one for one in source.kept()}
        wire.close()
    wanted = {register.name for group in MODEL.groups if group.when.value == "demand" for register in group.registers}
    assert kept.keys() == wanted
    assert all(one.value is not None for one in kept.values())


def test_a_changed_setting_becomes_one_event_that_names_it(tmp_path: Path) -> None:
    meter = SimulatedMeter(MODEL)
    meter.set("primary_current", 100)
    meter.set("parameter_changes", 7)
    ticker = SystemTicker()
    clock = SiteClock(
        ClockSettings(trust="system"), tmp_path, ticker, Machine("b", {"ntp": lambda: 1_790_000_000 * 10**9})
    )
    clock.poll()
    pipeline = MeterPipeline(METER, MODEL, clock)
    with serve_tcp({126: meter}, "127.0.0.1", 0, "tcp") as net:
        wire = open_wire(LineSettings("net", host="127.0.0.1", tcp_port=net.port), ticker)
        source = make_source(METER, MODEL, wire, ticker, Learned(None))

        def tick() -> list[str]:
            sample = source.read(frozenset(source.periods))
            assert not sample.failed
            return [event.message for event in pipeline.process(sample).events]

        assert tick() == []
        assert tick() == []
        meter.set("primary_current", 200)
        assert tick() == [], "nobody asks for settings before the change counter moved"
        meter.set("parameter_changes", 8)
        (message,) = tick()
        wire.close()
    assert message.startswith("turbine: ")
    assert "primary_current 100 -> 200" in message


@pytest.mark.slow
def test_read_all_shows_maxima_and_settings(box: Box) -> None:
    with serve_tcp({126: SimulatedMeter(MODEL)}, "127.0.0.1", 0, "tcp") as net:
        line = f'[[line]]\nname = "net"\nhost = "127.0.0.1"\ntcp_port = {net.port}\n'
        meter = '[[meter]]\nname = "turbine"\nmodel = "siemens-pac3100"\nline = "net"\nunit = 126\n'
        box.write(SITE.format(database=box.database) + line + meter)
        shown = box.phaselog("read", str(box.config), "--all")
        told = box.phaselog("read", str(box.config), "--all", "--json")
    assert shown.returncode == 0, shown.stderr
    assert "primary_current" in shown.stdout
    assert "voltage_l1_n" in shown.stdout
    more = json.loads(told.stdout)["more"]
    assert more["primary_current"] is not None


def test_registers_that_a_meter_gives_only_together_are_asked_for_together() -> None:
    model = catalogue.load("schneider-pm1200")
    meter, ticker = SimulatedMeter(model), SystemTicker()
    with serve_tcp({1: meter}, "127.0.0.1", 0, "tcp") as net:
        wire = open_wire(LineSettings("net", host="127.0.0.1", tcp_port=net.port), ticker)
        source = make_source(MeterSettings("m", model.name, "net", unit=1), model, wire, ticker, Learned(None))
        kept = {one.name: one.value for one in source.kept() if one.group == "totals of one moment"}
        wire.close()
    assert len(kept) == 8
    assert None not in kept.values(), "a part of the block is refused"

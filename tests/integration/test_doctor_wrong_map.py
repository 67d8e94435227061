"""The doctor reads a real (simulated) meter through a map with one mistake, and names the register."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from collector.config.settings import LineSettings, MeterSettings, Settings
from collector.devices import catalogue
from collector.devices.map import Model, Register
from collector.doctor import wires
from collector.model.finding import Finding, State
from collector.sources.simulator import SimulatedMeter, serve_tcp

TRUE = catalogue.load("siemens-pac3220")


def mistaken(mistakes: dict[str, dict[str, object]]) -> Model:
    """The true model but for these registers."""

    def changed(register: Register) -> Register:
        return replace(register, **mistakes.get(register.name, {}))  # type: ignore[arg-type]

    groups = [replace(group, registers=tuple(map(changed, group.registers))) for group in TRUE.groups]
    return replace(TRUE, groups=tuple(groups))


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serve_tcp({126: SimulatedMeter(TRUE)}, "127.0.0.1", 0) as served:
        yield served.port


def examined(port: int, model: Model, monkeypatch: pytest.MonkeyPatch) -> Finding:
    line = LineSettings("net", host="127.0.0.1", tcp_port=port)
    meter = MeterSettings("turbine", TRUE.name, "net", unit=126)
    monkeypatch.setattr(wires.catalogue, "load", lambda name: model)
    *_, found = wires.lines(Settings(Path("/nowhere/phaselog.toml"), lines=(line,), meters=(meter,)))
    return found


def test_a_right_map_is_fine(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert examined(port, TRUE, monkeypatch).state is State.FINE


@pytest.mark.parametrize(
    ("mistakes", "said"),
    [
        ({"voltage_l2_n": {"scale": 10.0}}, "10 times too large"),
        ({"active_power_l1": {"scale": -1.0}}, "sign"),
        ({"frequency": {"address": 57}, "voltage_average_l_n": {"address": 55}}, "45 to 65 Hz"),
        ({"current_l3": {"scale": 1e-3}}, "1000 times too small"),
    ],
)
def test_a_mistake_in_the_map_is_named(
    port: int, monkeypatch: pytest.MonkeyPatch, mistakes: dict[str, dict[str, object]], said: str
) -> None:
    model = mistaken(mistakes)
    found = examined(port, model, monkeypatch)
    assert found.state is State.ATTENTION
    assert said in found.seen
    name = next(name for name in mistakes if f"{name} " in found.seen)
    assert f"register {model.register(name).address} " in found.seen

"""The doctor names the register of a wrong map, from what is stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from collector.config.settings import LineSettings, MeterSettings, Settings, SiteSettings, StoreSettings
from collector.devices import catalogue
from collector.doctor.maps import judged, maps
from collector.model.finding import State
from collector.model.reading import Reading
from collector.pipeline.derive import apply, quantities_of, steps
from collector.sources.simulator.plant import Plant
from collector.store.factory import open_maintainer, open_writer

pytestmark = pytest.mark.slow

START = 1_772_409_600_000
METER = MeterSettings("turbine", "siemens-pac3220", "rs485", nominal_voltage=220.0, nominal_frequency=60.0)
Change = Callable[[dict[str, float | None]], None]


def stored(folder: Path, meter: MeterSettings, change: Change, load: float = 3600.0) -> Settings:
    """A site whose meter gave ten minutes of readings, one each 10 s, through a map that changes them."""
    settings = Settings(
        folder / "phaselog.toml",
        SiteSettings(),
        StoreSettings(path=folder / "readings.sqlite"),
        lines=(LineSettings("rs485", "/dev/none"),),
        meters=(meter,),
    )
    model, plant = catalogue.load(meter.model), Plant(load=load)
    maintainer = open_maintainer(settings.store, settings.site)
    maintainer.migrate({meter.name: quantities_of(meter, model)}, START)
    maintainer.close()
    writer = open_writer(settings.store, settings.site, {})
    made, site = [], steps(meter, model)
    for second in range(0, 600, 10):
        values: dict[str, float | None] = {**plant.at(float(second))}
        change(values)
        made.append(Reading(meter.name, START + 1000 * second, apply(site, values)))
    writer.commit(made)
    writer.close()
    return settings


def no_change(values: dict[str, float | None]) -> None:
    del values


def scaled(name: str, factor: float) -> Change:
    def change(values: dict[str, float | None]) -> None:
        values[name] = (values[name] or 0.0) * factor

    return change


@pytest.mark.parametrize("load", [3600.0, -3600.0])
@pytest.mark.parametrize("invert", [False, True])
@pytest.mark.parametrize("ratio", [1.0, 40.0])
def test_a_right_map_is_fine(tmp_path: Path, load: float, invert: bool, ratio: float) -> None:
    (found,) = maps(stored(tmp_path, replace(METER, invert=invert, ct_ratio=ratio), no_change, load))
    assert found.state is State.FINE


@pytest.mark.parametrize(
    ("name", "factor", "address"),
    [("current_l2", 1000.0, 15), ("active_power_total", -1.0, 65), ("frequency", 0.1, 55),
     ("active_energy_import_t1", 1e-3, 801)],
)  # fmt: skip
def test_a_wrong_register_is_named(tmp_path: Path, name: str, factor: float, address: int) -> None:
    (found,) = maps(stored(tmp_path, METER, scaled(name, factor)))
    assert found.state is State.ATTENTION
    assert f"{name} " in found.seen
    assert f"register {address} " in found.seen
    assert found.advice


def test_nothing_stored_is_told_and_no_store_says_nothing(tmp_path: Path) -> None:
    settings = stored(tmp_path, METER, no_change)
    other = replace(settings, meters=(replace(METER, name="other"),))
    assert [found.state for found in maps(other)] == [State.SKIPPED]
    assert list(maps(replace(settings, store=StoreSettings(path=tmp_path / "none.sqlite")))) == []


def test_the_registers_of_a_turned_meter_are_named_as_its_model_does() -> None:
    meter = replace(METER, invert=True)
    model = catalogue.load(meter.model)
    values: dict[str, float | None] = {**Plant().at(0.0)}
    values["active_power_l1"] = -values["active_power_l1"]  # type: ignore[operator]
    (found,) = judged(apply(steps(meter, model), values), meter, model)
    assert found.quantities == ("active_power_l1",)

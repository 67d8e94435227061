"""A wrong map is found by what physics says of its values; a true reading is never suspected."""

from __future__ import annotations

import csv
import math
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.devices import catalogue
from collector.devices.map import Group, Model, Register, RegisterType, When
from collector.model.quantity import PHASES, QUANTITIES
from collector.sources.laws import Nominal
from collector.sources.physics import Suspicion, judge, lasting
from collector.sources.simulator.plant import Plant, phases_of

REAL = Path(__file__).parents[3].parent / "shared" / "real"
PAC = catalogue.load("siemens-pac4200")


def reading(seed: int = 1, time: float = 5000.0, load: float = 3600.0, model: Model = PAC) -> dict[str, float | None]:
    wanted = set(model.quantities())
    return {
        name: value
        for name, value in Plant(seed, load=load, phases=phases_of(model)).at(time).items()
        if name in wanted
    }


def wrong(name: str, factor: float) -> list[Suspicion]:
    values = reading()
    values[name] *= factor  # type: ignore[operator]
    return judge(values, PAC)


@pytest.mark.parametrize("load", [3600.0, -3600.0, 300e3, 30.0, 0.001, -0.5])
@given(seed=st.integers(0, 1000), time=st.floats(0.0, 1e7))
def test_a_true_plant_is_never_suspected(load: float, seed: int, time: float) -> None:
    assert judge(reading(seed, time, load), PAC) == []


@pytest.mark.parametrize("name", [n for n in catalogue.names() if catalogue.load(n).protocol == "modbus"])
def test_no_model_is_suspected_of_a_true_reading(name: str) -> None:
    model = catalogue.load(name)
    assert judge(reading(3, 7000.0, model=model), model) == []


PLANTED = [
    ("voltage_l1_n", 1000.0, "1000 times too large"),
    ("voltage_l2_n", math.sqrt(3), "√3 times too large"),
    ("voltage_l3_n", 0.1, "10 times too small"),
    ("voltage_l2_l3", 10.0, "10 times too large"),
    ("current_l1", 1e-3, "1000 times too small"),
    ("current_l3", 100.0, "100 times too large"),
    ("active_power_l2", -1.0, "sign"),
    ("active_power_l3", 1e-3, "1000 times too small"),
    ("active_power_total", 1e3, "1000 times too large"),
    ("active_power_total", -1.0, "sign"),
    ("apparent_power_total", 3.0, "3 times too large"),
    ("reactive_power_l3", 10.0, "10 times too large"),
    ("power_factor_l1", 100.0, "100 times too large"),
    ("power_factor_total", 1000.0, "1000 times too large"),
    ("frequency", 0.1, "10 times too small"),
    ("frequency", 100.0, "100 times too large"),
    ("frequency", 0.0, "is 0"),
    ("current_l2", 0.0, "is 0"),
]


@pytest.mark.parametrize(("name", "factor", "looks"), PLANTED)
def test_one_wrong_register_is_named_with_its_address_and_mistake(name: str, factor: float, looks: str) -> None:
    (found,) = wrong(name, factor)
    assert found.quantities == (name,)
    assert looks in found.looks
    assert str(PAC.register(name).address) in found.where[0]


@pytest.mark.parametrize(
    ("start", "factor", "looks"),
    [("current_l", 1e3, "1000 times too large"), ("active_power_", 1e-3, "1000 times too small"),
     ("power_factor_", 100.0, "100 times too large")],
)  # fmt: skip
def test_a_wrong_unit_of_all_phases_is_one_suspicion(start: str, factor: float, looks: str) -> None:
    values = reading()
    names = {name for name in values if name.startswith(start) and "demand" not in name}
    (found,) = judge({name: v * factor if name in names else v for name, v in values.items()}, PAC)  # type: ignore[operator]
    assert set(found.quantities) == names
    assert looks in found.looks


def unbalanced() -> dict[str, float | None]:
    """3, 1 and 0.4 kW with different power factors; the third phase feeds in and is capacitive."""
    values: dict[str, float | None] = {"frequency": 50.02}
    totals = [0.0, 0.0, 0.0]
    for phase, watts, var in zip(PHASES, (3000.0, 1000.0, -400.0), (900.0, 100.0, -150.0), strict=True):
        apparent = math.hypot(watts, var)
        values |= {f"voltage_{phase}_n": 231.0, f"current_{phase}": apparent / 231.0,
                   f"active_power_{phase}": watts, f"reactive_power_{phase}": var,
                   f"apparent_power_{phase}": apparent, f"power_factor_{phase}": watts / apparent}  # fmt: skip
        totals = [a + b for a, b in zip(totals, (watts, var, apparent), strict=True)]
    return values | dict(zip((f"{w}_power_total" for w in ("active", "reactive", "apparent")), totals, strict=True))


def test_unbalance_export_and_capacitors_are_no_mistake() -> None:
    assert judge(unbalanced(), PAC) == []


def test_exchanged_phases_are_seen() -> None:
    values = unbalanced()
    values["current_l1"], values["current_l2"] = values["current_l2"], values["current_l1"]
    (found,) = judge(values, PAC)
    assert found.quantities == ("current_l1", "current_l2")
    assert "exchanged" in found.looks


def test_a_float_with_its_words_exchanged_is_seen() -> None:
    import struct

    values = reading()
    packed = struct.pack(">f", values["voltage_l1_n"])
    (values["voltage_l1_n"],) = struct.unpack(">f", packed[2:] + packed[:2])
    assert "two words" in judge(values, PAC)[0].looks


def test_split_phase_a_lost_phase_and_distortion_are_no_mistakes() -> None:
    split = {"voltage_l1_n": 120.0, "voltage_l2_n": 121.0, "voltage_l1_l2": 241.0}
    lost = reading() | {"voltage_l2_n": 0.3, "voltage_l1_l2": 221.0, "voltage_l2_l3": 219.0}
    for name in ("current", "active_power", "reactive_power", "apparent_power", "power_factor"):
        lost.pop(f"{name}_l2")
        lost.pop(f"{name}_total", None)
    lost = {n: v for n, v in lost.items() if "average" not in n}
    rectifier = {"voltage_l1_n": 230.0, "current_l1": 10.0, "active_power_l1": 1150.0, "apparent_power_l1": 2300.0,
                 "reactive_power_l1": 200.0, "power_factor_l1": 0.5}  # fmt: skip
    for values in (split, lost, rectifier):
        assert judge(values, PAC) == []


def test_a_dead_line_and_missing_values_say_nothing() -> None:
    assert judge(dict.fromkeys(PAC.quantities(), 0.0), PAC) == []
    assert judge(dict.fromkeys(PAC.quantities()), PAC) == []


def test_the_frequency_of_a_small_plant_may_drift_when_its_nominal_is_known() -> None:
    values = {"voltage_l1_n": 220.0, "frequency": 66.0}
    assert judge(values, PAC)
    assert judge(values, PAC, Nominal(frequency=60.0)) == []
    assert judge({"voltage_l1_n": 2200.0}, PAC, Nominal(voltage=220.0))[0].quantities == ("voltage_l1_n",)


def test_tariffs_of_another_unit_than_the_total_are_seen() -> None:
    counted = {"active_energy_import": 25_409_587.0, "active_energy_import_t1": 4_200_177.0,
               "active_energy_import_t2": 21_209_409.0}  # fmt: skip
    assert judge(counted, PAC) == []
    assert judge(counted | {"active_energy_import": 25_409.587}, PAC)[0].looks == "looks 1000 times too small"


def test_what_only_one_reading_of_several_says_is_a_load_that_switched() -> None:
    good, bad = judge(reading(), PAC), wrong("active_power_l3", 1e-3)
    assert lasting([good, bad, good]) == []
    assert lasting([bad, bad, bad]) == bad
    assert lasting([]) == []


def test_a_code_is_named_where_a_model_has_no_registers() -> None:
    from collector.devices.map import Code

    model = replace(PAC, groups=(), codes=(Code("14.7", "frequency"),))
    assert judge({"frequency": 5.0}, model)[0].where == ("code 14.7",)


@pytest.mark.slow
@given(st.dictionaries(st.sampled_from(sorted(QUANTITIES)), st.floats() | st.none(), max_size=12))
def test_any_values_are_judged(values: dict[str, float | None]) -> None:
    registers = tuple(Register(n, 2 * i, RegisterType.FLOAT32, n) for i, n in enumerate(sorted(values)))
    model = Model("toy", "Toy", "Toy", "modbus", (Group("all", When.TICK, registers),), (), True)
    assert len(judge(values, model)) <= 6


@pytest.mark.slow
@pytest.mark.skipif(not REAL.exists(), reason="the real load curves are not beside this checkout")
def test_real_households_are_never_suspected() -> None:
    (path, *_) = sorted((REAL / "load-curves" / "uci-household").glob("*"))
    with path.open() as file:
        rows = list(islice(csv.DictReader(file, delimiter=";" if ";" in path.open().readline() else ","), 20_000))
    judged = 0
    for row in rows:
        found = {key.lower(): value for key, value in row.items() if key}
        try:
            watts = 1000 * float(found["global_active_power"])
            var = 1000 * float(found["global_reactive_power"])
            volts, amperes = float(found["voltage"]), float(found["global_intensity"])
        except (KeyError, ValueError):
            continue
        judged += 1
        values = {
            "voltage_l1_n": volts,
            "current_l1": amperes,
            "active_power_total": watts,
            "reactive_power_total": var,
        }
        assert judge(values, PAC) == [], row
    assert judged > 2000


@pytest.mark.skipif(not REAL.exists(), reason="the real captures are not beside this checkout")
@pytest.mark.parametrize(("protocol", "folder"), [("iec62056", "iec62056-21"), ("dlt645", "dlt645")])
def test_real_telegrams_are_never_suspected(protocol: str, folder: str) -> None:
    from importlib import import_module

    from collector.sources.telegram import in_si

    decode = import_module(f"collector.sources.{protocol}.decode").decode
    files = [path for path in (REAL / folder).rglob("*") if path.suffix not in {".md", ".json", ".csv"}]
    for path in files:
        for telegram in decode(path.read_bytes() if path.is_file() else b""):
            values: dict[str, float | None] = {
                value.quantity: in_si(value.value, value.unit)[0]
                for value in telegram.values
                if value.quantity and isinstance(value.value, float) and telegram.complete
            }
            assert judge(values, PAC) == [], path

"""The maps of Schneider, Circutor, Desin and of small Siemens devices agree with the collected tables, row by row."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from collector.devices import catalogue
from collector.devices.map import Register

TABLES = Path(__file__).parents[3].parent / "shared" / "real" / "modbus-maps"
PREFIXES = {"k": 1000.0, "m": 0.001}

pytestmark = pytest.mark.skipif(not TABLES.is_dir(), reason="the collected register tables are not on this machine")


@dataclass(frozen=True)
class Table:
    """`offset`: what is added to its addresses; `only`: the addresses that hold measured values.

    `left_out`, `types`, `scales`: address -> why we have no such register, or another type or scale.
    """

    path: str
    models: tuple[str, ...]
    offset: int = 0
    only: range = range(65536)
    left_out: dict[int, str] = field(default_factory=dict)
    types: dict[int, str] = field(default_factory=dict)
    scales: dict[int, str] = field(default_factory=dict)


def each(addresses: range | list[int], why: str) -> dict[int, str]:
    return dict.fromkeys(addresses, why)


PM5 = tuple(f"schneider-pm{name}" for name in ("5100", "5300", "5500"))
IEM55 = tuple(f"schneider-iem{name}" for name in ("3155", "3255", "3355"))
IEM50 = tuple(f"schneider-iem{name}" for name in ("3150", "3250", "3350"))
CLASSIC = tuple(f"circutor-{name}" for name in ("cvm-mini", "cvm-144", "cvm-nrg96"))
NO_REACTIVE = each([3067, 3075, 3207, 3219, 3223], "this meter measures no reactive and no exported energy")
FLOATS = "node-red calls whole numbers floats: the manual and the DMG610 say how they are coded"
NOT_IN_DMG = "only in the table whose types are wrong"

TABLE = [
    Table("schneider/pm5xxx.csv", PM5, left_out={3211: "import plus export is their sum"}),
    Table("schneider/pm710_float.csv", ("schneider-pm710", "schneider-pm700")),
    Table("modbus-database/schneider_electric-pm700.csv", ("schneider-pm710", "schneider-pm700"), -1, left_out=
          each(range(1041, 1053), "demand currents: read nowhere else")),
    Table("schneider/pm710_tesla.csv", ("schneider-pm710-integer",), left_out={4047: "distortion of the neutral"},
          types={4008: "the highest bit is a mark"}),
    Table("schneider/pm500_tesla.csv", ("schneider-pm500",),
          scales=each([*range(781, 784), *range(837, 840)], "times 10 cannot be: kept as raw numbers")),
    Table("modbus-database/schneider_electric-pm600.csv", ("schneider-pm600",), only=range(1002, 2024), left_out=
          each([*range(1009, 1013), *range(1021, 1029), 1077], "unbalances and harmonics")),
    Table("modbus-database/schneider_electric-pm800.csv", ("schneider-pm800",), -1, range(1099, 1164), left_out=
          each([1102, 1103, *range(1106, 1110), 1126, *range(1128, 1136)], "neutral, ground and unbalances"),
          types=each(range(1099, 1164), "the tutorial calls single registers int32")),
    Table("mbmd/iem3000.csv", IEM55),
    Table("mbmd/iem3000.csv", IEM50, left_out=NO_REACTIVE),
    Table("modbus-database/schneider_electric-iem3000.csv", IEM55, -1, range(2999, 3528),
          left_out={3271: "partial reactive energy"}),
    Table("modbus-database/schneider_electric-pm1000-pm1200.csv", ("schneider-pm1200",), -1, range(3860, 3980)),
    Table("circutor/cvm_c10.csv", ("circutor-cvm-c10",)),
    Table("modbus-database/circutor_cvm-c10.csv", ("circutor-cvm-c10",), only=range(68), types=
          each(range(68), "the tutorial calls everything unsigned")),
    Table("circutor/cvm_classic_mini_144_nrg96.csv", CLASSIC),
    Table("modbus-database/circutor_cvm144.csv", CLASSIC, only=range(74),
          left_out={68: "one demand, or that of L1"}, types=
          each(range(74), "the tutorial calls everything unsigned")),
    Table("desin/das8000.csv", ("desin-das-8000",)),
    Table("mbmd/dmg610.csv", ("siemens-pac1600",), left_out=each(range(7711, 7796), "energies by phase: DMG610 only")),
    Table("siemens/node-red/pac1600.csv", ("siemens-pac1600",),
          left_out=each([*range(37, 43), 51, 53, 55, *range(63, 73), *range(89, 116), *range(6959, 6976)], NOT_IN_DMG),
          types=each(range(6959), FLOATS), scales=each(range(6959), FLOATS)),
    Table("siemens/node-red/5sl6com.csv", ("siemens-5sl6com",)),
    Table("siemens/node-red/5sv6com.csv", ("siemens-5sv6com",)),
    Table("siemens/node-red/3nacom.csv", ("siemens-3nacom",)),
    Table("siemens/node-red/atc6300.csv", ("siemens-atc6300",), only=range(29)),
]  # fmt: skip


#: Tables of Siemens that became no model of ours.
NO_MODEL = {
    "3va": "it gives several values one address: it cannot be right",
    "5st3com": "contacts and temperatures, no meter",
    "pac1200": "by the manual these are whole numbers of 0.1 W, one for each direction; it is read by SunSpec",
    "powercenter1000": "alarms and hours, no meter",
}


def test_every_table_of_siemens_became_a_model_or_it_is_said_why_not() -> None:
    for path in (TABLES / "siemens" / "node-red").glob("*.csv"):
        assert (f"siemens-{path.stem.lower()}" in catalogue.names()) != (path.stem in NO_MODEL), path.stem


def rows(table: Table) -> Iterator[tuple[int, dict[str, str]]]:
    """Every value of the table: a row may be an array."""
    with (TABLES / table.path).open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            width = 1 if "pm800" in table.path else 2 if "32" in row["type"] else 4 if "64" in row["type"] else 1
            for at in range(0, 1 if "pm800" in table.path else int(row["count"] or width), width):
                yield int(row["address"]) + table.offset + at, row


@pytest.mark.parametrize("table", TABLE, ids=lambda table: f"{table.path} {table.models[0]}")
def test_every_row_is_in_the_map(table: Table) -> None:
    for name in table.models:
        ours = {register.address: register for register in catalogue.load(name).registers()}
        seen = 0
        for address, row in rows(table):
            if address not in table.only or address in table.left_out:
                continue
            assert address in ours, f"{name} {address} {row['name']}"
            agrees(ours[address], row, table)
            seen += 1
        assert seen >= 6


def agrees(register: Register, row: dict[str, str], table: Table) -> None:
    at = register.address
    phases = {digit for digit in "123" if re.search(rf"L{digit}(?!\d)", row["name"])}
    if len(phases) == 1 and "requency" not in row["name"]:
        assert f"l{min(phases)}" in register.name, row
    if at not in table.types:
        # Two sources call an energy that never falls below 0 signed or unsigned as they like.
        assert register.type.value.removeprefix("u") == row["type"].removeprefix("u"), row
    if at in table.scales or row["unit"] in ("", "x", "Hertz", "Wh", "varh") or "unit" not in row:
        return
    power_of_ten = row["scale"].startswith("10^")
    assert not row["scale"] or power_of_ten == (register.scale_register is not None), row
    if row["scale"] and not power_of_ten:
        unit, scale = row["unit"], float(row["scale"])
        if unit[:1] in PREFIXES and len(unit) > 1 and unit != register.unit:
            unit, scale = unit[1:], scale * PREFIXES[unit[0]]
        assert unit in ("", register.unit, "C") or register.unit.startswith("°"), row
        assert register.scale == pytest.approx(scale), row


@pytest.mark.parametrize(("name", "number"), [("sunspec-meter", n) for n in (201, 202, 203, 204)]
                         + [("sunspec-meter-float", n) for n in (211, 212, 213, 214)])  # fmt: skip
def test_a_sunspec_model_is_laid_out_as_the_standard_says(name: str, number: int) -> None:
    model = catalogue.load(name)
    ours = {register.address: register for register in model.registers()}
    points = json.loads((TABLES / "sunspec" / f"model_{number}.json").read_text())["group"]["points"]
    kinds = {"uint16": "uint16", "int16": "int16", "sunssf": "int16", "acc32": "uint32", "bitfield32": "uint32",
             "float32": "float32"}  # fmt: skip
    exponent = {point["name"]: address for address, point in placed(points)}
    for address, point in placed(points):
        register = ours.pop(address)
        assert register.type.value == kinds[point["type"]], point
        scale = model.register(register.scale_register).address if register.scale_register else None
        assert scale == (exponent[point["sf"]] if "sf" in point else None), point
    assert not ours
    assert number in model.sunspec


def placed(points: list[dict[str, str]]) -> Iterator[tuple[int, dict[str, str]]]:
    address = 0
    for point in points:
        yield address, point
        address += int(point["size"])


def test_two_sources_that_differ_are_not_called_proved() -> None:
    for name in ("schneider-pm710-integer", "schneider-pm500", "desin-das-8000", "siemens-pac1600", *CLASSIC):
        assert not catalogue.load(name).verified, name

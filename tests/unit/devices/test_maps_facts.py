"""The maps agree with the collected register tables of others, row by row; where they do not, it is said why."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.devices import catalogue
from collector.devices.map import Register

TABLES = Path(__file__).parents[3].parent / "shared" / "real" / "modbus-maps" / "siemens"
#: Function 06 and 02: commands are not in a map, bits have a list of their own.
NOT_REGISTERS = {"command", "discrete"}
PREFIXES = {"k": 1000.0}

#: What we say differently than the table, and why.
KNOWN_FAULTS = {
    ("pac3200T", address): "the table names the counters of single phases twice the same" for address in range(841, 961)
}
#: What we leave out, and why.
LEFT_OUT = {
    **{("pac5200", at): "reactive power of the first quadrant: no quantity, one source" for at in range(315, 323)},
    **{("pac5200", at): "angles between the phases: no quantity, one source" for at in range(307, 315)},
}

pytestmark = pytest.mark.skipif(not TABLES.is_dir(), reason="the collected register tables are not on this machine")


def rows(name: str) -> Iterator[dict[str, str]]:
    path = TABLES / f"{name}.csv" if name == "pac3100" else TABLES / "node-red" / f"{name}.csv"
    with path.open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def in_base_unit(unit: str, scale: float) -> tuple[str, float]:
    """kWh is 1000 Wh."""
    if unit[:1] in PREFIXES and len(unit) > 1:
        return unit[1:], scale * PREFIXES[unit[0]]
    return unit, scale


@pytest.mark.parametrize(
    "name", ["pac3100", "pac3200", "pac3200T", "pac4200", "pac2200", "pac3120", "pac3220", "pac5100", "pac5200"]
)
def test_every_row_of_the_table_is_in_the_map(name: str):
    model = catalogue.load(f"siemens-{name.lower()}")
    ours = {register.address: register for register in model.registers()}
    seen = 0
    for row in rows(name):
        address = int(row["address"])
        if (
            row["group"] in NOT_REGISTERS
            or (name, address) in KNOWN_FAULTS
            or (name.replace("5100", "5200"), address) in LEFT_OUT
        ):
            continue
        assert address in ours, f"{name} {address} {row['name']}"
        agrees(ours[address], row)
        seen += 1
    assert seen > 30


def agrees(register: Register, row: dict[str, str]) -> None:
    assert register.type.value == row["type"], row
    assert register.type.count == int(row["count"]), row
    unit, scale = in_base_unit(row["unit"], float(row["scale"]))
    # A table without a unit says nothing.
    assert unit in ("", register.unit), row
    assert register.scale == scale, row


def test_every_function_02_bit_that_matters_is_in_the_map():
    bits = catalogue.load("siemens-pac3100").status_bits
    table = {int(row["address"]): row["name"].lower() for row in rows("pac3100") if row["group"] == "discrete"}
    for name, word in {
        "restart": "restart", "energy_reset": "energy counter", "configuration_menu": "menu",
        "voltage_overload": "voltage overload", "current_overload": "current overload",
    }.items():  # fmt: skip
        assert word in table[bits[name]]


def test_the_wrong_frequency_of_one_table_is_not_ours():
    # mbmd reads 46 on the PAC2200; the manual and everybody else read 55.
    assert catalogue.load("siemens-pac2200").register("frequency").address == 55

"""Every model agrees with the collected register tables of others, row by row; where it does not, it is said why."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from maps_claims import AGGSOFT, DIFFERENT, ELSEWHERE, LEFT_OUT, MBMD, NO_MODEL, OTHER_FUNCTION

from collector.devices import catalogue
from collector.devices.map import Model, Register, When

TABLES = Path(__file__).parents[3].parent / "shared" / "real" / "modbus-maps"
#: The table's word for a float whose least significant register comes first.
LITTLE_FLOAT = "RTUIeee754SolaredgeToFloat64"
#: Quantities whose sign is the direction: whether the type is signed is not a matter of taste.
SIGNED = ("active_power", "reactive_power")
CLAIMS = [(table, name) for table, names in MBMD.items() for name in names]
LISTED = [(table, name) for table, names in AGGSOFT.items() for name in names]

pytestmark = pytest.mark.skipif(not TABLES.is_dir(), reason="the collected register tables are not on this machine")


def rows(folder: str, table: str) -> Iterator[dict[str, str]]:
    with (TABLES / folder / f"{table}.csv").open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def compared(folder: str, table: str, model: Model) -> Iterator[tuple[dict[str, str], Register]]:
    """Each row with our register of that address, without those that are left out for a reason."""
    left_out = {
        address
        for name in ("", model.name)
        for addresses, _ in LEFT_OUT.get((table, name), ())
        for address in addresses
    }
    ours = {register.address: register for register in model.registers()}
    assert not left_out & ours.keys() or table == "semtr3y", "what is in the map is not left out"
    for row in rows(folder, table):
        address = int(row["address"])
        if address not in left_out:
            assert address in ours, f"{model.name} {address} {row['name']}"
            yield row, ours[address]


def whole(kind: str) -> str:
    """The type without its sign: "int32" for "uint32"."""
    return kind.removeprefix("u")


@pytest.mark.parametrize(("table", "name"), CLAIMS)
def test_every_row_of_the_table_is_in_the_map(table: str, name: str):
    model = catalogue.load(name)
    for row, register in compared("mbmd", table, model):
        if (table, register.address) in DIFFERENT:
            continue
        kind = "float32" if row["type"] == LITTLE_FLOAT else row["type"]
        unsigned_matters = (register.quantity or "").startswith(SIGNED)
        assert (register.type.value == kind) or (not unsigned_matters and whole(register.type.value) == whole(kind)), (
            row
        )
        assert register.scale == pytest.approx(float(row["scale"]) * (1000 if row["unit"][:1] == "k" else 1)), row
        assert int(row["function_code"]) in model.functions or table in OTHER_FUNCTION, row
        order = "little" if row["type"] == LITTLE_FLOAT else row["word_order"]
        assert order in ("", model.word_order), row


@pytest.mark.parametrize(("table", "name"), LISTED)
def test_every_line_of_the_list_is_in_the_map(table: str, name: str):
    # These lists know neither scale nor word order.
    for row, register in compared("modbus-database", table, catalogue.load(name)):
        assert whole(register.type.value) == whole(row["type"]), row


@pytest.mark.parametrize(("folder", "claims"), [("mbmd", MBMD), ("modbus-database", AGGSOFT)])
def test_every_table_became_a_model_or_it_is_said_why_not(folder: str, claims: dict[str, tuple[str, ...]]):
    for path in (TABLES / folder).glob("*.csv"):
        assert path.stem in claims or path.stem in NO_MODEL or path.stem.startswith(ELSEWHERE), path.stem


@pytest.mark.parametrize(
    ("name", "quantity", "address", "wrong"),
    [
        ("carlogavazzi-em24-din", "active_energy_import", 62, 66),  # 66 is the counter that a person can reset
        ("bgetech-ds100", "active_energy_export", 280, 4490),
        ("solaredge-se-mtr-3y", "apparent_energy", 1130, 1128),
    ],
)
def test_what_one_table_has_wrong_is_not_ours(name: str, quantity: str, address: int, wrong: int):
    model = catalogue.load(name)
    assert model.register(quantity).address == address
    recorded = [r.address for group in model.groups if group.when is not When.DEMAND for r in group.registers]
    assert wrong not in recorded


@pytest.mark.parametrize("name", sorted({name for _, name in CLAIMS + LISTED}))
def test_energy_is_counted_in_watt_hours(name: str):
    """A counter in kWh has the scale 1000; one in tenths or hundredths of it 100 or 10; only some count in Wh."""
    in_wh = ("janitza", "finder", "dzg")
    for register in catalogue.load(name).registers():
        if register.unit in ("Wh", "varh", "VAh"):
            assert register.scale in ((1.0,) if name.startswith(in_wh) else (10.0, 100.0, 1000.0)), register.name

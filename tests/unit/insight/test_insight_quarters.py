"""Energy of a quarter of an hour, whatever a meter counts: totals, tariffs, balances, or nothing but power."""

from __future__ import annotations

import pytest
from memory import METER, Memory

from collector.insight.quarters import Counters, Quarter, counters, quarters
from collector.model.calendar import QUARTER

START = 1_772_409_600_000
TARIFFS = ["active_energy_import_t1", "active_energy_import_t2"]


@pytest.mark.parametrize(
    ("given", "registers", "imported"),
    [
        (["active_energy_import", *TARIFFS], False, ("active_energy_import",)),
        (["active_energy_import", *TARIFFS], True, tuple(TARIFFS)),
        (TARIFFS, False, tuple(TARIFFS)),
        (["active_energy_sum"], False, ("active_energy_sum",)),
        (["active_energy_net", "active_power_total"], False, ("active_energy_net",)),
        (["active_power_total", "voltage_l1_n"], False, ("active_power_total",)),
        (["voltage_l1_n"], True, ()),
    ],
)
def test_the_best_that_a_meter_has_is_taken(given: list[str], registers: bool, imported: tuple[str, ...]) -> None:
    assert counters(given, registers=registers).imported == imported


def read(store: Memory, told: Counters, hours: int = 1) -> list[Quarter]:
    return quarters(store, METER, told, START, START + hours * 4 * QUARTER)


def test_a_balance_is_import_where_it_rises_and_export_where_it_falls() -> None:
    store = Memory({"active_energy_net": {START: 100.0, START + QUARTER: -40.5}})
    found = read(store, counters(["active_energy_net"]))
    assert [(each.imported, each.exported) for each in found] == [(100_000, 0), (0, 40_500)]


def test_power_alone_gives_energy_and_its_gaps_stay_gaps() -> None:
    store = Memory({"active_power_total": {START: 400.0, START + 3 * QUARTER: -1000.0}})
    found = read(store, counters(["active_power_total"]))
    assert [(each.start, each.imported, each.exported) for each in found] == [
        (START, 100_000, 0), (START + 3 * QUARTER, 0, 250_000),
    ]  # fmt: skip


def test_tariffs_are_added_where_there_is_no_total() -> None:
    store = Memory({TARIFFS[0]: {START: 1.5}, TARIFFS[1]: {START: 0.25, START + QUARTER: 3.0}})
    found = read(store, counters(TARIFFS))
    assert [(each.imported, each.registers) for each in found] == [
        (1750, {"t1": 1500, "t2": 250}), (3000, {"t1": 0, "t2": 3000}),
    ]  # fmt: skip


def test_what_cannot_be_divided_is_not_lost() -> None:
    store = Memory({"active_energy_import": {START: 1.0, START + 3 * QUARTER: 0.002}})
    found = read(store, counters(["active_energy_import"]))
    assert [(each.imported, each.estimated) for each in found] == [(1000, False), (1, True), (1, True), (0, True)]


def test_nothing_is_known_before_the_first_value() -> None:
    store = Memory({"active_energy_import": {START + 2 * QUARTER: 7.0}})
    assert [each.start for each in read(store, counters(["active_energy_import"]))] == [START + 2 * QUARTER]
    assert read(store, counters([])) == []


def test_a_gap_that_began_before_and_ends_after_the_window_fills_it() -> None:
    store = Memory({"active_energy_import": {START - QUARTER: 1.0, START + 4 * QUARTER: 5.0}})
    found = read(store, counters(["active_energy_import"]))
    assert [each.imported for each in found] == [1000] * 4
    assert all(each.estimated for each in found)

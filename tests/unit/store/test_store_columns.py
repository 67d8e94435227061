"""Which columns a quantity has, and when a table would be too wide."""

from __future__ import annotations

from collector.model.quantity import QUANTITIES
from collector.store.columns import known, row_size, table_columns


def test_a_gauge_has_its_bounds_and_a_counter_its_increase() -> None:
    assert [name for name, _ in table_columns("reading_1m", "frequency")] == [
        "frequency_count", "frequency_mean", "frequency_min", "frequency_max",
    ]  # fmt: skip
    assert [name for name, _ in table_columns("reading_1d", "active_energy_net")] == [
        "active_energy_net_last", "active_energy_net_increase",
    ]  # fmt: skip
    assert list(table_columns("reading", "active_energy_net")) == [("active_energy_net", "DOUBLE")]


def test_the_whole_closed_list_fits_into_a_row() -> None:
    assert row_size(QUANTITIES) == []


def test_too_many_quantities_are_refused_for_the_table_that_breaks(monkeypatch: object) -> None:
    from dataclasses import replace

    from pytest import MonkeyPatch

    assert isinstance(monkeypatch, MonkeyPatch)
    frequency = QUANTITIES["frequency"]
    many = {f"frequency_{number}": replace(frequency, name=f"frequency_{number}") for number in range(600)}
    for name, quantity in many.items():
        monkeypatch.setitem(QUANTITIES, name, quantity)
    problems = row_size(many)
    assert len(problems) == 2
    assert "reading_1m would have 2403 columns; 900 are allowed" in problems[0]
    assert "bytes" in problems[1]


def test_only_quantities_with_all_their_columns_are_known() -> None:
    assert [q.name for q in known({"time", "frequency", "nonsense"})] == ["frequency"]
    assert known({"frequency_count", "frequency_mean"}, "reading_1m") == []

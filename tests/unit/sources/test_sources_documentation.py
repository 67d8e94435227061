"""The page on requests is that of the models and the planner as they are now."""

from __future__ import annotations

import pytest

from collector.devices import catalogue
from collector.sources.documentation import PAGE, cost, markdown

MODBUS = [name for name in catalogue.names() if catalogue.load(name).protocol == "modbus"]


@pytest.mark.slow
def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == markdown(), "python -m collector.sources.documentation writes it anew"


@pytest.mark.parametrize("name", MODBUS)
def test_no_plan_is_dearer_than_one_request_for_each_value(name: str) -> None:
    found = cost(catalogue.load(name))
    assert found.later[1] <= found.first[1] + 1e-9
    assert found.later[0] <= found.first[0] <= found.single[0]
    assert found.ratio >= 1.0
    assert f"| `{name}` | {found.values} |" in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [name for name in MODBUS if "pac" in name and "siemens" in name])
def test_a_pac_is_read_in_a_handful_of_requests(name: str) -> None:
    """Three blocks of values and the status, however many values there are."""
    found = cost(catalogue.load(name))
    assert found.later[0] <= 6
    assert found.ratio > 3.0

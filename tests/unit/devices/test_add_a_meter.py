"""The page that says how to add a meter shows a file that works and names every key there is."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from collector.devices import catalogue, model_file
from collector.devices.map import Model, RegisterType, When

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "add-a-meter.md"


def example(tmp_path: Path) -> Model:
    text, *_ = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    path = tmp_path / "acme-e3.toml"
    path.write_text(text, encoding="utf-8")
    return catalogue.load_file(path)


def test_the_example_loads_and_means_what_the_page_says(tmp_path: Path):
    model = example(tmp_path)
    assert model.quantities() == ("voltage_l1_n", "frequency", "active_power_total", "active_energy_import")
    assert model.register("frequency").scale == 0.01
    assert model.register("active_power_total").missing == {0x80000000}
    energy = model.groups[1]
    assert (energy.when, energy.every, energy.registers[0].type) == (When.PERIOD, 10.0, RegisterType.UINT32)


def test_what_the_page_calls_defaults_are_the_defaults(tmp_path: Path):
    shown, least = example(tmp_path), Model("", "", "", "modbus", (), (), False)
    for name in ("unit", "baud", "frame", "functions", "word_order", "max_registers", "fill_gaps", "turnaround"):
        assert getattr(shown, name) == getattr(least, name), name


def test_every_key_of_the_loader_is_explained():
    keys = set(re.findall(r'table\.\w+\(\s*"(\w+)"', inspect.getsource(model_file)))
    page = PAGE.read_text(encoding="utf-8")
    assert len(keys) > 20
    # Inside a choice the PAC3100's own file, to which the page points, is the explanation.
    assert not [key for key in keys - {"setting", "shift", "mask", "quantities"} if key not in page]
    assert all(kind.value in page for kind in RegisterType)

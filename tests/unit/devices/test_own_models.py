"""A configuration may define kinds of meters itself, and is told where it does so wrongly."""

from __future__ import annotations

from pathlib import Path

import pytest

from collector.config.load import load
from collector.devices import catalogue
from collector.errors import ConfigError

OWN = """
[model.boiler]
protocol = "modbus"
title = "the boiler's little meter"
[model.boiler.modbus]
functions = [4]
[[model.boiler.group]]
name = "instantaneous"
registers = [{ at = 0, quantity = "frequency" }]

[[line]]
name = "gateway"
host = "10.0.0.7"
[[meter]]
name = "boiler"
model = "boiler"
line = "gateway"
"""


@pytest.fixture(autouse=True)
def _nothing_stays():
    yield
    catalogue.OFFERS.define({})


def loaded(tmp_path: Path, text: str):
    path = tmp_path / "phaselog.toml"
    path.write_text(text)
    return load(path, catalogue.OFFERS)


def test_a_meter_may_be_of_a_kind_that_the_configuration_defines(tmp_path):
    (meter,) = loaded(tmp_path, OWN).meters
    model = catalogue.load(meter.model)
    assert (model.title, model.functions, model.quantities()) == ("the boiler's little meter", (4,), ("frequency",))


def test_the_next_configuration_knows_nothing_of_it(tmp_path):
    loaded(tmp_path, OWN)
    loaded(tmp_path, "")
    with pytest.raises(ConfigError):
        catalogue.load("boiler")


@pytest.mark.parametrize(
    ("right", "wrong", "key"),
    [
        ('"frequency"', '"frequenzy"', "model.boiler.group[0].registers[0].quantity"),
        ("[4]", "[5]", "model.boiler.modbus.functions"),
        ("boiler", "siemens-pac3100", "model.siemens-pac3100"),
        ("[model.boiler]\nprotocol", "[model.boiler]\nprotocoll", "model.boiler.model"),
    ],
)
def test_mistakes_are_named_at_their_place(tmp_path, right, wrong, key):
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, OWN.replace(right, wrong))
    assert key in [mistake.key for mistake in caught.value.mistakes]


@pytest.mark.parametrize("text", ["model = 1", "[[model]]\nx = 1", "[model]\nboiler = 1"])
def test_what_is_no_table_of_models_is_said(tmp_path, text):
    with pytest.raises(ConfigError, match="1 mistake"):
        loaded(tmp_path, text)

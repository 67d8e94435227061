"""What a model file says of scale registers, codings, ranges, orders and blocks is understood, or named as wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from collector.devices import catalogue
from collector.devices.map import Block, Encoding, Model
from collector.errors import ConfigError

TEXT = """
[model]
name = "acme-one"
maker = "Acme"
title = "One"
protocol = "modbus"
verified = true
sources = ["the label"]

[modbus]
blocks = [{ at = 10, count = 20 }]

[[group]]
name = "now"
type = "uint16"
word_order = "little"
registers = [
  { at = 0, quantity = "voltage_l1_n", scale_register = "sf", valid = [0, 9999] },
  { at = 1, name = "sf", type = "int16" },
  { at = 2, quantity = "power_factor_total", encoding = "magnitude", word_order = "big" },
  { at = 10, quantity = "frequency" },
]

[[group]]
name = "slow"
when = "period"
every = 10.0
registers = [{ at = 40, quantity = "active_energy_import", type = "uint32", scale_register = "sf" }]
"""


def load(tmp_path: Path, text: str) -> Model:
    path = tmp_path / "acme-one.toml"
    path.write_text(text)
    return catalogue.load_file(path)


def test_every_key_is_understood(tmp_path: Path) -> None:
    model = load(tmp_path, TEXT)
    voltage, factor = model.register("voltage_l1_n"), model.register("power_factor_total")
    assert (voltage.scale_register, voltage.valid, voltage.word_order) == ("sf", (0.0, 9999.0), "little")
    assert (factor.encoding, factor.word_order) == (Encoding.MAGNITUDE, "big")
    assert model.blocks == (Block(10, 20),)
    assert model.block(model.register("frequency")) == Block(10, 20)
    assert model.block(voltage) == Block(0, 1)
    assert model.exponents() == {"sf"}
    assert next(one.step for one in model.offered()) == 0.0, "an exponent may change the step"


WRONG = [
    ('scale_register = "sf", valid', 'scale_register = "fs", valid', "group[0].registers[0].scale_register"),
    (
        'at = 1, name = "sf", type = "int16"',
        'at = 4, name = "sf", type = "float32"',
        "group[0].registers[0].scale_register",
    ),
    ("valid = [0, 9999]", "valid = [9999, 0]", "group[0].registers[0].valid"),
    ("valid = [0, 9999]", "valid = [0]", "group[0].registers[0].valid"),
    ("valid = [0, 9999]", 'valid = "all"', "group[0].registers[0].valid"),
    ('"magnitude"', '"signed"', "group[0].registers[2].encoding"),
    ('"magnitude"', '"magnitude", type = "int16"', "group[0].registers[2].encoding"),
    ('word_order = "big"', 'word_order = "middle"', "group[0].registers[2].word_order"),
    ("count = 20", "count = 126", "modbus.blocks[0].count"),
    ("count = 20 }", "count = 20 }, { at = 12, count = 2 }", "modbus.blocks"),
    ("at = 10, count = 20", "at = 41, count = 20", "group[1].registers[0].at"),
]


@pytest.mark.parametrize(("old", "new", "place"), WRONG)
def test_what_is_wrong_is_named_at_its_place(tmp_path: Path, old: str, new: str, place: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, TEXT.replace(old, new))
    assert place in {mistake.key for mistake in caught.value.mistakes}


def test_an_exponent_may_not_be_read_less_often_than_what_it_scales(tmp_path: Path) -> None:
    text = TEXT.replace('when = "period"\nevery = 10.0', "").replace('"now"', '"now"\nwhen = "period"\nevery = 5.0')
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert "less often" in next(m.message for m in caught.value.mistakes if m.key.endswith("scale_register"))

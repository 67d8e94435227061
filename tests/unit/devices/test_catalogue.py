"""A model file is read lazily, and every mistake in it is named at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from collector.devices import catalogue
from collector.devices.map import RegisterType, When
from collector.errors import ConfigError
from collector.model.quantity import QUANTITIES

#: What these meters do not measure.
GIVES_LESS = {
    "dzg-dvh4013": {"active_power_total"},
    "eastron-sdm72": {"voltage_l1_n", "frequency"},
    "eltako-dsz15dzmod": {"frequency"},
    "saia-ale3": {"frequency"},
    "schneider-pm500": {"voltage_l1_n"},
    "schneider-pm600": {"frequency"},
    "siemens-3nacom": {"voltage_l1_n", "frequency", "active_power_total"},
    "siemens-atc6300": {"active_power_total"},
}

SMALL = """
[model]
name = "acme-one"
maker = "Acme"
title = "One"
protocol = "modbus"
verified = true
sources = ["the label"]

[[group]]
name = "instantaneous"
registers = [
  { at = 0, quantity = "voltage_l1_n" },
  { at = 2, quantity = "frequency" },
]
"""


@pytest.fixture
def mistakes(tmp_path: Path):
    def found(text: str) -> dict[str, str]:
        path = tmp_path / "acme-one.toml"
        path.write_text(text)
        with pytest.raises(ConfigError) as caught:
            catalogue.load_file(path)
        assert str(path) in str(caught.value)
        return {mistake.key: f"{mistake.message}. {mistake.hint}" for mistake in caught.value.mistakes}

    return found


@pytest.mark.parametrize("name", catalogue.names())
def test_every_model_loads_and_reads_known_quantities(name: str):
    model = catalogue.load(name)
    assert model.name == name
    assert model.sources
    assert model.quantities()
    assert set(model.quantities()) <= QUANTITIES.keys()
    if model.protocol != "modbus":
        return
    expected = {"analog_1"} if name == "desin-das-8000" else {"voltage_l1_n", "frequency", "active_power_total"}
    if model.protocol == "modbus":  # what a meter that names its values gives depends on its configuration
        assert expected - GIVES_LESS.get(name, set()) <= set(model.quantities())


@pytest.mark.parametrize("name", catalogue.names())
def test_no_model_knows_the_commands_that_change_a_meter(name: str):
    # 60000 and following: factory reset, energy reset, switching outputs (function 06).
    assert not [register for register in catalogue.load(name).registers() if 60000 <= register.address < 63000]


@pytest.mark.parametrize("name", [n for n in catalogue.names() if catalogue.load(n).verified])
def test_what_one_source_alone_says_is_not_recorded(name: str):
    recorded = [r for group in catalogue.load(name).groups if group.when is not When.DEMAND for r in group.registers]
    assert all(register.verified for register in recorded)


def test_a_model_is_read_once():
    assert catalogue.load("siemens-pac3100") is catalogue.load("siemens-pac3100")


def test_an_unknown_model_names_the_nearest():
    with pytest.raises(ConfigError) as caught:
        catalogue.load("siemens-pac310")
    assert "siemens-pac3100" in caught.value.hint


def test_the_pac3100_as_its_manual_says():
    model = catalogue.load("siemens-pac3100")
    assert (model.unit, model.baud, model.frame, model.functions) == (126, 19200, "8N2", (3, 4))
    assert model.register("frequency").address == 39
    energy = model.register("active_energy")
    assert (energy.address, energy.type, energy.unit, energy.rollover) == (801, RegisterType.FLOAT64, "Wh", 1e12)
    assert energy.choice is not None
    assert energy.choice.quantities[2] == "active_energy_net"
    assert model.register(energy.choice.setting).address == 50025
    assert model.register("reactive_energy").choice.shift == 16
    assert model.status_bits["energy_reset"] == 112
    assert len(list(model.registers())) == 105


def test_defaults_of_a_short_file(tmp_path: Path):
    path = tmp_path / "acme-one.toml"
    path.write_text(SMALL)
    model = catalogue.load_file(path)
    assert model.quantities() == ("voltage_l1_n", "frequency")
    voltage = model.register("voltage_l1_n")
    assert (voltage.type, voltage.unit, voltage.scale, voltage.end) == (RegisterType.FLOAT32, "V", 1.0, 2)
    assert (model.functions, model.word_order, model.max_registers) == ((3,), "big", 125)


def test_a_group_gives_its_registers_type_and_unit(tmp_path: Path):
    path = tmp_path / "acme-one.toml"
    path.write_text(
        SMALL.replace("registers", 'type = "uint16"\nunit = "min"\nregisters') + '[[group]]\nname = "more"\n'
        'when = "demand"\ntype = "uint32"\nunit = "s"\nregisters = [{ at = 9, name = "time" }]\n'
    )
    model = catalogue.load_file(path)
    assert (model.register("voltage_l1_n").type, model.register("voltage_l1_n").unit) == (RegisterType.UINT16, "V")
    assert (model.register("time").type, model.register("time").unit) == (RegisterType.UINT32, "s")


def test_all_mistakes_at_once_with_their_places(mistakes):
    found = mistakes(
        SMALL.replace('maker = "Acme"', "maker = 7\ncolour = 1")
        .replace('"voltage_l1_n" }', '"voltage_l1" }')
        .replace("at = 2", 'at = 70000, typ = "float32"')
        + '[modbus]\nframe = "9X9"\nunit = 300\nword_order = "middle"\nfunctions = [3, 6]\n'
    )
    assert "a text in quotes" in found["model.maker"]
    assert '"colour"' in found["model"]
    assert '"voltage_l1_n"' in found["group[0].registers[0].quantity"]
    assert "0 to 65534" in found["group[0].registers[1].at"]
    assert 'did you mean "type"' in found["group[0].registers[1]"]
    assert found.keys() >= {"modbus.frame", "modbus.unit", "modbus.word_order", "modbus.functions"}


IN_A_REGISTER = [
    ("at = 2", "at = 1", "at", "voltage_l1_n"),
    ('"frequency"', '"voltage_l1_n"', "name", "twice"),
    ('"frequency"', '"frequency", name = "voltage_l1_n"', "name", "twice"),
    ('"frequency"', '"frequency", unit = "kHz"', "unit", "Hz"),
    ('"frequency"', '"frequency", scale = 0', "scale", "more than 0"),
    ('"frequency"', '"frequency", scale = -0.1', "scale", "more than 0"),
    ('"frequency"', '"frequency", scale = nan', "scale", "more than 0"),
    ('"frequency"', '"frequency", scale = true', "scale", "a number"),
    ('"frequency"', '"frequency", rollover = 1e6', "rollover", "counter"),
    ('"frequency"', '"frequency", type = "uint16", missing = [65536]', "missing", "65535"),
    (', quantity = "frequency"', "", "name", "missing"),
]
IN_A_CHOICE = [
    ('setting = "none", quantities = { 0 = "frequency" }', "setting", "none"),
    ('setting = "voltage_l1_n", quantities = { 0 = "frequency" }', "setting", "whole number"),
    ('setting = "f", quantities = { 0 = "frequency", 1 = "current_n" }', "quantities", "one unit"),
    ('setting = "f", quantities = { a = "frequency" }', "quantities.a", "number"),
]
ELSEWHERE = [
    ("registers = [", "every = 5.0\nregisters = [", "group[0].every", "period"),
    ("registers = [", 'when = "period"\nregisters = [', "group[0].every", "period"),
    ("registers = [", "register = [", "group[0].registers", "empty"),
    ('name = "acme-one"', 'name = "acme-two"', "model.name", "acme-one"),
    ('protocol = "modbus"', 'protocol = "modbuss"', "model.protocol", "modbus"),
    ("[[group]]", '[identity]\nprobe = "voltage_l2_n"\n[[group]]', "identity.probe", "voltage_l1_n"),
    ("[[group]]", '[identity]\nvendor = "Acme"\n[[group]]', "identity.vendor", "acme"),
    ("[[group]]", "[modbus]\nmax_registers = 1\n[[group]]", "group[0].registers[0].type", "float32"),
    ("[[group]]", '[modbus]\nmax_registers = "all"\n[[group]]', "modbus.max_registers", "whole number"),
    ("[[group]]", '[modbus.status_bits]\nx = "y"\n[[group]]', "modbus.status_bits.x", "whole number"),
]


@pytest.mark.parametrize(("old", "new", "key", "word"), IN_A_REGISTER)
def test_a_wrong_register_is_named(mistakes, old: str, new: str, key: str, word: str):
    assert word in mistakes(SMALL.replace(old, new))[f"group[0].registers[1].{key}"]


@pytest.mark.parametrize(("choice", "key", "word"), IN_A_CHOICE)
def test_a_wrong_choice_is_named(mistakes, choice: str, key: str, word: str):
    text = SMALL.replace('quantity = "frequency"', f'name = "f", choice = {{ {choice} }}')
    assert word in mistakes(text)[f"group[0].registers[1].choice.{key}"]


@pytest.mark.parametrize(("old", "new", "place", "word"), ELSEWHERE)
def test_a_mistake_elsewhere_is_named(mistakes, old: str, new: str, place: str, word: str):
    assert word in mistakes(SMALL.replace(old, new))[place]


def test_a_quantity_read_by_two_registers_is_refused(mistakes):
    text = SMALL + '[[group]]\nname = "b"\nregisters = [{ at = 8, name = "again", quantity = "frequency" }]\n'
    assert "read already" in mistakes(text)["group[1].registers[0]"]


@pytest.mark.parametrize("text", ["[model\n", "a = 1\na = 2\n", "\x00"])
def test_what_is_no_toml_is_one_sentence(tmp_path: Path, text: str):
    path = tmp_path / "broken.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"broken\.toml: .*line 1|broken\.toml"):
        catalogue.load_file(path)


def test_what_is_no_text_or_not_there_is_one_sentence(tmp_path: Path):
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    for name in ("bytes.toml", "missing.toml"):
        with pytest.raises(ConfigError) as caught:
            catalogue.load_file(tmp_path / name)
        assert name in str(caught.value)
        assert caught.value.hint


def test_an_empty_file_says_what_it_needs(mistakes):
    assert mistakes("").keys() >= {"model.name", "model.maker", "model.title", "model.protocol"}
    assert "group" in mistakes(SMALL.partition("[[group]]")[0])


@pytest.mark.parametrize("name", catalogue.names())
def test_a_list_names_each_maker_once_and_always_alike(name: str):
    model = catalogue.load(name)
    assert not model.title.lower().startswith(model.maker.lower())
    makers = {catalogue.load(other).maker for other in catalogue.names()}
    assert {maker for maker in makers if maker.lower() == model.maker.lower()} == {model.maker}

"""Two lines cannot both be on the only USB adapter, and a name that may change is told with a better one."""

from __future__ import annotations

from pathlib import Path

import pytest
from config_text import GOOD, MODELS

from collector.config.load import load
from collector.config.port_names import stable_name
from collector.errors import ConfigError

SECOND = '[[line]]\nname = "second"\nport = "{}"\n[[meter]]\nname = "b"\nmodel = "siemens-pac2200"\nline = "second"\n'
USB = GOOD.replace("/dev/meter-rs485", "usb")


def written(folder: Path, text: str) -> Path:
    path = folder / "phaselog.toml"
    path.write_text(text)
    return path


def test_the_only_adapter_needs_no_name(tmp_path: Path) -> None:
    settings = load(written(tmp_path, USB), MODELS)
    assert settings.lines[0].port == "usb"
    assert settings.lines[0].serial
    assert settings.warnings == ()


def test_two_lines_on_the_only_adapter_are_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, USB + SECOND.format("usb")), MODELS)
    (mistake,) = caught.value.mistakes
    assert mistake.key.startswith("line[1].port")


@pytest.mark.parametrize("port", ["/dev/meter-A1", "/dev/serial/by-id/usb-FTDI_A1-if00-port0"])
def test_a_second_adapter_by_name_is_warned_of(tmp_path: Path, port: str) -> None:
    (warning,) = load(written(tmp_path, USB + SECOND.format(port)), MODELS).warnings
    assert '"usb" means the only adapter' in warning


def test_the_pins_of_the_pi_go_with_the_only_adapter(tmp_path: Path) -> None:
    assert load(written(tmp_path, USB + SECOND.format("/dev/serial0")), MODELS).warnings == ()


def test_the_name_by_our_rule_is_the_better_one(tmp_path: Path) -> None:
    (tmp_path / "ttyUSB0").write_text("")
    (tmp_path / "meter-A10K3X").symlink_to(tmp_path / "ttyUSB0")
    assert stable_name(str(tmp_path / "ttyUSB0"), tmp_path) == str(tmp_path / "meter-A10K3X")

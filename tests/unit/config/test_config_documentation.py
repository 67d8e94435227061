"""The configuration reference is what the schema says, and its example works."""

from __future__ import annotations

import re

from config_text import MODELS

from collector.config import documentation
from collector.config.load import load
from collector.config.schema import MANY, SINGLE, keys

HOW = "run `python -m collector.config.documentation`"


def test_the_committed_pages_are_current():
    assert (documentation.REFERENCE / "configuration.md").read_text() == documentation.markdown(), HOW
    assert (documentation.REFERENCE / "phaselog.example.toml").read_text() == documentation.example(), HOW


def test_the_example_loads_and_names_every_key():
    path = documentation.REFERENCE / "phaselog.example.toml"
    settings = load(path, MODELS)
    assert settings.meters[0].nominal_voltage == 220
    sections = re.split(r"^\[+(\w+)\]+", path.read_text(), flags=re.MULTILINE)
    for name, text in zip(sections[1::2], sections[2::2], strict=True):
        assert set(re.findall(r"^(?:# )?(\w+) = ", text, flags=re.MULTILINE)) == set(keys(name))
    assert set(sections[1::2]) == {*SINGLE, *MANY}


def test_every_commented_key_is_right_too(tmp_path):
    """What stands behind a # works when the # is taken away (but for keys that exclude each other)."""
    text = (documentation.REFERENCE / "phaselog.example.toml").read_text()
    for key in ("socket", "host", "tcp_port", "framing", "user", "password_file", "database", "mysql_readers",
                "compatible_meter", "udp_port", "mqtt", "gpio", "camera", "lamp", "profile",
                "tls", "ca_file", "address", "topic", "key_file",
                "pulses_per_kwh", "start_kwh", "tariff_files", "url_file"):  # fmt: skip
        text = re.sub(rf"^# {key} = .*$", "", text, flags=re.MULTILINE)
    path = tmp_path / "all.toml"
    path.write_text(re.sub(r"^# (\w+ = )", r"\1", text, flags=re.MULTILINE))
    assert load(path, MODELS).spool.max_bytes == 2_000_000_000

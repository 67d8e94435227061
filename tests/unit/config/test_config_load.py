"""The configuration file: what is right is read exactly, what is wrong is named with its key, all of it at once."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from config_text import GOOD, MODELS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.config.load import load
from collector.errors import ConfigError


def test_the_contract_of_the_file(settings_of, tmp_path):
    found = settings_of(GOOD)
    assert found.site.zone == ZoneInfo("America/Cuiaba")
    assert found.store.path == tmp_path / "readings.sqlite"
    assert found.store.commit_every == 60.0
    line, meter = found.lines[0], found.meters[0]
    assert (line.name, line.port, line.baud, line.frame, line.serial) == (
        "rs485", "/dev/meter-rs485", 19200, "8N2", True,
    )  # fmt: skip
    assert (meter.name, meter.model, meter.line, meter.unit, meter.every) == (
        "turbine", "siemens-pac3100", "rs485", 126, 1.0,
    )  # fmt: skip
    assert found.meters_on("rs485") == (meter,)
    assert found.warnings == ()


def test_every_optional_key_arrives(settings_of):
    more = """
nominal_voltage = 220
nominal_frequency = 60
rated_apparent_power = 100e3
ct_ratio = 20
vt_ratio = 1.5
invert = true
"""
    meter = settings_of(GOOD + more).meters[0]
    assert (meter.nominal_voltage, meter.nominal_frequency, meter.rated_apparent_power) == (220, 60, 100_000)
    assert (meter.ct_ratio, meter.vt_ratio, meter.invert) == (20, 1.5, True)


def test_a_gateway_instead_of_a_port(settings_of):
    text = GOOD.replace('port = "/dev/meter-rs485"', 'host = "10.0.0.7"\ntcp_port = 1502\nframing = "rtu"')
    line = settings_of(text).lines[0]
    assert (line.serial, line.host, line.tcp_port, line.framing) == (False, "10.0.0.7", 1502, "rtu")


def test_an_empty_file_is_a_logger_without_meters(settings_of):
    found = settings_of("")
    assert found.meters == ()
    assert found.store.kind == "sqlite"
    assert found.store.path is not None


@pytest.mark.parametrize(
    ("written", "expected"), [("500ms", 0.5), ("1.5s", 1.5), ("10min", 600), ("2h", 7200), ("1d", 86400)]
)
def test_durations(settings_of, written, expected):
    assert settings_of(GOOD.replace('every = "1s"', f'every = "{written}"')).meters[0].every == expected


def test_all_mistakes_at_once_with_the_nearest_known_word(mistakes_of):
    found = mistakes_of("""\
[site]
timezone = "America/Cuiba"
[store]
kind = "postgres"
commit_evry = "60s"
[[line]]
name = "rs485"
port = "/dev/a"
baud = 19201
frame = "8X2"
[[meter]]
name = "Turbine 1"
model = "siemens-pac310"
line = "rs458"
unit = 300
every = "10ms"
[meters]
""")
    assert set(found) == {
        "site.timezone", "store.kind", "store.commit_evry", "line[0].baud", "line[0].frame", "meter[0].name",
        "meter[0].model", "meter[0].line", "meter[0].unit", "meter[0].every", "meters",
    }  # fmt: skip
    assert '"America/Cuiaba"' in found["site.timezone"].hint
    assert found["store.commit_evry"].hint == 'did you mean "commit_every"?'
    assert '"siemens-pac3100"' in found["meter[0].model"].hint
    assert found["meter[0].line"].hint == 'did you mean "rs485"?'
    assert found["meters"].hint == 'did you mean "meter"?'
    assert '"turbine-1"' in found["meter[0].name"].hint
    assert "19200" in found["line[0].baud"].hint
    assert '"8N2"' in found["line[0].frame"].hint
    assert found["meter[0].every"].hint == "100ms to 1d"
    assert '"Turbine 1"' in str(found["meter[0].unit"]), "a person with forty meters looks for the name"


@pytest.mark.parametrize(
    ("right", "wrong", "key"),
    [
        ("unit = 126", "unit = 0", "meter[0].unit"),
        ("unit = 126", "unit = 248", "meter[0].unit"),
        ("unit = 126", 'unit = "126"', "meter[0].unit"),
        ("unit = 126", "unit = true", "meter[0].unit"),
        ("unit = 126", "ct_ratio = nan", "meter[0].ct_ratio"),
        ("unit = 126", "ct_ratio = 0", "meter[0].ct_ratio"),
        ("unit = 126", "invert = 1", "meter[0].invert"),
        ('every = "1s"', "every = 1", "meter[0].every"),
        ('every = "1s"', 'every = "1 week"', "meter[0].every"),
        ('every = "1s"', 'every = "-1s"', "meter[0].every"),
        ('name = "turbine"', 'name = "a;b"', "meter[0].name"),
        ('name = "turbine"', "", "meter[0].name"),
        ('line = "rs485"', "", "meter[0].line"),
        ('port = "/dev/meter-rs485"', "", "line[0]"),
        ('port = "/dev/meter-rs485"', 'port = "/dev/a"\nhost = "b"', "line[0]"),
        ("baud = 19200", "tcp_port = 502", "line[0].tcp_port"),
        ('path = "readings.sqlite"', 'host = "db"', "store.host"),
        ('kind = "sqlite"', 'kind = "mariadb"', "store.path"),
        ('name = "Chapada"', 'name = ""', "site.name"),
        ('timezone = "America/Cuiaba"', 'timezone = "../../etc/passwd"', "site.timezone"),
        ("[[line]]", "[line]", "line"),
        ("[store]", "[[store]]", "store"),
    ],
)
def test_each_wrong_value_is_named_by_its_key(mistakes_of, right, wrong, key):
    assert key in mistakes_of(GOOD.replace(right, wrong, 1))


def test_unit_zero_and_255_are_addresses_over_tcp_only(settings_of, mistakes_of):
    tcp = GOOD.replace('port = "/dev/meter-rs485"', 'host = "10.0.0.7"')
    assert settings_of(tcp.replace("unit = 126", "unit = 255")).meters[0].unit == 255
    rtu = tcp.replace("baud = 19200", 'framing = "rtu"')
    assert "meter[0].unit" in mistakes_of(rtu.replace("unit = 126", "unit = 255"))


def test_two_meters_at_one_address_and_twins_by_name(mistakes_of):
    second = GOOD[GOOD.index("[[meter]]") :]
    found = mistakes_of(GOOD + second)
    assert "line rs485" in found["meter[1].unit"].message
    assert "meter[1].name" in found


def test_one_port_under_two_names(mistakes_of, tmp_path: Path):
    (tmp_path / "tty").touch()
    (tmp_path / "link").symlink_to("tty")
    text = f'[[line]]\nname = "a"\nport = "{tmp_path}/tty"\n[[line]]\nname = "b"\nport = "{tmp_path}/link"\n'
    assert "line[1].port" in mistakes_of(text)


def test_one_gateway_twice(mistakes_of):
    text = '[[line]]\nname = "a"\nhost = "Gate"\n[[line]]\nname = "b"\nhost = "gate"\ntcp_port = 502\n'
    assert "line[1].host" in mistakes_of(text)


def test_a_port_that_may_change_its_name_is_warned_about(settings_of):
    warning = settings_of(GOOD.replace("/dev/meter-rs485", "/dev/ttyUSB0")).warnings[0]
    assert "/dev/ttyUSB0" in warning
    assert "phaselog ports" in warning


def test_a_password_for_all_to_read_is_warned_about(settings_of, tmp_path: Path):
    secret = tmp_path / "secret"
    secret.write_text("x")
    secret.chmod(0o644)
    text = GOOD.replace('kind = "sqlite"\npath = "readings.sqlite"', 'kind = "mariadb"\npassword_file = "secret"')
    assert "chmod" in settings_of(text).warnings[0]
    secret.chmod(0o600)
    assert settings_of(text).warnings == ()


def test_a_syntax_error_has_its_line_and_column(settings_of):
    with pytest.raises(ConfigError, match=r"line 2, column \d+") as caught:
        settings_of("[site]\nname = Chapada\n")
    assert "name = Chapada" in caught.value.hint


def test_files_that_cannot_be_read_are_one_sentence(tmp_path: Path):
    with pytest.raises(ConfigError, match="no such file"):
        load(tmp_path / "none.toml", MODELS)
    with pytest.raises(ConfigError, match="directory"):
        load(tmp_path, MODELS)
    (tmp_path / "latin.toml").write_bytes(b'[site]\nname = "S\xe3o"\n')
    with pytest.raises(ConfigError, match="UTF-8"):
        load(tmp_path / "latin.toml", MODELS)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
_WORDS = st.sampled_from(
    ["site", "store", "spool", "clock", "page", "line", "meter", "name", "port", "host", "unit", "every", "kind", "x"]
)


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, list):
        return "[" + ", ".join(_toml(part) for part in value if part is not None) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f'"{abs(hash(k))}" = {_toml(v)}' for k, v in value.items() if v is not None) + "}"
    return '"' + "".join(c for c in str(value) if c.isalnum()) + '"'


@pytest.mark.slow
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(tables=st.dictionaries(_WORDS, st.dictionaries(_WORDS, _VALUES, max_size=4), max_size=4), many=st.booleans())
def test_nonsense_is_a_mistake_and_never_a_traceback(tmp_path: Path, tables, many):
    open_, close = ("[[", "]]") if many else ("[", "]")
    lines = []
    for table, keys in tables.items():
        lines.append(f"{open_}{table}{close}")
        lines += [f"{key} = {_toml(value)}" for key, value in keys.items() if value is not None]
    path = tmp_path / "nonsense.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    try:
        load(path, MODELS)
    except ConfigError as error:
        assert str(error)
        assert all(mistake.key and mistake.message for mistake in error.mistakes)

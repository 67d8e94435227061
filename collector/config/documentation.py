"""Writes the configuration reference and example from the schema: `python -m collector.config.documentation`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from collector.config.duration import written, written_octets
from collector.config.schema import MANY, SINGLE, TABLES, choices, described, measure
from collector.config.tariff_schema import TARIFF
from collector.config.wording import allowed, shown

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"

#: What the example sets; every other key stands in it as a comment.
_EXAMPLE = {
    "site": {"name": '"Chapada"', "timezone": '"America/Cuiaba"'},
    "store": {"kind": '"sqlite"', "path": '"readings.sqlite"', "commit_every": '"60s"'},
    "webhook": {"name": '"ntfy"', "url": '"https://ntfy.example.org/chapada"'},
    "alert": {"name": '"overvoltage"', "kind": '"threshold"', "quantity": '"voltage_l1_n"', "above": "250"},
    "line": {"name": '"rs485"', "port": '"/dev/meter-rs485"', "baud": "19200", "frame": '"8N2"'},
    "meter": {
        "name": '"turbine"',
        "model": '"siemens-pac3100"',
        "line": '"rs485"',
        "unit": "126",
        "every": '"1s"',
        "nominal_voltage": "220",
        "nominal_frequency": "60",
    },
}
#: What a key without a default may look like.
_SAMPLES = {
    "path": '"readings.sqlite"',
    "socket": '"/run/mysqld/mysqld.sock"',
    "host": '"10.0.0.7"',
    "user": '"phaselog"',
    "password_file": '"password"',
    "compatible_meter": '"turbine"',
    "timeout": '"300ms"',
    "nominal_voltage": "220",
    "nominal_frequency": "60",
    "rated_apparent_power": "100000",
    "mysql_readers": '["maria"]',
    "copy_to": '"phaselog@nas:/backup/phaselog"',
    "remote_database": '["192.168.1.0/24"]',
    "time_servers": '["192.168.1.1"]',
    "udp_port": "5005",
    "mqtt": '"192.168.1.10"',
    "ca_file": '"ca.pem"',
    "gpio": '"/dev/gpiochip0"',
    "camera": '"rpicam"',
    "lamp": '"/dev/gpiochip0:17"',
    "baud": "9600",
    "frame": '"8N1"',
    "address": '"000000012345"',
    "topic": '"tele/kitchen"',
    "key_file": '"p1.key"',
    "profile": '"house.profile.toml"',
    "pulses_per_kwh": "1000",
    "every": '"10s"',
    "to": '["maria@example.org"]',
    "url": '"https://ntfy.example.org/chapada"',
    "url_file": '"telegram.url"',
    "headers": '{Title = "{headline}"}',
    "meters": '["turbine"]',
    "quantity": '"voltage_l1_n"',
    "above": "250",
    "below": "200",
    "quiet": '"22:00-06:00"',
    "send": '["mail"]',
    "level": "0.02",
    "day": "0.1",
    "week": "0.2",
    "memory": "0.5",
    "tariff_files": '["tariffs.toml"]',
}


def _default(table: str, key: str, value: object) -> str:
    """A default as it would be written in the file; empty if there is none."""
    if value is None or value in ((), {}):
        return ""
    kind = measure(table, key)
    if kind and isinstance(value, (int, float)):
        return f'"{written(value) if kind == "duration" else written_octets(value)}"'
    return shown(value)


def _range(table: str, key: str) -> str:
    options = [option for option in choices(table, key) if isinstance(option, (str, int))]
    return ", ".join(shown(option) for option in options) if options else allowed(table, key)


def _table(name: str) -> Iterator[str]:
    yield f"## {_heading(name)}\n\n{TABLES[name].__doc__}\n"
    yield "| key | meaning | allowed | default |\n|---|---|---|---|"
    for key, meaning, default, required in described(name):
        fallback = "required" if required else _cell(_default(name, key, default))
        yield f"| `{key}` | {meaning} | {_range(name, key)} | {fallback} |"
    yield ""


def _heading(name: str) -> str:
    if name == "tariff.band.when":
        return "`when` of [[tariff.band]]: one table or a list of them"
    return f"[[{name}]]" if name in MANY or (name in TARIFF and name != "tariff.market") else f"[{name}]"


def _cell(text: str) -> str:
    return f"`{text}`" if text else ""


def markdown() -> str:
    """The reference page."""
    head = """# Configuration

One TOML file; `phaselog check FILE` names every mistake in it at once. Durations are written "500ms", "60s", "10min",
"2h", "90d"; sizes "500MB", "2GB". Names of lines and meters consist of a-z, 0-9, "-" and "_". Paths are relative to the
file's own folder. Without `[[meter]]` the collector stays up and says that nothing is configured.

[A complete example](phaselog.example.toml) names every key. This page is made from the schema by
`python -m collector.config.documentation`.
"""
    return "\n".join([head, *(line for name in (*SINGLE, *MANY, *TARIFF) for line in _table(name))])


def example() -> str:
    """A complete configuration file: what most sites set, and every other key as a comment with its default."""
    parts = ["# A complete Phaselog configuration. Keys behind a # are shown with their default or a sample.\n"]
    for name in (*SINGLE, *MANY):
        brackets = f"[[{name}]]" if name in MANY else f"[{name}]"
        parts.append(f"{brackets}  # {TABLES[name].__doc__}")
        for key, meaning, default, _ in described(name):
            set_here = _EXAMPLE.get(name, {}).get(key)
            value = set_here or _default(name, key, default) or _SAMPLES[key]
            parts.append(f"# {meaning}\n{'' if set_here else '# '}{key} = {value}")
        parts.append("")
    return "\n".join(parts)


def main() -> None:
    """Writes both files."""
    (REFERENCE / "configuration.md").write_text(markdown(), encoding="utf-8")
    (REFERENCE / "phaselog.example.toml").write_text(example(), encoding="utf-8")


if __name__ == "__main__":
    main()

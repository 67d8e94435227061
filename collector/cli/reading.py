"""Reads meters now and shows the values: `phaselog read`."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector.cli.complaint import complain, say_warning
from collector.cli.options import chosen_meters, config_argument, json_option, load_settings
from collector.cli.table import MISSING, aligned
from collector.config.places import runtime_directory
from collector.config.settings import MeterSettings, Settings
from collector.errors import DeviceError, PortBusy
from collector.model.quantity import QUANTITIES
from collector.model.reading import Flag, Reading

if TYPE_CHECKING:
    from collector.sources.modbus.demand import Kept

#: The longest wait for the collector's next reading, s.
LONGEST_WAIT = 10.0
#: Digits behind the decimal point, by unit: what these meters resolve.
_DIGITS = {"V": 2, "A": 3, "Hz": 3, "": 3, "%": 2, "°": 1, "W": 1, "var": 1, "VA": 1}


@click.command()
@config_argument
@click.argument("meter", required=False)
@click.option("--count", type=click.IntRange(1), default=1, show_default=True, help="How many times.")
@click.option("--all", "everything", is_flag=True, help="Also what the meter keeps: maxima, minima, settings, status.")
@json_option
def read(config: Path | None, meter: str | None, count: int, everything: bool, as_json: bool) -> int:
    """Read METER (or all meters) now and print its values."""
    if meter is None and config is not None and not config.exists() and config.name == str(config):
        # `phaselog read turbine`: one word that is no file is the meter.
        config, meter = None, str(config)
    settings = load_settings(config)
    code = 0
    with _Bench(settings, chosen_meters(settings, meter)) as bench:
        for outcome in bench.readings(count):
            if isinstance(outcome, DeviceError):
                code = complain(outcome)
                continue
            kept = bench.kept(outcome.meter) if everything else []
            click.echo(_as_json(outcome, kept) if as_json else _as_table(outcome, settings) + kept_table(kept))
    return code


class _Bench:
    """The meters of a configuration, opened for a person who wants to see their values."""

    def __init__(self, settings: Settings, meters: Sequence[MeterSettings]) -> None:
        from collector.config.places import state_directory
        from collector.devices import catalogue
        from collector.pipeline.clock import SiteClock
        from collector.pipeline.process import MeterPipeline
        from collector.sources.learned import Learned
        from collector.sources.reader import LineReader
        from collector.sources.ticker import SystemTicker

        ticker, state = SystemTicker(), state_directory(settings.path)
        clock, learned = SiteClock(settings.clock, state, ticker), Learned(state)
        clock.poll()
        models = {meter.name: catalogue.load(meter.model) for meter in meters}
        self._settings, self._meters = settings, meters
        self._lines = {}
        for name in {meter.line for meter in meters}:
            hanging = [(meter, models[meter.name]) for meter in meters if meter.line == name]
            self._lines[name] = LineReader(settings.line(name), hanging, ticker, learned)
        self._pipelines = {meter.name: MeterPipeline(meter, models[meter.name], clock) for meter in meters}

    def __enter__(self) -> _Bench:
        return self

    def __exit__(self, *_: object) -> None:
        for line in self._lines.values():
            line.close()

    def readings(self, count: int) -> Iterator[Reading | DeviceError]:
        """Each meter's reading, or why there is none, `count` times at the pace of the fastest meter."""
        pace = min(meter.every for meter in self._meters)
        began = time.monotonic()
        for turn in range(count):
            time.sleep(max(0.0, began + turn * pace - time.monotonic()))
            for meter in self._meters:
                yield self._reading(meter)

    def _reading(self, meter: MeterSettings) -> Reading | DeviceError:
        try:
            sample = self._lines[meter.line].read(meter.name)
        except PortBusy as busy:
            return self._of_collector(meter) or busy
        except DeviceError as error:
            return error
        return self._pipelines[meter.name].process(sample).reading

    def kept(self, meter: str) -> list[Kept]:
        """What the meter keeps; nothing, with a warning, when it cannot be asked now."""
        line = next(each.line for each in self._meters if each.name == meter)
        try:
            return self._lines[line].kept(meter)
        except DeviceError as error:
            say_warning(f"{meter}: what it keeps cannot be read now: {error}")
            return []

    def _of_collector(self, meter: MeterSettings) -> Reading | None:
        """The newest reading that the running collector has in hand: it holds the line, and does not share it."""
        from collector.doctor import running
        from collector.pipeline.spool import read_live

        runtime = runtime_directory(self._settings.path)
        if running.status(runtime) is None:
            return None  # somebody else holds the port
        until = time.monotonic() + min(LONGEST_WAIT, 2 * meter.every + 1)
        # Right after a commit nothing is in hand: the next reading is waited for.
        while not (live := [reading for reading in read_live(runtime) if reading.meter == meter.name]):
            if time.monotonic() > until:
                return None
            time.sleep(0.1)
        say_warning(f"the collector holds line {meter.line}: this is its newest reading of {meter.name}")
        return live[-1]


def flag_words(flags: Flag) -> list[str]:
    """The quality flags as lower-case words."""
    return [flag.name.lower() for flag in Flag if flag in flags and flag.name]


def _as_json(reading: Reading, kept: Sequence[Kept]) -> str:
    known = reading.boot is None
    shown = datetime.fromtimestamp(reading.time / 1000, UTC).isoformat(timespec="milliseconds")
    return json.dumps(
        {
            "meter": reading.meter,
            "time": shown.replace("+00:00", "Z") if known else None,
            "values": dict(reading.values),
            "flags": flag_words(reading.flags),
            **({"more": {one.name: one.value for one in kept}} if kept else {}),
        }
    )


def _as_table(reading: Reading, settings: Settings) -> str:
    at = datetime.fromtimestamp(reading.time / 1000, settings.site.zone)
    when = at.isoformat(" ", timespec="milliseconds") if reading.boot is None else "time of day not known yet"
    flags = flag_words(reading.flags)
    title = f"{reading.meter}  {when}" + (f"  ({', '.join(flags)})" if flags else "")
    return "\n".join([click.style(title, bold=True), *_lines(reading.values), ""])


def _lines(values: Mapping[str, float | None]) -> Iterator[str]:
    """One line per quantity in the order people expect, a blank line between kinds."""
    names = [name for name in QUANTITIES if name in values]
    rows = [(name, _number(values[name], QUANTITIES[name].unit), QUANTITIES[name].unit) for name in names]
    kind = ""
    for name, line in zip(names, aligned(rows, frozenset({1})), strict=True):
        if kind and _kind(name) != kind:
            yield ""
        kind = _kind(name)
        yield "  " + line


def kept_table(kept: Sequence[Kept]) -> str:
    """What the meter keeps, a block for each group."""
    rows = [(one.name, MISSING if one.value is None else f"{one.value:.10g}", one.unit) for one in kept]
    lines: list[str] = []
    group = ""
    for one, line in zip(kept, aligned(rows, frozenset({1})), strict=True):
        if one.group != group:
            lines += ["", click.style(f"  {one.group}", bold=True)]
        group = one.group
        lines.append("  " + line)
    return "\n".join([*lines, ""]) if lines else ""


def _kind(name: str) -> str:
    unit = QUANTITIES[name].unit
    return {"var": "W", "VA": "W", "varh": "Wh", "VAh": "Wh", "°": ""}.get(unit, unit)


def _number(value: float | None, unit: str) -> str:
    return MISSING if value is None else f"{value:.{_DIGITS.get(unit, 0)}f}"


COMMANDS = (read,)

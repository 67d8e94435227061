"""Finds out what hangs on an unknown line: listens, then asks in every way that meters are asked, likely ways first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from functools import partial

from collector.config.settings import LineSettings
from collector.devices.map import Model
from collector.errors import BadAnswer
from collector.model.ports import Ticker
from collector.sources.factory import open_wire
from collector.sources.modbus.scan import Candidate, scan

#: Told what is tried now, and how far that is (0 to 1).
Progress = Callable[[str, float], None]
#: Speeds and frames that meters are set to, beside what the models come with.
_COMMON = ((9600, "8N1"), (19200, "8E1"), (9600, "8E1"), (19200, "8N1"), (38400, "8N1"), (4800, "8N1"), (2400, "8N1"))


@dataclass(frozen=True, slots=True)
class Match:
    """A meter that was found. `line`: how it was reached. `key`, `value`: its address as the configuration has it.

    `said`: what it says of itself; `candidates`: the models that it may be, the best first; `trouble`: why its answers
    cannot be read, if so.
    """

    line: LineSettings
    key: str
    value: int | str | None
    said: str
    candidates: tuple[Candidate, ...]
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to look. `title` names protocol and speed."""

    title: str
    look: Callable[[Callable[[float], None]], Iterator[Match]]


def search(ways: Sequence[Way], progress: Progress) -> Iterator[Match]:
    """Whatever is found, as it is found. Raises LineError.

    Meters of one line speak one protocol at one speed: after the first, only ways of the same title are gone on with.
    """
    title = ""
    for way in ways:
        if title not in ("", way.title):
            continue
        progress(way.title, 0.0)
        with suppress(BadAnswer):  # somebody talks all the time: another way may understand it
            for match in way.look(partial(progress, way.title)):
                title = way.title
                yield match


def modbus_ways(
    line: LineSettings,
    settings: Sequence[tuple[int, str]],
    units: Sequence[int],
    models: Collection[Model],
    ticker: Ticker,
) -> list[Way]:
    """Modbus at every speed: factory addresses first, then all `units`."""
    factory = [unit for unit in dict.fromkeys(model.unit for model in models) if unit in units]
    rest = [unit for unit in units if unit not in factory]
    return [
        Way(_title("Modbus", each), _modbus(each, part, models, ticker))
        for part in (factory, rest)
        for each in _at(line, settings)
        if part
    ]


def speeds(models: Collection[Model]) -> list[tuple[int, str]]:
    """Every speed and frame worth trying, what most models come with first."""
    usual = Counter((model.baud, model.frame) for model in models if model.protocol == "modbus")
    return list(dict.fromkeys([*(pair for pair, _ in usual.most_common()), *_COMMON]))


def _at(line: LineSettings, settings: Sequence[tuple[int, str]]) -> list[LineSettings]:
    return [replace(line, baud=baud, frame=frame) for baud, frame in settings] if line.serial else [line]


def _title(protocol: str, line: LineSettings) -> str:
    return f"{protocol} {line.baud} {line.frame}" if line.serial else protocol


def _modbus(
    line: LineSettings, units: Sequence[int], models: Collection[Model], ticker: Ticker
) -> Callable[[Callable[[float], None]], Iterator[Match]]:
    def look(progress: Callable[[float], None]) -> Iterator[Match]:
        with closing(open_wire(line, ticker)) as wire:
            for one in scan(wire, units, models, ticker, lambda done, total: progress(done / total)):
                words = (one.identity.vendor, one.identity.product, one.identity.revision, one.identity.slave_id)
                said = " ".join(word for word in words if word)
                yield Match(line, "unit", one.unit, said, one.candidates, one.trouble)

    return look


def configuration(match: Match, name: str) -> str:
    """The lines of the configuration that read this meter."""
    line = match.line
    ends = {"port": line.port, "host": line.host}
    rows = ["[[line]]", 'name = "line"', *(f'{key} = "{value}"' for key, value in ends.items() if value)]
    if line.serial:
        rows += [f"baud = {line.baud}", f'frame = "{line.frame}"']
    else:
        rows += [f"tcp_port = {line.tcp_port}"] if line.tcp_port != 502 else []
        rows += [f'framing = "{line.framing}"'] if line.framing != "tcp" else []
    return "\n".join([*rows, "", *meter_lines(match, name)])


def meter_lines(match: Match, name: str) -> list[str]:
    """Only the meter's own lines, for a second one on the same line."""
    model = match.candidates[0].model if match.candidates else "?"
    rows = ["[[meter]]", f'name = "{name}"', f'model = "{model}"', 'line = "line"']
    if match.value is not None:
        rows.append(
            f"{match.key} = {match.value}" if isinstance(match.value, int) else f'{match.key} = "{match.value}"'
        )
    return rows

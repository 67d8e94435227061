"""Prepares the page "history": which span and which quantities are asked for, and the links to their neighbours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from collector.errors import UsageError
from collector.model.quantity import PHASES
from collector.web.meters import Expected
from collector.web.question import Arguments, quantities
from collector.web.span import Span, begins, between, instant, ms, stepped
from collector.web.wording import grouped, label

UNITS = ("hour", "day", "month", "year")

#: What people look for most; a preset shows what the meter has of it.
PRESETS: Mapping[str, tuple[str, ...]] = {
    "Power": ("active_power_total", *(f"active_power_{phase}" for phase in PHASES)),
    "Voltage": tuple(f"voltage_{phase}_n" for phase in PHASES),
    "Current": (*(f"current_{phase}" for phase in PHASES), "current_n"),
    "Power factor": ("power_factor_total", *(f"power_factor_{phase}" for phase in PHASES)),
    "Frequency": ("frequency",),
    "Energy": ("active_energy_import", "active_energy_export", "active_energy_net"),
}


@dataclass(frozen=True, slots=True)
class Link:
    """One choice; `here` marks the one that is shown."""

    text: str
    href: str
    here: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """One quantity that may be shown."""

    name: str
    label: str
    checked: bool


@dataclass(frozen=True, slots=True)
class HistoryView:
    """All that the template shows. `unit` is one of UNITS, or `range`; `before` and `after` are None there."""

    meter: Expected
    names: Sequence[str]
    span: Span
    unit: str
    title: str
    units: Sequence[Link]
    presets: Sequence[Link]
    groups: Sequence[tuple[str, Sequence[Box]]]
    before: str
    after: str | None
    local: tuple[str, str]


def _href(meter: Expected, names: Sequence[str], **when: object) -> str:
    return "/history?" + urlencode([("meter", meter.name), *(("quantity", name) for name in names), *when.items()])


def _asked_unit(arguments: Arguments) -> str:
    unit = arguments.get("range", "range" if "from" in arguments else "day")
    if unit not in (*UNITS, "range"):
        raise UsageError(f"range: there is no {unit[:20]!r}", f"one of {', '.join(UNITS)}")
    return unit


def _title(start: datetime, end: datetime, unit: str) -> str:
    if unit == "hour":
        return f"{start:%-d %B %Y, %H:%M}–{end:%H:%M}"
    if unit in {"day", "month", "year"}:
        return start.strftime({"day": "%A, %-d %B %Y", "month": "%B %Y", "year": "%Y"}[unit])
    if start.date() == end.date():
        return f"{start:%-d %B %Y, %H:%M}–{end:%H:%M}"
    return f"{start:%-d %b %Y, %H:%M} – {end:%-d %b %Y, %H:%M}"


def _span(arguments: Arguments, unit: str, now: int, zone: ZoneInfo) -> Span:
    if unit == "range":
        start, end = (arguments.get(name, "") for name in ("from", "to"))
        return between(instant(start, "from", zone), instant(end, "to", zone))
    at = instant(arguments["at"], "at", zone) if "at" in arguments else now
    start_of = begins(at, unit, zone)
    return Span(ms(start_of), ms(stepped(start_of, unit, 1)))


def _neighbours(meter: Expected, names: Sequence[str], unit: str, span: Span, now: int, zone: ZoneInfo) -> tuple[str, str | None]:
    if unit == "range":
        earlier = _href(meter, names, **{"from": span.start - span.length, "to": span.start})
        later = _href(meter, names, **{"from": span.end, "to": span.end + span.length})
    else:
        start = datetime.fromtimestamp(span.start / 1000, zone)
        earlier = _href(meter, names, range=unit, at=ms(stepped(start, unit, -1)))
        later = _href(meter, names, range=unit, at=span.end)
    return earlier, later if span.end <= now else None


def _names(arguments: Arguments, meter: Expected) -> tuple[str, ...]:
    if "quantity" in arguments:
        return quantities(arguments, meter)
    usual = [name for name in PRESETS["Power"] if name in meter.periods]
    return tuple(usual or meter.quantities[:4])


def history_view(arguments: Arguments, meter: Expected, now: int, zone: ZoneInfo) -> HistoryView:
    """Reads what is asked for; UsageError says what is wrong with it."""
    unit, names = _asked_unit(arguments), _names(arguments, meter)
    span = _span(arguments, unit, now, zone)
    start, end = (datetime.fromtimestamp(at / 1000, zone) for at in (span.start, span.end))
    when: dict[str, object] = {"from": span.start, "to": span.end} if unit == "range" else {"range": unit, "at": span.start}
    at = min(max(span.start, span.end - 1), now)
    presets = {text: [name for name in wanted if name in meter.periods] for text, wanted in PRESETS.items()}
    before, after = _neighbours(meter, names, unit, span, now, zone)
    return HistoryView(
        meter=meter,
        names=names,
        span=span,
        unit=unit,
        title=_title(start, end, unit),
        units=[Link(each.capitalize(), _href(meter, names, range=each, at=at), each == unit) for each in UNITS],
        presets=[Link(t, _href(meter, some, **when), list(names) == some) for t, some in presets.items() if some],
        groups=[
            (heading, [Box(name, label(name), name in names) for name in found])
            for heading, found in grouped({*meter.quantities, *names})
        ],
        before=before,
        after=after,
        local=(f"{start:%Y-%m-%dT%H:%M}", f"{end:%Y-%m-%dT%H:%M}"),
    )

"""Prepares the page "history": which span and which quantities are asked for, and the links to their neighbours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from collector.errors import UsageError
from collector.model.quantity import PHASES, QUANTITIES
from collector.web.language import gettext, language, marked
from collector.web.meters import Expected
from collector.web.question import Arguments, quantities
from collector.web.span import Span, begins, between, instant, ms, stepped
from collector.web.wording import grouped, short_label

UNITS = ("hour", "day", "month", "year")
#: What their links are called.
_UNIT_WORDS = {"hour": marked("Hour"), "day": marked("Day"), "month": marked("Month"), "year": marked("Year")}

#: What people look for most; a preset shows what the meter has of it.
PRESETS: Mapping[str, tuple[str, ...]] = {
    marked("Power"): ("active_power_total", *(f"active_power_{phase}" for phase in PHASES)),
    marked("Voltage"): tuple(f"voltage_{phase}_n" for phase in PHASES),
    marked("Current"): (*(f"current_{phase}" for phase in PHASES), "current_n"),
    marked("Power factor"): ("power_factor_total", *(f"power_factor_{phase}" for phase in PHASES)),
    marked("Frequency"): ("frequency",),
    marked("Energy"): ("active_energy_import", "active_energy_export", "active_energy_net"),
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

    @property
    def bars(self) -> bool:
        """True when only counters are shown: their increase is drawn as bars, few enough to be told apart."""
        return all(QUANTITIES[name].counts for name in self.names)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the address asks for."""

    meter: Expected
    names: tuple[str, ...]
    unit: str
    span: Span

    def href(self, names: Sequence[str] | None = None, **when: object) -> str:
        """The address of the same with other quantities or at another time."""
        chosen = [("quantity", name) for name in (self.names if names is None else names)]
        return "/history?" + urlencode([("meter", self.meter.name), *chosen, *when.items()])

    def when(self) -> dict[str, object]:
        """What in an address means this time."""
        if self.unit == "range":
            return {"from": self.span.start, "to": self.span.end}
        return {"range": self.unit, "at": self.span.start}


def _asked_unit(arguments: Arguments) -> str:
    unit = arguments.get("range", "range" if "from" in arguments else "day")
    if unit not in (*UNITS, "range"):
        raise UsageError(f"range: there is no {unit[:20]!r}", f"one of {', '.join(UNITS)}")
    return unit


def _title(start: datetime, end: datetime, unit: str) -> str:
    here = language()
    if unit == "day":
        return here.date(start, "full")
    if unit == "month":
        return here.month(start)
    if unit == "year":
        return str(start.year)
    if unit == "hour" or start.date() == end.date():
        return f"{here.date(start, 'long')}, {here.time(start)}–{here.time(end)}"
    return f"{here.date(start)}, {here.time(start)} – {here.date(end)}, {here.time(end)}"


def _span(arguments: Arguments, unit: str, now: int, zone: ZoneInfo) -> Span:
    if unit == "range":
        start, end = (arguments.get(name, "") for name in ("from", "to"))
        return between(instant(start, "from", zone), instant(end, "to", zone))
    at = instant(arguments["at"], "at", zone) if "at" in arguments else now
    start_of = begins(at, unit, zone)
    return Span(ms(start_of), ms(stepped(start_of, unit, 1)))


def _neighbours(asked: _Asked, now: int, zone: ZoneInfo) -> tuple[str, str | None]:
    """The addresses of the time before and, unless that is the future, of the time after."""
    start, end = asked.span.start, asked.span.end
    if asked.unit == "range":
        earlier = asked.href(None, **{"from": start - asked.span.length, "to": start})
        later = asked.href(None, **{"from": end, "to": end + asked.span.length})
    else:
        begin = datetime.fromtimestamp(start / 1000, zone)
        earlier = asked.href(range=asked.unit, at=ms(stepped(begin, asked.unit, -1)))
        later = asked.href(range=asked.unit, at=end)
    return earlier, later if end <= now else None


def _names(arguments: Arguments, meter: Expected) -> tuple[str, ...]:
    if "quantity" in arguments:
        return quantities(arguments, meter)
    usual = [name for name in PRESETS["Power"] if name in meter.periods]
    return tuple(usual or meter.quantities[:4])


def _presets(asked: _Asked) -> list[Link]:
    """What the meter has of each preset."""
    offered = {text: [name for name in names if name in asked.meter.periods] for text, names in PRESETS.items()}
    when = asked.when()
    return [
        Link(gettext(t), asked.href(names, **when), list(asked.names) == names) for t, names in offered.items() if names
    ]


def _boxes(asked: _Asked) -> list[tuple[str, list[Box]]]:
    offered = grouped({*asked.meter.quantities, *asked.names})
    return [(heading, [Box(n, short_label(n), n in asked.names) for n in names]) for heading, names in offered]


def history_view(arguments: Arguments, meter: Expected, now: int, zone: ZoneInfo) -> HistoryView:
    """Reads what is asked for; UsageError says what is wrong with it."""
    unit = _asked_unit(arguments)
    asked = _Asked(meter, _names(arguments, meter), unit, _span(arguments, unit, now, zone))
    span = asked.span
    start, end = (datetime.fromtimestamp(at / 1000, zone) for at in (span.start, span.end))
    # Another length of time shows the one that the end of this one lies in.
    at = min(max(span.start, span.end - 1), now)
    before, after = _neighbours(asked, now, zone)
    return HistoryView(
        meter=meter,
        names=asked.names,
        span=span,
        unit=unit,
        title=_title(start, end, unit),
        units=[Link(gettext(_UNIT_WORDS[each]), asked.href(range=each, at=at), each == unit) for each in UNITS],
        presets=_presets(asked),
        groups=_boxes(asked),
        before=before,
        after=after,
        local=(f"{start:%Y-%m-%dT%H:%M}", f"{end:%Y-%m-%dT%H:%M}"),
    )

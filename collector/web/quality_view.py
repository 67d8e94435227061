"""Prepares the room "quality & advice": what a day, week or month of one meter was like, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from collector.errors import UsageError
from collector.insight.quality.advice import Advice, Amount, Facts, advise
from collector.insight.quality.assess import Figure, Verdict
from collector.insight.quality.calculations import DISTURBANCES, PERIODS, nominal, profile_of
from collector.insight.quality.profile import Profile
from collector.insight.quality.rows import figures_of, use_of, verdicts_of
from collector.model import calendar
from collector.model.insight import ResultRow, Stored
from collector.web.history_view import Link
from collector.web.language import gettext, language, marked
from collector.web.meters import Expected
from collector.web.question import Arguments
from collector.web.span import instant
from collector.web.wording import label, number, rough

_CUT = {"day": calendar.local_day, "week": calendar.local_week, "month": calendar.local_month}
_UNIT_WORDS = {"day": marked("Day"), "week": marked("Week"), "month": marked("Month")}
#: What the figures are called, and in which unit a person reads them.
_FIGURES = {
    "frequency": marked("Frequency, deviation"),
    "voltage_unbalance": marked("Unbalance of the voltages"),
    "current_unbalance": marked("Unbalance of the currents"),
}
_METHODS = (marked("negative sequence"), marked("largest deviation from the mean"), marked("the meter's own"))
_KINDS = (marked("interruption"), marked("dip"), marked("swell"))
_LEVELS = {True: "fine", False: "wrong", None: "attention"}


@dataclass(frozen=True, slots=True)
class Judgement:
    """One limit: how much lies inside, what is wanted, and what lies outside."""

    name: str
    bounds: str
    wanted: str
    rate: str
    share: float  #: 0 to 100, for the bar
    state: str
    measured: int
    missing: int
    worst: Sequence[tuple[int, str]]
    source: str


@dataclass(frozen=True, slots=True)
class Said:
    """One advice in the reader's language."""

    level: str
    meaning: str
    action: str


@dataclass(frozen=True, slots=True)
class Statistic:
    """One figure over the period."""

    name: str
    mean: str
    lowest: str
    highest: str
    p5: str
    p95: str
    method: str


@dataclass(frozen=True, slots=True)
class Event:
    """One disturbance."""

    time: int
    until: int
    kind: str
    phases: str
    extreme: str


@dataclass(frozen=True, slots=True)
class QualityView:
    """All that the template shows. `judgements` empty: nothing was computed for this period."""

    meter: Expected
    unit: str
    title: str
    profile: Profile
    units: Sequence[Link]
    before: str
    after: str | None
    advice: Sequence[Said]
    judgements: Sequence[Judgement]
    statistics: Sequence[Statistic]
    use: Sequence[tuple[str, str, str]]
    events: Sequence[Event]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for: [start, end) in UTC ms."""

    meter: Expected
    unit: str
    start: int
    end: int

    def href(self, at: int, unit: str | None = None) -> str:
        """The address of the same at another time, or of another length."""
        return "/quality?" + urlencode({"meter": self.meter.name, "range": unit or self.unit, "at": at})


def asked(arguments: Arguments, meter: Expected, now: int, zone: ZoneInfo) -> Asked:
    """Reads what is asked for; UsageError says what is wrong with it."""
    unit = arguments.get("range", profile_of(meter.settings).period)
    if unit not in PERIODS:
        raise UsageError(f"range: there is no {unit[:20]!r}", f"one of {', '.join(PERIODS)}")
    at = instant(arguments["at"], "at", zone) if "at" in arguments else now
    return Asked(meter, unit, *_CUT[unit](at, zone))


def facts(stored: Stored, want: Asked) -> tuple[Facts, Sequence[Figure], Sequence[ResultRow]]:
    """What is stored of the period: the facts for advice, the figures, the disturbances."""
    settings = want.meter.settings
    rows = stored.results(PERIODS[want.unit], settings.name, want.start, want.start + 1)
    events = stored.results(DISTURBANCES, settings.name, want.start, want.end)
    profile, found = profile_of(settings), figures_of(rows)
    means = {figure.name: figure.mean for figure in found}
    verdicts = verdicts_of(rows, profile)
    known = Facts(profile, nominal(settings), settings.rated_apparent_power, verdicts, means, use_of(rows))
    return known, found, events


def quality_view(stored: Stored, want: Asked, now: int, zone: ZoneInfo) -> QualityView:
    """Everything about the period."""
    known, found, events = facts(stored, want)
    return QualityView(
        meter=want.meter,
        unit=want.unit,
        title=_title(want, zone),
        profile=known.profile,
        units=[Link(gettext(word), want.href(min(want.start, now), unit), unit == want.unit)
               for unit, word in _UNIT_WORDS.items()],
        before=want.href(want.start - 1),
        after=want.href(want.end) if want.end <= now else None,
        advice=[said(each) for each in advise(known)] if known.verdicts else [],
        judgements=[_judgement(verdict) for verdict in known.verdicts],
        statistics=[_statistic(figure) for figure in found],
        use=_use(known),
        events=[_event(row) for row in events],
    )  # fmt: skip


def _title(want: Asked, zone: ZoneInfo) -> str:
    start, last = (datetime.fromtimestamp(at / 1000, zone) for at in (want.start, want.end - 1))
    if want.unit == "month":
        return language().month(start)
    if want.unit == "day":
        return language().date(start, "full")
    return f"{language().date(start)} – {language().date(last)}"


def written(amount: Amount) -> str:
    """A number with its unit, as the reader's country writes it."""
    if amount.unit in ("W", "VA", "var"):
        return rough(amount.value, amount.unit)
    return f"{number(amount.value, amount.decimals)} {amount.unit}".strip()


def said(advice: Advice) -> Said:
    """The advice in the reader's language."""
    values = {name: written(value) if isinstance(value, Amount) else value for name, value in advice.values.items()}
    return Said(advice.level, gettext(advice.meaning) % values, gettext(advice.action) % values)


def _percent(value: float | None, decimals: int = 1) -> str:
    return "–" if value is None else written(Amount(value, "%", decimals))


def name_of(figure: str) -> str:
    """What a figure is called."""
    if figure in _FIGURES:
        return gettext(_FIGURES[figure])
    if figure.startswith("voltage_thd"):
        return label(figure)
    return gettext("%(voltage)s, deviation", voltage=label(f"{figure}_n" if figure.count("_") == 1 else figure))


def _judgement(verdict: Verdict) -> Judgement:
    low, high = verdict.limit.low, verdict.limit.high
    if low is None:
        bounds = gettext("at most %(most)s", most=_percent(high))
    else:
        bounds = gettext("%(least)s to %(most)s", least=_percent(low), most=_percent(high))
    return Judgement(
        name=name_of(verdict.figure),
        bounds=bounds,
        wanted=_percent(100 * verdict.limit.share),
        rate=_percent(None if verdict.rate is None else 100 * verdict.rate, 2),
        share=round(100 * (verdict.rate or 0), 1),
        state=_LEVELS[verdict.good],
        measured=verdict.measured,
        missing=verdict.missing,
        worst=[(time, _percent(value, 2)) for time, value in verdict.worst],
        source=verdict.limit.source,
    )


def _statistic(figure: Figure) -> Statistic:
    parts = (figure.mean, figure.low, figure.high, figure.p5, figure.p95)
    mean, lowest, highest, p5, p95 = (_percent(part, 2) for part in parts)
    return Statistic(name_of(figure.name), mean, lowest, highest, p5, p95, gettext(figure.method))


def _use(known: Facts) -> list[tuple[str, str, str]]:
    """(what, how much, what it means) of what was measured."""
    used = known.use
    factor = None if used.power_factor is None else written(Amount(used.power_factor, "", 3))
    told = (
        (gettext("Power factor"), factor, gettext("of the energy of the period")),
        (gettext("Load factor"), _share(used.load_factor), gettext("mean power by highest power of ten minutes")),
        (gettext("Loading"), _share(used.loading), gettext("highest apparent power by that of the installation")),
        (gettext("Mean loading"), _share(used.loading_mean), ""),
    )
    return [(name, value, note) for name, value, note in told if value is not None]


def _share(value: float | None) -> str | None:
    return None if value is None else _percent(100 * value)


def _event(row: ResultRow) -> Event:
    time, until, extreme = row["time"], row["until"], row["extreme"]
    assert isinstance(time, int) and isinstance(until, int) and isinstance(extreme, float)
    phases = str(row["phases"]).upper().replace(" ", ", ")
    return Event(time, until, gettext(str(row["kind"])), phases, _percent(100 * extreme))

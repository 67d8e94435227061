"""Turns 10-minute values, figures and verdicts into rows of the result tables, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from collector.insight.quality.assess import Figure, Verdict
from collector.insight.quality.load import Use
from collector.insight.quality.profile import Limit, Profile
from collector.insight.quality.ten_minutes import NEEDED, TenMinutes, current_unbalance, voltage_unbalance
from collector.model.insight import ResultRow, Value
from collector.model.quantity import PHASES

#: Quantities whose lowest and highest single reading are kept beside the mean.
EXTREMES = ("frequency",)
#: What is told of the use of an installation, as figures without a limit.
_USE = ("active_power", "reactive_power", "peak_power", "power_factor", "load_factor", "loading", "loading_mean")
_CURRENTS = tuple(f"current_{phase}" for phase in PHASES)


def interval_row(interval: TenMinutes) -> ResultRow:
    """One row of `quality_10m`."""
    values: dict[str, Value] = {"time": interval.time, **interval.values}
    for name in EXTREMES:
        values[f"{name}_low"], values[f"{name}_high"] = interval.low.get(name), interval.high.get(name)
    found = voltage_unbalance(interval.values)
    values["unbalance_voltage"] = found[0] if found else None
    values["unbalance_method"] = found[1].value if found else None
    values["unbalance_current"] = current_unbalance(interval.values)
    return values


def interval_of(row: ResultRow) -> TenMinutes:
    """The interval of a row."""
    values = {name: _number(row[name]) for name in NEEDED if row.get(name) is not None}
    low = {name: _number(row[f"{name}_low"]) for name in EXTREMES if row.get(f"{name}_low") is not None}
    high = {name: _number(row[f"{name}_high"]) for name in EXTREMES if row.get(f"{name}_high") is not None}
    return TenMinutes(int(_number(row["time"])), values, low, high)


def period_rows(start: int, figures: Sequence[Figure], verdicts: Sequence[Verdict], use: Use) -> Iterator[ResultRow]:
    """The rows of one period: each figure (number 0), each limit (from 1 on), and how the installation was used."""
    for figure in figures:
        yield {
            "time": start, "figure": figure.name, "number": 0, "measured": figure.measured, "mean": figure.mean,
            "lowest": figure.low, "highest": figure.high, "p5": figure.p5, "p95": figure.p95, "method": figure.method,
        }  # fmt: skip
    counts: dict[str, int] = {}
    for verdict in verdicts:
        counts[verdict.figure] = number = counts.get(verdict.figure, 0) + 1
        yield _verdict_row(start, number, verdict)
    yield from _use_rows(start, use)


def _verdict_row(start: int, number: int, verdict: Verdict) -> ResultRow:
    return {
        "time": start,
        "figure": verdict.figure,
        "number": number,
        "low": verdict.limit.low,
        "high": verdict.limit.high,
        "share": verdict.limit.share,
        "expected": verdict.expected,
        "measured": verdict.measured,
        "inside": verdict.inside,
        "good": None if verdict.good is None else int(verdict.good),
        "worst": " ".join(f"{time}:{value:.6g}" for time, value in verdict.worst),
    }


def _use_rows(start: int, use: Use) -> Iterator[ResultRow]:
    told = (use.active, use.reactive, use.peak, use.power_factor, use.load_factor, use.loading, use.loading_mean)
    for name, value in zip((*_USE, *_CURRENTS), (*told, *use.currents), strict=True):
        if value is not None:
            yield {"time": start, "figure": name, "number": 0, "mean": value}


def figures_of(rows: Sequence[ResultRow]) -> list[Figure]:
    """The figures in the rows of one period."""
    return [
        Figure(
            str(row["figure"]), int(_number(row["measured"])), _number(row["mean"]), _number(row["lowest"]),
            _number(row["highest"]), _number(row["p5"]), _number(row["p95"]), str(row["method"] or ""),
        )
        for row in rows
        if row["number"] == 0 and row["figure"] not in (*_USE, *_CURRENTS)
    ]  # fmt: skip


def use_of(rows: Sequence[ResultRow]) -> Use:
    """How the installation was used, in the rows of one period."""
    known = {str(row["figure"]): _number(row["mean"]) for row in rows if row["number"] == 0}
    active, reactive, peak, power_factor, load_factor, loading, loading_mean = (known.get(name) for name in _USE)
    currents = [known.get(name) for name in _CURRENTS]
    return Use(
        active, reactive, peak, power_factor, load_factor, loading, loading_mean,
        (currents[0], currents[1], currents[2]),
    )  # fmt: skip


def verdicts_of(rows: Sequence[ResultRow], profile: Profile) -> list[Verdict]:
    """The verdicts in the rows of one period; the profile tells where its limits come from."""
    sources = {(limit.low, limit.high, limit.share): limit for limit in profile.limits}
    return [_verdict(row, sources) for row in rows if row["number"]]


def _verdict(row: ResultRow, known: Mapping[tuple[float | None, float | None, float], Limit]) -> Verdict:
    name = str(row["figure"])
    low, high = (None if row[key] is None else _number(row[key]) for key in ("low", "high"))
    share = _number(row["share"])
    told = known.get((low, high, share))
    family = told.figure if told else name
    pairs = [pair.split(":") for pair in str(row["worst"] or "").split()]
    return Verdict(
        figure=name,
        limit=Limit(family, low, high, share, told.source if told else ""),
        expected=int(_number(row["expected"])),
        measured=int(_number(row["measured"])),
        inside=int(_number(row["inside"])),
        good=None if row["good"] is None else bool(row["good"]),
        worst=[(int(time), float(value)) for time, value in pairs],
    )


def _number(value: Value) -> float:
    assert isinstance(value, int | float)
    return value

"""Measures forecasts on real curves beside statsmodels' Holt-Winters and seasonal naive, and injected anomalies."""

from __future__ import annotations

import random
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import fmean

from collector.insight.anomaly.detect import WATCHED, detect
from collector.insight.forecast.estimate import History
from collector.insight.forecast.predict import learn, predict
from collector.insight.forecast.smoothing import Places
from tests.bench.figures import Figure
from tests.bench.load_curves import CURVES, REAL, curve

WINDOW, AHEAD = 56 * 24, 24
Values = Sequence[float | None]


@dataclass
class Score:
    """Errors of one method on one curve: sMAPE in percent, MASE against the day before in the same window."""

    relative: list[float] = field(default_factory=list)
    scaled: list[float] = field(default_factory=list)

    def add(self, truth: Values, told: Sequence[float], usual: float) -> None:
        for value, guess in zip(truth, told, strict=False):
            if value is not None:
                size = abs(value) + abs(guess)
                self.relative.append(200 * abs(value - guess) / size if size else 0.0)
                self.scaled.append(abs(value - guess) / usual)


def _filled(values: Values) -> list[float]:
    """For those who cannot live with gaps: the same hour a week or a day before."""
    found: list[float] = []
    for hour, value in enumerate(values):
        before = [found[hour - back] for back in (168, 24, 1) if hour >= back]
        found.append(value if value is not None else before[0] if before else 0.0)
    return found


def _holt_winters(values: Sequence[float], season: int, trend: str | None) -> list[float]:
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        how = "heuristic" if season > 24 else "estimated"
        model = ExponentialSmoothing(
            values, trend=trend, seasonal="add", seasonal_periods=season, initialization_method=how
        )
        return [float(value) for value in model.fit().forecast(AHEAD)]


PEERS: dict[str, Callable[[Sequence[float]], list[float]]] = {
    "naive, day": lambda values: list(values[-24:]),
    "naive, week": lambda values: list(values[-168:][:24]),
    "Holt-Winters, day": lambda values: _holt_winters(values, 24, None),
    "Holt-Winters, day, trend": lambda values: _holt_winters(values, 24, "add"),
    "Holt-Winters, week": lambda values: _holt_winters(values, 168, None),
    "Holt-Winters, week, trend": lambda values: _holt_winters(values, 168, "add"),
}


def _history(values: Values, place: int) -> History:
    count = len(values) + 48
    where = Places([(place + n) % 24 for n in range(count)], [(place + n) % 168 for n in range(count)])
    return History(values, where)


def _forecasts(name: str, count: int) -> list[Figure]:
    first, values = curve(name)
    place, scores, inside, known = first.weekday() * 24 + first.hour, {n: Score() for n in ("ours", *PEERS)}, 0, 0
    step = max(24, (len(values) - AHEAD - WINDOW) // count // 24 * 24 + 5)
    for origin in range(WINDOW, len(values) - AHEAD, step):
        past, truth = values[origin - WINDOW : origin], values[origin : origin + AHEAD]
        whole = _filled(past)
        usual = fmean(abs(a - b) for a, b in zip(whole[24:], whole, strict=False))
        history = _history(past, place + origin - WINDOW)
        told = predict(history, learn(history), AHEAD)
        scores["ours"].add(truth, [each.value for each in told], usual)
        for peer, method in PEERS.items():
            scores[peer].add(truth, method(whole), usual)
        inside += sum(v is not None and e.low <= v <= e.high for v, e in zip(truth, told, strict=True))
        known += sum(value is not None for value in truth)
    return _compared(name, scores, 100 * inside / known)


def _compared(name: str, scores: dict[str, Score], held: float) -> list[Figure]:
    found = []
    for word, pick in (("sMAPE", lambda s: fmean(s.relative)), ("MASE", lambda s: fmean(s.scaled))):
        peers = {peer: pick(scores[peer]) for peer in PEERS}
        best = min(peers, key=lambda peer: peers[peer])
        note = f"ours {pick(scores['ours']):.3f}, {best} {peers[best]:.3f}"
        found.append(Figure(f"{name}: {word} / best peer", pick(scores["ours"]) / peers[best], most=1.02, note=note))
    found.append(Figure(f"{name}: hours in the band", held, "%", least=92, most=98, note="92 to 98 %"))
    return found


KINDS: dict[str, Callable[[float, int, float], float]] = {
    "step": lambda value, hour, size: value + 2 * size,
    "drift": lambda value, hour, size: value + 2 * size * hour / 96,
    "spike": lambda value, hour, size: value + 10 * size if hour < 2 else value,
}


def _spoilt(values: list[float | None], kind: str, begin: int) -> list[float | None]:
    known = [value for value in values if value is not None]
    size = fmean(abs(value - fmean(known)) for value in known)
    found = [*values]
    for hour, value in enumerate(values[begin:]):
        if kind == "stuck" and hour < 48:
            found[begin + hour] = values[begin]
        elif kind != "stuck" and value is not None:
            found[begin + hour] = KINDS[kind](value, hour, size)
    return found


def _anomalies(name: str, count: int) -> list[Figure]:
    first, values = curve(name)
    source, seen, false = random.Random(4), dict.fromkeys((*KINDS, "stuck"), 0), 0
    for number in range(count):
        origin = (len(values) - WINDOW) // count * number
        window, place = values[origin : origin + WINDOW], first.weekday() * 24 + first.hour + origin
        base = name.endswith("P")
        calm = detect(_history(window, place), base=base)
        false += len(calm)
        begin = WINDOW - WATCHED + source.randrange(48, 200)
        for kind in seen:
            found = detect(_history(_spoilt(window, kind, begin), place), base=base)
            told = {(each.kind, each.begin) for each in calm}
            news = [each for each in found if (each.kind, each.begin) not in told]
            seen[kind] += any(each.last >= begin and each.begin <= begin + 96 for each in news)
    rates = [Figure(f"{name}: {kind} noticed", 100 * hits / count, "%") for kind, hits in seen.items()]
    return [*rates, Figure(f"{name}: false alarms", false / count / (WATCHED / 24) * 30, "in 30 days")]


def _pace() -> list[Figure]:
    source = random.Random(1)
    history = _history([50 + 20 * (n % 24 > 7) + source.gauss(0, 5) for n in range(WINDOW)], 0)
    begin = time.process_time()
    models = learn(history)
    learned = time.process_time()
    predict(history, models, 48)
    told = time.process_time()
    detect(history, base=True)
    done = time.process_time()
    return [
        Figure("8 weeks of hours: parameters, once a week", learned - begin, "s", most=3),
        Figure("8 weeks of hours: forecast with band", (told - learned) * 1000, "ms", most=100),
        Figure("8 weeks of hours: anomalies", (done - told) * 1000, "ms", most=100),
    ]


def figures(forecasts: int = 60, windows: int = 20) -> list[Figure]:
    """Everything; the curves only where they are there."""
    if not REAL.is_dir():
        return _pace()
    found = [each for name in CURVES for each in _forecasts(name, forecasts)]
    return [*_pace(), *found, *(each for name in CURVES for each in _anomalies(name, windows))]


def main() -> None:
    """Prints the figures."""
    for figure in figures():
        print(f"{figure.name}: {figure.value:.4g} {figure.unit} {figure.budget} {figure.note}")


if __name__ == "__main__":
    main()

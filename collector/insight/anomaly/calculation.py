"""Computes the anomalies of a meter from its stored hours, with the energy and the money that they came to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from zoneinfo import ZoneInfo

from collector.insight.anomaly.detect import WATCHED, Anomaly, detect
from collector.insight.forecast.hours import SETTLED, history, last_hour
from collector.insight.forecast.seasons import HOUR
from collector.model.insight import Period, Replacement, ResultRow, Stored
from collector.model.quantity import QUANTITIES

ANOMALY = "anomaly"
#: The first run after an hour is complete looks at it, ms after that.
_EVERY = 900_000
#: No bill began longer ago than this that is still open, ms.
_BILLED = 32 * 24 * HOUR
#: Anomalies are kept so long, ms.
_KEPT = 2 * 366 * 24 * HOUR


class Anomalies:
    """Implements `Calculation`: table `anomaly`."""

    name = ANOMALY
    follows = None

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone

    @property
    def fingerprint(self) -> str:
        """What the results depend on."""
        return ""

    def compute(self, stored: Stored, meter: str, days: Sequence[Period], now: int) -> Iterable[Replacement]:
        """What changed is seen when the last two weeks are looked at again."""
        return ()

    def refresh(self, stored: Stored, meter: str, now: int) -> Iterable[Replacement]:
        """The anomalies that began in the last two weeks, once an hour."""
        end = last_hour(now)
        watched = end - WATCHED * HOUR
        if now - end >= SETTLED + _EVERY:
            return
        known = history(stored, meter, now, self._zone, 0)
        price = mean_price(stored, meter, end)
        rows: list[ResultRow] = []
        for name, past in known.items():
            first = end - len(past.values) * HOUR
            watts = QUANTITIES[name].unit in {"W", "Wh"}
            for found in detect(past, base=watts):
                rows.append(_row(name, found, first, price if watts else None))
        early = [row for row in rows if _int(row["time"]) < watched]
        late = [row for row in rows if _int(row["time"]) >= watched]
        yield Replacement(ANOMALY, meter, watched, 1 << 42, late)
        before = stored.results(ANOMALY, meter, end - _KEPT, watched)
        yield Replacement(ANOMALY, meter, end - _KEPT, watched, list(_older(before, early)))
        yield Replacement(ANOMALY, meter, 0, end - _KEPT, ())


def mean_price(stored: Stored, meter: str, end: int) -> tuple[float, str] | None:
    """What a kWh costs on the mean of the newest bill, and the currency."""
    for bill in reversed(stored.results("bill", meter, end - _BILLED, end)):
        energy, total = float(str(bill["import_kwh"] or 0)), float(str(bill["total"] or 0))
        if energy > 0:
            return total / energy, str(bill["currency"])
    return None


def _older(before: Sequence[ResultRow], found: Sequence[ResultRow]) -> Iterator[ResultRow]:
    """What began before the watched weeks: it lasts only as long as it is found, and keeps its beginning, though the
    hours that are looked at begin later and later. Everything else is the new normal."""
    left = {(row["quantity"], row["kind"]): row for row in found}
    for row in before:
        key = row["quantity"], row["kind"]
        same = left.get(key)
        if same is not None and (row["lasting"] or row["time"] == same["time"]):
            yield {**left.pop(key), "time": row["time"]}
        else:
            yield {**row, "lasting": 0}
    yield from left.values()


def _int(value: object) -> int:
    assert isinstance(value, int)
    return value


def _row(name: str, found: Anomaly, first: int, price: tuple[float, str] | None) -> ResultRow:
    watts = QUANTITIES[name].unit in {"W", "Wh"}
    kwh = found.total / 1000 if watts else None
    return {
        "time": first + found.begin * HOUR,
        "quantity": name,
        "kind": found.kind,
        "until": first + (found.last + 1) * HOUR,
        "lasting": int(found.lasting),
        "score": found.score,
        "expected": found.expected,
        "difference": found.difference,
        "kwh": kwh,
        "amount": kwh * price[0] if price and kwh is not None else None,
        "currency": price[1] if price else None,
    }

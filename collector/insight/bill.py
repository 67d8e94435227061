"""Computes what energy costs: each day, and each bill so far, and what it will come to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from collector.insight.bill_lines import Energy, Line, Segment, lines, rounded
from collector.insight.billing import between_readings, billing_period
from collector.insight.cost_days import Items, cost_days
from collector.insight.energy import NAME as ENERGY
from collector.insight.expected import WEEKS, expected
from collector.insight.expected_energy import at_usual_prices, coming_energy
from collector.model import calendar
from collector.model.calendar import QUARTER
from collector.model.insight import Period, Replacement, ResultRow, Stored
from collector.model.tariff import ZERO, Tariff, fingerprint, tariff_of

NAME = "bill"
#: By what the sum at the end of a bill is expected: the forecast, or the same weekdays of the weeks before.
FORECAST, WEEKDAYS = "forecast", "weekdays"
#: (the sum at the end, by what it is expected).
_Ahead = tuple[Decimal | None, str | None]
#: Bills that are not final yet are looked for in so many months.
_OPEN_MONTHS = 24
#: No bill is longer, ms.
_LONGEST = 32 * 86_400_000
#: A day of which less is known is no example for another.
_ENOUGH = 0.8


class Bill:
    """Implements `Calculation`: tables `cost_day`, `bill`, `bill_line`."""

    name = NAME
    follows = ENERGY

    def __init__(self, zone: ZoneInfo, tariffs: Sequence[Tariff]) -> None:
        self._zone = zone
        self._tariffs = tariffs

    @property
    def fingerprint(self) -> str:
        """All of the tariffs."""
        return fingerprint(self._tariffs)

    def compute(self, stored: Stored, meter: str, days: Sequence[Period], now: int) -> Iterable[Replacement]:
        """The bills that these days belong to, and what each of their days costs."""
        months = {self._period(meter, day.start) for day in days}
        months |= self._cut_otherwise(stored, meter, months)
        for month in sorted(months, key=lambda each: each.start):
            yield from self._month(stored, meter, month, now)

    def _cut_otherwise(self, stored: Stored, meter: str, months: Iterable[Period]) -> set[Period]:
        """The bills of today over which older ones reach that began or ended on another day of reading."""
        found = set()
        first = min((month.start for month in months), default=0)
        end = max((month.end for month in months), default=0)
        for row in stored.results("bill", meter, first - _LONGEST, end):
            time, until = _int(row["time"]), _int(row["until"])
            if self._period(meter, time).end < until:
                while time < until:
                    found.add(period := self._period(meter, time))
                    time = period.end
        return found

    def refresh(self, stored: Stored, meter: str, now: int) -> Iterable[Replacement]:
        """This month's bill, and those that were made before their month was over."""
        first = calendar.month_start(calendar.local_date(now, self._zone), self._zone, -_OPEN_MONTHS)
        found = {self._period(meter, now)}
        for row in stored.results("bill", meter, first, now):
            month = self._period(meter, _int(row["time"]))
            if _int(row["until"]) < month.end:
                found.add(month)
        for month in sorted(found, key=lambda each: each.start):
            yield from self._month(stored, meter, month, now)

    def _period(self, meter: str, time: int) -> Period:
        return billing_period(self._tariffs, meter, time, self._zone)

    def _month(self, stored: Stored, meter: str, month: Period, now: int) -> Iterator[Replacement]:
        energy = [Energy(calendar.local_date(_int(row["time"]), self._zone), row)
                  for row in stored.results("energy_day", meter, month.start, month.end)]  # fmt: skip
        segments = list(self._segments(meter, month, now, energy)) if energy else []
        costs = {segment.tariff: dict(cost_days(segment)) for segment in segments}
        rows = [row for segment in segments for row in self._cost_rows(segment, costs[segment.tariff])]
        yield Replacement("cost_day", meter, month.start, month.end, rows)
        bills, all_lines = [], []
        left = Period(now, month.end)
        for segment in segments:
            made = lines(segment)
            spent = _spent(segment, costs[segment.tariff], self._zone, now)
            ahead = self._ahead(stored, meter, segment, left, spent)
            bills.append(self._bill(segment, made, month, now, ahead))
            start = calendar.midnight(segment.days[0], self._zone)
            all_lines += [_line_row(start, segment.tariff, number, line) for number, line in enumerate(made, 1)]
        yield Replacement("bill", meter, month.start, month.end, bills)
        yield Replacement("bill_line", meter, month.start, month.end, all_lines)

    def _segments(self, meter: str, month: Period, now: int, energy: Sequence[Energy]) -> Iterator[Segment]:
        """The tariffs that count in the month, each with its days so far."""
        all_days = [day for day, _, _ in calendar.days(month.start, month.end, self._zone)]
        by_tariff: dict[Tariff, list[date]] = {}
        for day in all_days:
            tariff = tariff_of(self._tariffs, meter, day)
            if tariff and calendar.midnight(day, self._zone) <= now:
                by_tariff.setdefault(tariff, []).append(day)
        for tariff, mine in by_tariff.items():
            # Days that were computed with other bands are due, and come again.
            held = {(day, tariff.name, band.name) for day in mine for band in tariff.bands}
            known = [each for each in energy if (each.day, each.row["tariff"], each.band) in held]
            first, end = between_readings(mine[0], tariff.billing_day)
            yield Segment(tariff, mine, (end - first).days, known)

    def _cost_rows(self, segment: Segment, costs: Mapping[date, Items]) -> Iterator[ResultRow]:
        for day, items in costs.items():
            for (kind, label), (quantity, amount) in items.items():
                yield {
                    "time": calendar.midnight(day, self._zone), "tariff": segment.tariff.name, "kind": kind,
                    "label": label, "quantity": quantity, "amount": amount, "currency": segment.tariff.currency,
                }  # fmt: skip

    def _bill(self, segment: Segment, made: Sequence[Line], month: Period, now: int, ahead: _Ahead) -> ResultRow:
        start = calendar.midnight(segment.days[0], self._zone)
        until = min(now, calendar.midnight(segment.days[-1] + timedelta(days=1), self._zone))
        return {
            "time": start,
            "tariff": segment.tariff.name,
            "currency": segment.tariff.currency,
            "until": min(now, month.end),
            "days": len(segment.days),
            "import_kwh": _known_sum(segment, "import_kwh"),
            "export_kwh": _known_sum(segment, "export_kwh"),
            "total": _total(made),
            "expected": ahead[0],
            "expected_by": ahead[1],
            "quarters": sum(_int(each.row["quarters"]) for each in segment.energy),
            "estimated": sum(_int(each.row["estimated"]) for each in segment.energy),
            "expected_quarters": (until - start) // QUARTER,
            "unpriced_kwh": segment.total("unpriced_kwh") + segment.total("unpriced_export_kwh"),
        }

    def _ahead(self, stored: Stored, meter: str, segment: Segment, left: Period, spent: dict[date, Decimal]) -> _Ahead:
        """What it will come to, and by what that is expected; nothing for a bill that is over, or ends before."""
        if left.start >= left.end or segment.days[-1] != calendar.local_date(left.start, self._zone):
            return None, None
        whole = self._whole(stored, meter, segment, left)
        if whole is not None:
            return _total(lines(whole)), FORECAST
        past = self._past(stored, meter, segment) | spent
        found = expected(_total(lines(segment)), past, segment.days[-1], self._days(left))
        return (None, None) if found is None else (rounded(found, segment.tariff.unit), WEEKDAYS)

    def _whole(self, stored: Stored, meter: str, segment: Segment, left: Period) -> Segment | None:
        """The month with what the forecast expects of its rest; None where it does not reach, or the tariff ends."""
        tariff, days = segment.tariff, self._days(left)
        if days and tariff_of(self._tariffs, meter, days[-1]) != tariff:
            return None
        coming = coming_energy(stored, meter, tariff, left, self._zone)
        if coming is None:
            return None
        energy = [*segment.energy, *at_usual_prices(coming, segment.energy)]
        return Segment(tariff, [*segment.days, *days], segment.month_days, energy)

    def _days(self, left: Period) -> list[date]:
        """The days to come."""
        return [day for day, begin, _ in calendar.days(left.start, left.end, self._zone) if begin > left.start]

    def _past(self, stored: Stored, meter: str, segment: Segment) -> dict[date, Decimal]:
        """What the days of the weeks before the bill cost, by the same tariff's name."""
        first, end = segment.days[0] - timedelta(weeks=WEEKS + 1), segment.days[0]
        span = (calendar.midnight(day, self._zone) for day in (first, end))
        found: dict[date, Decimal] = {}
        for row in stored.results("cost_day", meter, *span):
            if row["tariff"] == segment.tariff.name:
                day = calendar.local_date(_int(row["time"]), self._zone)
                found[day] = found.get(day, ZERO) + Decimal(str(row["amount"] or 0))
        return found


def _total(made: Sequence[Line]) -> Decimal:
    return sum((line.amount for line in made), ZERO)


def _int(value: object) -> int:
    return int(str(value))


def _known_sum(segment: Segment, column: str) -> Decimal | None:
    return segment.total(column) if any(each.known(column) for each in segment.energy) else None


def _line_row(start: int, tariff: Tariff, number: int, line: Line) -> ResultRow:
    return {
        "time": start, "tariff": tariff.name, "number": number, "kind": line.kind, "label": line.label,
        "quantity": line.quantity, "unit": line.unit, "price": line.price, "amount": line.amount,
    }  # fmt: skip


def _spent(segment: Segment, costs: Mapping[date, Items], zone: ZoneInfo, now: int) -> dict[date, Decimal]:
    """What the days of which enough is known cost, and today."""
    today = calendar.local_date(now, zone)
    known: dict[date, int] = {}
    for each in segment.energy:
        known[each.day] = known.get(each.day, 0) + _int(each.row["quarters"])
    found = {}
    for day, items in costs.items():
        length = calendar.midnight(day + timedelta(days=1), zone) - calendar.midnight(day, zone)
        if day == today or known.get(day, 0) >= _ENOUGH * length / QUARTER:
            found[day] = sum((amount for _, amount in items.values()), ZERO)
    return found

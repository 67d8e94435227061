"""The parts under the pages: figures, times, sums, the newest values, the sparkline, open periods."""

import re
import socket
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.config.settings import StoreSettings
from collector.errors import StoreDown, UsageError
from collector.model.quantity import QUANTITIES
from collector.model.reading import Flag
from collector.model.series import Column, Resolution, Series
from collector.web.access import StoreAccess
from collector.web.energy import parts, sums
from collector.web.question import Question
from collector.web.remembered import Remembered
from collector.web.serve import serve
from collector.web.span import Span, begins, instant, ms, resolution_for, stepped
from collector.web.spark import LastHour, spark
from collector.web.tail import carried_on
from collector.web.wording import (
    Scale,
    age,
    family,
    figure,
    group,
    grouped,
    label,
    number,
    rough,
    scale_for,
    short_label,
    size,
)

SAO_PAULO = ZoneInfo("America/Sao_Paulo")


@given(st.floats(-1e10, 1e10), st.sampled_from(["V", "A", "W", "Wh", "Hz", "", "%"]))
def test_a_figure_is_the_value(value, unit):
    scale = scale_for(unit, [value])
    whole, rest = figure(value, scale)
    read = float((whole + rest).replace("−", "-").replace("\u202f", ""))
    assert read * 10**scale.exponent == pytest.approx(value, abs=0.51 * 10 ** (scale.exponent - scale.decimals))


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (229.83, "V", "229.8 V"),
        (4.5123, "A", "4.512 A"),
        (4812.4, "W", "4.812 kW"),
        (-812.4, "W", "−812.4 W"),
        (-0.00001, "W", "0.000 W"),
        (1_234_567.0, "W", "1.235 MW"),
        (12_345_678.0, "Wh", "12\u202f345.7 kWh"),
        (59.9812, "Hz", "59.98 Hz"),
        (0.98712, "", "0.987"),
    ],
)
def test_figures_are_written_as_engineers_do(value, unit, text):
    scale = scale_for(unit, [value])
    assert "".join(figure(value, scale)) + (f" {scale.unit(unit)}" if unit else "") == text


def test_missing_is_a_dash_never_zero():
    assert figure(None, Scale(0, 1)) == ("–", "")


@pytest.mark.parametrize(
    ("seconds", "text"), [(-1, "0 s"), (0.6, "1 s"), (99, "99 s"), (100, "1 min"), (7200, "2 h"), (172_800, "2 d")]
)
def test_ages_are_one_word(seconds, text):
    assert age(seconds) == text


def test_every_quantity_has_labels_a_family_and_a_heading():
    short = {(group(name), short_label(name)) for name in QUANTITIES}
    assert len(short) == len(QUANTITIES), "two quantities under one heading are called the same"
    assert len({label(name) for name in QUANTITIES}) == len(QUANTITIES)
    assert sum(len(names) for _, names in grouped(QUANTITIES)) == len(QUANTITIES)
    for name, quantity in QUANTITIES.items():
        units = {QUANTITIES[other].unit for other in QUANTITIES if family(other) == family(name)}
        assert units == {quantity.unit}


def test_sizes():
    assert [size(n) for n in (512, 4_560, 456e6, 8.3e9)] == ["512 B", "4.6 kB", "456 MB", "8.3 GB"]


@given(st.integers(946_684_800_000, 4_102_444_799_999))
def test_instants_come_back(moment):
    for text in (str(moment), datetime.fromtimestamp(moment / 1000, SAO_PAULO).isoformat(timespec="milliseconds")):
        assert abs(instant(text, "from") - moment) <= 1


@given(st.text(max_size=30))
def test_any_other_text_is_refused_clearly(text):
    try:
        instant(text, "from", SAO_PAULO)
    except UsageError as refused:
        assert refused.hint


def test_days_have_23_and_25_hours_where_the_clock_changes():
    # Sao Paulo went to summer time on 2018-11-04 and back on 2019-02-17.
    for day, hours in (((2018, 11, 4), 23), ((2019, 2, 16), 25), ((2019, 3, 1), 24)):
        noon = ms(datetime(*day, 12, tzinfo=SAO_PAULO))
        begin = begins(noon, "day", SAO_PAULO)
        assert (ms(stepped(begin, "day", 1)) - ms(begin)) / 3_600_000 == hours


def test_retention_is_minded_when_choosing_a_resolution():
    now = 1_795_000_000_000
    old = Span(now - 200 * 86_400_000, now - 200 * 86_400_000 + 600_000)
    assert resolution_for(old, 1.0, StoreSettings(), now) is Resolution.MINUTE
    ancient = Span(now - 1000 * 86_400_000, now - 1000 * 86_400_000 + 600_000)
    assert resolution_for(ancient, 1.0, StoreSettings(), now) is Resolution.QUARTER


class Shelf:
    """A store that has only these series."""

    def __init__(self, found):
        self.found = found

    def series(self, meter, quantities, start, end, resolution):
        whole = self.found[resolution]
        rows = [i for i, at in enumerate(whole.times) if start <= at < end]

        def cut(values):
            return [values[i] for i in rows] if values else ()

        columns = {
            name: Column(cut(c.value), cut(c.minimum), cut(c.maximum), cut(c.increase))
            for name, c in whole.columns.items()
        }
        return Series(meter, resolution, [whole.times[i] for i in rows], columns, cut(whole.flags))


def counter(resolution, times, each):
    values = [each] * len(times)
    return Series("m", resolution, times, {"active_energy_import": Column(values, increase=values)}, [0] * len(times))


def test_energy_is_added_by_the_sites_calendar_across_a_change_of_the_clock():
    now = ms(datetime(2018, 11, 5, 6, tzinfo=SAO_PAULO))
    minutes = range(ms(datetime(2018, 11, 1, tzinfo=SAO_PAULO)), now, 60_000)
    days = [ms(datetime(2018, 11, day, tzinfo=SAO_PAULO)) for day in (1, 2, 3, 4)]
    shelf = Shelf(
        {
            Resolution.MINUTE: counter(Resolution.MINUTE, list(minutes), 1.0),
            Resolution.DAY: counter(Resolution.DAY, days, 1440.0),
        }
    )
    (found,) = sums(shelf, "m", parts(["active_energy_import"]), now, SAO_PAULO)
    assert (found.today, found.yesterday, found.month) == (360.0, 23 * 60.0, 360.0 + 23 * 60 + 3 * 1440)


def test_sums_of_nothing_are_missing_not_zero():
    empty = Shelf({each: counter(each, [], 1.0) for each in Resolution})
    assert sums(empty, "m", parts(["active_energy_import"]), ms(datetime(2026, 5, 20, tzinfo=UTC)), SAO_PAULO) == []


def test_open_hour_is_made_of_its_minutes():
    hour = 3_600_000
    now = 500_000 * hour + 20 * 60_000
    minutes = counter(Resolution.MINUTE, list(range(now - 2 * hour, now, 60_000)), 2.0)
    hours = counter(Resolution.HOUR, [499_998 * hour, 499_999 * hour], 120.0)
    shelf = Shelf({Resolution.MINUTE: minutes, Resolution.HOUR: hours})
    asked = Question(None, ("active_energy_import",), Span(499_998 * hour, 500_001 * hour), Resolution.HOUR)
    found = carried_on(shelf, hours, asked, now, SAO_PAULO)
    assert found.times[-1] == 500_000 * hour
    assert found.columns["active_energy_import"].increase[-1] == 40.0
    assert found.flags == [0, 0, 0]
    past = replace(asked, span=Span(499_998 * hour, 499_999 * hour))
    assert carried_on(shelf, counter(Resolution.HOUR, [499_998 * hour], 1.0), past, now, SAO_PAULO).times == [
        499_998 * hour
    ]


def test_open_hour_has_the_quality_of_all_its_minutes():
    hour = 3_600_000
    now = 500_000 * hour + 20 * 60_000
    minutes = counter(Resolution.MINUTE, list(range(now - 2 * hour, now, 60_000)), 2.0)
    flags = [int(Flag.METER_SWAP)] * 100 + [0] * 20
    flags[103], flags[110] = int(Flag.TIME_ESTIMATED), int(Flag.PARTIAL)
    hours = counter(Resolution.HOUR, [499_998 * hour, 499_999 * hour], 120.0)
    asked = Question(None, ("active_energy_import",), Span(499_998 * hour, 500_001 * hour), Resolution.HOUR)
    found = carried_on(Shelf({Resolution.MINUTE: replace(minutes, flags=flags)}), hours, asked, now, SAO_PAULO)
    assert found.flags == [0, 0, Flag.TIME_ESTIMATED | Flag.PARTIAL]


def minutes_of_power(times, values):
    return Series("m", Resolution.MINUTE, times, {"active_power_total": Column(values)})


def test_sparkline_leaves_gaps_open_and_steps():
    hour = minutes_of_power([0, 60_000, 300_000], [1000.0, 2000.0, 1500.0])
    drawn = spark(LastHour(hour, []), "active_power_total", Scale(3, 2))
    assert drawn.path.count("M") == 2
    assert drawn.path.count("H") == 3
    assert (drawn.low, drawn.high, drawn.band, drawn.expected) == ("1.00", "2.00", "", None)
    empty = replace(hour, times=[], columns={})
    assert spark(LastHour(empty, []), "active_power_total", Scale(0, 0)) is None


def test_sparkline_lies_before_the_band_of_each_hour_that_it_reaches_into():
    hour, minute = 3_600_000, 60_000
    times = list(range(hour + 30 * minute, 2 * hour + 30 * minute, minute))
    expected = [
        {"time": hour, "low": 900.0, "high": 2100.0},
        {"time": 2 * hour, "low": 1200.0, "high": 1800.0},
    ]
    known = minutes_of_power(times, [1000.0, 2000.0] * 30)
    drawn = spark(LastHour(known, expected), "active_power_total", Scale(3, 1))
    first, second = re.findall(r"M([\d.]+) ([\d.]+)H([\d.]+)V([\d.]+)H", drawn.band)
    assert (first[0], first[2], second[0], second[2]) == ("0.0", "180.0", "180.0", "360.0")
    assert float(first[1]) < float(second[1]) < float(second[3]) < float(first[3])
    assert (drawn.low, drawn.high, drawn.expected) == ("1.0", "2.0", ("1.2", "1.8"))


def test_a_wide_band_leaves_the_line_a_third_of_the_height():
    times = list(range(0, 3_600_000, 60_000))
    expected = [{"time": 0, "low": -9e6, "high": 9e6}]
    drawn = spark(LastHour(minutes_of_power(times, [1000.0, 2000.0] * 30), expected), "active_power_total", Scale(3, 1))
    heights = [float(part) for part in re.findall(r"[ML][\d.]+ ([\d.]+)", drawn.path)]
    assert max(heights) - min(heights) >= 17
    assert drawn.band == "M0.0 0.0H360.0V60.0H0.0Z"


def test_store_is_opened_anew_after_it_went_away():
    opened, clock = [], [0.0]

    class Reader:
        def close(self):
            opened.append("closed")

    def open_reader():
        opened.append("opened")
        return Reader()

    def gone(_):
        raise StoreDown("gone")

    access = StoreAccess(open_reader, lambda: clock[0])
    with pytest.raises(StoreDown):
        access.ask(gone)
    with pytest.raises(StoreDown):
        access.ask(lambda _: 1)
    clock[0] = 10.0
    assert access.ask(lambda _: 1) == 1
    assert opened == ["opened", "closed", "opened"]


def test_remembered_answers_grow_old():
    clock, asked = [0.0], []
    remembered = Remembered(5.0, lambda: clock[0])

    def find():
        asked.append(clock[0])
        return len(asked)

    assert [remembered.get("a", find), remembered.get("a", find)] == [1, 1]
    clock[0] = 6.0
    assert remembered.get("a", find) == 2


def test_port_that_is_taken_gives_a_sentence_and_a_hint(house):
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(UsageError, match="another program") as refused:
        serve(house.app, "127.0.0.1", other.getsockname()[1])
    assert "[page]" in refused.value.hint


def test_a_meter_that_counts_by_tariff_only_has_its_sum_too():
    assert parts(["active_energy_import_t1", "active_energy_import_t2", "voltage_l1_n"]) == {
        "active_energy_import": ("active_energy_import_t1", "active_energy_import_t2")
    }
    now = ms(datetime(2026, 5, 20, 6, tzinfo=UTC))
    times = list(range(now - 6 * 3_600_000, now, 60_000))
    both = {f"active_energy_import_{tariff}": Column([1.0] * 360, increase=[1.0] * 360) for tariff in ("t1", "t2")}
    shelf = Shelf({each: Series("m", each, times, both) for each in Resolution})
    (found,) = sums(shelf, "m", parts(both), now, ZoneInfo("UTC"))
    assert found.today == 720.0


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [(78.93, "W", "79 W"), (1063, "var", "1.1 kvar"), (999.6, "VA", "1.0 kVA"), (0.0, "W", "0 W"), (120, "W", "120 W")],
)
def test_about_how_much_has_two_digits_that_count(value, unit, said):
    assert rough(value, unit) == said


def test_what_is_rounded_to_nought_has_no_sign():
    assert [number(each, 2) for each in (-0.004, -0.006, 0.0)] == ["0.00", "−0.01", "0.00"]

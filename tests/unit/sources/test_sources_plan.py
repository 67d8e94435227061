"""The plan is the cheapest there is, never splits a value and asks for nothing that it may not."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.config.settings import LineSettings, MeterSettings
from collector.devices.map import Group, Model, Register, RegisterType, When
from collector.sources.cover import Wanted, cheapest_cover
from collector.sources.learned import Gaps, Hole, Learned
from collector.sources.linetime import LineTime, line_time
from collector.sources.plan import plan, untried

F32, F64 = RegisterType.FLOAT32, RegisterType.FLOAT64
LINE = LineSettings("rs485", port="/dev/meter", baud=19200, frame="8N2")
METER = MeterSettings("turbine", "m", "rs485", 126)
NAMES = [f"{word}_{phase}" for word in ("current_thd", "voltage_thd", "active_power") for phase in ("l1", "l2", "l3")]


def group(addresses: Sequence[int], kind: RegisterType = F32, when: When = When.TICK, every: float = 0.0) -> Group:
    registers = (Register(f"r{a}", a, kind, NAMES[k % len(NAMES)]) for k, a in enumerate(addresses))
    return Group(f"g{addresses[0]}", when, tuple(registers), every)


def model(*groups: Group, **more: object) -> Model:
    return Model("m", "maker", "title", "modbus", groups, (), True, functions=(3, 4), turnaround=0.003, **more)  # type: ignore[arg-type]


PAC3100 = model(group(range(1, 41, 2)), group(range(47, 55, 2)), group((801, 805), F64))


def spans(one: Model, line: LineSettings = LINE, gaps: Gaps | None = None) -> list[tuple[int, int]]:
    return [(r.address, r.count) for r in plan(one, line, METER, gaps or Gaps()).requests]


def test_the_pac3100_takes_three_requests() -> None:
    assert spans(PAC3100) == [(1, 40), (47, 8), (801, 8)]


def test_the_pac3100_takes_two_once_it_answered_the_hole() -> None:
    gaps = Gaps()
    assert untried(PAC3100, LINE, METER, gaps) == ((41, 47),)
    gaps.learn([(41, 47)], answered=True)
    assert spans(PAC3100, gaps=gaps) == [(1, 54), (801, 8)]
    assert untried(PAC3100, LINE, METER, gaps) == ()


def test_a_refused_hole_is_never_tried_again() -> None:
    gaps = Gaps()
    gaps.learn([(41, 47)], answered=False)
    assert untried(PAC3100, LINE, METER, gaps) == ()
    assert spans(PAC3100, gaps=gaps) == [(1, 40), (47, 8), (801, 8)]


def test_a_map_that_forbids_filling_is_obeyed() -> None:
    gaps = Gaps(answered={(41, 47)})
    strict = replace(PAC3100, fill_gaps=False)
    assert spans(strict, gaps=gaps) == [(1, 40), (47, 8), (801, 8)]
    assert untried(strict, LINE, METER, gaps) == ()


def test_milliseconds_are_those_of_the_standard() -> None:
    """19200 8N2: T(40) = 93 characters + two silences of 3.5 + 3 ms; collectors' table says 13.7 ms for T(2)."""
    request = plan(PAC3100, LINE, METER, Gaps()).requests[0]
    assert request.milliseconds == pytest.approx((13 + 80) * 11 / 19.2 + 7 * 11 / 19.2 + 3)
    assert line_time(LINE, 0.0).milliseconds(4) == pytest.approx(13.75, abs=0.01)
    assert line_time(replace(LINE, baud=9600), 0.0).milliseconds(40) == pytest.approx(68.8, abs=0.1)
    assert line_time(replace(LINE, baud=38400), 0.0).milliseconds(250) == pytest.approx(78.8, abs=0.1)


def test_utilisation_and_limit_add_up() -> None:
    done = plan(PAC3100, LINE, replace(METER, every=0.5), Gaps())
    total = sum(r.milliseconds for r in done.requests) / 1000
    assert done.physical_limit == pytest.approx(total)
    assert done.utilisation == pytest.approx(total / 0.5)


def test_no_request_is_longer_than_the_meter_allows() -> None:
    assert all(count <= 40 for _, count in spans(model(group(range(0, 200, 2)), max_registers=40)))
    assert spans(model(group(range(0, 84, 2)), max_registers=41)) == [(0, 40), (40, 40), (80, 4)]


def test_tcp_fills_what_a_slow_line_does_not() -> None:
    wide = model(group((0, 60)))
    gaps = Gaps(answered={(2, 60)})
    assert spans(wide, gaps=gaps) == [(0, 2), (60, 2)]
    assert spans(wide, LineSettings("g", host="10.0.0.7"), gaps) == [(0, 62)]


def test_slow_registers_are_taken_along_only_where_that_is_cheaper() -> None:
    near = model(group((0, 2, 4)), group((6,), when=When.PERIOD, every=2.0))
    far = model(group((0, 2, 4)), group(range(6, 60, 2), when=When.PERIOD, every=60.0))
    assert [(r.address, r.count, r.period) for r in plan(near, LINE, METER, Gaps()).requests] == [(0, 8, 1.0)]
    got = [(r.address, r.count, r.period) for r in plan(far, LINE, METER, Gaps()).requests]
    assert got == [(0, 6, 1.0), (6, 54, 60.0)]


def test_a_slow_request_may_run_across_a_fast_register() -> None:
    mixed = model(group((50,)), group((*range(0, 50, 2), *range(52, 100, 2)), when=When.PERIOD, every=60.0))
    requests = plan(mixed, LINE, METER, Gaps()).requests
    assert [(r.address, r.count, r.period) for r in requests] == [(50, 2, 1.0), (0, 100, 60.0)]
    assert all(register.address != 50 for register in requests[1].registers), "the fast request gives the value"


def test_what_nobody_wants_is_not_read() -> None:
    maxima = Group("maxima", When.DEMAND, (Register("max", 55, F32),))
    dumb = Group("words", When.TICK, (Register("status", 205, RegisterType.UINT32),))
    assert spans(model(group((1, 3)), maxima, dumb)) == [(1, 4)]
    assert spans(model(maxima)) == []


def test_status_bits_are_one_slow_request() -> None:
    last = plan(model(group((1,)), status_bits={"overload": 126, "restart": 111}), LINE, METER, Gaps()).requests[-1]
    assert (last.function, last.address, last.count, last.period) == (2, 111, 16, 10.0)


def test_blocks_have_names_of_their_own(tmp_path: Path) -> None:
    names = [request.block for request in plan(PAC3100, LINE, METER, Learned(tmp_path)).requests]
    assert len(set(names)) == len(names) == 3


# --- against brute force ---------------------------------------------------------------------------------------------


def cheapest_by_force(
    wanted: Sequence[Wanted], cost: LineTime, longest: int, passable: Callable[[Hole], bool]
) -> float:
    """Tries every set of spans that begin and end at wanted registers."""
    usable = []
    for i in range(len(wanted)):
        for j in range(i, len(wanted)):
            inside = wanted[i : j + 1]
            holes = [(a.end, b.address) for a, b in pairwise(inside) if b.address > a.end]
            count = inside[-1].end - inside[0].address
            if count <= longest and all(map(passable, holes)):
                for period in {one.period for one in wanted}:
                    usable.append((cost.milliseconds(2 * count) / period, i, j, period))
    best = math.inf

    def search(served: frozenset[int], spent: float) -> None:
        nonlocal best
        if spent >= best:
            return
        left = [k for k in range(len(wanted)) if k not in served]
        if not left:
            best = spent
            return
        for price, i, j, period in usable:
            if i <= left[0] <= j and period <= wanted[left[0]].period:
                more = {k for k in range(i, j + 1) if period <= wanted[k].period}
                search(served | more, spent + price)

    search(frozenset(), 0.0)
    return best


@st.composite
def maps(draw: st.DrawFn) -> list[Wanted]:
    at, wanted = 0, []
    for _ in range(draw(st.integers(1, 6))):
        at += draw(st.sampled_from([0, 0, 1, 5, 20, 60]))
        kind = draw(st.sampled_from([RegisterType.UINT16, F32, F64]))
        period = draw(st.sampled_from([1.0, 2.0, 10.0]))
        wanted.append(Wanted(at, at + kind.count, period, Register(f"r{at}", at, kind)))
        at += kind.count
    return wanted


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(
    maps(),
    st.sampled_from([8.0, 20.0, 60.0]),
    st.sampled_from([0.05, 0.57, 2.3]),
    st.sampled_from([6, 40, 125]),
    st.data(),
)
def test_the_plan_costs_what_brute_force_finds(
    wanted: list[Wanted], base: float, per_byte: float, longest: int, data: st.DataObject
) -> None:
    cost = LineTime(base, per_byte)
    holes = [(a.end, b.address) for a, b in pairwise(wanted) if b.address > a.end]
    allowed = data.draw(st.sets(st.sampled_from(holes))) if holes else set()
    found = cheapest_cover(wanted, cost, longest, allowed.__contains__)
    spent = sum(cost.milliseconds(2 * (span.end - span.address)) / span.period for span in found)
    assert spent == pytest.approx(cheapest_by_force(wanted, cost, longest, allowed.__contains__))
    for one in wanted:
        assert any(s.address <= one.address and one.end <= s.end and s.period <= one.period for s in found)
    borders = {one.address for one in wanted}, {one.end for one in wanted}
    assert all(s.address in borders[0] and s.end in borders[1] and s.end - s.address <= longest for s in found)


def test_a_large_map_is_planned_in_no_time() -> None:
    import time

    paces = enumerate((1.0, 5.0, 60.0) * 3)
    groups = [group(range(k * 100, k * 100 + 60, 2), when=When.PERIOD, every=every) for k, every in paces]
    large = model(*groups)
    began = time.process_time()
    plan(large, LINE, METER, Gaps(answered={(k * 100 + 60, k * 100 + 100) for k in range(8)}))
    assert time.process_time() - began < 10.0

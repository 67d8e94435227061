"""A meter that gives some registers only all together is asked for just these."""

from __future__ import annotations

from dataclasses import replace

from collector.config.settings import LineSettings, MeterSettings
from collector.devices.map import Block, Group, Model, Register, RegisterType, When
from collector.sources.learned import Gaps
from collector.sources.modbus.demand import runs
from collector.sources.plan import plan, untried

F32 = RegisterType.FLOAT32
LINE = LineSettings("rs485", port="/dev/null", baud=9600)
METER = MeterSettings("m", "acme", "rs485", 1)
BLOCKS = (Block(3000, 20), Block(3030, 10))


def model() -> Model:
    now = (
        Register("a", 2990, F32, "current_l1"),
        Register("b", 3004, F32, "voltage_l1_n"),
        Register("c", 3010, F32, "voltage_l2_n"),
        Register("e", 3022, F32, "current_l2"),
    )
    groups = (
        Group("now", When.TICK, now),
        Group("energy", When.PERIOD, (Register("d", 3012, F32, "frequency"),), 60.0),
        Group("kept", When.DEMAND, (Register("f", 3030, F32), Register("g", 3034, F32), Register("h", 3040, F32))),
    )
    return Model("acme", "Acme", "One", "modbus", groups, (), False, blocks=BLOCKS)


def test_a_block_is_one_request_of_its_length_and_nothing_runs_into_it() -> None:
    gaps = Gaps(answered={(0, 65536)})
    requests = plan(model(), LINE, METER, gaps).requests
    assert [(one.address, one.count, one.period) for one in requests] == [
        (2990, 2, 1.0),
        (3000, 20, 1.0),
        (3022, 2, 1.0),
    ]
    whole = requests[1]
    assert whole.quantities == ("voltage_l1_n", "voltage_l2_n", "frequency")
    assert whole.holes == ()


def test_no_hole_of_a_block_is_tried() -> None:
    assert all(b <= 3000 or a >= 3020 for a, b in untried(model(), LINE, METER, Gaps()))


def test_what_is_kept_for_people_is_asked_for_in_whole_blocks_too() -> None:
    found = [
        (run.address, run.count, [r.name for r in run.registers]) for run in runs(model().groups[2].registers, model())
    ]
    assert found == [(3030, 10, ["f", "g"]), (3040, 2, ["h"])]
    joined = list(runs(model().groups[2].registers, replace(model(), blocks=())))
    assert [(run.address, run.count) for run in joined] == [(3030, 2), (3034, 2), (3040, 2)]

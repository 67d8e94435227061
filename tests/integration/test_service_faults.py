"""Whatever a line or gateway does to answers: never a wrong value stored, and the next good reading comes at once."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager

import pytest
from faulty_peers import RTU_OVER_TCP, SERIAL, TCP, ByTurn, FaultyLine, Gateway
from true_meter import APART, RISE, STEP, TrueMemory

from tests.integration.conftest import SITE, Box, end, wait_for

CONFIG = (
    SITE
    + """
[[line]]
name = "line"
{line}
timeout = "300ms"
[[meter]]
name = "m"
model = "siemens-pac3100"
line = "line"
unit = 126
every = "200ms"
"""
)
ROUNDS = 1.5  #: so many times every kind of fault
EVERY = 1.3  #: s between two faults
#: A reading may be this much older than its stamp, s: no more than the timeout, in which an answer is still in time.
AGE = 0.36
PERIOD = 1.0  #: s; DESIGN speaks of meters read every second
LOAD = 0.6  #: s that this busy machine may add


@contextmanager
def serial(memory: TrueMemory, faults: ByTurn) -> Iterator[str]:
    peer = FaultyLine(126, memory, faults)
    with peer:
        yield f'port = "{peer.port}"\nbaud = 19200\nframe = "8N2"'


@contextmanager
def gateway(memory: TrueMemory, faults: ByTurn, framing: str) -> Iterator[str]:
    peer = Gateway(126, memory, faults, framing)
    peer.start()
    yield f'host = "127.0.0.1"\ntcp_port = {peer.port}\nframing = "{framing}"'
    peer.close()


def rows(box: Box) -> list[Mapping[str, float | None]]:
    with closing(sqlite3.connect(f"file:{box.database}?mode=ro", uri=True)) as base:
        base.row_factory = sqlite3.Row
        return [dict(row) for row in base.execute("SELECT * FROM reading ORDER BY time")]


def check_values(memory: TrueMemory, stored: list[Mapping[str, float | None]]) -> int:
    """Every value is that of its register, measured when the reading says; returns how many were looked at."""
    looked = 0
    for row in stored:
        at = float(row["time"] or 0) / 1000
        for quantity, value in row.items():
            if value is None or quantity in ("meter_id", "time", "flags"):
                continue
            register = memory.register_of(quantity)
            if register is None:
                assert not quantity.endswith(("_import", "_net")), f"{quantity} {value}: this meter counts export"
                continue
            said = f"{quantity} {value!r} at {at}"
            # float32 keeps the ramp to about half a step.
            after = memory.measured(register, value) - at
            assert -1e-6 < value / memory.base(register) - 1 < APART / 2, f"{said}: of another register"
            assert after >= -AGE, f"{said}: {-after:.3f} s old"
            assert after <= 3.0, f"{said}: {after:.3f} s ahead of its stamp"
            looked += 1
    return looked


def check_pauses(done: list[tuple[float, str]], good: list[float]) -> list[str]:
    """The faults after which the next good reading came later than a period."""
    late = []
    for at, kind in done:
        following = next((time for time in good if time > at), None)
        if following is None or following - at > PERIOD + LOAD:
            late.append(f"{kind}: {'never' if following is None else f'{following - at:.2f} s'}")
    return late


def play(box: Box, memory: TrueMemory, faults: ByTurn, line: str, seconds: float) -> None:
    box.write(CONFIG.format(database=box.database, line=line))
    collector = box.start("run", str(box.config))
    wait_for(lambda: faults.done, 30, "the first fault")
    time.sleep(seconds)
    assert end(collector) == 0
    assert "defect of Phaselog" not in box.log
    assert "Traceback" not in box.log


def judge(box: Box, memory: TrueMemory, faults: ByTurn) -> None:
    stored = rows(box)
    assert check_values(memory, stored) > 500
    good = [float(row["time"] or 0) / 1000 for row in stored if row["flags"] == 0 and row["frequency"] is not None]
    until = good[-1] - PERIOD - LOAD
    done = [(at, kind) for at, kind in faults.done if at < until]
    assert len({kind for _, kind in done}) >= 20
    assert check_pauses(done, good) == []
    assert RISE * (time.time() - memory.started) / STEP < APART / 2, "the ramp has run into the next register"


@pytest.mark.slow
def test_serial_line(box: Box) -> None:
    memory, faults = TrueMemory(), ByTurn(SERIAL, 1, EVERY)
    with serial(memory, faults) as line:
        play(box, memory, faults, line, ROUNDS * len(SERIAL) * EVERY)
    judge(box, memory, faults)


@pytest.mark.slow
@pytest.mark.parametrize(("framing", "kinds"), [("tcp", TCP), ("rtu", RTU_OVER_TCP)])
def test_gateways(box: Box, framing: str, kinds: dict[str, object]) -> None:
    memory, faults = TrueMemory(), ByTurn(kinds, 2, EVERY)  # type: ignore[arg-type]
    with gateway(memory, faults, framing) as line:
        play(box, memory, faults, line, ROUNDS * len(kinds) * EVERY)
    judge(box, memory, faults)

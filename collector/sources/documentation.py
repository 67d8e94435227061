"""Writes docs/reference/requests.md from the models and the planner: `python -m collector.sources.documentation`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from collector.config.settings import LineSettings, MeterSettings
from collector.devices import catalogue
from collector.devices.map import Model
from collector.sources.learned import Gaps
from collector.sources.linetime import line_time
from collector.sources.plan import Plan, plan, untried

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "requests.md"

_HEAD = """# Requests

What reading a whole meter costs on its line: every value that is recorded regularly, all groups once, status bits
included. Times are those of a serial line at the speed and frame of the factory, with the answer time that the model
states; [Performance](performance.md) tells how near the collector comes to them. *At first* no register that the map
does not name is asked for. *Later* the holes that were cheaper to read along have been tried once and answered, which
many meters do; `phaselog plan` shows the state of your own. *One by one* is how simple loggers read: one request for
each value. A value is never split, and never more registers are asked for at once than the meter allows.
This page is made by `python -m collector.sources.documentation`.

| model | values | line | requests at first | later | one by one | ms at first | later | one by one | times faster |
|---|---|---|---|---|---|---|---|---|---|"""


@dataclass(frozen=True, slots=True)
class Cost:
    """Requests and ms of a cycle: nothing learned (`first`), holes answer (`later`), each value alone (`single`)."""

    model: Model
    values: int
    first: tuple[int, float]
    later: tuple[int, float]
    single: tuple[int, float]

    @property
    def ratio(self) -> float:
        """How often one cycle later fits into one of single values."""
        return self.single[1] / self.later[1]


def cost(model: Model) -> Cost:
    """The cost of a Modbus model on a serial line as the factory sets it."""
    line = LineSettings("factory", port="/dev/ttyUSB0", baud=model.baud, frame=model.frame)
    meter = MeterSettings("one", model.name, line.name, unit=model.unit)
    gaps = Gaps()
    first = plan(model, line, meter, gaps)
    gaps.learn(untried(model, line, meter, gaps), answered=True)
    registers = [register for request in first.requests for register in request.registers]
    one = line_time(line, model.turnaround)
    alone = [one.milliseconds(2 * register.type.count) for register in registers]
    alone += [one.milliseconds(1)] * len(model.status_bits or ())
    return Cost(model, len(registers), _of(first), _of(plan(model, line, meter, gaps)), (len(alone), sum(alone)))


def _of(planned: Plan) -> tuple[int, float]:
    return len(planned.requests), 1000 * planned.physical_limit


def markdown() -> str:
    """The whole page."""
    models = [catalogue.load(name) for name in catalogue.names()]
    lines = [_HEAD]
    for model in sorted((m for m in models if m.protocol == "modbus"), key=lambda m: (m.maker, m.name)):
        found = cost(model)
        parts = (found.first, found.later, found.single)
        counts = " | ".join(str(count) for count, _ in parts)
        times = " | ".join(f"{ms:.0f}" for _, ms in parts)
        lines.append(
            f"| `{model.name}` | {found.values} | {model.baud} {model.frame} | {counts} | {times} | {found.ratio:.1f} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Writes the page."""
    PAGE.write_text(markdown(), encoding="utf-8")


if __name__ == "__main__":
    main()

"""Computes the requests that read a meter in the fewest milliseconds on its line.

Values are never split, and a hole (registers between two wanted ones) is read along only where that is cheaper and the
meter has answered it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from collector.config.settings import LineSettings, MeterSettings
from collector.devices.map import Model, Register, When
from collector.sources.cover import Span, Wanted, cheapest_cover
from collector.sources.learned import Gaps, Hole, Learned
from collector.sources.linetime import LineTime, line_time

#: How often status bits are read (s), or with every tick if that is slower.
STATUS_PERIOD = 10.0


@dataclass(frozen=True, slots=True)
class Request:
    """One request of the plan. `function`: the first of those that serve it (FC 03 and 04 are used in turn).

    `block`: its name, unique in the plan. `milliseconds`: on the line. `period`: s. `registers`: what is wanted of it.
    `holes`: registers between the wanted ones that are read along.
    """

    block: str
    function: int
    address: int
    count: int
    milliseconds: float
    period: float
    quantities: tuple[str, ...]
    registers: tuple[Register, ...] = ()
    holes: tuple[Hole, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """All requests of one meter. `utilisation`: share of the line's time they take, 0 to 1 (and above: too much).

    `physical_limit`: s that all of them take once, back to back: no period can be shorter.
    """

    requests: tuple[Request, ...]

    @property
    def utilisation(self) -> float:
        """Share of the line's time."""
        return sum(r.milliseconds / 1000 / r.period for r in self.requests)

    @property
    def physical_limit(self) -> float:
        """The shortest possible period, s."""
        return sum(r.milliseconds for r in self.requests) / 1000

    @property
    def holes(self) -> frozenset[Hole]:
        """Every range that is read along without being wanted."""
        return frozenset(hole for request in self.requests for hole in request.holes)


def plan(model: Model, line: LineSettings, meter: MeterSettings, learned: Learned | Gaps) -> Plan:
    """The cheapest plan with what is known of this meter."""
    gaps = learned.gaps(meter, line) if isinstance(learned, Learned) else learned
    return _plan(model, line, meter, _allowed(model, gaps))


def untried(model: Model, line: LineSettings, meter: MeterSettings, gaps: Gaps) -> tuple[Hole, ...]:
    """The holes worth trying: the plan would be cheaper if the meter answered them, and nobody knows yet."""
    allows = _allowed(model, gaps)
    hoped = _plan(model, line, meter, lambda hole: not gaps.forbids(hole))
    return tuple(sorted(hole for hole in hoped.holes if not allows(hole)))


def _allowed(model: Model, gaps: Gaps) -> Callable[[Hole], bool]:
    """SunSpec promises that every register of a model can be read; of all others it is tried."""
    return (lambda hole: not gaps.forbids(hole)) if model.sunspec else gaps.allows


def _plan(model: Model, line: LineSettings, meter: MeterSettings, allows: Callable[[Hole], bool]) -> Plan:
    cost = line_time(line, model.turnaround)
    mapped = _mapped(model)
    wanted = _wanted(model, meter)
    free = [one for one in wanted if model.block(one.register) not in model.blocks]

    def passable(hole: Hole) -> bool:
        inside = model.fill_gaps or mapped.issuperset(range(*hole))
        return inside and not any(b.address < hole[1] and hole[0] < b.end for b in model.blocks) and allows(hole)

    spans = [*_whole(model, wanted), *cheapest_cover(free, cost, model.max_registers, passable)]
    requests = sorted(_requests(model, cost, spans, wanted), key=lambda r: (r.period, r.address))
    return Plan((*requests, *_status(model, meter, cost)))


def _whole(model: Model, wanted: Sequence[Wanted]) -> Iterator[Span]:
    """The blocks that are only given whole, each as often as what is wanted most of it."""
    for block in model.blocks:
        periods = [one.period for one in wanted if block.holds(one.register)]
        if periods:
            yield Span(block.address, block.end, min(periods))


def _mapped(model: Model) -> frozenset[int]:
    return frozenset(address for register in model.registers() for address in range(register.address, register.end))


def _wanted(model: Model, meter: MeterSettings) -> list[Wanted]:
    """Every register that is read regularly, with its period, in order of address."""
    wanted, scales = [], model.exponents()
    for group in model.groups:
        if group.when is When.DEMAND:
            continue
        period = meter.every if group.when is When.TICK else max(meter.every, group.every)
        used = (r for r in group.registers if r.quantities or r.evidence or r.name in scales)
        wanted += [Wanted(r.address, r.end, period, r) for r in used]
    return sorted(wanted, key=lambda w: (w.address, w.end))


def _requests(model: Model, cost: LineTime, spans: Sequence[Span], wanted: Sequence[Wanted]) -> Iterator[Request]:
    """Each register is taken from the fastest request that reads it."""
    taken: set[int] = set()
    for span in sorted(spans, key=lambda span: (span.period, span.address)):
        inside = [w for w in wanted if span.address <= w.address and w.end <= span.end]
        mine = [w.register for w in inside if id(w) not in taken]
        taken.update(id(w) for w in inside)
        count = span.end - span.address
        yield Request(
            f"{span.address}-{span.end - 1}",
            model.functions[0],
            span.address,
            count,
            cost.milliseconds(2 * count),
            span.period,
            tuple(dict.fromkeys(quantity for register in mine for quantity in register.quantities)),
            tuple(mine),
            () if any(block.address == span.address for block in model.blocks) else tuple(_holes(inside)),
        )


def _holes(inside: Sequence[Wanted]) -> Iterator[Hole]:
    end = inside[0].end
    for one in inside[1:]:
        if one.address > end:
            yield end, one.address
        end = max(end, one.end)


def _status(model: Model, meter: MeterSettings, cost: LineTime) -> Iterator[Request]:
    """The status bits, all in one request."""
    if model.status_bits:
        first, last = min(model.status_bits.values()), max(model.status_bits.values())
        count = last - first + 1
        spent = cost.milliseconds((count + 7) // 8)
        yield Request(f"bits {first}-{last}", 2, first, count, spent, max(meter.every, STATUS_PERIOD), ())

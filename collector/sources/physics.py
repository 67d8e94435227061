"""Judges whether one meter's values can all be true, and names the register that most likely is not.

A wrong address, scale, sign or word order gives a value that looks like one. Each value takes part in several laws; the
register whose correction makes most of them hold is the one to look at (docs/explanation/decisions/0072).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from collector.devices.map import Model
from collector.model.quantity import QUANTITIES
from collector.sources.laws import Law, Nominal, laws
from collector.sources.mistakes import Idea, ideas, register_of, times

#: Registers that are named at most; a map that is wrong everywhere needs no longer list.
MOST = 6
#: Share of several readings that must say the same.
OFTEN = 0.8
#: Wh that must have flowed before a pace says anything.
LEAST_ENERGY = 50.0


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Values that do not fit the others: `quantities` with what the map gives for each, and `where` it reads them.

    `looks`: what is probably wrong. `laws`: what is broken. `among`: quantities that may be wrong instead.
    """

    quantities: tuple[str, ...]
    values: tuple[float, ...]
    where: tuple[str, ...]
    looks: str
    laws: tuple[str, ...]
    among: tuple[str, ...] = ()

    def __str__(self) -> str:
        said = [
            f"{name} {value:.6g} {QUANTITIES[name].unit}".rstrip() + f" ({place})"
            for name, value, place in zip(self.quantities, self.values, self.where, strict=True)
        ]
        others = f", or else {', '.join(self.among)}," if self.among else ""
        return f"{', '.join(said)}{others} {self.looks}: against {', '.join(self.laws)}"


def judge(values: Mapping[str, float | None], model: Model, nominal: Nominal | None = None) -> list[Suspicion]:
    """The suspicious values of one reading, the gravest first; empty when everything can be true.

    `values`: quantity -> value as the model's map gives it, before any transformer ratio.
    """
    known = {name: value for name, value in values.items() if value is not None and math.isfinite(value)}
    nominal = nominal or Nominal()
    found: list[Suspicion] = []
    while len(found) < MOST and (broken := _broken(known, nominal)):
        suspicion, known = _worst(known, broken, model, nominal)
        found.append(suspicion)
    return found


def lasting(judged: Sequence[Sequence[Suspicion]]) -> list[Suspicion]:
    """What nearly every one of several readings says: a load that switched between two requests is no mistake."""
    last = {one.quantities: one for reading in judged for one in reading}
    count = {names: sum(any(one.quantities == names for one in reading) for reading in judged) for names in last}
    return [one for names, one in last.items() if count[names] >= OFTEN * len(judged)]


def pace(counter: str, counted: float, energy: float, model: Model) -> Suspicion | None:
    """Whether a counter rose as the power says: `counted` Wh on it, `energy` Wh by the mean power of the same time.

    Only a power of ten is a mistake of the map; a tenth more or less is how meters are.
    """
    if energy < LEAST_ENERGY or counted <= 0.0:
        return None
    power = math.log10(counted / energy)
    if abs(power) < 0.5 or abs(power - round(power)) > 0.1:
        return None
    looks = f"looks {times(10.0 ** round(power))} by the power of the last hour"
    return Suspicion((counter,), (counted,), (where(model, counter),), looks, ("energy = power x time",))


def _broken(values: Mapping[str, float], nominal: Nominal) -> list[Law]:
    return [law for law in laws(values, nominal) if not law.holds_for(values)]


def _worst(
    values: dict[str, float], broken: Sequence[Law], model: Model, nominal: Nominal
) -> tuple[Suspicion, dict[str, float]]:
    """The most suspicious value, and the values without its mistake."""
    suspects = list(dict.fromkeys(part for law in broken for part in law.parts))
    certain = {law.parts[0] for law in broken if len(law.parts) == 1}
    scored = [(_weight(idea, certain, _broken(idea.values, nominal)), idea) for idea in ideas(suspects, values, model)]
    weight, best = min(scored, key=lambda each: each[0])
    names = best.names
    among = dict.fromkeys(name for other, idea in scored if other == weight for name in idea.names)
    mine = tuple(dict.fromkeys(law.says for law in broken if not set(names).isdisjoint(law.parts)))
    suspicion = Suspicion(
        names,
        tuple(values[name] for name in names),
        tuple(where(model, name) for name in names),
        best.looks,
        mine,
        tuple(name for name in among if name not in names),
    )
    return suspicion, dict(best.values)


def _weight(idea: Idea, certain: Collection[str], left: Sequence[Law]) -> tuple[int, int, int]:
    """The least is the most suspicious: few laws stay broken, a likely mistake, wrong by itself or a mean."""
    doubt = max(0 if name in certain else 1 if "average" in name else 2 for name in idea.names)
    return len(left), idea.rank, doubt


def where(model: Model, quantity: str) -> str:
    """Where the model takes this quantity from, for a person who looks it up in the manual."""
    register = register_of(model, quantity)
    if register is not None:
        return f"register {register.address} (0x{register.address:04X}, {register.type.value})"
    codes = [code.code for code in model.codes if code.quantity == quantity]
    return f"code {' and '.join(codes)}" if codes else "derived"

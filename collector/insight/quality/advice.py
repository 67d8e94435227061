"""Says what figures outside their limits mean and what a person could do, with the numbers that it rests on."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from collector.insight.quality import sentences as say
from collector.insight.quality.assess import Nominal, Verdict
from collector.insight.quality.load import Use
from collector.insight.quality.profile import Profile

#: What one tap of a distribution transformer changes, percent, and how many there usually are to each side.
TAP, TAPS = 2.5, 2
#: Loading below which an installation is called lightly used, and the spread of currents that is worth moving load for.
LIGHT, WORTH_MOVING = 0.10, 10.0
#: The share of the mean current below which phases carry alike. Three steady currents whose spread is worth moving load
#: for differ by more.
EVEN = 0.05


@dataclass(frozen=True, slots=True)
class Amount:
    """A number in a sentence: the page writes it in the reader's language."""

    value: float
    unit: str
    decimals: int = 0


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to know. `meaning` and `action`: keys of translation; `%(name)s` is one of `values`."""

    code: str
    level: str  #: "fine", "attention" or "wrong"
    meaning: str
    action: str
    values: Mapping[str, Amount | str]


@dataclass(frozen=True, slots=True)
class Facts:
    """What advice rests on: one meter, one period."""

    profile: Profile
    nominal: Nominal
    rated: float | None  #: VA
    verdicts: Sequence[Verdict]
    means: Mapping[str, float]  #: figure -> mean of its 10-minute values, percent
    use: Use

    def bad(self, figure: str) -> list[Verdict]:
        """Limits of this figure, or of its phases, that are broken."""
        return [v for v in self.verdicts if v.good is False and v.limit.figure == figure]


def advise(facts: Facts) -> list[Advice]:
    """Everything there is to say, the worst first; when all is well that, in one line."""
    found = [advice for rule in _RULES for advice in rule(facts)]
    if all(advice.level == "fine" for advice in found):
        judged = any(verdict.good is not None for verdict in facts.verdicts)
        found.insert(0, _well() if judged else _unknown())
    return sorted(found, key=lambda advice: ("wrong", "attention", "fine").index(advice.level))


def _well() -> Advice:
    return Advice("well", "fine", say.WELL, "", {})


def _unknown() -> Advice:
    return Advice("unknown", "attention", say.UNKNOWN, say.LOOK_AT_HEALTH, {})


def _voltage(facts: Facts) -> Iterator[Advice]:
    broken = facts.bad("voltage")
    if not broken or facts.nominal.voltage is None:
        return
    phases = sorted({verdict.figure for verdict in broken})
    names = ", ".join(phase.removeprefix("voltage_").upper().replace("_", "-") for phase in phases)
    means = [value for name, value in facts.means.items() if name.startswith("voltage_l")]
    mean = sum(means) / len(means)
    worst = max((w for v in broken for w in v.worst), key=lambda pair: abs(pair[1]))[1]
    values: dict[str, Amount | str] = {"phases": names, "mean": Amount(mean, "%", 1), "worst": Amount(worst, "%", 1)}
    action = _setting(facts, mean, values, lower=worst > 0)
    if worst > 0:
        yield Advice("voltage_high", "wrong", say.VOLTAGE_HIGH, action, values)
    else:
        yield Advice("voltage_low", "wrong", say.VOLTAGE_LOW, action, values)


def _setting(facts: Facts, mean: float, values: dict[str, Amount | str], *, lower: bool) -> str:
    """A regulator for a plant of its own, taps of the transformer elsewhere; adds what the sentence names."""
    values["volts"] = Amount(abs(mean) / 100 * (facts.nominal.voltage or 0), "V", 0)
    if facts.profile.name == "island":
        return say.REGULATOR_LOWER if lower else say.REGULATOR_HIGHER
    taps = min(TAPS, round(abs(mean) / TAP))
    if taps == 0 or (mean > 0) != lower:
        return say.SWING
    values |= {"taps": Amount(taps, "", 0), "step": Amount(TAP, "%", 1)}
    return say.TAP_LOWER if lower else say.TAP_HIGHER


def _frequency(facts: Facts) -> Iterator[Advice]:
    nominal = facts.nominal.frequency
    if not facts.bad("frequency") or not nominal:
        return
    off = facts.means["frequency"] / 100 * nominal
    values = {"off": Amount(off, "Hz", 2)}
    if facts.profile.name != "island":
        yield Advice("frequency", "wrong", say.FREQUENCY, say.TELL_OPERATOR, values)
    elif off > 0:
        yield Advice("overspeed", "wrong", say.OVERSPEED, say.BALLAST, values)
    else:
        yield Advice("underspeed", "wrong", say.UNDERSPEED, say.SHED, values)


def _unbalance(facts: Facts) -> Iterator[Advice]:
    """Load moves from the phase that carries most to the one that carries least."""
    broken = facts.bad("voltage_unbalance") + facts.bad("current_unbalance")
    spread = facts.means.get("current_unbalance", 0.0)
    known = [current for current in facts.use.currents if current is not None]
    if not broken and spread <= WORTH_MOVING:
        return
    level = "wrong" if broken else "attention"
    values: dict[str, Amount | str] = {"spread": Amount(spread, "%")}
    if "current_unbalance" not in facts.means:
        values["spread"] = Amount(facts.means.get("voltage_unbalance", 0.0), "%", 1)
        yield Advice("unbalance", level, say.UNEQUAL, say.SPREAD, values)
        return
    if len(known) < 3 or not facts.nominal.voltage:
        yield Advice("unbalance", level, say.UNBALANCE, say.SPREAD, values)
        return
    mean = sum(known) / 3
    most, least = known.index(max(known)), known.index(min(known))
    amps = min(known[most] - mean, mean - known[least])
    if amps < EVEN * mean:
        yield Advice("unbalance", level, say.UNBALANCE, say.TURNS, values)
        return
    values |= {"from": f"L{most + 1}", "to": f"L{least + 1}", "amps": Amount(amps, "A", 1)}
    values["power"] = Amount(amps * facts.nominal.voltage, "VA", 0)
    yield Advice("unbalance", level, say.UNBALANCE, say.MOVE, values)


def _power_factor(facts: Facts) -> Iterator[Advice]:
    use, wanted = facts.use, facts.profile.power_factor
    if use.power_factor is None or use.power_factor >= wanted or use.active is None or use.reactive is None:
        return
    allowed = abs(use.active) * math.tan(math.acos(wanted))
    values = {
        "factor": Amount(use.power_factor, "", 2),
        "wanted": Amount(wanted, "", 2),
        "reactive": Amount(abs(use.reactive) - allowed, "var", 0),
    }
    action = say.CAPACITOR if use.reactive > 0 else say.CAPACITIVE
    yield Advice("power_factor", "attention", say.POWER_FACTOR, action, values)


def _distortion(facts: Facts) -> Iterator[Advice]:
    broken = facts.bad("voltage_thd")
    if broken:
        worst = max(pair[1] for verdict in broken for pair in verdict.worst)
        yield Advice("distortion", "wrong", say.DISTORTION, say.FILTERS, {"worst": Amount(worst, "%", 1)})


def _loading(facts: Facts) -> Iterator[Advice]:
    loading, rated = facts.use.loading, facts.rated
    if loading is None or rated is None:
        return
    values = {"loading": Amount(100 * loading, "%", 0)}
    if loading > 1:
        values["excess"] = Amount((loading - 1) * rated, "VA", 0)
        yield Advice("overload", "wrong", say.OVERLOAD, say.ENLARGE, values)
    elif loading < LIGHT:
        yield Advice("light", "fine", say.LIGHT, say.ROOM, values)


_RULES: tuple[Callable[[Facts], Iterator[Advice]], ...] = (
    _voltage, _frequency, _unbalance, _power_factor, _distortion, _loading,
)  # fmt: skip

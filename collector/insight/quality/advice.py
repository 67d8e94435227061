"""Says what figures outside their limits mean and what a person could do, with the numbers that it rests on."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from collector.insight.quality.assess import Nominal, Verdict
from collector.insight.quality.load import Use
from collector.insight.quality.profile import Profile

#: What one tap of a distribution transformer changes, percent, and how many there usually are to each side.
TAP, TAPS = 2.5, 2
#: Loading below which an installation is called lightly used, and the spread of currents that is worth moving load for.
LIGHT, WORTH_MOVING = 0.10, 10.0


@dataclass(frozen=True, slots=True)
class Amount:
    """A number in a sentence: the page writes it in the reader's language."""

    value: float
    unit: str
    decimals: int = 0


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to know. `meaning` and `action`: sentences with {names} of `values`, and keys of their translation."""

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
    return Advice("well", "fine", "Everything that was measured lies within its limits.", "", {})


def _unknown() -> Advice:
    meaning = "Too little was measured in this period to judge it."
    return Advice("unknown", "attention", meaning, "Look at the health page for what keeps the meter silent.", {})


def _voltage(facts: Facts) -> Iterator[Advice]:
    broken = facts.bad("voltage")
    if not broken or facts.nominal.voltage is None:
        return
    phases = sorted({verdict.figure for verdict in broken})
    names = ", ".join(phase.removeprefix("voltage_").upper().replace("_", "-") for phase in phases)
    means = [value for name, value in facts.means.items() if name.startswith("voltage_l")]
    mean = sum(means) / len(means)
    values: dict[str, Amount | str] = {"phases": names, "mean": Amount(mean, "%", 1)}
    worst = max((w for v in broken for w in v.worst), key=lambda pair: abs(pair[1]))
    values["worst"] = Amount(worst[1], "%", 1)
    yield _raised(facts, mean, values) if worst[1] > 0 else _lowered(facts, mean, values)


def _raised(facts: Facts, mean: float, values: dict[str, Amount | str]) -> Advice:
    meaning = (
        "The voltage of {phases} is too high (on average {mean} off nominal, at worst {worst}):"
        " lamps and power supplies age faster."
    )
    return Advice("voltage_high", "wrong", meaning, _setting(facts, mean, values, "lower"), values)


def _lowered(facts: Facts, mean: float, values: dict[str, Amount | str]) -> Advice:
    meaning = (
        "The voltage of {phases} is too low (on average {mean} off nominal, at worst {worst}):"
        " motors draw more current and run hot."
    )
    return Advice("voltage_low", "wrong", meaning, _setting(facts, mean, values, "higher"), values)


def _setting(facts: Facts, mean: float, values: dict[str, Amount | str], way: str) -> str:
    """A regulator for a plant of its own, taps of the transformer elsewhere."""
    values["volts"] = Amount(abs(mean) / 100 * (facts.nominal.voltage or 0), "V", 0)
    if facts.profile.name == "island":
        lower = "Set the generator's voltage regulator about {volts} lower."
        higher = "Set the generator's voltage regulator about {volts} higher, and look for thin or long cables."
        return lower if way == "lower" else higher
    taps = min(TAPS, round(abs(mean) / TAP))
    if taps == 0:
        return "The mean is right, the swing is too large: look for large loads that switch, and for thin cables."
    values["taps"] = Amount(taps, "", 0)
    values["step"] = Amount(TAP, "%", 1)
    lower = "Ask for the transformer to be set {taps} tap(s) of {step} lower, about {volts}."
    higher = "Ask for the transformer to be set {taps} tap(s) of {step} higher, about {volts}; check cables first."
    return lower if way == "lower" else higher


def _frequency(facts: Facts) -> Iterator[Advice]:
    nominal = facts.nominal.frequency
    if not facts.bad("frequency") or not nominal:
        return
    off = facts.means["frequency"] / 100 * nominal
    values = {"off": Amount(off, "Hz", 2)}
    if facts.profile.name != "island":
        meaning = "The frequency left its limits (on average {off} off): that is a matter of the whole network."
        yield Advice("frequency", "wrong", meaning, "Tell the network operator; check nominal_frequency first.", values)
    elif off > 0:
        meaning = "The turbine runs too fast (on average {off} off)."
        action = "Add ballast load or check the governor: a generator that overspeeds damages motors and itself."
        yield Advice("overspeed", "wrong", meaning, action, values)
    else:
        meaning = "The turbine runs too slowly (on average {off} off): it is loaded with more than the water gives."
        action = "Shed load at the hours shown as evidence, or check intake, screen and nozzle."
        yield Advice("underspeed", "wrong", meaning, action, values)


def _unbalance(facts: Facts) -> Iterator[Advice]:
    """Load moves from the phase that carries most to the one that carries least."""
    broken = facts.bad("voltage_unbalance") + facts.bad("current_unbalance")
    spread = facts.means.get("current_unbalance", 0.0)
    known = [current for current in facts.use.currents if current is not None]
    if not broken and spread <= WORTH_MOVING:
        return
    level = "wrong" if broken else "attention"
    meaning = "The three phases are loaded unequally (currents differ from their mean by {spread} on average)."
    if len(known) < 3 or not facts.nominal.voltage:
        yield Advice("unbalance", level, meaning, "Spread single-phase loads evenly.", {"spread": Amount(spread, "%")})
        return
    mean = sum(known) / 3
    most, least = known.index(max(known)), known.index(min(known))
    amps = min(known[most] - mean, mean - known[least])
    values: dict[str, Amount | str] = {
        "spread": Amount(spread, "%"),
        "from": f"L{most + 1}",
        "to": f"L{least + 1}",
        "amps": Amount(amps, "A", 1),
        "power": Amount(amps * facts.nominal.voltage, "VA", 0),
    }
    action = "Move single-phase loads of about {power} ({amps}) from {from} to {to}."
    yield Advice("unbalance", level, meaning, action, values)


def _power_factor(facts: Facts) -> Iterator[Advice]:
    use, wanted = facts.use, facts.profile.power_factor
    if use.power_factor is None or use.power_factor >= wanted or use.active is None or use.reactive is None:
        return
    values: dict[str, Amount | str] = {"factor": Amount(use.power_factor, "", 2), "wanted": Amount(wanted, "", 2)}
    allowed = abs(use.active) * math.tan(math.acos(wanted))
    values["reactive"] = Amount(abs(use.reactive) - allowed, "var", 0)
    meaning = "The power factor is {factor}, {wanted} is wanted: cables carry current that does no work."
    if use.reactive > 0:
        action = "A capacitor of about {reactive}, switched with the motors that need it, brings it to {wanted}."
    else:
        action = "The load is capacitive: switch off capacitors of about {reactive}."
    yield Advice("power_factor", "attention", meaning, action, values)


def _distortion(facts: Facts) -> Iterator[Advice]:
    broken = facts.bad("voltage_thd")
    if broken:
        worst = max(pair[1] for verdict in broken for pair in verdict.worst)
        meaning = "The voltage is distorted (up to {worst}): electronics disturb it."
        action = "Find what runs at the hours shown as evidence; filters belong to the device that distorts."
        yield Advice("distortion", "wrong", meaning, action, {"worst": Amount(worst, "%", 1)})


def _loading(facts: Facts) -> Iterator[Advice]:
    loading, rated = facts.use.loading, facts.rated
    if loading is None or rated is None:
        return
    values: dict[str, Amount | str] = {"loading": Amount(100 * loading, "%", 0)}
    if loading > 1:
        values["excess"] = Amount((loading - 1) * rated, "VA", 0)
        meaning = "The installation was loaded with {loading} of what it is made for."
        yield Advice("overload", "wrong", meaning, "Move {excess} of load to other hours, or enlarge it.", values)
    elif loading < LIGHT:
        meaning = "The installation is lightly used: at most {loading} of what it is made for."
        yield Advice("light", "fine", meaning, "There is room for more load.", values)


_RULES: tuple[Callable[[Facts], Iterator[Advice]], ...] = (
    _voltage, _frequency, _unbalance, _power_factor, _distortion, _loading,
)  # fmt: skip

"""Puts numbers, ages and names the way people read them: engineering prefixes, true minus, short words."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from collector.model.quantity import PAIRS, PHASES, QUANTITIES, TARIFFS
from collector.web.language import gettext, language, marked

#: Units that take a prefix; percent, degrees, hertz and the bare power factor do not.
PREFIXED = frozenset({"V", "A", "W", "var", "VA", "Wh", "varh", "VAh"})
PREFIXES = {0: "", 3: "k", 6: "M", 9: "G"}
#: Digits behind the point of units without a prefix.
DECIMALS = {"Hz": 2, "%": 2, "°": 1, "": 3}
#: Energy counters keep the watt-hour in sight when shown as kWh.
COUNTED = frozenset({"Wh", "varh", "VAh"})

MISSING = "–"
MINUS = "−"
THIN = "\u202f"


@dataclass(frozen=True, slots=True)
class Scale:
    """How a row or a group of rows is written: value / 10**exponent with this many decimals."""

    exponent: int
    decimals: int

    def unit(self, unit: str) -> str:
        """The unit with its prefix."""
        return PREFIXES[self.exponent] + unit


def scale_for(unit: str, values: Iterable[float | None]) -> Scale:
    """The scale at which the largest of these values shows about four significant digits."""
    if unit not in PREFIXED:
        return Scale(0, DECIMALS.get(unit, 2))
    size = max((abs(value) for value in values if value is not None), default=0.0)
    if unit in COUNTED:
        return _counted(size)
    exponent = next((e for e in (9, 6, 3) if unit != "V" and size >= 10.0**e), 0)
    if unit == "V" and size >= 10_000:
        exponent = 3
    digits = int(math.log10(size / 10.0**exponent)) + 1 if size >= 10.0**exponent else 1
    return Scale(exponent, max(0, min(3, 4 - digits)))


def _counted(size: float) -> Scale:
    if size < 1e3:
        return Scale(0, 0)
    return Scale(3, 3 if size < 1e6 else 1) if size < 1e10 else Scale(6, 3)


def figure(value: float | None, scale: Scale) -> tuple[str, str]:
    """(what stands before the decimal point, the point and what follows); a missing value is a dash."""
    if value is None:
        return MISSING, ""
    text = f"{abs(value) / 10.0**scale.exponent:.{scale.decimals}f}"
    whole, point, rest = text.partition(".")
    point = language().decimal_mark if point else ""
    groups = f"{int(whole):,}".replace(",", THIN) if len(whole) > 4 else whole
    negative = value < 0 and any(digit not in "0." for digit in text)
    return (MINUS if negative else "") + groups, point + rest


def rough(value: float, unit: str) -> str:
    """About how much, with two digits that count and its unit: `79 W`, `1.2 kvar`."""
    if not value:
        return f"0 {unit}".strip()
    known = round(value, 1 - math.floor(math.log10(abs(value))))
    exponent = next((e for e in (9, 6, 3) if unit in PREFIXED and abs(known) >= 10.0**e), 0)
    decimals = max(0, 1 - math.floor(math.log10(abs(known) / 10.0**exponent)))
    scale = Scale(exponent, decimals)
    return f"{''.join(figure(known, scale))} {scale.unit(unit)}".strip()


def age(seconds: float) -> str:
    """How long ago, in one short word: `1 s`, `4 min`, `3 h`, `12 d`."""
    if seconds < 99.5:
        return f"{max(0, round(seconds))} s"
    for limit, size, word in ((5940, 60, "min"), (172_800, 3600, "h")):
        if seconds < limit:
            return f"{int(seconds / size)} {word}"
    return f"{int(seconds / 86400)} d"


def size(count: float) -> str:
    """Bytes as people say them: `512 B`, `3.4 MB`."""
    for limit, unit in ((1e3, "B"), (1e6, "kB"), (1e9, "MB"), (1e12, "GB")):
        if count < limit:
            scaled = count / limit * 1e3
            return f"{number(scaled, 0 if unit == 'B' or scaled >= 100 else 1)} {unit}"
    return f"{number(count / 1e12, 1)} TB"


def number(value: float, decimals: int) -> str:
    """A number with this many decimals, in the language of this request."""
    text = f"{value:.{decimals}f}"
    # What is rounded to nought has no sign.
    text = text if text.strip("-0.") else text.lstrip("-")
    return text.replace(".", language().decimal_mark).replace("-", MINUS)


def count(number: int) -> str:
    """A whole number with thin gaps: `12 345`."""
    return f"{number:,}".replace(",", THIN) if number >= 10_000 else str(number)


def sentence(text: str) -> str:
    """An error or hint as the page writes it: a capital in front, a full stop behind."""
    return text[:1].upper() + text[1:].rstrip(".") + "."


def _english(quantity: str) -> str:
    words = quantity
    for pair in PAIRS:
        words = words.replace(pair, pair.upper().replace("_", "–"))
    for phase in PHASES:
        words = words.replace(f"_{phase}_n", f"_{phase.upper()}–N").replace(f"_{phase}", f"_{phase.upper()}")
    for tariff in TARIFFS:
        words = words.replace(f"_{tariff}", f",_tariff_{tariff[1]}")
    words = words.replace("average_l_n", "mean, L–N").replace("average_l_l", "mean, L–L").replace("average", "mean")
    words = words.replace("current_n", "current N").replace("thd", "THD").replace("_", " ")
    return words[:1].upper() + words[1:]


#: What is measured, and of what: `Active power` + ` L1`, `Active energy import` + `, tariff ` + `1`.
_PARTS = re.compile(r"(?P<what>.*?)(?P<part> ?L\d(?:–[LN]\d?)?| N|, tariff (?P<tariff>\d)| \d)?")
_TARIFF = marked(", tariff %(number)s")


def _translated(english: str) -> str:
    found = _PARTS.fullmatch(english)
    assert found
    part = gettext(_TARIFF, number=found["tariff"]) if found["tariff"] else found["part"] or ""
    return gettext(found["what"]) + part


def label(quantity: str) -> str:
    """A short name for tables: `Voltage L1–N`, `Active power total`, `Active energy import, tariff 1`."""
    return _translated(_english(quantity))


def label_parts(quantity: str) -> tuple[str, ...]:
    """The texts that its labels are put together from, as the catalogues know them."""
    found = (_PARTS.fullmatch(text) for text in (_english(quantity), _short(quantity)))
    return tuple(each["what"] for each in found if each)


#: Words of a label that its heading has said already.
_SAID = {
    "Power": " power",
    "Voltage": "Voltage ",
    "Current": "Current ",
    "Energy": " energy",
    "Demand": " power demand",
}


def _short(quantity: str) -> str:
    words = _english(quantity).replace(_SAID.get(group(quantity), "\0"), "", 1).strip(" ,")
    return words[:1].upper() + words[1:]


def short_label(quantity: str) -> str:
    """The label under its heading: `Active total` under Power, `L1–N` under Voltage."""
    return _translated(_short(quantity))


def family(quantity: str) -> str:
    """Quantities of one family are written at one scale: the phases and the total of the same thing."""
    name = quantity
    for part in (*PAIRS, *(f"{phase}_n" for phase in PHASES), *PHASES, *TARIFFS, "average_l_n", "average_l_l"):
        name = name.removesuffix(f"_{part}")
    return name.removesuffix("_total").removesuffix("_average").removesuffix("_n")


#: Headings of the list of all values, and what of a name puts a quantity under them; the first that fits wins.
GROUPS = (
    ("Energy", "energy"),
    ("Demand", "demand"),
    ("Quality", "thd"),
    ("Quality", "unbalance"),
    ("Voltage", "voltage"),
    ("Current", "current"),
    ("Power factor and frequency", "power_factor"),
    ("Power factor and frequency", "phase_angle"),
    ("Power factor and frequency", "frequency"),
    ("Power", "power"),
    ("Inputs", "analog"),
)
ORDER = (
    marked("Power"), marked("Voltage"), marked("Current"), marked("Power factor and frequency"), marked("Energy"),
    marked("Demand"), marked("Quality"), marked("Inputs"),
)  # fmt: skip


def group(quantity: str) -> str:
    """The heading under which a quantity is listed."""
    return next(heading for heading, part in GROUPS if part in quantity)


def grouped(quantities: Iterable[str]) -> list[tuple[str, list[str]]]:
    """(heading, quantities) in the order in which people look for them."""
    found: dict[str, list[str]] = {heading: [] for heading in ORDER}
    for name in QUANTITIES:
        if name in set(quantities):
            found[group(name)].append(name)
    return [(heading, names) for heading, names in found.items() if names]

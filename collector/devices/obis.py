"""Says which quantity an OBIS code names (IEC 62056-6-1, electricity: medium A = 1, groups C.D.E).

C: 1 active import, 2 active export, 3 reactive import, 4 reactive export, 9 apparent; 16 the sum of import and export
with its sign; 20 more per phase. D: 7 now, 8 the counter, 4 the mean of the running demand period. E: the tariff.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from collector.model.quantity import PAIRS, PHASES, TARIFFS

#: `1-0:1.8.0*255`, `1.8.0`, `C.1.0`: A-B:C.D.E*F, where A-B: and *F (or &F) may be left out.
CODE = re.compile(
    r"(?:(?P<a>\d{1,3})-(?P<b>\d{1,3}):)?(?P<c>[0-9A-Z]{1,3})\.(?P<d>[0-9A-Z]{1,3})(?:\.(?P<e>\d{1,3}))?(?:[*&](?P<f>\d{1,3}))?"
)
#: F: the present value, and not that of an earlier billing period.
_NOW = (None, "255")
_ENERGIES = {1: "active_energy_import", 2: "active_energy_export", 3: "reactive_energy_import",
             4: "reactive_energy_export", 9: "apparent_energy", 15: "active_energy_sum",
             16: "active_energy_net"}  # fmt: skip
_DEMANDS = {1: "active_power_demand_import", 2: "active_power_demand_export", 3: "reactive_power_demand_import",
            4: "reactive_power_demand_export", 9: "apparent_power_demand"}  # fmt: skip


def _named() -> Iterator[tuple[str, str]]:
    for c, name in _ENERGIES.items():
        yield f"{c}.8.0", name
        if c in (1, 2, 3, 4, 9):
            yield from ((f"{c}.8.{number}", f"{name}_{tariff}") for number, tariff in enumerate(TARIFFS, 1))
    yield from ((f"{c}.4.0", name) for c, name in _DEMANDS.items())
    yield from (("16.7.0", "active_power_total"), ("9.7.0", "apparent_power_total"), ("13.7.0", "power_factor_total"))
    yield from (("14.7.0", "frequency"), ("91.7.0", "current_n"))
    for number, phase in enumerate(PHASES, 1):
        base = 20 * number
        yield f"{base + 1}.8.0", f"active_energy_import_{phase}"
        yield f"{base + 2}.8.0", f"active_energy_export_{phase}"
        yield f"{base + 3}.8.0", f"reactive_energy_import_{phase}"
        yield f"{base + 4}.8.0", f"reactive_energy_export_{phase}"
        yield f"{base + 9}.7.0", f"apparent_power_{phase}"
        yield f"{base + 11}.7.0", f"current_{phase}"
        yield f"{base + 12}.7.0", f"voltage_{phase}_n"
        yield f"{base + 13}.7.0", f"power_factor_{phase}"
        yield f"{base + 16}.7.0", f"active_power_{phase}"
    # C = 81, angles: E = 4, 15, 26 is the current's against the voltage of the same phase.
    yield from zip(("81.7.4", "81.7.15", "81.7.26"), (f"phase_angle_{phase}" for phase in PHASES), strict=True)
    yield from zip(("32.7.12", "52.7.23", "72.7.31"), (f"voltage_{pair}" for pair in PAIRS), strict=True)


#: "C.D.E" -> quantity, where the value is the quantity itself.
QUANTITY = dict(_named())
#: "C.D.E" -> (quantity, sign), where the quantity is the sum of such parts: P = import - export.
PART = {
    **{f"{base + c}.7.0": (f"{word}_power_{phase}", sign)
       for base, phase in ((0, "total"), (20, "l1"), (40, "l2"), (60, "l3"))
       for c, word, sign in ((1, "active", 1.0), (2, "active", -1.0), (3, "reactive", 1.0), (4, "reactive", -1.0))},
}  # fmt: skip


def short(code: str) -> str | None:
    """C.D.E of a code that means electricity now ("1-0:1.8.0*255" is "1.8.0"); None for anything else."""
    found = CODE.fullmatch(code.strip())
    if found is None or found["a"] not in (None, "1") or found["f"] not in _NOW:
        return None
    parts = (found["c"], found["d"], found["e"] or "0")
    return ".".join(part.lstrip("0") or "0" for part in parts)


def quantity(code: str) -> str | None:
    """The quantity that the code names by itself, None if Phaselog has no word for it."""
    brief = short(code)
    return QUANTITY.get(brief) if brief else None

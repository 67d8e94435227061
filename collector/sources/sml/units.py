"""Names the units that SML sends as numbers (IEC 62056-6-2, table of units: class 3, scaler_unit)."""

from __future__ import annotations

_NAMES = {
    1: "a", 2: "mo", 3: "wk", 4: "d", 5: "h", 6: "min", 7: "s", 8: "°", 9: "°C", 13: "m³", 14: "m³", 15: "m³/h",
    16: "m³/h", 19: "l", 20: "kg", 23: "Pa", 24: "bar", 27: "W", 28: "VA", 29: "var", 30: "Wh", 31: "VAh", 32: "varh",
    33: "A", 34: "C", 35: "V", 36: "V/m", 37: "F", 38: "Ω", 40: "Wb", 41: "T", 42: "A/m", 43: "H", 44: "Hz",
    45: "1/Wh", 46: "1/varh", 47: "1/VAh", 48: "V²h", 49: "A²h", 56: "%", 57: "Ah",
    70: "dBm", 71: "dBµV", 72: "dB",
}  # fmt: skip
#: A count, no unit, and what meters put where a text stands.
_NONE = (None, 0, 254, 255)


def name(number: int | None) -> str:
    """The unit's sign; empty where there is none; a number that the table does not have stays visible as one."""
    if number in _NONE:
        return ""
    return _NAMES.get(number or 0, f"unit {number}")

"""Names the units of SML and COSEM by their number (IEC 62056-62, table 3: enum unit)."""

from __future__ import annotations

UNITS = {
    1: "a", 2: "mo", 3: "wk", 4: "d", 5: "h", 6: "min", 7: "s", 8: "°", 9: "°C", 11: "m", 13: "m³", 14: "m³",
    15: "m³/h", 16: "m³/h", 19: "l", 20: "kg", 23: "Pa", 24: "bar", 25: "J", 27: "W", 28: "VA", 29: "var", 30: "Wh",
    31: "VAh", 32: "varh", 33: "A", 34: "C", 35: "V", 38: "Ω", 44: "Hz", 45: "1/Wh", 46: "1/varh", 47: "1/VAh",
    56: "%", 57: "Ah",
}  # fmt: skip

"""Reads lengths of time and amounts of storage as people write them: "60s", "10min", "2h", "500ms"; "2GB"."""

from __future__ import annotations

import re
from collections.abc import Mapping

_SECONDS = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_BYTES = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)\s*([A-Za-z]+)")


def _amount(text: str, units: Mapping[str, float]) -> float | None:
    match = _AMOUNT.fullmatch(text.strip())
    if not match or match[2] not in units:
        return None
    return float(match[1]) * units[match[2]]


def seconds(text: str) -> float:
    """A duration in s; ValueError, in words for a person, if it is none."""
    value = _amount(text, _SECONDS)
    if value is None:
        raise ValueError(f'"{text}" is not a duration; write it like "500ms", "60s", "10min", "2h" or "90d"')
    return value


def octets(text: str) -> int:
    """An amount of storage in bytes; ValueError, in words for a person, if it is none."""
    value = _amount(text, _BYTES)
    if value is None:
        raise ValueError(f'"{text}" is not a size; write it like "500MB" or "2GB"')
    return round(value)


def written(value: float) -> str:
    """The same duration as a person writes it: 60.0 -> "1min"."""
    for unit in ("d", "h", "min", "s"):
        if value >= _SECONDS[unit] and value % _SECONDS[unit] == 0:
            return f"{value / _SECONDS[unit]:.12g}{unit}"
    return f"{value * 1000:.12g}ms" if value else "0s"


def written_octets(value: float) -> str:
    """The same size as a person writes it: 2e9 -> "2GB"."""
    unit = max((name for name in _BYTES if value >= _BYTES[name]), key=_BYTES.__getitem__, default="B")
    return f"{value / _BYTES[unit]:.4g}{unit}"

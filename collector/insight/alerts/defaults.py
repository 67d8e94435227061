"""Holds the rules that are in force where the configuration has none: what every logger's owner wants to know."""

from __future__ import annotations

from collections.abc import Sequence

from collector.insight.alerts.rule import Rule

_HOUR = 3600.0


def defaults(meters: Sequence[str], send: Sequence[str]) -> tuple[Rule, ...]:
    """Silence of a meter or the collector, a counter that does not go on, missing prices, and what the doctor finds."""
    return (
        Rule("meter-silent", "silent", meters, lasting=900.0, send=send),
        Rule("counter", "counter", meters, send=send),
        Rule("camera", "camera", meters, send=send),
        Rule("disk", "disk", meters, lasting=_HOUR, send=send),
        Rule("backup", "backup", meters, lasting=_HOUR, repeat=3 * 24 * _HOUR, send=send),
        Rule("prices", "prices", meters, lasting=_HOUR, send=send),
        Rule("health", "health", meters, lasting=_HOUR, send=send),
    )

"""Decodes captured bytes of any protocol that names its values, telegram by telegram."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

from collector.sources.dsmr.key import read_key
from collector.sources.telegram import Telegram

#: Protocol -> the module whose `decode` knows it.
MODULES = {
    "iec62056-21": "iec62056.decode",
    "dlt645": "dlt645.decode",
    "sml": "sml.decode",
    "dsmr": "dsmr.decode",
    "cirbus": "cirbus.decode",
}


def decode(protocol: str, data: bytes, key_file: Path | None = None) -> Telegram:
    """All telegrams that these bytes hold, as one: every value in order, complete when each was whole and right.

    `key_file`: what opens encrypted P1 telegrams; raises UsageError where there is no key in it.
    """
    room = import_module(f"collector.sources.{MODULES[protocol]}")
    decoder: Callable[..., Sequence[Telegram]] = room.decode
    found = decoder(data, read_key(key_file)) if key_file else decoder(data)
    if not found:
        return Telegram("", (), False, ("no telegram is in these bytes",))
    return Telegram(
        next((telegram.identification for telegram in found if telegram.identification), ""),
        tuple(value for telegram in found for value in telegram.values),
        all(telegram.complete for telegram in found),
        tuple(_numbered(found)),
    )


def _numbered(found: Sequence[Telegram]) -> list[str]:
    """The problems, each with the number of its telegram where there are several."""
    return [
        f"telegram {number}: {problem}" if len(found) > 1 else problem
        for number, telegram in enumerate(found, 1)
        for problem in telegram.problems
    ]

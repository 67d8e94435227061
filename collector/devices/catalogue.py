"""Loads meter models from their TOML files and finds every mistake in them at once."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from collector.devices.map import Choice, Group, Identity, Model, Register, RegisterType, When
from collector.errors import ConfigError, Mistake
from collector.model.quantity import QUANTITIES

FOLDER = Path(__file__).parent


def names() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


@cache
def load(name: str) -> Model:
    if name not in names():
        close = difflib.get_close_matches(name, names(), 3)
        raise ConfigError(
            f"unknown meter model {name!r}",
            hint=f"did you mean {', '.join(close)}?" if close else "see `phaselog models`",
        )
    return load_file(FOLDER / f"{name}.toml")


def load_file(path: Path) -> Model:
    data = tomllib.loads(path.read_text())
    m, b, i = data["model"], data.get("modbus", {}), data.get("identity", {})
    groups = tuple(_group(g) for g in data.get("group", []))
    return Model(
        m["name"],
        m["maker"],
        m["title"],
        m["protocol"],
        groups,
        tuple(m.get("sources", ())),
        m.get("verified", False),
        b.get("unit", 1),
        b.get("baud", 9600),
        b.get("frame", "8N1"),
        tuple(b.get("functions", (3,))),
        b.get("word_order", "big"),
        b.get("max_registers", 125),
        b.get("fill_gaps", True),
        b.get("turnaround_ms", 5) / 1000,
        b.get("status_bits"),
        Identity(**i),
        m.get("note", ""),
    )


def _group(g: Mapping[str, Any]) -> Group:
    return Group(
        g["name"], When(g.get("when", "tick")), tuple(_register(r) for r in g["registers"]), float(g.get("every", 0))
    )


def _register(r: Mapping[str, Any]) -> Register:
    c = r.get("choice")
    q = r.get("quantity")
    unit = r.get("unit") or (QUANTITIES[q].unit if q else "")
    choice = (
        Choice(c["setting"], c.get("shift", 0), c.get("mask", 0xFFFF), {int(k): v for k, v in c["quantities"].items()})
        if c
        else None
    )
    return Register(
        r.get("name") or q,
        r["at"],
        RegisterType(r.get("type", "float32")),
        q,
        r.get("scale", 1.0),
        unit,
        frozenset(r.get("missing", ())),
        r.get("rollover"),
        choice,
        r.get("evidence"),
        r.get("note", ""),
        r.get("verified", True),
    )

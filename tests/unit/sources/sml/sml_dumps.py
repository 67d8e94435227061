"""Finds the recordings of real SML meters, and what an independent library read in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[4].parent / "shared" / "real" / "sml" / "libsml-testing"
#: Names of all recordings; empty where they are not there.
DUMPS = sorted(path.stem for path in FOLDER.glob("*.bin")) if FOLDER.is_dir() else []
MISSING = "the recordings of SML meters (../shared/real/sml) are not here"


def dump(name: str) -> bytes:
    return (FOLDER / f"{name}.bin").read_bytes()


def expected(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.expected.json").read_text())
    return found

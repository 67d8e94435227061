"""Describes the API: the base in static/openapi.json, and of each room one file `ROOM.json` beside this one.

Such a file holds `paths` and, where it has schemas, parameters or responses of its own, `components`; it may refer to
those of the base (`#/components/responses/Bad`).
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from collector.web.assets import STATIC

Json = dict[str, Any]

FOLDER = Path(__file__).parent


@cache
def described() -> Json:
    """The whole API as OpenAPI 3.1; ValueError when two rooms describe the same."""
    api: Json = json.loads((STATIC / "openapi.json").read_text(encoding="utf-8"))
    for path in sorted(FOLDER.glob("*.json")):
        room: Json = json.loads(path.read_text(encoding="utf-8"))
        _add(api["paths"], room.get("paths", {}), path.name)
        for kind, parts in room.get("components", {}).items():
            _add(api["components"].setdefault(kind, {}), parts, path.name)
    return api


def _add(known: Json, new: Json, where: str) -> None:
    if twice := known.keys() & new.keys():
        raise ValueError(f"{where} describes again: {', '.join(sorted(twice))}")
    known.update(new)

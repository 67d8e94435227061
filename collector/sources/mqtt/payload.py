"""Takes numbers and words out of what devices publish: a plain text, or JSON (RFC 8259) with a path into it.

A path is written like `ENERGY.Power.0`: keys of objects and places in lists; keys may hold dots themselves.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from collector.errors import BadAnswer

#: Bytes; no device publishes more than some hundred of them about electricity.
LONGEST = 65536
_NUMBER = re.compile(r"[+-]?(?:\d{1,18}(?:\.\d{0,18})?|\.\d{1,18})(?:[eE][+-]?\d{1,3})?", re.ASCII)
#: Absent, where None is JSON's null.
_NOTHING: Any = object()


def document(payload: bytes) -> Any:  # noqa: ANN401 - JSON has no type of its own
    """What the JSON says; NaN and Infinity, which JSON does not know but devices write, are null. Raises BadAnswer."""
    try:
        return json.loads(_text(payload), parse_constant=lambda _: None)
    except (ValueError, RecursionError) as error:
        raise BadAnswer("what was published is no JSON", "json") from error


def numbers(payload: bytes, paths: tuple[str, ...]) -> Iterator[tuple[str, float | None]]:
    """(path, number) of every path that is there; None where there is null or no number. "" is the whole payload."""
    whole = document(payload) if any(paths) else None
    for path in paths:
        found = at(whole, path) if path else _text(payload)
        if found is not _NOTHING:
            yield path, number(found)


def word(payload: bytes, path: str) -> str:
    """A state that is published plainly, or, with a path, in JSON: devices change from one to the other by setting."""
    text = _text(payload).strip()
    if not path or not text.startswith("{"):
        return text
    found = at(document(payload), path)
    return found if isinstance(found, str) else ""


def at(whole: Any, path: str) -> Any:  # noqa: ANN401 - see document
    """What is at this path; a mark that is neither value nor null if there is nothing."""
    return _at(whole, tuple(path.split(".")))


def _at(found: Any, parts: tuple[str, ...]) -> Any:  # noqa: ANN401 - see document
    if not parts:
        return found
    if isinstance(found, list):
        place = int(parts[0]) if re.fullmatch(r"\d{1,4}", parts[0], re.ASCII) else len(found)
        return _at(found[place], parts[1:]) if place < len(found) else _NOTHING
    if isinstance(found, dict):
        for end in range(1, len(parts) + 1):
            key = ".".join(parts[:end])
            if key in found:
                return _at(found[key], parts[end:])
    return _NOTHING


def number(found: object) -> float | None:
    """The number, if it is one: true, "unavailable", "nan" and infinity are none."""
    if isinstance(found, str):
        found = float(text) if _NUMBER.fullmatch(text := found.strip()) else None
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    try:
        value = float(found)
    except OverflowError:
        return None
    return value if math.isfinite(value) else None


def _text(payload: bytes) -> str:
    if len(payload) > LONGEST:
        raise BadAnswer(f"what was published is longer than {LONGEST} bytes", "size")
    try:
        return payload.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadAnswer("what was published is no text", "text") from error

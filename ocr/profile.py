"""Keeps how one camera sees one display as a TOML file: corners, digits, decimals, colour, and what surrounds it."""

from __future__ import annotations

import base64
import math
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

import cv2
import numpy as np

from ocr.corners import Corners
from ocr.errors import ProfileError
from ocr.picture import Pixels

Kind: TypeAlias = Literal["LCD", "LED"]
#: What stands left of the number where it does not fill the display.
Leading: TypeAlias = Literal["zeros", "blanks"]

MOST_DIGITS = 12
#: Digits of a register's code: 1.8.0 has 3.
CODE_DIGITS = (3, 4)
MOST_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """The grey picture around the display, shrunk: where it begins, and how many pixels of the picture one of it is."""

    left: float
    top: float
    pixel: float
    grey: Pixels


@dataclass(frozen=True, slots=True, eq=False)
class CodePlace:
    """Where a display that shows its registers in turn says which one it is: 1.8.0 has 3 digits."""

    corners: Corners
    digits: int = CODE_DIGITS[0]


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """One camera's view of one display."""

    width: int
    height: int
    corners: Corners
    digits: int
    decimals: int
    leading: Leading = "zeros"
    kind: Kind = "LCD"
    colour: str = "grey"
    surroundings: Surroundings | None = None
    code: CodePlace | None = None


def to_toml(profile: Profile) -> str:
    """The text of a profile's file."""
    text = f"""# How one camera sees one display: written by `python -m ocr calibrate`, to be made anew when it moved.
[picture]
width = {profile.width}
height = {profile.height}

[display]
corners = {_listed(profile.corners)} # top left, top right, bottom right, bottom left
digits = {profile.digits} # places, lit or not
decimals = {profile.decimals}
leading = "{profile.leading}" # what stands left of a short number: "zeros" or "blanks"
kind = "{profile.kind}"
colour = "{profile.colour}"
"""
    if profile.code is not None:
        text += f"""
[code] # which register is shown
corners = {_listed(profile.code.corners)}
digits = {profile.code.digits} # of 1.8.0: 3
"""
    if profile.surroundings is not None:
        around = profile.surroundings
        png = base64.b64encode(cv2.imencode(".png", around.grey)[1].tobytes()).decode()
        lines = "\n".join(png[at : at + 118] for at in range(0, len(png), 118))
        text += f"""
[surroundings] # what later pictures are aligned to
left = {around.left:.2f}
top = {around.top:.2f}
pixel = {around.pixel:.6f}
png = \"\"\"
{lines}
\"\"\"
"""
    return text


def _listed(corners: Corners) -> str:
    return "[" + ", ".join(f"[{x:.1f}, {y:.1f}]" for x, y in corners.tolist()) + "]"


def load(path: Path) -> Profile:
    """The profile in a file."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise ProfileError("larger than any profile")
        return parse(data.decode())
    except OSError as error:
        raise ProfileError(f"{path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise ProfileError(f"{path}: not a text", "write one with `python -m ocr calibrate`") from None
    except ProfileError as error:
        raise ProfileError(f"{path}: {error}", error.hint) from None


def parse(text: str) -> Profile:
    """The profile in a text."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"not TOML: {error}") from None
    picture, display = _table(table, "picture"), _table(table, "display")
    profile = Profile(
        width=_whole(picture, "picture.width", 8, 100_000),
        height=_whole(picture, "picture.height", 8, 100_000),
        corners=_corners(display, "display"),
        digits=_whole(display, "display.digits", 1, MOST_DIGITS),
        decimals=_whole(display, "display.decimals", 0, MOST_DIGITS - 1),
        leading=_one_of(display, "display.leading", get_args(Leading), "zeros"),
        kind=_one_of(display, "display.kind", get_args(Kind), "LCD"),
        colour=str(display.get("colour", "grey")),
        surroundings=_surroundings(table["surroundings"]) if "surroundings" in table else None,
        code=_code(_table(table, "code")) if "code" in table else None,
    )
    if profile.decimals >= profile.digits:
        raise ProfileError("display.decimals: as many as digits, or more")
    return profile


def _table(table: dict[str, Any], key: str) -> dict[str, Any]:
    found = table.get(key)
    if not isinstance(found, dict):
        raise ProfileError(f"[{key}] is missing", "write the profile anew with `python -m ocr calibrate`")
    return found


def _whole(table: dict[str, Any], key: str, least: int, most: int) -> int:
    value = table.get(key.split(".")[1])
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ProfileError(f"{key}: a whole number from {least} to {most} is needed, not {value!r}")
    return value


def _number(table: dict[str, Any], key: str) -> float:
    value = table.get(key.split(".")[1])
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value) or abs(value) > 1e6:
        raise ProfileError(f"{key}: a number is needed, not {value!r}")
    return float(value)


def _one_of(table: dict[str, Any], key: str, words: tuple[Any, ...], usual: str) -> Any:  # noqa: ANN401
    value = table.get(key.split(".")[1], usual)
    if value not in words:
        raise ProfileError(f"{key}: {' or '.join(words)}, not {value!r}")
    return value


def _code(table: dict[str, Any]) -> CodePlace:
    return CodePlace(_corners(table, "code"), _whole(table, "code.digits", *CODE_DIGITS))


def _corners(table: dict[str, Any], name: str) -> Corners:
    value = table.get("corners")
    try:
        corners = np.array(value, np.float32)
    except (TypeError, ValueError):
        corners = np.empty(0, np.float32)
    if corners.shape != (4, 2) or not np.isfinite(corners).all():
        raise ProfileError(f"{name}.corners: four pairs [x, y] are needed")
    return corners


def _surroundings(around: Any) -> Surroundings:  # noqa: ANN401
    if not isinstance(around, dict):
        raise ProfileError("[surroundings] is not a table")
    try:
        data = base64.b64decode("".join(str(around.get("png")).split()), validate=True)
        grey = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    except (ValueError, cv2.error):
        grey = None
    if grey is None or grey.ndim != 2 or not 8 <= min(grey.shape) <= max(grey.shape) <= 1024:
        raise ProfileError("surroundings.png: not a small PNG", "write the profile anew with `python -m ocr calibrate`")
    pixel = _number(around, "surroundings.pixel")
    if pixel <= 0:
        raise ProfileError("surroundings.pixel: more than 0 is needed")
    left, top = _number(around, "surroundings.left"), _number(around, "surroundings.top")
    return Surroundings(left, top, pixel, np.asarray(grey, np.uint8))

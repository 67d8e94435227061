"""Understands one line that was asked; what is not understood is said in one sentence."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ocr.capture.camera import Camera
from ocr.capture.login import Login
from ocr.errors import RequestError

#: Longest line, bytes.
MOST_LINE = 524_288
METER = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
PICTURE = re.compile(r"\d{8}T\d{6}\.\d{3}Z")
_TEXT = re.compile(r"[^\x00-\x1f]{0,200}")
_CODE = re.compile(r"[0-9A-Z.]{1,12}")
ASKS = ("read", "frame", "propose", "keep", "swap", "pictures", "picture", "label", "note")
_MOST_FRAMES, _MOST_SECONDS, _MOST_CODES, _MOST_OLDEST = 5, 90.0, 16, 7 * 86400.0


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked. `codes`: the registers wanted of a display that shows them in turn, none for any other.

    `seconds`: how long it may take to get the pictures. `profile`: the text of one, instead of the kept one.
    `corners`: of the number; `code`: of the code that tells which register is shown.
    """

    ask: str
    meter: str
    camera: Camera | None = None
    frames: int = 3
    seconds: float = 30.0
    codes: tuple[str, ...] = ()
    picture: str = ""
    text: str = ""
    profile: str | None = None
    corners: tuple[float, ...] = ()
    digits: int | None = None
    decimals: int | None = None
    code: tuple[float, ...] = ()


def parse(line: bytes) -> Request:
    """The request of a line; raises RequestError."""
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        raise RequestError("what was asked is no JSON") from None
    if not isinstance(told, dict):
        raise RequestError("what was asked is no JSON object")
    ask, meter = told.get("ask"), told.get("meter")
    if ask not in ASKS:
        raise RequestError(f"cannot be asked; known are {', '.join(ASKS)}")
    if not isinstance(meter, str) or not METER.fullmatch(meter):
        raise RequestError("no meter is named")
    return Request(
        ask,
        meter,
        _camera(told),
        round(_number(told, "frames", 3, 1, _MOST_FRAMES)),
        _number(told, "seconds", 30.0, 1.0, _MOST_SECONDS),
        _codes(told),
        _matching(told, "picture", PICTURE),
        _matching(told, "text", _TEXT),
        _profile(told),
        _corners(told, "corners"),
        _count(told, "digits", 1, 12),
        _count(told, "decimals", 0, 6),
        _corners(told, "code"),
    )


def _camera(told: Mapping[str, Any]) -> Camera | None:
    name, lamp, login = told.get("camera"), told.get("lamp"), told.get("login")
    if name is None:
        return None
    if not isinstance(name, str) or not 1 <= len(name) <= 500 or not isinstance(lamp, str | None):
        raise RequestError("the camera is not named by a word")
    account = None
    if login is not None:
        if not (isinstance(login, dict) and all(isinstance(login.get(key), str) for key in ("user", "password"))):
            raise RequestError("the camera's login has no user and password")
        account = Login(login["user"], login["password"])
    return Camera(name, account, lamp, _number(told, "oldest", 900.0, 1.0, _MOST_OLDEST))


def _number(told: Mapping[str, Any], key: str, usual: float, least: float, most: float) -> float:
    value = told.get(key, usual)
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise RequestError(f"{key} is not between {least:g} and {most:g}")
    return float(value)


def _count(told: Mapping[str, Any], key: str, least: int, most: int) -> int | None:
    return None if told.get(key) is None else round(_number(told, key, least, least, most))


def _codes(told: Mapping[str, Any]) -> tuple[str, ...]:
    codes = told.get("codes", [])
    good = isinstance(codes, list) and len(codes) <= _MOST_CODES
    if not good or not all(isinstance(code, str) and _CODE.fullmatch(code) for code in codes):
        raise RequestError("codes are not a list of register codes")
    return tuple(codes)


def _matching(told: Mapping[str, Any], key: str, form: re.Pattern[str]) -> str:
    value = told.get(key, "")
    if value and not (isinstance(value, str) and form.fullmatch(value)):
        raise RequestError(f"{key} cannot be that")
    return str(value)


def _profile(told: Mapping[str, Any]) -> str | None:
    value = told.get("profile")
    if value is not None and not isinstance(value, str):
        raise RequestError("the profile is no text")
    return value


def _corners(told: Mapping[str, Any], key: str) -> tuple[float, ...]:
    value = told.get(key, [])
    good = isinstance(value, list) and len(value) in (0, 8)
    if not good or not all(isinstance(side, int | float) and -1e5 < side < 1e5 for side in value):
        raise RequestError(f"{key}: not eight numbers, x and y from the top left clockwise")
    return tuple(float(side) for side in value)

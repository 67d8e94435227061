"""Understands what the camera service answers; nothing in it is believed before it has the right form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from collector.errors import BadAnswer

_NUMBER = re.compile(r"\d{1,12}(\.\d{1,6})?")


@dataclass(frozen=True, slots=True)
class Register:
    """One register as it was seen. `text`: digits with the decimal point. `age`: s since the picture was taken."""

    code: str
    text: str | None
    refused: str | None
    picture: str | None
    age: float

    @property
    def number(self) -> float | None:
        """What the display shows; None where it is refused."""
        return None if self.refused is not None or self.text is None else float(self.text)

    @property
    def step(self) -> float:
        """The value of its last digit."""
        decimals = len((self.text or "").partition(".")[2])
        return 10.0**-decimals

    @property
    def end(self) -> float:
        """The value after the highest one that so many digits can show."""
        return self.step * 10.0 ** sum(map(str.isdigit, self.text or ""))


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything that was seen. `installed`: a word for the meter that hangs there; it changes with the meter."""

    registers: Mapping[str, Register]
    installed: str


def understood(told: Mapping[str, Any]) -> Answer:
    """The answer to a request to read; raises BadAnswer."""
    registers, installed = told.get("registers"), told.get("installed")
    if not isinstance(registers, dict) or not isinstance(installed, str):
        raise _wrong("it lacks registers")
    return Answer({str(code): _register(str(code), one) for code, one in registers.items()}, installed[:40])


def _register(code: str, told: object) -> Register:
    if not isinstance(told, dict):
        raise _wrong(f"register {code[:12]} is no object")
    text, refused, picture, age = (told.get(key) for key in ("text", "refused", "picture", "age"))
    if not all(isinstance(word, str | None) for word in (text, refused, picture)):
        raise _wrong(f"register {code[:12]} is not told in words")
    if refused is None and not (text and _NUMBER.fullmatch(text)):
        raise _wrong(f"register {code[:12]} is no number")
    if isinstance(age, bool) or not isinstance(age, int | float) or not 0 <= age < 1e7:
        raise _wrong(f"register {code[:12]} has no age")
    return Register(code, text, None if refused is None else refused[:200], picture, float(age))


def _wrong(what: str) -> BadAnswer:
    return BadAnswer(f"the camera service answers what is not understood: {what}", "form", "are both of one release?")

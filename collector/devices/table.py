"""Takes keys out of a TOML table and notes every mistake instead of stopping at the first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from collector.config.nearest import nearest
from collector.errors import Mistake

_T = TypeVar("_T")
#: Marks a key that must be there.
REQUIRED: Any = object()
_WORDS = {str: "a text in quotes", int: "a whole number", float: "a number", bool: "true or false", dict: "a table"}


class Table:
    """One table of a file. What is asked for is known; `end` calls everything else unknown.

    A key that is missing or wrong is noted in `mistakes` and gives its fallback, so that the reader can go on.
    """

    def __init__(self, key: str, data: Mapping[str, Any], mistakes: list[Mistake]) -> None:
        """`key`: where the table stands in the file, empty for the file itself."""
        self.key = key
        self.mistakes = mistakes
        self._data = data
        self._asked: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return name in self._data

    def where(self, name: str) -> str:
        """The key's place in the file: `group[0].registers[3].at`."""
        return f"{self.key}.{name}" if self.key else name

    def wrong(self, name: str, message: str, hint: str = "") -> None:
        """Notes a mistake at a key of this table."""
        self.mistakes.append(Mistake(self.where(name) if name else self.key, message, hint))

    def text(self, name: str, fallback: str = REQUIRED) -> str:
        """A text."""
        return str(self._take(name, str, fallback, ""))

    def truth(self, name: str, fallback: bool) -> bool:
        """True or false."""
        return bool(self._take(name, bool, fallback, fallback))

    def whole(self, name: str, low: int, high: int, fallback: int = REQUIRED) -> int:
        """A whole number from `low` to `high`."""
        value = int(self._take(name, int, fallback, low))
        if not low <= value <= high:
            self.wrong(name, f"{value} is out of range", f"{low} to {high}")
            return low
        return value

    def number(self, name: str, fallback: float) -> float:
        """A number greater than 0."""
        value = float(self._take(name, float, fallback, fallback))
        if name in self._data and not 0 < value < float("inf"):
            self.wrong(name, f"{value:g} is out of range", "more than 0")
            return 1.0
        return value

    def choice(self, name: str, allowed: Sequence[str], fallback: str = REQUIRED) -> str:
        """One of these words."""
        value = str(self._take(name, str, fallback, allowed[0]))
        if value not in allowed:
            self.wrong(name, f'"{value}" is not allowed', nearest(value, allowed))
            return allowed[0]
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; empty if it is not there."""
        return tuple(value for value in self._list(name) if self._is(name, value, str))

    def wholes(self, name: str, low: int, high: int) -> tuple[int, ...]:
        """A list of whole numbers from `low` to `high`; empty if it is not there."""
        values = tuple(value for value in self._list(name) if self._is(name, value, int))
        for value in values:
            if not low <= value <= high:
                self.wrong(name, f"{value} is out of range", f"{low} to {high}")
        return tuple(value for value in values if low <= value <= high)

    def span(self, name: str) -> tuple[float, float] | None:
        """A list of the lowest and the highest number; None if it is not there."""
        if name not in self:
            return None
        values = [float(value) for value in self._list(name) if self._is(name, value, float)]
        if len(values) != 2 or not values[0] < values[1]:
            self.wrong(name, "is no range", "[lowest, highest]")
            return None
        return values[0], values[1]

    def table(self, name: str) -> Table:
        """A table within; empty if it is not there."""
        return Table(self.where(name), self._take(name, dict, {}, {}), self.mistakes)

    def tables(self, name: str) -> Iterator[Table]:
        """A list of tables within."""
        for number, value in enumerate(self._list(name)):
            if self._is(f"{name}[{number}]", value, dict):
                yield Table(self.where(f"{name}[{number}]"), value, self.mistakes)

    def __iter__(self) -> Iterator[str]:
        """Every key, for a table whose keys are free."""
        return iter(self._data)

    def scalars(self) -> dict[str, str | int | float | bool]:
        """Everything in a table whose keys are free and whose values are single ones."""
        self._asked.update(self._data)
        for name, value in self._data.items():
            if not isinstance(value, str | int | float | bool):
                self.wrong(name, f"{value!r} is not a single value")
        return {name: value for name, value in self._data.items() if isinstance(value, str | int | float | bool)}

    def end(self) -> None:
        """Calls unknown what nobody asked for."""
        for name in self._data.keys() - self._asked:
            self.wrong("", f'unknown key "{name}"', nearest(name, self._asked))

    def _take(self, name: str, kind: type[_T], fallback: _T, instead: _T) -> _T:
        self._asked.add(name)
        if name in self._data:
            value: _T = self._data[name]
            return value if self._is(name, value, kind) else instead
        if fallback is REQUIRED:
            self.wrong(name, "is missing")
            return instead
        return fallback

    def _list(self, name: str) -> Sequence[Any]:
        self._asked.add(name)
        values = self._data.get(name, [])
        if not isinstance(values, list):
            self.wrong(name, "is not a list", "write it in [ ]")
            return []
        return values

    def _is(self, name: str, value: object, kind: type) -> bool:
        # TOML's true is Python's 1; a whole number will do where a number is wanted.
        fits = isinstance(value, (int, float) if kind is float else kind) and (kind is bool) == isinstance(value, bool)
        if not fits:
            self.wrong(name, f"{value!r} is not {_WORDS[kind]}")
        return fits

"""Keeps the exponents of ten that a meter holds in registers of their own, and doubts them when they move."""

from __future__ import annotations

from collections.abc import Collection, Mapping


class Scales:
    """The exponents of one meter.

    An exponent that comes with its values in one answer belongs to them. One that comes in another answer is read after
    the values; if it is then not what it was before, nobody knows which of both the values were made with.
    """

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def forget(self) -> None:
        """The meter was gone: what comes back may be set otherwise, or be another meter."""
        self._known.clear()

    def learn(self, fresh: Mapping[str, int | None], lost: Collection[str]) -> dict[str, int]:
        """What holds for values of other answers of this tick. `lost`: exponents that were asked for in vain."""
        settled = {name: value for name, value in self._known.items() if name not in fresh and name not in lost}
        for name, value in fresh.items():
            if value is not None and self._known.get(name, value) == value:
                settled[name] = value
        self._known = {**settled, **{name: value for name, value in fresh.items() if value is not None}}
        return settled

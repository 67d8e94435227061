"""Puts the values of one meter, which may come in several messages, together to one sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from collector.devices.map import Code
from collector.model.reading import Sample

#: s; what belongs together is published within this time.
SETTLE = 0.3


class Gathering:
    """The values of one meter that have come since its last sample."""

    def __init__(self, meter: str, codes: Sequence[Code]) -> None:
        self._meter = meter
        self._codes = tuple(codes)
        self._heard: dict[str, float | None] = {}
        self._boot_ns = 0

    def add(self, heard: Mapping[str, float | None], boot_ns: int) -> Sample | None:
        """Takes what one message says (code -> value). A value that is there already begins the next sample: the one
        before is returned."""
        before = self.take() if self._heard.keys() & heard.keys() else None
        if not self._heard:
            self._boot_ns = boot_ns
        self._heard.update(heard)
        return before

    @property
    def whole(self) -> bool:
        """True when every value of the model has come."""
        return len(self._heard) == len(self._codes)

    def left(self, boot_ns: int) -> float | None:
        """Seconds until no more is waited for; None while nothing has come."""
        return SETTLE - (boot_ns - self._boot_ns) / 1e9 if self._heard else None

    def take(self) -> Sample | None:
        """What has come, stamped with the arrival of the first; what has not come is left out."""
        heard, self._heard = self._heard, {}
        values = _quantities(self._codes, heard)
        return Sample(self._meter, self._boot_ns, values) if values else None


def _quantities(codes: Sequence[Code], heard: Mapping[str, float | None]) -> dict[str, float | None]:
    """Quantity -> the sum of its codes; left out while one of them has not come, None where one has no value."""
    parts: dict[str, list[float | None]] = {}
    for code in codes:
        if code.code in heard:
            value = heard[code.code]
            parts.setdefault(code.quantity, []).append(None if value is None else value * code.scale * code.sign)
    wanted: dict[str, int] = {}
    for code in codes:
        wanted[code.quantity] = wanted.get(code.quantity, 0) + 1
    return {
        name: None if None in values else sum(value for value in values if value is not None)
        for name, values in parts.items()
        if len(values) == wanted[name]
    }

"""Counts what happened between us and one meter, for the health page."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field

from collector.errors import BadAnswer, DeviceError, MeterRefused

#: Response times kept: enough for a 99th percentile, few enough for RAM.
KEPT = 200


@dataclass(slots=True)
class Statistics:
    """Since start. `errors` counts every failed request by kind (`no_answer`, `bad_answer_crc`, `refused_2` ...)."""

    requests: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    _responses: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))

    def answered(self, response: float) -> None:
        """Counts an answer that began `response` s after the request."""
        self.requests += 1
        self._responses.append(response)

    def failed(self, error: DeviceError) -> None:
        """Counts a request that brought nothing."""
        self.requests += 1
        self.errors[word(error)] += 1

    def doubted(self, reason: str) -> None:
        """Counts an answer that was whole but cannot be true."""
        self.errors[reason] += 1

    def response_ms(self) -> tuple[float, float] | None:
        """p50 and p99 of the last answers' first byte, ms; None before the first answer."""
        ordered = sorted(self._responses)
        if not ordered:
            return None
        p50, p99 = (ordered[min(len(ordered) - 1, int(len(ordered) * p))] for p in (0.5, 0.99))
        return round(1000 * p50, 3), round(1000 * p99, 3)


def word(error: DeviceError) -> str:
    """The word under which an error is counted."""
    if isinstance(error, BadAnswer):
        return f"{error.kind}_{error.reason}"
    if isinstance(error, MeterRefused):
        return f"{error.kind}_{error.code}"
    return error.kind

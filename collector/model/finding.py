"""Says what one look at the logger found; the same words for the terminal, the page and programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from collector.errors import StoreError
from collector.model.status import CollectorStatus

#: How subjects of findings begin that are about a source of prices.
PRICES = "prices of "


class State(Enum):
    """How grave it is."""

    FINE = "fine"
    ATTENTION = "attention"  #: works, but should be looked after
    WRONG = "wrong"  #: does not work
    SKIPPED = "skipped"  #: could not be looked at; `seen` says why

    @property
    def weight(self) -> int:
        """The greater, the graver."""
        return {"wrong": 3, "attention": 2, "skipped": 1, "fine": 0}[self.value]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, what was seen there, and, where something is wrong, what to do."""

    subject: str
    state: State
    seen: str
    advice: str = ""

    @property
    def troubles(self) -> bool:
        """True for what a person should look at."""
        return self.state in (State.WRONG, State.ATTENTION)

    def to_json(self) -> dict[str, str]:
        """For programs; the same from `phaselog doctor --json` and /api/health."""
        return {"subject": self.subject, "state": self.state.value, "seen": self.seen, "advice": self.advice}


class Doctor(Protocol):
    """Looks after the logger on behalf of the page, which hands over what it knows already."""

    def judge(self, status: CollectorStatus | None, problem: StoreError | None) -> Sequence[Finding]:
        """What the collector's newest status and the store's last answer mean; takes no time."""
        ...

    def examine(self) -> Sequence[Finding]:
        """Everything else; may take seconds, never raises."""
        ...


def fine(subject: str, seen: str) -> Finding:
    """Nothing to do."""
    return Finding(subject, State.FINE, seen)


def attention(subject: str, seen: str, advice: str) -> Finding:
    """Works, but not for ever."""
    return Finding(subject, State.ATTENTION, seen, advice)


def wrong(subject: str, seen: str, advice: str) -> Finding:
    """Does not work."""
    return Finding(subject, State.WRONG, seen, advice)


def skipped(subject: str, why: str) -> Finding:
    """Not looked at."""
    return Finding(subject, State.SKIPPED, why)

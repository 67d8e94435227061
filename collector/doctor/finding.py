"""Says what one look found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class State(Enum):
    """How grave it is."""

    FINE = "fine"
    ATTENTION = "attention"  #: works, but should be looked after
    WRONG = "wrong"  #: does not work
    SKIPPED = "skipped"  #: could not be looked at; `seen` says why


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, what was seen there, and, where something is wrong, what to do."""

    subject: str
    state: State
    seen: str
    advice: str = ""


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

"""Says what an alert is: something that a rule found, from when to when, and who has taken notice of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Alert:
    """One row of table `alert`. Times are UTC ms; `ended` None: it lasts. `meter` empty: it is about the logger."""

    rule: str
    subject: str
    raised: int
    meter: str
    text: str
    ended: int | None = None
    acknowledged: int | None = None
    acknowledged_by: str | None = None


@dataclass(frozen=True, slots=True)
class TrialMessage:
    """One row of table `alert_test`: somebody wants a channel to be tried. `outcome` empty: sent and taken."""

    asked: int
    channel: str
    asked_by: str
    tried: int | None = None
    outcome: str | None = None


class AlertLog(Protocol):
    """What the process that watches the rules writes down, and what people ask it on the page."""

    def begin(self, alert: Alert) -> None:
        """Writes an alert down; the same one again changes nothing."""
        ...

    def end(self, rule: str, subject: str, ended: int) -> None:
        """What of this lasts is over."""
        ...

    def acknowledged(self) -> Sequence[tuple[str, str]]:
        """(rule, subject) of what lasts and somebody has taken notice of."""
        ...

    def wanted_tests(self, since: int) -> Sequence[TrialMessage]:
        """Messages that somebody wanted to be tried since then, and that were not."""
        ...

    def tested(self, trial: TrialMessage, tried: int, outcome: str) -> None:
        """How a trial went."""
        ...

    def close(self) -> None:
        """Closes the connection."""
        ...


class AlertDesk(Protocol):
    """The page's part: to see alerts, to take notice of one, to have a channel tried. Safe from several threads."""

    def alerts(self, limit: int, before: int | None = None) -> Sequence[Alert]:
        """The newest first."""
        ...

    def lasting(self) -> Sequence[Alert]:
        """What is not over."""
        ...

    def acknowledge(self, alert: Alert, who: str, now: int) -> bool:
        """Somebody has taken notice; False when the alert is not there, or somebody else was first."""
        ...

    def ask_test(self, channel: str, who: str, now: int) -> None:
        """Somebody wants this channel to be tried."""
        ...

    def tests(self, limit: int) -> Sequence[TrialMessage]:
        """The newest trials first."""
        ...

    def close(self) -> None:
        """Closes the connection."""
        ...

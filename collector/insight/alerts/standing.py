"""Follows each subject of each rule: how long it lasts, what was told, when it was over, whether it comes and goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from collector.insight.alerts.notice import HAPPENED, RAISED, REPEATED, RESOLVED, Notice
from collector.insight.alerts.rule import Rule, Seen

#: A subject that was told so often within its repeat limit is told no more until it has kept quiet for as long.
MOST_RAISED = 3
#: The repeat limit of a rule that never repeats, s, for what goes to and fro.
TO_AND_FRO = 3600.0
#: The "absence" of a value has its duration in the value's age.
_OWN_DURATION = ("absence",)


@dataclass(slots=True)
class Standing:
    """One subject of one rule. Times are UTC ms; `raised` None: active, but not for long enough yet.

    `over`: since when it is not active any more. `told`: the last notice. `times`: when it was raised lately.
    """

    meter: str
    text: str
    since: int | None
    raised: int | None = None
    over: int | None = None
    told: int | None = None
    acknowledged: bool = False
    times: list[int] = field(default_factory=list)

    @property
    def active(self) -> bool:
        """True while it is, or was not yet seen to be over."""
        return self.since is not None


class Book:
    """All standings; `step` moves one of them and returns what a person must be told."""

    def __init__(self, zone: tzinfo, kept: Mapping[str, Any] | None = None) -> None:
        """`kept`: what an earlier `to_json` gave."""
        self._zone = zone
        self._standings = {_key(name): Standing(**value) for name, value in (kept or {}).items()}

    def to_json(self) -> dict[str, Any]:
        """For the next start."""
        return {f"{rule}\n{subject}": asdict(standing) for (rule, subject), standing in self._standings.items()}

    def standing(self, rule: str, subject: str) -> bool:
        """True while this is active; a rule's hysteresis asks."""
        found = self._standings.get((rule, subject))
        return found is not None and found.active

    def raised(self) -> Mapping[tuple[str, str], Standing]:
        """What a person has been, or would have been, told and is not over."""
        return {key: each for key, each in self._standings.items() if each.raised is not None}

    def acknowledge(self, rule: str, subject: str) -> None:
        """Somebody knows: it is not repeated any more; that it is over will be told."""
        if (found := self._standings.get((rule, subject))) is not None:
            found.acknowledged = True

    def step(self, rule: Rule, seen: Seen, now: int) -> Notice | None:
        """One look at one subject."""
        if seen.active is None:
            return None  # not known: nothing begins and nothing ends
        if seen.at_once:
            return self._notice(rule, seen, HAPPENED, now)
        key = rule.name, seen.subject
        standing = self._standings.setdefault(key, Standing(seen.meter, seen.text, None))
        window = int((rule.repeat or TO_AND_FRO) * 1000)
        standing.times = [time for time in standing.times if now - time < window]
        notice = self._on(rule, seen, standing, now) if seen.active else self._off(rule, seen, standing, now)
        if not standing.active and not standing.times:
            del self._standings[key]
        return notice

    def _on(self, rule: Rule, seen: Seen, standing: Standing, now: int) -> Notice | None:
        standing.since = now if standing.since is None else standing.since
        standing.over, standing.text = None, seen.text
        if standing.raised is None:
            if now - standing.since < _lasting(rule):
                return None
            standing.raised = now
            standing.times.append(now)
            return self._tell(rule, seen, standing, RAISED, now)
        repeats = rule.repeat and not standing.acknowledged and now - (standing.told or 0) >= rule.repeat * 1000
        return self._tell(rule, seen, standing, REPEATED, now) if repeats else None

    def _off(self, rule: Rule, seen: Seen, standing: Standing, now: int) -> Notice | None:
        if standing.raised is None:
            standing.since = None
            return None
        standing.over = now if standing.over is None else standing.over
        if now - standing.over < _lasting(rule):
            return None
        standing.since = standing.raised = standing.over = None
        standing.acknowledged = False
        return self._tell(rule, seen, standing, RESOLVED, now)

    def _tell(self, rule: Rule, seen: Seen, standing: Standing, word: str, now: int) -> Notice | None:
        if len(standing.times) > MOST_RAISED:
            return None
        standing.told = now
        return self._notice(rule, seen, word, now, len(standing.times) == MOST_RAISED and word == RAISED)

    def _notice(self, rule: Rule, seen: Seen, word: str, now: int, last: bool = False) -> Notice:
        text = f"{seen.text} (it comes and goes: no more of it until it has kept quiet)" if last else seen.text
        due = now if rule.quiet is None else after_quiet(now, rule.quiet, self._zone)
        return Notice(now, word, rule.name, seen.subject, seen.meter, text, tuple(rule.send), due)


def _key(name: str) -> tuple[str, str]:
    rule, _, subject = name.partition("\n")
    return rule, subject


def _lasting(rule: Rule) -> float:
    return 0.0 if rule.kind in _OWN_DURATION else rule.lasting * 1000


def after_quiet(now: int, quiet: tuple[int, int], zone: tzinfo) -> int:
    """The moment (UTC ms) from which something may be sent: now, or the end of the quiet hours around now."""
    here = datetime.fromtimestamp(now / 1000, zone)
    minute = here.hour * 60 + here.minute
    start, end = quiet
    inside = start <= minute < end if start <= end else minute >= start or minute < end
    if not inside:
        return now
    wait = (end - minute) % 1440
    return now + wait * 60_000 - (here.second * 1000 + here.microsecond // 1000)


def looked(book: Book, rule: Rule, seen: Sequence[Seen], now: int) -> list[Notice]:
    """Everything that one look of one rule makes a person be told."""
    return [notice for each in seen if (notice := book.step(rule, each, now)) is not None]

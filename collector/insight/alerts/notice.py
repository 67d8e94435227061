"""Says what a person is told, and writes several of it as one message, so that a storm stays one mail."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, tzinfo
from typing import Any, Protocol

RAISED, REPEATED, RESOLVED, HAPPENED, TEST = "raised", "repeated", "resolved", "happened", "test"
_MARK = {RAISED: "alert", REPEATED: "still", RESOLVED: "over", HAPPENED: "note", TEST: "test"}
#: A message lists so many; the rest is counted and stands on the page.
MOST_LINES = 20


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell at `time` (UTC ms), not before `due`. `word`: raised, repeated, resolved, happened or test."""

    time: int
    word: str
    rule: str
    subject: str
    meter: str
    text: str
    send: tuple[str, ...]
    due: int

    @property
    def id(self) -> str:
        """The same notice has the same id, however often it is made or sent."""
        whole = f"{self.rule}\n{self.subject}\n{self.word}\n{self.time}"
        return hashlib.sha256(whole.encode()).hexdigest()[:24]

    def to_json(self) -> str:
        """One line for the outbox."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Notice:
        """Reads what `to_json` wrote; ValueError, KeyError or TypeError if it is something else."""
        data: Mapping[str, Any] = json.loads(text)
        return cls(**{**data, "send": tuple(data["send"])})


@dataclass(frozen=True, slots=True)
class Message:
    """What a channel sends: a headline, a text and an id that a repetition keeps."""

    id: str
    headline: str
    text: str


class Tongue(Protocol):
    """A language in which people are told; what is told stands in English until then."""

    def said(self, text: str) -> str:
        """A sentence of an alert, with its values in it."""
        ...

    def time(self, at: datetime) -> str:
        """A moment."""
        ...


class English:
    """The language of the source."""

    def said(self, text: str) -> str:
        """As it is."""
        return text

    def time(self, at: datetime) -> str:
        """ISO 8601, without what nobody reads."""
        return f"{at:%Y-%m-%d %H:%M}"


def message(site: str, zone: tzinfo, tongue: Tongue, notices: Sequence[Notice]) -> Message:
    """All of these in one message, the oldest first."""
    told = sorted(notices, key=lambda notice: (notice.time, notice.rule, notice.subject))
    lines = [_line(notice, zone, tongue) for notice in told[:MOST_LINES]]
    if len(told) > MOST_LINES:
        lines.append(tongue.said(f"... and {len(told) - MOST_LINES} more; the page lists them all."))
    first = _said(told[0], tongue)
    headline = first if len(told) == 1 else f"{tongue.said(f'{len(told)} messages, first')} {first}"
    ids = hashlib.sha256("\n".join(notice.id for notice in told).encode()).hexdigest()[:24]
    return Message(ids, _short(f"{site}: {headline}"), "\n".join(lines))


def _said(notice: Notice, tongue: Tongue) -> str:
    return f"{tongue.said(_MARK[notice.word])}: {tongue.said(notice.text)}"


def _line(notice: Notice, zone: tzinfo, tongue: Tongue) -> str:
    at = tongue.time(datetime.fromtimestamp(notice.time / 1000, zone))
    return f"{at} {_said(notice, tongue)} ({tongue.said(f'rule {notice.rule}')})"


def _short(headline: str) -> str:
    """One line that a subject may be; what a meter or a person named cannot add lines or headers."""
    line = " ".join(headline.split())
    return line if len(line) <= 150 else f"{line[:149]}…"

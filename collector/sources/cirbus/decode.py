"""Decodes captured bytes of Cirbus: an answer is understood by the question before it (CVMk manual, section 11)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from collector.sources.cirbus.commands import COMMANDS, IDENTIFY
from collector.sources.cirbus.message import Damage, Message, search
from collector.sources.telegram import Telegram, Value

#: What asks, reads or writes: three letters, for a writing one followed by what it writes.
_QUESTION = re.compile(r"(?:[RW][A-Z][A-Za-z]|VER|CMD)(?:[X\d].*)?")


def decode(data: bytes) -> list[Telegram]:
    """Every telegram that these bytes hold, in order."""
    reading = _Reading(data)
    for found in search(data):
        reading.take(found)
    return reading.end()


@dataclass(slots=True)
class _Draft:
    identification: str = ""
    values: list[Value] = field(default_factory=list)
    complete: bool = True
    problems: list[str] = field(default_factory=list)


class _Reading:
    """Goes through the bytes once."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._drafts: list[_Draft] = []
        self._asked: dict[int, str] = {}  # unit -> its last question, until it is answered
        self._versions: dict[int, str] = {}
        self._behind = 0
        self._fragment = ""
        self._remarks: list[str] = []

    def take(self, found: Message | Damage) -> None:
        """The next message, or what looks like one."""
        if isinstance(found, Damage) and not found.whole:
            self._fragment = self._fragment or found.reason
            return
        self._look_between(found.begin)
        self._behind = found.end
        draft = _Draft(problems=self._remarks)
        self._remarks = []
        self._drafts.append(draft)
        if isinstance(found, Damage):
            draft.complete = False
            draft.problems.append(found.reason)
        else:
            self._message(found, draft)

    def end(self) -> list[Telegram]:
        """All that was found."""
        self._look_between(len(self._data))
        if self._remarks and self._drafts:
            self._drafts[-1].problems += self._remarks
        elif self._remarks:
            self._drafts.append(_Draft(complete=False, problems=self._remarks))
        return [Telegram(one.identification, tuple(one.values), one.complete, tuple(one.problems))
                for one in self._drafts]  # fmt: skip

    def _look_between(self, until: int) -> None:
        stray = until - self._behind
        if stray:
            where = "before it" if until < len(self._data) else "at the end"
            what = f"a message is not whole, {self._fragment}" if self._fragment else "they belong to no message"
            self._remarks.append(f"{stray} bytes {where}: {what}")
        self._fragment = ""

    def _message(self, message: Message, draft: _Draft) -> None:
        asked = self._asked.get(message.unit)
        if asked == IDENTIFY and message.text != IDENTIFY:
            self._versions[message.unit] = message.text.strip()
        draft.identification = f"{message.unit:02d} {self._versions.get(message.unit, '')}".rstrip()
        if asked != IDENTIFY and _QUESTION.fullmatch(message.text):
            self._asked[message.unit] = message.text
            return
        if message.text == IDENTIFY:
            return  # an echo
        self._asked.pop(message.unit, None)
        if asked in COMMANDS:
            try:
                draft.values = COMMANDS[asked].values(message.text)
            except ValueError as error:
                draft.problems.append(str(error))
        elif asked is None:
            draft.problems.append("the question that this answers is not there: its values have no names")
        elif asked != IDENTIFY:
            draft.problems.append(f"the answer to {asked} is not understood here")

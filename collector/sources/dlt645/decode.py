"""Decodes captured bytes of DL/T 645 of both editions, requests and answers (1997: section 6, 2007: section 7)."""

from __future__ import annotations

from dataclasses import dataclass, field

from collector.sources.dlt645.contents import ASK_ADDRESS, MORE_1997, MORE_2007, READ_2007, WIDTHS, known, parts, values
from collector.sources.dlt645.frame import WAKE, Damage, Frame, search
from collector.sources.dlt645.refusals import words
from collector.sources.telegram import Telegram, Value

_UNFINISHED = "the rest of its data (a follow-on frame) is not there"
_FOLLOWING = (MORE_1997, MORE_2007)


@dataclass(slots=True)
class _Draft:
    """A telegram in the making. `data`: of its frames so far, `number`: of the last follow-on frame."""

    identification: str = ""
    values: list[Value] = field(default_factory=list)
    complete: bool = True
    problems: list[str] = field(default_factory=list)
    data: bytearray = field(default_factory=bytearray)
    number: int = 0

    def fail(self, problem: str) -> None:
        self.complete = False
        self.problems.append(problem)

    def fill(self, code: str) -> None:
        """What an unknown identifier brings is shown as hex digits, the highest first."""
        try:
            self.values = values(code, bytes(self.data))
        except ValueError as error:
            self.problems.append(str(error))
            if self.data and not known(code):
                self.values = [Value(code, None, self.data[::-1].hex().upper())]


def decode(data: bytes) -> list[Telegram]:
    """Every telegram that these bytes hold, in order; follow-on frames are put together with their beginning."""
    reading = _Reading(data)
    for found in search(data):
        reading.take(found)
    return reading.end()


class _Reading:
    """Goes through the bytes once."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._drafts: list[_Draft] = []
        self._unfinished: dict[tuple[str, str], _Draft] = {}
        self._behind = 0  # where the last frame ended
        self._fragment = ""  # the first one since then
        self._remarks: list[str] = []  # on what lies before the next telegram

    def take(self, found: Frame | Damage) -> None:
        """The next frame, or what looks like one."""
        if isinstance(found, Damage) and not found.whole:
            self._fragment = self._fragment or found.reason
            return
        self._look_between(found.begin)
        self._behind = max(self._behind, found.end)
        if isinstance(found, Damage):
            self._new("").fail(found.reason)
        else:
            self._frame(found)

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
        """Notes the bytes before `until` that belong to no frame; wake-up bytes belong to the frame behind them."""
        stray = max(0, until - self._behind - self._data.count(WAKE, self._behind, max(until, self._behind)))
        if stray:
            where = "before it" if until < len(self._data) else "at the end"
            what = f"a frame is not whole, {self._fragment}" if self._fragment else "they belong to no frame"
            self._remarks.append(f"{stray} bytes {where}: {what}")
        self._fragment = ""

    def _new(self, identification: str) -> _Draft:
        draft = _Draft(identification, problems=self._remarks)
        self._remarks = []
        self._drafts.append(draft)
        return draft

    def _frame(self, frame: Frame) -> None:
        carries = frame.answers and not frame.refuses and frame.function in WIDTHS
        if carries and frame.function in _FOLLOWING:
            self._follow(frame)
            return
        draft = self._new(frame.address)
        if frame.refuses:
            draft.problems.append(words(frame))
        elif carries:
            self._begin(frame, draft)
        elif frame.answers and frame.function == ASK_ADDRESS:
            if frame.data[::-1].hex().upper() != frame.address:
                draft.fail("it answers with another address in its data")
        elif not frame.answers and len(frame.data) < WIDTHS.get(frame.function, 0):
            edition = " of the 2007 edition" if frame.function >= READ_2007 else ""
            draft.problems.append(f"function {frame.function:02X}{edition} asks with {len(frame.data)} bytes only")

    def _begin(self, frame: Frame, draft: _Draft) -> None:
        try:
            code, data, _ = parts(frame)
        except ValueError as error:
            draft.fail(str(error))
            return
        draft.data += data
        if frame.more:
            self._unfinished[frame.address, code] = draft
            draft.fail(_UNFINISHED)
        else:
            draft.fill(code)

    def _follow(self, frame: Frame) -> None:
        try:
            code, data, number = parts(frame)
        except ValueError as error:
            self._new(frame.address).fail(str(error))
            return
        draft = self._unfinished.get((frame.address, code))
        if draft is None or (frame.function == MORE_2007 and number != draft.number + 1):
            self._new(frame.address).fail("a follow-on frame without the one before it")
            return
        draft.problems += self._remarks
        self._remarks = []
        draft.data += data
        draft.number = number
        if not frame.more:
            del self._unfinished[frame.address, code]
            draft.problems.remove(_UNFINISHED)
            draft.complete = True
            draft.fill(code)

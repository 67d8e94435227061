"""Plays a capture back on a pseudo-terminal: what the meters said, after what was asked, with the pauses of the day.

What was never asked in the capture is not answered. A capture in which nobody asked is played from end to end, again
and again.
"""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from collector.errors import ConfigError
from collector.sources.capture import LOGGER, METER, Lump, lumps
from collector.sources.simulator.pty import Pty

#: The longest pause that is waited for, s: between two rounds of a slow logger there may be minutes.
LONGEST_PAUSE = 10.0
#: Of what was heard so much is looked through for a question, bytes.
REMEMBERED = 512


@dataclass(frozen=True, slots=True)
class _Exchange:
    """A question and what came after it; `asked`: when, s; an empty question is the start of the capture."""

    question: bytes
    asked: float
    answer: tuple[Lump, ...]


class Replay:
    """A served capture: one thread, from now until `close`. `path`: what a collector opens."""

    def __init__(self, capture: Path, link: Path | None) -> None:
        """Raises ConfigError when the capture holds nothing to play, UsageError when `link` cannot be made."""
        self._exchanges = _exchanges(list(lumps(capture)))
        if not any(exchange.answer for exchange in self._exchanges):
            raise ConfigError(f"{capture}: no meter says anything in it", (), "record it while the meter is on")
        self._pty = Pty(link)
        self.path = self._pty.path
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"replay {self.path}", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends the thread and takes the line away."""
        self._stop.set()
        self._thread.join()
        self._pty.close()

    def _run(self) -> None:
        if len(self._exchanges) == 1 and not self._exchanges[0].question:
            while not self._stop.is_set():
                self._say(self._exchanges[0])
            return
        turn, heard = 0, b""
        while not self._stop.is_set():
            heard = (heard + self._receive())[-REMEMBERED:]
            found = self._asked(heard, turn)
            if found is not None:
                turn, heard = found + 1, b""
                self._say(self._exchanges[found])

    def _asked(self, heard: bytes, turn: int) -> int | None:
        """The exchange whose question was heard just now: the next one in the capture that asks it."""
        count = len(self._exchanges)
        order = (number % count for number in range(turn, turn + count))
        return next(
            (n for n in order if self._exchanges[n].question and heard.endswith(self._exchanges[n].question)), None
        )

    def _receive(self) -> bytes:
        if select.select([self._pty.fd], [], [], 0.1)[0]:
            with suppress(OSError):
                return os.read(self._pty.fd, 4096)
        return b""

    def _say(self, exchange: _Exchange) -> None:
        at = exchange.asked
        for lump in exchange.answer:
            if self._stop.wait(min(LONGEST_PAUSE, max(0.0, lump.time - at))):
                return
            at = lump.time
            with suppress(OSError):  # nobody reads: the characters are lost, as on a wire
                os.write(self._pty.fd, lump.data)
        if not exchange.question:
            time.sleep(0.01)  # a capture without any pause must not fill the machine


def _exchanges(captured: Sequence[Lump]) -> list[_Exchange]:
    found: list[_Exchange] = []
    question, asked, answer = b"", captured[0].time if captured else 0.0, []
    for lump in captured:
        if lump.sender == METER:
            answer.append(lump)
            continue
        if lump.sender == LOGGER and (question or answer):
            found.append(_Exchange(question, asked, tuple(answer)))
            answer = []
        question, asked = lump.data, lump.time
    return [*found, _Exchange(question, asked, tuple(answer))]

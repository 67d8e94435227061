"""Asks one thing at a time on a line without numbered frames, and keeps silent until no late answer can be mistaken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from collector.config.protocols import PROTOCOLS
from collector.config.settings import LineSettings
from collector.errors import BadAnswer, DeviceError, MeterRefused
from collector.model.ports import Ticker
from collector.sources.channel.channel import Channel
from collector.sources.linetime import character_seconds

T = TypeVar("T")

#: The longest that a request is put off until the line is quiet, s.
LONGEST_QUIET = 3.0
#: So many bytes, and still no answer among them: somebody talks all the time.
_MOST = 2048


@dataclass(frozen=True, slots=True)
class Times:
    """What the protocol says, in s: `silence` before a request, `timeout` until the first byte, `gap` between two.

    `longest`: bytes of the longest answer.
    """

    silence: float
    timeout: float
    gap: float
    longest: int


@dataclass(frozen=True, slots=True)
class Answered(Generic[T]):
    """What was answered. `boot_ns`: CLOCK_BOOTTIME of its first byte; `response`: s until then."""

    content: T
    boot_ns: int
    response: float


class Conversation:
    """One line, used by one thread; opened at first use, and anew after it broke."""

    def __init__(self, line: LineSettings, channel: Channel, times: Times, ticker: Ticker) -> None:
        self.line = line
        self._channel = channel
        self._times = times
        self._ticker = ticker
        # What lies behind a gateway speaks at the protocol's usual speed, as far as anybody knows here.
        pace = line if line.serial else PROTOCOLS[line.protocol]
        self._character = character_seconds(pace.baud, pace.frame)
        self._last = ticker.monotonic()  # of the last byte on the wire, ours or theirs
        self._quiet = 0.0  # silence wanted after trouble; 0 while all is well
        self._alive: Callable[[], None] = lambda: None

    def on_turn(self, alive: Callable[[], None]) -> None:
        """`alive` is called with each question: many of them make one reading, and damaged answers take their time."""
        self._alive = alive

    @property
    def target(self) -> str:
        """Port or address."""
        return self._channel.target

    def close(self) -> None:
        """Closes the port; the next request opens it again."""
        self._channel.close()

    def ask(
        self, request: bytes, answer: Callable[[bytes], T | None], unanswered: Callable[[bytes], DeviceError]
    ) -> Answered[T]:
        """Sends and listens. `answer` finds the answer in all that was heard; `unanswered`: the error if it never came.

        What `answer` raises ends the listening. Raises LineError, too.
        """
        self._alive()
        if not self._channel.open:
            self._channel.connect()
            # Somebody may have asked just before us: a restarted collector, a scan.
            self._last, self._quiet = self._ticker.monotonic(), max(self._quiet, self._times.gap)
        self._fall_silent()
        self._channel.send(request)
        self._last = self._ticker.monotonic() + len(request) * self._character
        self._quiet = self._times.gap
        try:
            found = self._listen(request, answer, unanswered)
        except MeterRefused:
            self._quiet = 0.0  # that is an answer, too
            raise
        self._quiet = 0.0
        return found

    def _fall_silent(self) -> None:
        """Waits until nothing has been heard for long enough; throws away what is heard meanwhile."""
        now = self._ticker.monotonic()
        give_up = now + LONGEST_QUIET
        wanted = max(self._times.silence + self.line.gap, self._quiet)
        while now < give_up:
            heard = self._channel.receive(max(0.0, self._last + wanted - now))
            now = self._ticker.monotonic()
            if heard:
                self._last = now
            elif now >= self._last + wanted:
                self._quiet = 0.0
                return
        self._quiet = wanted
        raise BadAnswer(f"{self.target}: somebody talks all the time", "babble", "is there a second master here?")

    def _listen(
        self, request: bytes, answer: Callable[[bytes], T | None], unanswered: Callable[[bytes], DeviceError]
    ) -> Answered[T]:
        times, sent = self._times, self._last
        timeout = self.line.timeout or times.timeout
        heard, boot_ns, first = b"", 0, 0.0
        until = sent + timeout
        end = until + 2 * times.longest * self._character + 4 * times.gap
        while lump := self._receive_until(until, end):
            self._last = self._ticker.monotonic()
            heard += lump
            if not boot_ns:
                boot_ns, first = self._ticker.boot_ns(), self._last
            if heard.startswith(request):
                heard, boot_ns = heard[len(request) :], 0  # the adapter hears what it sends
            found = answer(heard)
            if found is not None:
                return Answered(found, boot_ns, max(0.0, first - sent))
            until = max(until, self._last + times.gap)
            if len(heard) > _MOST:
                break
        self._last = self._ticker.monotonic()
        raise unanswered(heard)

    def _receive_until(self, until: float, end: float) -> bytes:
        """What comes until then; empty when nothing came, or when it goes on for longer than any answer."""
        heard = self._channel.receive(min(until, end) - self._ticker.monotonic())
        return heard if self._last < end else b""

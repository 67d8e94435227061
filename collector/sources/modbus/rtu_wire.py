"""Speaks Modbus RTU on a serial port or through a transparent gateway (Modbus over serial line 1.02, section 2.5.1)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from collector.config.settings import LineSettings
from collector.errors import BadAnswer, NoAnswer
from collector.model.ports import Ticker
from collector.sources.channel.channel import Channel
from collector.sources.modbus import rtu
from collector.sources.modbus.queries import Query
from collector.sources.modbus.wire import Answer

LONGEST_FRAME = 256
#: The longest that the start of a request is put off until the line is quiet, s.
LONGEST_QUIET = 0.4
#: After these the answer that was asked for may still be on its way.
_STILL_TO_COME = {"unit", "function", "length", "noise"}
#: Sleeping costs less CPU than waking for each byte; shorter waits are not worth it, s.
_NAP = 0.0015


@dataclass(frozen=True, slots=True)
class Pace:
    """The times of one line, all in s.

    `character`: one byte on the wire (0: bytes come in lumps). `silence`: before a request (t3.5). `timeout`: until the
    first byte. `gap`: between two bytes of one frame, longer than any USB adapter or gateway holds them back.
    """

    character: float
    silence: float
    timeout: float
    gap: float

    @property
    def quiet(self) -> float:
        """How long the line must be silent after an answer that never came: until a whole late one has passed."""
        return min(LONGEST_QUIET, self.gap + LONGEST_FRAME * self.character)


class RtuWire:
    """RTU frames; after trouble the line stays silent until a late answer can no longer be mistaken."""

    numbered = False

    def __init__(self, line: LineSettings, channel: Channel, pace: Pace, ticker: Ticker) -> None:
        self.line = line
        self._channel = channel
        self._pace = pace
        self._ticker = ticker
        self._last = ticker.monotonic()  # of the last byte on the wire, ours or theirs
        self._quiet = 0.0  # silence wanted after trouble; 0 while all is well

    @property
    def target(self) -> str:
        """Port or address."""
        return self._channel.target

    def close(self) -> None:
        """Closes the port; the next exchange opens it again."""
        self._channel.close()

    def exchange(self, query: Query, timeout: float | None = None) -> Answer:
        """See Wire."""
        timeout = self._pace.timeout if timeout is None else timeout
        if not self._channel.open:
            self._channel.connect()
            # Somebody may have asked just before us: a restarted collector, a scan.
            self._last, self._quiet = self._ticker.monotonic(), max(self._quiet, self._pace.gap)
        self._fall_silent()
        self._channel.send(query.rtu)
        self._last = self._ticker.monotonic() + len(query.rtu) * self._pace.character
        try:
            return self._listen(query, timeout)
        except (NoAnswer, BadAnswer) as error:
            self._quiet = self._pace.gap
            if not isinstance(error, BadAnswer) or error.reason in _STILL_TO_COME:
                self._last = self._ticker.monotonic()
                self._quiet = min(self._pace.quiet, max(timeout, self._pace.gap))
            raise

    def _fall_silent(self) -> None:
        """Waits until nothing has been heard for long enough; throws away what is heard meanwhile."""
        now = self._ticker.monotonic()
        give_up = now + 2 * LONGEST_QUIET
        wanted = max(self._pace.silence, self._quiet)
        while now < give_up:
            left = self._last + wanted - now
            if left > 0 and not self._quiet:
                self._ticker.sleep(left)
                left = 0.0
            heard = self._channel.receive(left)
            now = self._ticker.monotonic()
            if heard:
                self._last = now
            elif now >= self._last + wanted:
                self._quiet = 0.0
                return
        self._quiet = wanted
        raise BadAnswer(
            f"{self.target}: somebody talks all the time", "babble", "is there a second master on this line?"
        )

    def _listen(self, query: Query, timeout: float) -> Answer:
        """Collects bytes until they are the answer, or until it is certain that they will not become it."""
        pace, sent = self._pace, self._last
        heard, boot_ns, first = b"", 0, 0.0
        whole = math.inf  # when the answer's last byte should be here
        until = sent + timeout
        end = until + 2 * LONGEST_FRAME * pace.character + 4 * pace.gap
        # What has come is looked at before the clock is: this thread may have been kept waiting, not the meter.
        while lump := self._receive_until(until, end):
            heard += lump
            self._last = self._ticker.monotonic()
            if not boot_ns:
                boot_ns, first = self._ticker.boot_ns(), self._last
            pdu = rtu.answer_in(heard, query)
            if pdu is not None:
                return self._believed(pdu, heard, query, boot_ns, first - sent)
            have, missing = rtu.progress(heard, query)
            if have == 0:
                boot_ns = 0  # an echo or noise: the answer's first byte is still to come
            if have >= 2:
                # Bytes that came during a nap are heard late: that must not move the end.
                whole = min(whole, self._last + missing * pace.character)
                self._nap(whole)
                until = self._ticker.monotonic() + pace.gap
        raise rtu.unanswered(heard, query, timeout)

    def _receive_until(self, until: float, end: float) -> bytes:
        """What comes until then; empty when nothing came, or when it goes on for longer than any answer."""
        heard = self._channel.receive(min(until, end) - self._ticker.monotonic())
        return heard if self._last < end else b""

    def _believed(self, pdu: bytes, heard: bytes, query: Query, boot_ns: int, response: float) -> Answer:
        if self.line.echo and not rtu.after_echo(heard, query):
            raise BadAnswer(f"unit {query.unit}: the echo is not what was sent", "echo", "do two masters collide here?")
        return Answer(pdu, boot_ns, max(0.0, response))

    def _nap(self, whole: float) -> None:
        """Sleeps through most of the time until the last byte: no need to wake for each."""
        nap = 0.9 * (whole - self._ticker.monotonic())
        if nap > _NAP:
            self._ticker.sleep(nap)


class GatewayRtuWire(RtuWire):
    """RTU frames through a socket: a connection that fell silent is given up, so that a half-dead one is noticed."""

    def exchange(self, query: Query, timeout: float | None = None) -> Answer:
        """See Wire."""
        try:
            return super().exchange(query, timeout)
        except NoAnswer:
            self.close()
            raise

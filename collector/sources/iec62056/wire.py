"""Carries characters at the meter's pace: parity, speeds, echo and the silences (IEC 62056-21, 5.2 and 6.3).

The port is always open as 8N1 and the parity of 7E1 is made and checked here: so every adapter and gateway will do.
One that takes the parity bit off by itself delivers seven-bit characters, and those are taken, too.
"""

from __future__ import annotations

from collections.abc import Callable

from collector.config.settings import LineSettings
from collector.errors import BadAnswer
from collector.model.ports import Ticker
from collector.sources.channel.channel import Channel
from collector.sources.channel.serial_port import SerialPort
from collector.sources.iec62056.characters import seven_bits, with_parity

#: Start bit, eight bits or seven with parity, stop bit.
BITS = 10
#: s until the first character of an answer: 1.5 (6.3.15), and what adapters and networks keep it back.
REACTION = 2.2
#: s between two characters of an answer, at most.
BETWEEN = 1.5
#: s of silence after which nobody speaks any more.
QUIET = 1.6
#: s after which a line that does not become quiet is somebody else's.
RESTLESS = 30.0
#: Longer answers are noise or somebody else's.
MOST_BYTES = 65536
#: s; the longest wait without telling that we are alive.
SLICE = 1.0


class CharacterWire:
    """One line on which characters come and go. `turned` is called whenever time passes, for the watchdog."""

    def __init__(self, line: LineSettings, channel: Channel, ticker: Ticker) -> None:
        self.turned: Callable[[], None] = lambda: None
        self.disturbed = False  #: something may still come that nobody waits for
        self.speed = line.baud
        self.began_ns = 0  #: CLOCK_BOOTTIME of the first character of the answer
        self.began = 0.0
        self._line = line
        self._channel = channel
        self._ticker = ticker
        self._parity = line.frame.startswith("7E")
        self._left_at = 0.0
        self._echo = self._held = self._kept = b""

    @property
    def open(self) -> bool:
        """True while there is a connection."""
        return self._channel.open

    @property
    def can_switch(self) -> bool:
        """True where the speed can be changed: not through a gateway, nor on a line that is set to another speed."""
        return isinstance(self._channel, SerialPort) and self._line.baud == 300

    def begin(self) -> None:
        """Opens the line where needed, goes back to its first speed, and waits until nobody speaks."""
        if not self._channel.open:
            self._channel.connect()
            self.speed = self._line.baud
        self.change_speed(self._line.baud)
        self._forget()
        if self.disturbed:
            self._wait_for_quiet()
        while self._channel.receive(0):
            pass
        self._wait(self._line.gap)

    def send(self, text: bytes) -> None:
        """Sends a message of ours."""
        self._forget()
        self._channel.send(with_parity(text) if self._parity else text)
        self._left_at = self._ticker.monotonic() + len(text) * BITS / self.speed
        self._echo = text
        self.began_ns = 0

    def pause(self, seconds: float) -> None:
        """Waits; what comes meanwhile is kept."""
        self._wait(seconds)

    def change_speed(self, baud: int, settle: float = 0.0) -> None:
        """Changes the speed once the last character has left, and `settle` s later.

        Some adapters say so too early, so that we count; and USB ones begin to send some milliseconds late.
        """
        if baud == self.speed or not isinstance(self._channel, SerialPort):
            return
        self._wait(self._left_at + settle - self._ticker.monotonic())
        self._channel.change_speed(baud)
        self.speed = baud

    def keep(self, rest: bytes) -> None:
        """Puts back what belongs to the next answer."""
        self._kept = rest + self._kept

    def hear(self, take: Callable[[bytes], bool]) -> bool:
        """Hands every piece that comes to `take` until that is True; False when the meter fell silent before.

        Raises BadAnswer when more came than any meter has to say.
        """
        heard = 0
        waited_since = max(self._ticker.monotonic(), self._left_at)
        patience = self._line.timeout or REACTION
        while heard <= MOST_BYTES:
            chunk = self._next(waited_since + patience - self._ticker.monotonic())
            now = self._ticker.monotonic()
            if chunk:
                heard += len(chunk)
                waited_since = max(waited_since, now)
                chunk = self._without_echo(chunk)
            if chunk:
                patience = BETWEEN
                self._mark(now)
                if take(chunk):
                    return True
            elif now >= waited_since + patience:
                return False
        raise BadAnswer(f"it did not end after {MOST_BYTES} bytes", "endless")

    def close(self) -> None:
        """Closes the line."""
        self._channel.close()

    @property
    def response(self) -> float:
        """s from the end of our message to the first character of the answer."""
        return max(0.0, self.began - self._left_at)

    def _next(self, seconds: float) -> bytes:
        kept, self._kept = self._kept, b""
        if kept:
            return kept
        chunk = self._channel.receive(max(0.0, min(seconds, SLICE)))
        self.turned()
        return chunk

    def _mark(self, now: float) -> None:
        if not self.began_ns:
            self.began_ns, self.began = self._ticker.boot_ns(), now

    def _without_echo(self, chunk: bytes) -> bytes:
        """Heads and half-duplex adapters hear what we say: it comes first, if it comes."""
        if not self._echo:
            return chunk
        held = self._held + chunk
        length = min(len(held), len(self._echo))
        if seven_bits(held[:length]) == self._echo[:length]:
            self._held = held if length < len(self._echo) else b""
            rest = held[length:]
        else:
            self._held, rest = b"", held
        self._echo = self._echo if self._held else b""
        return rest if not self._held else b""

    def _forget(self) -> None:
        self._echo = self._held = self._kept = b""

    def _wait_for_quiet(self) -> None:
        started = last = self._ticker.monotonic()
        while (now := self._ticker.monotonic()) < last + QUIET:
            if self._channel.receive(min(SLICE, last + QUIET - now)):
                last = self._ticker.monotonic()
            self.turned()
            if last > started + RESTLESS:
                raise BadAnswer("the line does not become quiet", "not_quiet", "does a meter send by itself here?")
        self.disturbed = False

    def _wait(self, seconds: float) -> None:
        until = self._ticker.monotonic() + seconds
        while (left := until - self._ticker.monotonic()) > 0:
            self._ticker.sleep(min(left, SLICE))
            self.turned()

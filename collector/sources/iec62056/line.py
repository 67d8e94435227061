"""Holds conversations with the meters of one line: sign-on, read-out, single registers (IEC 62056-21, 6.4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from collector.config.settings import LineSettings
from collector.errors import BadAnswer, DeviceError, NoAnswer
from collector.model.ports import Ticker
from collector.sources.channel.channel import Channel
from collector.sources.iec62056 import identification
from collector.sources.iec62056.characters import STX, seven_bits
from collector.sources.iec62056.decode import NO_CHECK, decode
from collector.sources.iec62056.ends import BlockEnd
from collector.sources.iec62056.identification import SPEEDS, Identification
from collector.sources.iec62056.queries import BREAK, WAKE_UP, acknowledge, request
from collector.sources.iec62056.registers import ask
from collector.sources.iec62056.wire import QUIET, CharacterWire
from collector.sources.telegram import Telegram

#: s that a meter wants between its words and ours (6.3.15: at least 0.2; 0.02 where it says so).
TURN, SHORT_TURN = 0.25, 0.03
#: The share of that time after which a speed is changed: the last character has left, and no answer has begun.
SETTLE = 0.2
#: s for which a meter waits for our answer to its identification.
PATIENCE = 1.0
#: Readings at 300 baud after which the meter's own speed is tried again: the head may only have slipped.
SLOW_READINGS = 24
_LONGEST_SIGN_ON = 1024


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom to call and how.

    `max_baud`: a head that is too slow for the meter's speed stays at 300 baud. `unchecked`: this meter sends its
    read-out without STX, ETX and block check, as the standard lets it.
    """

    address: str | None = None
    wake_up: bool = False
    max_baud: int = 19200
    unchecked: bool = False


@dataclass(frozen=True, slots=True)
class SignOn:
    """A meter has answered. `line`: the bytes of its identification; `at`: monotonic s when it ended."""

    caller: Caller
    who: Identification
    line: bytes
    boot_ns: int
    response: float
    at: float


class OpticalLine:
    """One line, one conversation at a time; shared by the sources of its meters."""

    def __init__(self, line: LineSettings, channel: Channel, ticker: Ticker) -> None:
        self._wire = CharacterWire(line, channel, ticker)
        self._line = line
        self._ticker = ticker
        self._signed_on: SignOn | None = None
        #: Whose meter was not understood after the change of speed, and how often it is still read at 300 baud.
        self._slow: dict[Caller, int] = {}

    def on_turn(self, turned: Callable[[], None]) -> None:
        """Has this called at least once a second while a conversation lasts: a read-out may take minutes."""
        self._wire.turned = turned

    def sign_on(self, caller: Caller) -> SignOn:
        """Calls a meter; the read-out that follows at once goes on from there. Raises NoAnswer, BadAnswer."""
        self._signed_on = None
        self._wire.begin()
        self._wire.disturbed = True  # until it is known that nobody says anything more
        if caller.wake_up:
            self._wire.send(WAKE_UP)
            self._wire.pause(len(WAKE_UP) * 10 / self._wire.speed + QUIET)
        self._wire.send(request(caller.address))
        heard = bytearray()
        found = None

        def take(chunk: bytes) -> bool:
            nonlocal found
            heard.extend(chunk)
            found = identification.LINE.search(seven_bits(bytes(heard)))
            return found is not None or len(heard) > _LONGEST_SIGN_ON

        self._wire.hear(take)
        if found is None:
            raise self._nobody(caller, bytes(heard))
        self._wire.keep(bytes(heard[found.end() :]))
        line = bytes(heard[found.start() : found.end()])
        now = self._ticker.monotonic()
        who = identification.read(found)
        self._signed_on = SignOn(caller, who, line, self._wire.began_ns, self._wire.response, now)
        return self._signed_on

    def _nobody(self, caller: Caller, heard: bytes) -> DeviceError:
        whom = f'meter "{caller.address}"' if caller.address else "the meter"
        if heard.strip(b"\0\x7f\xff"):
            return BadAnswer(f"{whom}: {len(heard)} bytes came that are no identification", "noise")
        self._wire.disturbed = False
        hint = "does the head sit right, is it the right way up, is the device address right?"
        return NoAnswer(f"{whom} does not answer at {self._line.baud} baud", hint)

    def read_out(self, caller: Caller) -> tuple[SignOn, Telegram]:
        """Everything the meter shows by itself. Raises NoAnswer, BadAnswer, LineError."""
        signed_on = self._continue(caller)
        fast = self._choose_speed(signed_on, programming=False)
        heard, end = bytearray(), BlockEnd()
        try:
            whole = self._wire.hear(lambda chunk: self._collect(heard, end, chunk))
            telegram = _believed(signed_on.line, bytes(heard), whole, caller.unchecked)
        except BadAnswer:
            self._remember(caller, fast, understood=end.started)
            raise
        self._wire.disturbed = False
        if self._slow.get(caller, 0) > 1:
            self._slow[caller] -= 1
        else:
            self._slow.pop(caller, None)
        return signed_on, telegram

    def registers(self, caller: Caller, codes: Sequence[str]) -> tuple[SignOn, Telegram]:
        """Single registers in programming mode, without a password. Raises NoAnswer, BadAnswer, LineError."""
        signed_on = self._continue(caller)
        if signed_on.who.mode != "C":
            raise BadAnswer("single registers need mode C, and this meter does not offer it", "mode")
        fast = self._choose_speed(signed_on, programming=True)
        heard, end = bytearray(), BlockEnd()
        if not self._wire.hear(lambda chunk: self._collect(heard, end, chunk)):
            self._remember(caller, fast, understood=end.started)
            raise BadAnswer("the meter does not enter programming mode", "no_programming")
        try:
            telegram = ask(self._wire, signed_on.who, codes, _turn(signed_on.who))
        finally:
            self._take_leave(_turn(signed_on.who))
        return signed_on, telegram

    def close(self) -> None:
        """Closes the line; the next conversation opens it again."""
        self._signed_on = None
        self._wire.close()

    def _continue(self, caller: Caller) -> SignOn:
        """The conversation that a probe began a moment ago, or a new one."""
        begun, self._signed_on = self._signed_on, None
        if begun and begun.caller == caller and self._ticker.monotonic() - begun.at < PATIENCE:
            return begun
        try:
            signed_on = self.sign_on(caller)
        except NoAnswer:  # some meters sleep, and the first call only wakes them
            signed_on = self.sign_on(caller)
        self._signed_on = None
        return signed_on

    def _choose_speed(self, signed_on: SignOn, *, programming: bool) -> bool:
        """Answers the identification as its mode wants it; True when the speed was changed."""
        who, caller = signed_on.who, signed_on.caller
        fast = self._wire.can_switch and who.speed <= caller.max_baud and caller not in self._slow and who.speed != 300
        if who.mode == "C":
            self._wire.pause(_turn(who))
            stays = next((sign for sign, baud in SPEEDS.items() if baud == self._wire.speed), "0")
            self._wire.send(acknowledge(who.character if fast else stays, programming=programming))
        if fast:
            self._wire.change_speed(who.speed, _turn(who) * SETTLE)
        return fast

    def _collect(self, heard: bytearray, end: BlockEnd, chunk: bytes) -> bool:
        used = end.feed(chunk)
        heard += chunk[:used]
        return end.whole

    def _remember(self, caller: Caller, fast: bool, understood: bool) -> None:
        """Not understood at the higher speed: 300 for a while; neither there: it was not the speed."""
        if fast and not understood:
            self._slow[caller] = SLOW_READINGS
        elif not fast:
            self._slow.pop(caller, None)

    def _take_leave(self, turn: float) -> None:
        if self._wire.open:
            self._wire.pause(turn)
            self._wire.send(BREAK)
            self._wire.pause(len(BREAK) * 10 / self._wire.speed)


def _turn(who: Identification) -> float:
    return SHORT_TURN if who.manufacturer[2].islower() else TURN


def _believed(identified: bytes, heard: bytes, whole: bool, unchecked: bool) -> Telegram:
    """The telegram whose block check agrees; BadAnswer for anything else.

    One without a check only where it was said that this meter has none; then every line must be one.
    """
    noise = max(0, seven_bits(heard).find(STX))  # of the change of speed
    telegrams = decode(identified + heard[noise:])
    for telegram in telegrams:
        if telegram.complete and (whole or (unchecked and NO_CHECK in telegram.problems)):
            return telegram
    problem = "; ".join(telegrams[-1].problems) if telegrams else "nothing follows the identification"
    reason = "block_check" if whole else "cut"
    raise BadAnswer(f"read-out: {problem}", reason, "is the head fixed, does sunlight reach it?")

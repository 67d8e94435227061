"""Asks the meters of one DL/T 645 line, one after the other (1997: section 5.3, 2007: section 5.3: times)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from collector.config.settings import LineSettings
from collector.errors import BadAnswer, DeviceError, MeterRefused, NoAnswer
from collector.model.ports import Ticker
from collector.sources.channel.channel import Channel
from collector.sources.conversation import Answered, Conversation, Times
from collector.sources.dlt645.contents import MORE_2007, READ_1997, READ_2007, WIDTHS, parts
from collector.sources.dlt645.frame import ANYBODY, LONGEST, Damage, Frame, search
from collector.sources.dlt645.queries import Query, ask_address, read, read_on
from collector.sources.dlt645.refusals import unknown, words

#: A meter answers after 20 to 500 ms and lets at most 500 ms pass between two bytes; adapters and gateways need some
#: more. s
TIMES = Times(silence=0.02, timeout=0.6, gap=0.55, longest=LONGEST)
#: So many frames make one answer at most; the number of a frame is one byte.
_MOST_FRAMES = 255
#: What every meter knows: its energy.
_ENERGY = {READ_1997: "9010", READ_2007: "00010000"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a meter answered. `address`: its own, or AA... where it does not tell. `data`: without the identifier.

    `boot_ns`: CLOCK_BOOTTIME of the first byte; `response`: s until then.
    """

    address: str
    data: bytes
    boot_ns: int
    response: float


class Refused(MeterRefused):
    """The meter refused. `for_good`: it will never have what was asked for. `code`: its error byte."""

    def __init__(self, message: str, code: int, for_good: bool) -> None:
        super().__init__(message, code, "is the model right?" if for_good else "")
        self.for_good = for_good


class Dlt645Line:
    """One line, shared by its meters, used by one thread; opened at first use, and anew after it broke."""

    def __init__(self, line: LineSettings, channel: Channel, ticker: Ticker) -> None:
        """`channel` must have `queries.permit` as its judge."""
        self.line = line
        self._conversation = Conversation(line, channel, TIMES, ticker)

    @property
    def target(self) -> str:
        """Port or address."""
        return self._conversation.target

    def on_turn(self, alive: Callable[[], None]) -> None:
        """`alive` is called with each question."""
        self._conversation.on_turn(alive)

    def close(self) -> None:
        """Closes the port; the next question opens it again."""
        self._conversation.close()

    def read(self, address: str, code: str) -> Answer:
        """One code or block, put together from as many frames as the meter needs.

        Raises LineError, NoAnswer, BadAnswer or Refused.
        """
        query = read(address, code)
        answered = self._ask(query)
        frame, first = answered.content, answered
        data = parts(frame)[1]
        for number in range(1, _MOST_FRAMES + 1):
            if not frame.more:
                return Answer(frame.address, data, first.boot_ns, first.response)
            frame = self._ask(read_on(query, number)).content
            data += parts(frame)[1]
        raise BadAnswer(f"{code}: the answer does not end", "length")

    def ask_address(self) -> str:
        """The address of the only meter here (2007). Raises LineError, NoAnswer, BadAnswer or Refused."""
        return self._ask(ask_address()).content.address

    def _ask(self, query: Query) -> Answered[Frame]:
        return self._conversation.ask(
            query.frame, lambda heard: _answer(heard, query), lambda heard: _unanswered(heard, query)
        )


def _answer(heard: bytes, query: Query) -> Frame | None:
    """The answer among what was heard; raises Refused. Requests are echoes, other answers are late ones."""
    for frame in search(heard):
        if isinstance(frame, Frame) and _matches(frame, query):
            if frame.refuses:
                raise Refused(f"meter {frame.address}, {query.code or 'address'}: {words(frame)}",
                              frame.data[0] if frame.data else 0, unknown(frame))  # fmt: skip
            return frame
    return None


def _matches(frame: Frame, query: Query) -> bool:
    if not frame.answers or frame.function != query.control or not _same_meter(frame.address, query.address):
        return False
    if frame.refuses:
        return True
    if frame.function not in WIDTHS:
        return frame.data[::-1].hex().upper() == frame.address
    try:
        code, _, number = parts(frame)
    except ValueError:
        return False
    return code == query.code and (frame.function != MORE_2007 or number == query.number)


def _same_meter(said: str, asked: str) -> bool:
    """A byte AA of the question stands for any."""
    return all(asked[at : at + 2] in ("AA", said[at : at + 2]) for at in range(0, 12, 2))


def _unanswered(heard: bytes, query: Query) -> DeviceError:
    """Why what was heard is not the answer."""
    meter = f"meter {query.address}" if query.address != ANYBODY else "the meter"
    if not heard:
        hint = "is it on, do address, baud and frame match, are A and B the right way round?"
        return NoAnswer(f"{meter}: no answer", hint)
    found = list(search(heard))
    strange = next((one for one in found if isinstance(one, Frame) and one.answers), None)
    damage = next((one for one in found if isinstance(one, Damage)), None)
    if strange and not _same_meter(strange.address, query.address):
        return BadAnswer(f"{meter}: {strange.address} answered instead", "address", "is somebody else asking here?")
    if strange:
        return BadAnswer(f"{meter}: answered something else than was asked (control {strange.control:02X})", "answer")
    if damage:
        return BadAnswer(f"{meter}: its answer is damaged: {damage.reason}", "sum" if damage.whole else "length")
    if any(isinstance(one, Frame) for one in found):
        return NoAnswer(f"{meter}: no answer", "only requests were heard: is there a second master here?")
    return BadAnswer(f"{meter}: {len(heard)} bytes came that are no frame", "noise", "do baud and frame match?")


def find_address(line: Dlt645Line) -> str | None:
    """The address of the only meter on this line; None if nobody answers, or none that tells its address.

    Raises LineError, and BadAnswer when what comes cannot be read (several meters answer at once).
    """
    old = line.line.protocol == "dlt645-1997"
    if not old:
        try:
            return line.ask_address()
        except (NoAnswer, MeterRefused):
            pass  # an older meter answers only when it is asked for something
    try:
        address = line.read(ANYBODY, _ENERGY[READ_1997 if old else READ_2007]).address
    except (NoAnswer, MeterRefused):
        return None
    return None if "A" in address else address

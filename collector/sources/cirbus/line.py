"""Asks the analysers of one Cirbus line, one after the other (Circutor CVMk manual, section 11)."""

from __future__ import annotations

from collections.abc import Callable

from collector.config.settings import LineSettings
from collector.errors import BadAnswer, DeviceError, NoAnswer
from collector.model.ports import Ticker
from collector.sources.channel.channel import Channel
from collector.sources.cirbus.commands import COMMANDS
from collector.sources.cirbus.message import LONGEST, Damage, Message, search
from collector.sources.cirbus.queries import question
from collector.sources.conversation import Answered, Conversation, Times

#: The manual gives no times; an old program waited half a second before it looked for the answer. s
TIMES = Times(silence=0.02, timeout=1.0, gap=0.15, longest=LONGEST)


class CirbusLine:
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

    def ask(self, unit: int, command: str) -> Answered[str]:
        """The text of the answer. Raises LineError, NoAnswer or BadAnswer.

        An answer does not name its command: only its length tells it from the answer to another one.
        """
        lengths = COMMANDS[command].lengths() if command in COMMANDS else frozenset(range(1, LONGEST))
        return self._conversation.ask(
            question(unit, command), _answer_of(unit, command, lengths), lambda heard: _unanswered(heard, unit, command)
        )


def _answer_of(unit: int, command: str, lengths: frozenset[int]) -> Callable[[bytes], str | None]:
    def answer(heard: bytes) -> str | None:
        for found in search(heard):
            if not isinstance(found, Message) or found.unit != unit or found.text == command:
                continue
            if len(found.text) in lengths:
                return found.text
        return None

    return answer


def _unanswered(heard: bytes, unit: int, command: str) -> DeviceError:
    """Why what was heard is not the answer."""
    meter = f"unit {unit}, {command}"
    if not heard:
        hint = "is it on, do unit, baud and frame match, is it set to Cirbus and not to Modbus?"
        return NoAnswer(f"{meter}: no answer", hint)
    found = list(search(heard))
    for one in found:
        if isinstance(one, Message) and one.unit != unit:
            return BadAnswer(f"{meter}: unit {one.unit} answered instead", "unit")
        if isinstance(one, Message) and one.text != command:
            return BadAnswer(f"{meter}: {len(one.text)} characters are not the answer", "answer")
        if isinstance(one, Damage):
            return BadAnswer(f"{meter}: its answer is damaged: {one.reason}", "sum" if one.whole else "length")
    if found:
        return NoAnswer(f"{meter}: no answer")
    return BadAnswer(f"{meter}: {len(heard)} bytes came that are no message", "noise", "do baud and frame match?")

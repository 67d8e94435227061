"""Asks one unit, remembering whether its last answer can be followed by another without mistaking a late one."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress

from collector.errors import BadAnswer, DeviceError, MeterRefused, NoAnswer
from collector.model.ports import Ticker
from collector.sources.modbus.exceptions import GATEWAY_NO_PATH, GATEWAY_SILENCE, ILLEGAL_FUNCTION
from collector.sources.modbus.queries import Query, read_registers, report_device_id
from collector.sources.modbus.wire import Answer, Wire
from collector.sources.statistics import Statistics

#: So many lengths are used in turn.
FENCES = 6
#: A fence that nobody answered may still be answered this long (s); until then its like proves nothing.
LATEST = 2.0


class Unit:
    """One unit on a wire.

    A serial answer carries no number, so after trouble a fence goes first: a question of a length that no block has,
    whose values nobody keeps. A meter answers in order, so once the fence is answered nothing older is on its way; and
    whatever older answer comes instead of the fence's has another length or function and is not believed.
    """

    def __init__(
        self, wire: Wire, number: int, functions: Sequence[int], statistics: Statistics, ticker: Ticker
    ) -> None:
        """`number`: on the line. `functions`: FC 03 and 04, as far as they serve the values."""
        self._wire = wire
        self._number = number
        self._functions = list(functions)
        self._statistics = statistics
        self._ticker = ticker
        self._turns: dict[int, int] = {}
        self._fences: deque[Query] = deque()
        self._unanswered: dict[tuple[int, int | None], float] = {}
        self.doubtful = not wire.numbered

    def fence_with(self, spans: Sequence[tuple[int, int]]) -> None:
        """Which (address, count) may serve as fences; used in turn, by every function.

        Without any the meter is asked who it is: whether it says so or refuses, that is its answer.
        """
        fences = [read_registers(self._number, function, *span) for span in spans for function in self._functions]
        self._fences = deque(fences or [report_device_id(self._number)])

    def registers(self, address: int, count: int) -> Answer:
        """Reads registers, by FC 03 and 04 in turn where the meter knows both: a late answer then betrays itself."""
        self.clear()
        try:
            return self.ask(self._query(address, count))
        except MeterRefused as error:
            if error.code != ILLEGAL_FUNCTION or len(self._functions) == 1:
                raise
        self._functions.remove(self._functions[self._turns[address] % len(self._functions)])
        return self.ask(self._query(address, count))

    def ask(self, query: Query) -> Answer:
        """One exchange, counted."""
        try:
            answer = self._wire.exchange(query)
        except DeviceError as error:
            self._statistics.failed(error)
            if isinstance(error, MeterRefused) and error.code in (GATEWAY_NO_PATH, GATEWAY_SILENCE):
                raise NoAnswer(str(error), error.hint) from error
            self.doubtful = self.doubtful or (not isinstance(error, MeterRefused) and not self._wire.numbered)
            raise
        self._statistics.answered(answer.response)
        return answer

    def clear(self) -> None:
        """Sends the fence if an older answer may still come; raises what the fence meets."""
        if self.doubtful:
            try:
                self.fence()
            except BadAnswer:
                self.fence()  # that was the older answer, most likely: now the way is free

    def fence(self) -> None:
        """The cheapest question there is. A refusal is an answer, too."""
        query = self._fences[0]
        self._fences.rotate(-1)
        shape = (query.function, query.size)
        try:
            with suppress(MeterRefused):
                self.ask(query)
        except (NoAnswer, BadAnswer):
            self._unanswered[shape] = self._ticker.monotonic()
            raise
        if not self._wire.numbered and self._ticker.monotonic() < self._unanswered.get(shape, -LATEST) + LATEST:
            raise BadAnswer(f"unit {self._number}: this may be the answer to an older question", "late")
        self.doubtful = False

    def _query(self, address: int, count: int) -> Query:
        """The question, each time by the other function; two questions that follow each other differ, too."""
        turn = self._turns[address] = self._turns.get(address, len(self._turns)) + 1
        return read_registers(self._number, self._functions[turn % len(self._functions)], address, count)


def fences(values: Sequence[tuple[int, int]], taken: Collection[int]) -> list[tuple[int, int]]:
    """Some (address, count), different in length, of whole values; no length is `taken` by a real question.

    `values`: (address, end) of everything that may be read, in order of address.
    """
    shortest: dict[int, int] = {}
    for index, (address, end) in enumerate(values):
        for further in (end, *_run(values[index + 1 : index + 12], end)):
            shortest.setdefault(further - address, address)
    usable = sorted(length for length in shortest if length not in taken)
    return [(shortest[length], length) for length in usable[:FENCES]]


def _run(values: Sequence[tuple[int, int]], end: int) -> Iterator[int]:
    """The ends of the values that follow without a hole."""
    for address, further in values:
        if address != end:
            return
        yield further
        end = further

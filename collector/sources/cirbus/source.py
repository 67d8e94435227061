"""Reads one Circutor CVMk over Cirbus, one command for all that it tells (model.ports.Source)."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from collector.config.settings import MeterSettings
from collector.devices.map import Model
from collector.errors import BadAnswer, DeviceError, LineError, NoAnswer
from collector.model.ports import Ticker
from collector.model.reading import Sample
from collector.sources.cirbus.commands import COMMANDS, split
from collector.sources.cirbus.line import CirbusLine
from collector.sources.conversation import Answered
from collector.sources.statistics import Statistics
from collector.sources.telegram import Value, in_si

log = logging.getLogger(__name__)

#: The one block of the schedule: all that the model names.
BLOCK = "values"
#: A meter that has not answered after so long has forgotten the question, s.
LATEST = 10.0
#: After so many silences among answers the meter does not know a command.
_SILENCES = 2


@dataclass(slots=True)
class _Harvest:
    """What one tick brought. `lost`: commands that were asked in vain."""

    boot_ns: int = 0
    values: dict[str, Value] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)


class CirbusSource:
    """One meter on one line."""

    def __init__(self, meter: MeterSettings, model: Model, line: CirbusLine, ticker: Ticker) -> None:
        self.statistics = Statistics()
        self._meter = meter
        self._model = model
        self._line = line
        self._ticker = ticker
        self._commands = list(dict.fromkeys(split(code.code)[0] for code in model.codes))
        self._answered: set[str] = set()
        self._silences: Counter[str] = Counter()
        self._unanswered: dict[frozenset[int], float] = {}

    @property
    def meter(self) -> str:
        """Name of the meter."""
        return self._meter.name

    @property
    def periods(self) -> Mapping[str, float]:
        """One block: everything, as often as the configuration says."""
        return {BLOCK: max(self._meter.every, self._model.least_every)}

    def read(self, blocks: frozenset[str]) -> Sample:
        """See Source."""
        harvest = _Harvest()
        due = [command for command in self._commands if blocks and self._silences[command] < _SILENCES]
        for number, command in enumerate(due):
            try:
                self._fetch(command, harvest)
            except (NoAnswer, LineError):
                if not harvest.boot_ns:
                    raise
                harvest.lost.update(due[number:])
                break
        return self._sample(harvest)

    def _fetch(self, command: str, harvest: _Harvest) -> None:
        """One command; raises NoAnswer when the meter is gone, LineError."""
        try:
            answered = self._ask(command)
        except BadAnswer as error:
            log.debug("%s: %s", self.meter, error)
            harvest.lost.add(command)
        except NoAnswer:
            if command in self._answered or not harvest.boot_ns:
                self._silences.clear()
                raise
            # A meter without the energy module may not know this one. If it is gone, the next question shows it.
            self._silences[command] += 1
            if self._silences[command] < _SILENCES:
                harvest.lost.add(command)
        else:
            self._answered.add(command)
            harvest.boot_ns = harvest.boot_ns or answered.boot_ns
            for value in COMMANDS[command].values(answered.content):
                harvest.values[value.code] = value

    def _ask(self, command: str) -> Answered[str]:
        """One question, after all older ones are known to be answered or forgotten."""
        now = self._ticker.monotonic()
        self._unanswered = {shape: since for shape, since in self._unanswered.items() if now < since + LATEST}
        if self._unanswered:
            self._fence()
        return self._counted(command)

    def _fence(self) -> None:
        """Asks for something whose answer has another length than any that may still come."""
        waiting = frozenset().union(*self._unanswered)
        fence = next((name for name in self._commands if not COMMANDS[name].lengths() & waiting), None)
        self._counted(fence or self._commands[0])
        if fence is None:
            raise BadAnswer(f"{self.meter}: this may be the answer to an older question", "late")
        self._unanswered.clear()

    def _counted(self, command: str) -> Answered[str]:
        try:
            answered = self._line.ask(self._meter.unit, command)
        except DeviceError as error:
            self.statistics.failed(error)
            if isinstance(error, NoAnswer | BadAnswer):  # behind noise the true answer may still come
                self._unanswered[COMMANDS[command].lengths()] = self._ticker.monotonic()
            raise
        self.statistics.answered(answered.response)
        return answered

    def _sample(self, harvest: _Harvest) -> Sample:
        sums: dict[str, float | None] = {}
        failed = set()
        for code in self._model.codes:
            said = harvest.values.get(code.code)
            if split(code.code)[0] in harvest.lost:
                failed.add(code.quantity)
            before = sums.get(code.quantity, 0.0)
            part = None
            if said is not None and isinstance(said.value, (int, float)):
                part = code.scale * in_si(said.value, said.unit)[0]
            sums[code.quantity] = None if part is None or before is None else before + code.sign * part
        return Sample(self.meter, harvest.boot_ns or self._ticker.boot_ns(), sums, frozenset(failed))

    def probe(self) -> None:
        """See Source."""
        self._ask(self._commands[0])

    def close(self) -> None:
        """Nothing is held: the line is shared."""

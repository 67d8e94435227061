"""Reads one DL/T 645 meter with the fewest requests that it answers (model.ports.Source)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from collector.config.settings import MeterSettings
from collector.devices.map import Model
from collector.errors import BadAnswer, DeviceError, LineError, NoAnswer
from collector.model.ports import Ticker
from collector.model.reading import Sample
from collector.sources.dlt645.contents import values
from collector.sources.dlt645.frame import ANYBODY
from collector.sources.dlt645.line import Answer, Dlt645Line, Refused
from collector.sources.dlt645.wanted import Wanted
from collector.sources.statistics import Statistics
from collector.sources.telegram import Value, in_si

log = logging.getLogger(__name__)

#: The one block of the schedule: all that the model names.
BLOCK = "values"
#: A meter that has not answered after so long has forgotten the question, s.
LATEST = 10.0


@dataclass(slots=True)
class _Harvest:
    """What one tick brought. `lost`: codes that were asked for in vain."""

    boot_ns: int = 0
    address: str = ""
    values: dict[str, Value] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)


class Dlt645Source:
    """One meter on one line. Without an address it must be the only one there."""

    def __init__(self, meter: MeterSettings, model: Model, line: Dlt645Line, ticker: Ticker) -> None:
        self.statistics = Statistics()
        self._meter = meter
        self._model = model
        self._line = line
        self._ticker = ticker
        self._wanted = Wanted([code.code for code in model.codes])
        self._address = meter.address
        self._unanswered: dict[str, float] = {}

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
        groups = self._wanted.groups() if blocks else []
        for number, group in enumerate(groups):
            try:
                self._fetch(group, harvest)
            except (NoAnswer, LineError):
                if not harvest.boot_ns:
                    raise
                harvest.lost.update(code for left in groups[number:] for code in left)
                break
        return self._sample(harvest)

    def _fetch(self, group: tuple[str, ...], harvest: _Harvest) -> None:
        """One block or its single codes. Raises NoAnswer when the meter is silent, LineError."""
        silent: list[str] = []
        for request in self._wanted.requests(group):
            try:
                answer = self._ask(request)
                self._keep(request, answer, group, harvest)
            except Refused as error:
                self._note_refusal(request, error, group, harvest)
            except BadAnswer as error:
                log.debug("%s: %s: %s", self.meter, request, error)
                harvest.lost.update(group if request not in group else [request])
            except NoAnswer:
                # Some meters are silent where they should refuse; two in a row are no accident.
                if silent or request in self._wanted.answered:
                    self._wanted.forget()
                    raise
                silent.append(request)
                self._wanted.was_silent(request)
            else:
                silent.clear()
        if silent:
            self._find_out(silent[0], harvest)

    def _find_out(self, silent: str, harvest: _Harvest) -> None:
        """The last question of a group met silence: is the meter there at all?"""
        harvest.lost.add(silent)
        known = next((code for code in self._wanted.codes if code in self._wanted.answered), None)
        if known is None:
            self._wanted.forget()
            raise NoAnswer(f"{self.meter}: no answer", "is it on, do address, baud and frame match?")
        try:
            self._ask(known)
        except NoAnswer:
            self._wanted.forget()
            raise
        except DeviceError as error:
            if isinstance(error, LineError):
                raise
        if silent in self._wanted.refused:
            log.info("%s: the meter is silent when asked for %s", self.meter, silent)
            harvest.lost.discard(silent)

    def _note_refusal(self, request: str, error: Refused, group: tuple[str, ...], harvest: _Harvest) -> None:
        harvest.boot_ns = harvest.boot_ns or self._ticker.boot_ns()
        if request not in group:
            self._wanted.refused.add(request)  # a block: its codes are asked for one by one instead
        elif error.for_good:
            self._wanted.refused.add(request)
            log.info("%s: %s", self.meter, error)
        else:
            harvest.lost.add(request)

    def _keep(self, request: str, answer: Answer, group: tuple[str, ...], harvest: _Harvest) -> None:
        harvest.boot_ns = harvest.boot_ns or answer.boot_ns
        harvest.address = answer.address
        try:
            found = values(request, answer.data)
        except ValueError as error:
            log.info("%s: %s", self.meter, error)
            self.statistics.doubted("bad_answer_content")
            if request in group:
                harvest.lost.add(request)
            else:
                self._wanted.refused.add(request)
            return
        self._wanted.was_answered(request)
        for value in found:
            harvest.values[value.code] = value
            self._wanted.was_answered(value.code)

    def _ask(self, request: str) -> Answer:
        """One question, never one that may be answered yet: the answer to another one first tells that it will not."""
        now = self._ticker.monotonic()
        self._unanswered = {code: since for code, since in self._unanswered.items() if now < since + LATEST}
        if request in self._unanswered:
            fence = next((code for code in self._wanted.codes if code not in self._unanswered), None)
            if fence is not None:
                with suppress(Refused):
                    self._counted(fence)
        return self._counted(request)

    def _counted(self, request: str) -> Answer:
        try:
            answer = self._line.read(self._find_address(), request)
        except DeviceError as error:
            self.statistics.failed(error)
            if isinstance(error, NoAnswer):
                self._unanswered[request] = self._ticker.monotonic()
                self._address = self._meter.address
            raise
        self.statistics.answered(answer.response)
        self._unanswered.clear()  # a meter answers one question after the other
        self._address = self._address or answer.address
        return answer

    def _find_address(self) -> str:
        """Its address; where the configuration gives none it is asked for, and anybody may answer until it is known."""
        if self._address is None and self._model.protocol == "dlt645-2007":
            try:
                self._address = self._line.ask_address()
            except (NoAnswer, BadAnswer, Refused) as error:
                log.debug("%s: it does not tell its address: %s", self.meter, error)
        return self._address or ANYBODY

    def _sample(self, harvest: _Harvest) -> Sample:
        sums: dict[str, float | None] = {}
        failed = set()
        for code in self._model.codes:
            said = harvest.values.get(code.code)
            if code.code in harvest.lost:
                failed.add(code.quantity)
            before = sums.get(code.quantity, 0.0)
            part = _in_quantity(said, code.scale)
            sums[code.quantity] = None if part is None or before is None else before + code.sign * part
        evidence: dict[str, float | str] = {}
        if harvest.address and "A" not in harvest.address:
            evidence["serial"] = harvest.address
        return Sample(self.meter, harvest.boot_ns or self._ticker.boot_ns(), sums, frozenset(failed), evidence)

    def probe(self) -> None:
        """See Source: any answer will do, a refusal too."""
        with suppress(Refused):
            self._ask(self._wanted.codes[0])

    def close(self) -> None:
        """Nothing is held: the line is shared."""


def _in_quantity(value: Value | None, scale: float) -> float | None:
    if value is None or not isinstance(value.value, (int, float)):
        return None
    return scale * in_si(value.value, value.unit)[0]

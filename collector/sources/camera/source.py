"""Reads one meter through a camera: asks what its display shows, and tells what the judge lets count."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from collector.config.settings import LineSettings, MeterSettings
from collector.devices.map import Code, Model
from collector.errors import BadAnswer, DeviceError, LineError
from collector.model.ports import Ticker
from collector.model.quantity import QUANTITIES, Kind
from collector.model.reading import Sample
from collector.sources.camera.answer import Answer, Register, understood
from collector.sources.camera.client import Client
from collector.sources.camera.judge import USUAL_POWER, Judge, Shown
from collector.sources.camera.memory import Memory
from collector.sources.statistics import Statistics

log = logging.getLogger(__name__)

#: The one block of a display.
BLOCK = "display"
#: The code of a display that shows one number only.
ONLY = "display"
#: s that taking pictures may take: of one number, or of registers that come in turn.
ONE, IN_TURN = 25.0, 75.0
#: s that the service may need beside it, another camera's turn included.
_MARGIN = 90.0
_FRAMES = 3
#: So many refused pictures in a row are told.
IN_A_ROW = 10
#: A picture is another one when it is so much (s) younger.
_ANOTHER = 0.5
#: A folder's newest picture may be as old as this many periods.
_STALE_PERIODS = 3.0
_MOST_PROFILE = 262_144


@dataclass(slots=True)
class _Taken:
    """What one look at the display brought. `at`: CLOCK_BOOTTIME in ns of its first picture; `counts`: by time."""

    at: int
    counts: dict[int, dict[str, float | None]] = field(default_factory=lambda: defaultdict(dict))
    refused: list[str] = field(default_factory=list)


class CameraSource:
    """One meter with a display (implements model.ports.Source). Without `memory` nothing is judged: a person looks."""

    def __init__(  # noqa: PLR0913, PLR0917 - a source's four, who waits, and what was
        self,
        meter: MeterSettings,
        model: Model,
        line: LineSettings,
        ticker: Ticker,
        alive: Callable[[], None] = lambda: None,
        memory: Path | None = None,
    ) -> None:
        assert line.service is not None
        self.statistics = Statistics()
        self._meter, self._line, self._ticker = meter, line, ticker
        self._codes = {code.code: code for code in model.codes}
        self._in_turn = ONLY not in self._codes
        self._client = Client(line.service, alive)
        self._judges: dict[str, Judge] = {}
        self._memory = Memory(memory)
        if memory is not None:
            self._judges = {code.code: _judge(meter, code) for code in model.codes if _counts(code)}
            self._memory.load(self._judges, ticker.boot_ns() / 1e9)

    @property
    def meter(self) -> str:
        """See Source."""
        return self._meter.name

    @property
    def periods(self) -> Mapping[str, float]:
        """See Source."""
        return {BLOCK: self._meter.every}

    def probe(self) -> None:
        """See Source: nothing is cheaper than a picture."""

    def close(self) -> None:
        """See Source: nothing is held."""

    def read(self, blocks: frozenset[str]) -> Sample:
        """See Source: the display, as soon as the judge lets it count."""
        began = self._ticker.monotonic()
        try:
            answer = self._answer()
        except DeviceError as error:
            self.statistics.failed(error)
            raise
        self.statistics.answered(self._ticker.monotonic() - began)
        now = self._ticker.boot_ns()
        self._notice_swap(answer)
        taken = _Taken(now - round(1e9 * max((one.age for one in answer.registers.values()), default=0.0)))
        for code in self._codes:
            self._take(answer, code, now, taken)
        self._memory.save(self._judges, now / 1e9)
        return self._sample(answer, taken)

    def _answer(self) -> Answer:
        seconds = IN_TURN if self._in_turn else ONE
        question: dict[str, Any] = {
            "ask": "read",
            "meter": self._meter.name,
            **camera_of(self._line),
            "frames": _FRAMES,
            "seconds": seconds,
            "oldest": max(60.0, _STALE_PERIODS * self._meter.every),
            "codes": list(self._codes) if self._in_turn else [],
        }
        if self._meter.profile is not None:
            question["profile"] = _profile(self._meter.profile)
        return understood(self._client.ask(question, seconds + _MARGIN))

    def _notice_swap(self, answer: Answer) -> None:
        if self._memory.installed not in ("", answer.installed):
            for judge in self._judges.values():
                judge.swap()
        self._memory.installed = answer.installed

    def _take(self, answer: Answer, code: str, now: int, taken: _Taken) -> None:
        """Judges one register."""
        register, quantity, scale = answer.registers.get(code), self._codes[code].quantity, self._codes[code].scale
        if register is None or register.number is None:
            taken.refused.append(f"{code}: " + ("was not seen" if register is None else str(register.refused)))
            return
        picture = now / 1e9 - register.age
        if picture < self._memory.seen.get(code, 0.0) + _ANOTHER:
            return  # the same picture again
        self._memory.seen[code] = picture
        value = register.number * scale
        judge = self._judges.get(code)
        if judge is None:
            taken.counts[taken.at][quantity] = value
            return
        judge.step, judge.end = register.step * scale, max(judge.end, register.end * scale)
        ruling = judge.rule(Shown(value, taken.at / 1e9))
        for one in ruling.counts:
            assert one.time is not None
            taken.counts[round(one.time * 1e9)][quantity] = one.value
        if ruling.refused:
            taken.refused.append(f"{code}: {ruling.refused}")
            self._tell_service(register, ruling.refused)

    def _tell_service(self, register: Register, why: str) -> None:
        """The picture of what cannot be is kept for a month."""
        if register.picture is None:
            return
        try:
            self._client.ask(
                {"ask": "note", "meter": self._meter.name, "picture": register.picture, "text": why[:200]}, _MARGIN
            )
        except DeviceError as error:
            log.warning("%s: its doubted picture is not marked: %s", self._meter.name, error)

    def _sample(self, answer: Answer, taken: _Taken) -> Sample:
        """What counts now, each with the time of its picture; what is refused only shows in the state of the meter."""
        trouble = "; ".join(taken.refused)
        news = self._news(trouble, all_refused=len(taken.refused) == len(self._codes))
        if self._memory.path is None and not taken.counts and trouble:
            raise BadAnswer(
                f"{self.meter}: {trouble}", "refused", "`phaselog camera pictures METER` shows what was seen"
            )
        if not taken.counts:
            quantities = [code.quantity for code in self._codes.values()] if taken.refused else []
            nothing = dict.fromkeys(quantities)
            return Sample(self.meter, taken.at, nothing, frozenset(quantities), trouble=trouble, news=news)
        evidence = {"serial": answer.installed}
        counts = sorted(taken.counts.items())
        samples = [Sample(self.meter, at, values, frozenset(), evidence) for at, values in counts]
        return replace(samples[-1], trouble=trouble, news=news, earlier=tuple(samples[:-1]))

    def _news(self, trouble: str, *, all_refused: bool) -> Mapping[str, str]:
        """Says once that nothing can be read any more, and once that it can again."""
        before = self._memory.refusals
        self._memory.refusals = before + 1 if all_refused else 0
        if all_refused and before + 1 == IN_A_ROW:
            return {"camera_refused": f"{IN_A_ROW} pictures in a row do not count; the last: {trouble}"}
        if not all_refused and before >= IN_A_ROW:
            return {"camera_reads_again": f"its display is read again after {before} pictures that did not count"}
        return {}


def camera_of(line: LineSettings) -> dict[str, Any]:
    """How the service is told which camera is meant; raises LineError where its password cannot be read."""
    told: dict[str, Any] = {"camera": line.camera, "lamp": line.lamp}
    if line.user is not None:
        password = _text(line.password_file, 1024).strip() if line.password_file else ""
        told["login"] = {"user": line.user, "password": password}
    return told


def _profile(path: Path) -> str:
    return _text(path, _MOST_PROFILE)


def _text(path: Path, most: int) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
        if len(content) > most:
            raise BadAnswer(f"{path}: is too large", "profile", "is it the right file?")
        return content.decode()
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "is no text"
        raise LineError(f"{path}: {said}", "may the collector read it?") from None


def _counts(code: Code) -> bool:
    return QUANTITIES[code.quantity].kind is Kind.COUNTER


def _judge(meter: MeterSettings, code: Code) -> Judge:
    """What the meter can count at most, as its display shows it: before its transformers."""
    rated = meter.rated_apparent_power
    power = USUAL_POWER if rated is None else rated / (meter.ct_ratio * meter.vt_ratio)
    return Judge(power, step=code.scale)

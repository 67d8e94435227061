"""What the source makes of the service's answers: samples that count, news, and nothing at all of what is doubted."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.config.settings import CameraService, LineSettings, MeterSettings
from collector.devices import catalogue
from collector.errors import BadAnswer, DeviceError, LineError, NoAnswer
from collector.sources.camera.answer import understood
from collector.sources.camera.source import CameraSource

METER = MeterSettings("house", "generic-camera", "cellar", every=300.0, rated_apparent_power=12e3)
BLOCKS = frozenset({"display"})


@dataclass
class Clock:
    """A clock that moves when it is told to."""

    now: float = 1000.0

    def monotonic(self) -> float:
        return self.now

    def boot_ns(self) -> int:
        return round(self.now * 1e9)

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Service:
    """Answers what the test wants, on a real socket."""

    path: Path
    answer: Callable[[dict[str, Any]], bytes] = lambda _: b"{}\n"
    asked: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.path))
        self._listener.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                peer, _ = self._listener.accept()
                with peer, peer.makefile("rb") as lines:
                    question = json.loads(lines.readline())
                    self.asked.append(question)
                    noted = question["ask"] == "note"
                    with suppress(OSError):
                        peer.sendall(b"{}\n" if noted else self.answer(question))

    def close(self) -> None:
        self._listener.close()

    def show(self, text: str | None, refused: str | None = None, installed: str = "first", **more: Any) -> None:
        one = {"text": text, "refused": refused, "picture": "20260101T000000.000Z", "age": 2.0, **more}
        told = {"registers": {"display": one}, "installed": installed}
        self.answer = lambda _: json.dumps(told).encode() + b"\n"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = Service(tmp_path / "s")
    yield made
    made.close()


@dataclass
class Bench:
    """A source, its clock, and the service that it asks."""

    service: Service
    folder: Path
    clock: Clock = field(default_factory=Clock)
    meter: MeterSettings = METER

    def __post_init__(self) -> None:
        self.again()

    def again(self) -> None:
        """The collector is restarted."""
        line = LineSettings("cellar", camera="/pictures", protocol="camera", service=CameraService(self.service.path))
        model = catalogue.load(self.meter.model)
        memory = self.folder / "state" / "camera-house.json"
        self.source = CameraSource(self.meter, model, line, self.clock, memory=memory)

    def reads(self, kwh: float | None, refused: str | None = None, **more: Any) -> list[tuple[float, float | None]]:
        """(s, kWh) of everything that counts after this reading."""
        self.clock.now += 300.0
        self.service.show(None if kwh is None else f"{kwh:09.1f}", refused, **more)
        self.sample = self.source.read(BLOCKS)
        values = [
            (one.boot_ns / 1e9, one.values.get("active_energy_import"))
            for one in (*self.sample.earlier, self.sample)
            if one.values and not one.failed
        ]
        return [(at, None if wh is None else wh / 1000) for at, wh in values]


@pytest.fixture
def bench(service: Service, tmp_path: Path) -> Bench:
    return Bench(service, tmp_path)


def test_a_reading_counts_with_the_time_of_its_picture(bench: Bench) -> None:
    assert [bench.reads(kwh) for kwh in (100.0, 100.1, 100.2)] == [[], [], []]
    assert bench.reads(100.3) == [(1298.0, 100.0), (1598.0, 100.1)]
    assert bench.reads(100.4) == [(1898.0, 100.2)]


def test_a_refused_picture_changes_nothing_and_says_why(bench: Bench) -> None:
    for kwh in (100.0, 100.1, 100.2, 100.3):
        bench.reads(kwh)
    assert bench.reads(None, "blurred: The picture is blurred.") == []
    assert bench.sample.failed == {"active_energy_import"}
    assert "blurred" in bench.sample.trouble
    assert bench.reads(100.4) == [(1898.0, 100.2)]


def test_what_cannot_be_does_not_count_and_its_picture_is_kept(bench: Bench) -> None:
    for kwh in (100.0, 100.1, 100.2, 100.3):
        bench.reads(kwh)
    assert bench.reads(800.3) == []
    note = bench.service.asked[-1]
    assert (note["ask"], note["picture"]) == ("note", "20260101T000000.000Z")
    assert "rises by 700" in note["text"]


def test_ten_refusals_in_a_row_are_told_once_and_the_end_too(bench: Bench) -> None:
    told = []
    for number in range(25):
        bench.reads(None, "glare")
        told += [(number, kind) for kind in bench.sample.news]
    bench.reads(100.0)
    told += [(25, kind) for kind in bench.sample.news]
    assert told == [(9, "camera_refused"), (25, "camera_reads_again")]


def test_after_a_swap_that_a_person_confirms_the_next_reading_counts(bench: Bench) -> None:
    for kwh in (100.0, 100.0, 100.0, 100.0):
        bench.reads(kwh)
    assert bench.reads(3.0) == []
    assert bench.reads(3.0, installed="2026-01-01T00:00:00Z") == [(2798.0, 3.0)]
    assert bench.sample.evidence == {"serial": "2026-01-01T00:00:00Z"}


@pytest.mark.parametrize("restarted", [False, True])
def test_the_same_picture_again_is_no_news(bench: Bench, restarted: bool) -> None:
    for kwh in (100.0, 100.0, 100.0, 100.0):
        bench.reads(kwh)
    if restarted:
        bench.again()
    assert bench.reads(100.0, age=302.0) == []
    assert not bench.sample.values
    assert not bench.sample.trouble


@pytest.mark.slow
def test_a_restart_forgets_nothing(bench: Bench) -> None:
    """Neither what waits, nor which row of readings cannot be."""
    for kwh in (100.0, 100.1, 100.2, 100.3):
        bench.reads(kwh)
    bench.again()
    assert bench.reads(100.4) == [(1898.0, 100.2)]
    for number in range(100):
        bench.again()
        assert bench.reads(120.0 + number / 20) == []
        assert bench.sample.trouble


def test_a_swap_that_a_person_confirmed_outlives_a_restart(bench: Bench) -> None:
    """The picture after it was dark: the next one counts at once, whenever that is."""
    for kwh in (100.0, 100.1, 100.2, 100.3):
        bench.reads(kwh)
    assert bench.reads(None, "too_dark", installed="second") == []
    bench.again()
    assert bench.reads(3.0, installed="second") == [(2798.0, 3.0)]


def test_after_a_reboot_without_a_clock_it_may_have_counted_for_a_day(bench: Bench) -> None:
    for kwh in (100.0, 100.1, 100.2, 100.3):
        bench.reads(kwh)
    path = bench.folder / "state" / "camera-house.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"boot": "before", "utc": 4e9}))
    bench.clock = Clock(10.0)
    bench.again()
    assert [bench.reads(kwh) for kwh in (150.0, 150.1, 150.2)] == [[], [], [(308.0, 150.0)]]


def test_a_counter_goes_on_after_its_highest_value(bench: Bench) -> None:
    readings = [9_999_999.7, 9_999_999.8, 9_999_999.9, 0.0, 0.1, 0.2, 0.3]
    assert [one[1] for kwh in readings for one in bench.reads(kwh)] == readings[:-2]


@pytest.mark.parametrize("spoilt", ["", "{", '{"boot": 1}', "[]", '{"registers": {"display": {"agreed": [[1]]}}}'])
def test_a_damaged_memory_costs_the_readings_that_a_new_meter_needs(bench: Bench, spoilt: str) -> None:
    for kwh in (100.0, 100.1, 100.2, 100.3):
        bench.reads(kwh)
    (bench.folder / "state" / "camera-house.json").write_text(spoilt)
    bench.again()
    assert [len(bench.reads(kwh)) for kwh in (100.3, 100.4, 100.5, 100.6)] == [0, 0, 0, 2]


def test_the_profile_of_the_configuration_goes_along(bench: Bench, tmp_path: Path) -> None:
    bench.meter = replace(METER, profile=tmp_path / "house.toml")
    bench.again()
    with pytest.raises(LineError, match="house"):
        bench.reads(100.0)
    (tmp_path / "house.toml").write_text("# a profile")
    bench.reads(100.0)
    assert bench.service.asked[-1]["profile"] == "# a profile"


def test_registers_in_turn_are_asked_for_by_their_codes(service: Service, tmp_path: Path) -> None:
    bench = Bench(service, tmp_path, meter=replace(METER, model="generic-camera-registers"))
    bench.reads(1.0)
    assert service.asked[-1]["codes"] == ["1.8.0", "1.8.1", "1.8.2", "2.8.0"]
    assert "1.8.0: was not seen" in bench.sample.trouble


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"", NoAnswer),
        (b'{"error": "rpicam-still: no cameras available", "hint": "h"}\n', NoAnswer),
        (b"no json\n", BadAnswer),
        (b"[]\n", BadAnswer),
        (b"{}\n", BadAnswer),
        (b"[" * 100_000 + b"\n", BadAnswer),
        (b'{"registers": {"display": {"text": "NaN", "age": 0}}, "installed": ""}\n', BadAnswer),
        (b'{"registers": {"display": {"text": "1e9", "age": 0}}, "installed": ""}\n', BadAnswer),
        (b'{"registers": {"display": {"text": "-5", "age": 0}}, "installed": ""}\n', BadAnswer),
    ],
)
def test_what_is_no_answer_is_an_error_that_the_line_understands(
    bench: Bench, answer: bytes, error: type[DeviceError]
) -> None:
    bench.service.answer = lambda _: answer
    with pytest.raises(error):
        bench.source.read(BLOCKS)
    assert bench.source.statistics.errors


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
)
TOLD = st.fixed_dictionaries({}, optional=dict.fromkeys(("text", "refused", "picture", "age"), JSON))


@pytest.mark.slow
@given(st.fixed_dictionaries({}, optional={"registers": st.dictionaries(st.text(), TOLD | JSON), "installed": JSON}))
def test_whatever_is_answered_is_understood_or_refused(told: dict[str, Any]) -> None:
    with suppress(BadAnswer):
        understood(told)

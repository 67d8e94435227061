"""Whatever happens in whatever order, the spool loses nothing, doubles nothing and keeps the order."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from pipeline_play import reading

from collector.config.settings import SpoolSettings
from collector.model.reading import Reading
from collector.pipeline.spool import Batch, Spool, read_live


class SpoolMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.expected: list[Reading] = []
        self.next = 0
        self.open()

    def open(self) -> None:
        self.spool = Spool(self.folder / "run", self.folder / "state", SpoolSettings(min_free_bytes=0))

    @rule(count=st.integers(1, 8), meter=st.sampled_from("abc"), boot=st.none() | st.just("b-1"))
    def append(self, count: int, meter: str, boot: str | None) -> None:
        for _ in range(count):
            one = reading(self.next, meter=meter, boot=boot)
            self.spool.append(one)
            self.expected.append(one)
            self.next += 1

    @rule()
    def save(self) -> None:
        self.spool.save()

    @rule(good=st.integers(0, 3))
    def commit_some_then_fail(self, good: int) -> None:
        for number, batch in enumerate(self.spool.batches()):
            if number == good:
                self.spool.keep(batch)
                break
            self.store(batch)

    @rule(append_between=st.booleans())
    def commit_all(self, append_between: bool) -> None:
        for batch in self.spool.batches():
            if append_between:
                self.append(1, "a", None)
            self.store(batch)

    def store(self, batch: Batch) -> None:
        count = len(batch.readings)
        assert batch.readings == self.expected[:count]
        self.spool.done(batch)
        del self.expected[:count]

    @rule()
    def stop_and_start(self) -> None:
        self.spool.save()
        self.spool.close()
        self.open()

    @rule()
    def crash(self) -> None:
        for descriptor in self.spool._locks:
            os.close(descriptor)
        self.open()

    @rule(torn=st.binary(min_size=1, max_size=7))
    def crash_in_a_write(self, torn: bytes) -> None:
        files = sorted((self.folder / "run" / "spool").glob("*.live"))
        if files:
            with files[-1].open("ab") as file:
                file.write(torn)
        self.crash()

    @precondition(lambda self: self.expected)
    @rule()
    def power_cut_after_save(self) -> None:
        self.spool.save()
        for descriptor in self.spool._locks:
            os.close(descriptor)
        shutil.rmtree(self.folder / "run")
        self.open()

    @invariant()
    def everything_is_there(self) -> None:
        status = self.spool.status()
        assert status.in_hand + status.on_disk == len(self.expected)
        assert status.dropped == 0
        live = read_live(self.folder / "run")
        assert live == self.expected[len(self.expected) - len(live) :]

    def teardown(self) -> None:
        self.spool.close()
        shutil.rmtree(self.folder)


SpoolMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestSpoolInAnyOrder = SpoolMachine.TestCase

"""Real full and read-only file systems: a small tmpfs each for RAM and disk."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pipeline_play import drain, reading

from collector.config.settings import SpoolSettings
from collector.errors import SpoolError
from collector.pipeline.spool import Spool

Mount = Callable[[str, str], Path]


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Mount]:
    if os.geteuid() != 0:
        pytest.skip("needs root to mount a small file system")
    mounted = []

    def make(name: str, size: str) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "phaselog-test", folder]
        result = subprocess.run(command, check=False, capture_output=True, text=True)
        if result.returncode:
            pytest.skip(f"mount is not allowed here: {result.stderr.strip()}")
        mounted.append(folder)
        return folder

    yield make
    for folder in mounted:
        subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_leaves_readings_in_ram_until_there_is_space(mount: Mount, tmp_path: Path) -> None:
    state = mount("state", "256k")
    spool = Spool(tmp_path / "run", state, SpoolSettings(min_free_bytes=0))
    filler = state / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))
    for i in range(10):
        spool.append(reading(i))
    spool.save()
    assert (spool.status().in_hand, spool.status().full, spool.status().dropped) == (10, True, 0)
    filler.unlink()
    spool.save()
    assert (spool.status().in_hand, spool.status().on_disk) == (0, 10)
    assert drain(spool) == [reading(i) for i in range(10)]
    spool.close()


def test_a_disk_filled_by_the_spool_keeps_the_newest(
    mount: Mount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("collector.pipeline.backlog.READINGS_PER_SEGMENT", 100)
    spool = Spool(tmp_path / "run", mount("state", "64k"), SpoolSettings(min_free_bytes=0))
    for i in range(20_000):
        spool.append(reading(i))
        if i % 100 == 99:
            spool.save()
    rest = drain(spool)
    assert rest == [reading(i) for i in range(20_000 - len(rest), 20_000)]
    assert spool.status().dropped == 20_000 - len(rest) > 0
    spool.close()


def test_a_read_only_disk_does_not_stop_the_collector(mount: Mount, tmp_path: Path) -> None:
    state = mount("state", "256k")
    first = Spool(tmp_path / "run", state, SpoolSettings(min_free_bytes=0))
    first.append(reading(1))
    first.save()
    first.close()
    subprocess.run(["mount", "-o", "remount,ro", state], check=True)
    again = Spool(tmp_path / "run", state, SpoolSettings(min_free_bytes=0))
    again.append(reading(2))
    again.save()
    assert again.status().full
    assert drain(again) == [reading(1), reading(2)]
    again.close()


def test_full_ram_goes_on_on_disk_and_then_says_what_is_lost(mount: Mount, tmp_path: Path) -> None:
    runtime, state = mount("run", "64k"), mount("state", "64k")
    spool = Spool(runtime, state, SpoolSettings(min_free_bytes=0))
    stored = 0
    with pytest.raises(SpoolError, match="lost"):
        for i in range(100_000):
            spool.append(reading(i))
            stored = i + 1
    assert spool.status().dropped > 0
    rest = drain(spool)
    assert rest[-1] == reading(stored - 1)
    assert len(rest) + spool.status().dropped == stored + 1
    spool.append(reading(stored))
    assert drain(spool) == [reading(stored)]
    spool.close()

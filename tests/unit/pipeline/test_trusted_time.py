from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from collector.pipeline.trusted_time import (
    BUILD_DATE,
    KernelTime,
    kernel_boot_id,
    kernel_time,
    ntp,
    plausible,
    rtc,
    set_time,
    system,
    system_boot_ns,
    told,
)

NS = 1_000_000
NOW = (BUILD_DATE + 86_400_000) * NS
BOOT = 90_000_000_000


def boot_ns() -> int:
    return BOOT


def test_the_kernel_tells_its_time() -> None:
    answer = kernel_time()
    assert answer is not None
    assert abs(answer.utc_ns - time.time_ns()) < 2_000_000_000


def test_the_boot_has_an_identity() -> None:
    assert kernel_boot_id() == kernel_boot_id() != ""


@pytest.mark.parametrize("when", ["1970-01-02", "2031-05-05"])
def test_a_faked_system_clock_does_not_reach_the_kernel_time(when: str) -> None:
    code = "from collector.pipeline.trusted_time import kernel_time; print(kernel_time().utc_ns)"
    try:
        command = ["faketime", when, sys.executable, "-c", code]
        faked = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[3])
    except FileNotFoundError:
        pytest.skip("faketime is not installed")
    assert abs(int(faked.stdout) - time.time_ns()) < 60_000_000_000


def test_ntp_counts_when_the_kernel_says_it_is_synchronised() -> None:
    assert ntp(boot_ns, lambda: KernelTime(True, NOW))() == NOW - BOOT
    assert ntp(boot_ns, lambda: KernelTime(False, NOW))() is None
    assert ntp(boot_ns, lambda: KernelTime(True, 5 * NS))() is None
    assert ntp(boot_ns, lambda: None)() is None


@pytest.mark.parametrize(("utc_ms", "believed"), [(0, False), (BUILD_DATE, True), (BUILD_DATE + 2**40, False)])
def test_1970_and_the_far_future_are_not_plausible(utc_ms: int, believed: bool) -> None:
    assert plausible(utc_ms * NS) is believed


def with_rtc(folder: Path, epoch: int | str, name: str = "rtc0") -> Path:
    (folder / name).mkdir()
    (folder / name / "since_epoch").write_text(f"{epoch}\n")
    return folder


def test_an_rtc_that_set_the_clock_is_believed_on_a_pi(tmp_path: Path) -> None:
    folder = with_rtc(tmp_path, NOW // 10**9)
    assert rtc(boot_ns, lambda: NOW + 400 * NS, folder, lambda: "aarch64")() == NOW + 400 * NS - BOOT


def test_a_system_clock_that_was_stepped_before_the_start_does_not_speak_for_the_rtc(tmp_path: Path) -> None:
    folder = with_rtc(tmp_path, NOW // 10**9)
    shift = rtc(boot_ns, lambda: NOW + 86_400_000 * NS, folder, lambda: "aarch64")()
    assert shift is not None
    assert abs(shift - (NOW - BOOT)) <= 1_000_000_000


@pytest.mark.parametrize("epoch", [3600, ""])
def test_an_rtc_that_knows_nothing_is_not_believed(tmp_path: Path, epoch: int | str) -> None:
    assert rtc(boot_ns, lambda: NOW, with_rtc(tmp_path, epoch), lambda: "aarch64")() is None


def test_a_clock_without_battery_does_not_hide_the_chip_that_has_one(tmp_path: Path) -> None:
    folder = with_rtc(with_rtc(tmp_path, 60), NOW // 10**9, "rtc1")
    assert rtc(boot_ns, lambda: NOW, folder, lambda: "aarch64")() == NOW - BOOT


def test_a_chip_whose_driver_comes_up_after_the_collector_is_believed_then(tmp_path: Path) -> None:
    read = rtc(boot_ns, lambda: NOW, tmp_path, lambda: "aarch64")
    assert read() is None
    with_rtc(tmp_path, NOW // 10**9)
    assert read() == NOW - BOOT


def test_a_pi_without_rtc_does_not_know_the_time_but_a_virtual_pc_does(tmp_path: Path) -> None:
    assert rtc(boot_ns, lambda: NOW, tmp_path, lambda: "aarch64")() is None
    assert rtc(boot_ns, lambda: NOW, tmp_path / "missing", lambda: "x86_64")() == NOW - BOOT
    assert rtc(boot_ns, lambda: 5 * NS, tmp_path, lambda: "x86_64")() is None


def test_the_clock_of_the_start_is_what_counts(tmp_path: Path) -> None:
    told_times = iter([NOW] * 10 + [NOW + 10**15] * 10)
    read = rtc(boot_ns, lambda: next(told_times), tmp_path, lambda: "x86_64")
    assert read() == read() == NOW - BOOT


def test_a_trusted_system_clock_before_the_build_date_is_not_believed() -> None:
    assert system(boot_ns, lambda: NOW)() == NOW - BOOT
    assert system(boot_ns, lambda: 0)() is None


def test_a_person_cannot_set_an_impossible_time(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot be right"):
        set_time(tmp_path, 0)


def test_what_a_person_sets_is_read_back(tmp_path: Path) -> None:
    set_time(tmp_path, NOW // NS)
    shift = told(tmp_path, kernel_boot_id())()
    assert shift is not None
    assert abs(shift + system_boot_ns() - NOW) < 5_000_000_000
    assert told(tmp_path, "another boot")() is None

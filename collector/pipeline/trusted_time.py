"""Asks the machine what time it is in ways that a bare step of the system clock cannot fool.

Every source answers with the *shift* in ns: UTC = CLOCK_BOOTTIME + shift. NTP: adjtimex(2), whose "synchronised" the
kernel takes back when anybody steps the clock by hand, and whose own time is used. RTC: /sys/class/rtc (Linux,
Documentation/admin-guide/rtc.rst).
"""

from __future__ import annotations

import ctypes
import json
import os
import platform
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

import collector

#: UTC ms: this program was built later, so no clock that says less is believed.
BUILD_DATE = int(datetime.fromisoformat(collector.BUILD_DATE).replace(tzinfo=UTC).timestamp() * 1000)
#: Nor is a clock believed that is this much ahead, ms.
_LIFETIME = 30 * 365 * 86_400_000

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_RTC = Path("/sys/class/rtc")
_PC = ("x86_64", "AMD64", "i686", "i386")
#: File in the state directory that `phaselog clock set` writes.
SET_FILE = "clock-set.json"

#: Returns the shift in ns, or None while it knows nothing.
TimeSource = Callable[[], int | None]
#: UTC in ns, as the system clock has it.
SystemClock = Callable[[], int]
#: CLOCK_BOOTTIME in ns.
BootClock = Callable[[], int]


def plausible(utc_ns: int) -> bool:
    """False for 1970, for a flat RTC battery and for garbage."""
    return BUILD_DATE <= utc_ns // 1_000_000 < BUILD_DATE + _LIFETIME


def kernel_boot_id() -> str:
    """The identity of this boot (random(4)); one for this process alone where the kernel does not tell."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return str(uuid.uuid4())


def system_boot_ns() -> int:
    """CLOCK_BOOTTIME in ns: never steps, goes on while the machine sleeps."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


@dataclass(frozen=True, slots=True)
class Machine:
    """What a machine can tell of the time. `sources`: name -> time source, the best first."""

    boot: str  #: identity of this boot
    sources: Mapping[str, TimeSource]
    system_ns: SystemClock = time.time_ns


def this_machine(trust: str, state: Path, boot_ns: BootClock) -> Machine:
    """The sources of this machine, by `clock.trust` ("auto" or "system")."""
    boot = kernel_boot_id()
    if trust == "system":
        return Machine(boot, {"system": system(boot_ns)})
    return Machine(boot, {"ntp": ntp(boot_ns), "set": told(state, boot), "rtc": rtc(boot_ns)})


class _Timex(ctypes.Structure):
    """struct timex of adjtimex(2), as far as the time; the rest is room for what the kernel fills in."""

    _fields_: ClassVar = [
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("constant", ctypes.c_long),
        ("precision", ctypes.c_long),
        ("tolerance", ctypes.c_long),
        ("seconds", ctypes.c_long),
        ("fraction", ctypes.c_long),
        ("room", ctypes.c_byte * 256),
    ]


_TIME_ERROR = 5
_STA_UNSYNC = 0x0040
_STA_NANO = 0x2000


@dataclass(frozen=True, slots=True)
class KernelTime:
    """The answer of adjtimex(2)."""

    synchronised: bool
    utc_ns: int


def kernel_time() -> KernelTime | None:
    """The kernel's own time and whether somebody (NTP, PTP) keeps it; None where the call is not to be had."""
    try:
        adjtimex = ctypes.CDLL(None).adjtimex
    except (OSError, AttributeError):
        return None
    timex = _Timex(modes=0)
    state = adjtimex(ctypes.byref(timex))
    if state < 0:
        return None
    nanoseconds = timex.fraction if timex.status & _STA_NANO else timex.fraction * 1000
    kept = state != _TIME_ERROR and not timex.status & _STA_UNSYNC
    return KernelTime(kept, timex.seconds * 1_000_000_000 + nanoseconds)


def _measured(read_utc: Callable[[], int], boot_ns: BootClock) -> int:
    """The shift between two clocks that cannot be read at once: the tightest of a few attempts."""
    best = None
    for _ in range(5):
        before, utc, after = boot_ns(), read_utc(), boot_ns()
        if best is None or after - before < best[0]:
            best = (after - before, utc - (before + after) // 2)
    assert best is not None
    return best[1]


def ntp(boot_ns: BootClock, kernel: Callable[[], KernelTime | None] = kernel_time) -> TimeSource:
    """Time from NTP (timesyncd, chrony, ntpd alike): the kernel says that it is synchronised."""

    def read() -> int | None:
        answers: list[KernelTime | None] = []

        def utc() -> int:
            answers.append(kernel())
            return answers[-1].utc_ns if answers[-1] else 0

        shift = _measured(utc, boot_ns)
        kept = all(answer is not None and answer.synchronised and plausible(answer.utc_ns) for answer in answers)
        return shift if kept else None

    return read


def system(boot_ns: BootClock, system_ns: SystemClock = time.time_ns) -> TimeSource:
    """This machine's clock, believed as it is, unless it stands before the build date (`clock.trust = "system"`)."""

    def read() -> int | None:
        return _measured(system_ns, boot_ns) if plausible(system_ns()) else None

    return read


def rtc(
    boot_ns: BootClock,
    system_ns: SystemClock = time.time_ns,
    folder: Path = _RTC,
    machine: Callable[[], str] = platform.machine,
) -> TimeSource:
    """A battery-backed clock, asked until it has answered: after that a step of the system clock counts nothing.

    A PC or virtual machine always has a platform clock, even if the kernel shows none, so that it is asked once. A
    Raspberry Pi has only the chip on its pins, whose driver may come up after the collector.
    """
    first: list[int | None] = []

    def read() -> int | None:
        if first:
            return first[0]
        shift = _rtc_shift(boot_ns, system_ns, folder, machine())
        if shift is not None or machine() in _PC:
            first.append(shift)
        return shift

    return read


def _rtc_shift(boot_ns: BootClock, system_ns: SystemClock, folder: Path, machine: str) -> int | None:
    epoch = _rtc_epoch(folder)
    now = system_ns()
    if epoch is not None and not plausible(epoch * 1_000_000_000):
        return None
    if epoch is not None:
        # The RTC knows whole seconds only: the system clock that it set knows the rest, if nobody stepped it since.
        if abs(now - epoch * 1_000_000_000) < 2_000_000_000:
            return _measured(system_ns, boot_ns)
        return epoch * 1_000_000_000 + 500_000_000 - boot_ns()
    if epoch is None and machine in _PC and plausible(now):
        return _measured(system_ns, boot_ns)
    return None


def _rtc_epoch(folder: Path) -> int | None:
    """Seconds since 1970 of the first RTC that can know the time, else of one that cannot; None without any.

    Not only the one from which the kernel set its clock (`hctosys`): some kernels of the Pi do that from none. A chip
    that has lost its battery refuses to be read, and one that never had one counts from 1970.
    """
    epochs = []
    for device in sorted(folder.glob("rtc*")):
        with suppress(OSError, ValueError):
            epochs.append(int((device / "since_epoch").read_text(encoding="ascii")))
    return next((epoch for epoch in epochs if plausible(epoch * 1_000_000_000)), epochs[0] if epochs else None)


def set_time(state: Path, utc_ms: int, boot_ns: BootClock = system_boot_ns, boot: str | None = None) -> None:
    """`phaselog clock set`: writes down that it is `utc_ms` now; a running collector takes it over within 10 s.

    Valid for this boot only. Raises ValueError for a time before the build date or absurdly late, OSError if the state
    directory cannot be written.
    """
    if not plausible(utc_ms * 1_000_000):
        raise ValueError("this time cannot be right: it lies before this version was built, or decades ahead")
    data = {"boot_id": boot or kernel_boot_id(), "boot_ms": boot_ns() // 1_000_000, "utc_ms": utc_ms}
    state.mkdir(mode=0o750, parents=True, exist_ok=True)
    write_json(state / SET_FILE, data)


def told(state: Path, boot: str) -> TimeSource:
    """The time that a person set in this boot."""
    path = state / SET_FILE

    def read() -> int | None:
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            utc, shift = int(data["utc_ms"]), int(data["utc_ms"]) - int(data["boot_ms"])
            return shift * 1_000_000 if data["boot_id"] == boot and plausible(utc * 1_000_000) else None
        except (OSError, ValueError, LookupError, TypeError):
            return None

    return read


def write_json(path: Path, data: object) -> None:
    """Replaces the file in one step, synced: after a power cut it is the old or the new one. Raises OSError."""
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8") as file:
        json.dump(data, file)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)

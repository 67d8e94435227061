"""Numbers the machines, so that several runs of the tests, from several checkouts, never touch each other's."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.appliance.shell import call, wait_until

_LOCKS = Path("/run/lock/phaselog-machines")
_FOLDERS = Path("/var/tmp/phaselog-machines")
_NUMBERS = range(20, 250)


@contextmanager
def a_slot() -> Iterator[tuple[int, Path]]:
    """A number and an empty folder that are this run's alone; what an aborted run has left of them is removed.

    The number belongs to whoever holds the lock on its file: the kernel lets go of it however the holder ends.
    """
    _LOCKS.mkdir(parents=True, exist_ok=True)
    with ExitStack() as kept:
        number = next(number for number in _NUMBERS if _taken(number, kept))
        folder = _FOLDERS / str(number)
        sweep(number, folder)
        folder.mkdir(parents=True)
        try:
            # A machine that boots later takes a copy of every mount along. Where `/` is not shared, that copy would
            # outlive the unmounting here, and keep a disk that was cut off; below a shared mount it goes with it.
            call("mount", "--bind", folder, folder)
            call("mount", "--make-shared", folder)
            yield number, folder
        finally:
            sweep(number, folder)


def _taken(number: int, kept: ExitStack) -> bool:
    lock = kept.enter_context((_LOCKS / str(number)).open("w"))
    with contextlib.suppress(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def name_of(number: int) -> str:
    """The machine's name, and that of its network."""
    return f"appliance{number}"


def sweep(number: int, folder: Path) -> None:
    """Ends the processes of this machine, and removes its network, mounts, loop devices and files."""
    name = name_of(number)
    if (Path("/run/netns") / name).exists():
        end(name)
        call("ip", "netns", "delete", name)
    call("ip", "link", "delete", name, check=False)
    call("nft", "delete", "table", "ip", name, check=False)
    for mount in reversed(_mounts_in(folder)):
        call("umount", "--lazy", mount, check=False)
    for line in call("losetup", "--noheadings", "--output=NAME,BACK-FILE").splitlines():
        device, _, image = line.partition(" ")
        if image.strip().startswith(f"{folder}/"):
            call("losetup", "--detach", device, check=False)
    shutil.rmtree(folder, ignore_errors=True)


def end(space: str) -> None:
    """Kills every process in this network namespace: those of one machine, and no others."""

    def alive() -> list[str]:
        return call("ip", "netns", "pids", space, check=False).split()

    for process in alive():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(process), signal.SIGKILL)
    wait_until(lambda: not alive(), 30, f"the processes of {space} are gone")


def _mounts_in(folder: Path) -> list[str]:
    mounts = [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
    return [mount for mount in mounts if f"{mount}/".startswith(f"{folder}/")]

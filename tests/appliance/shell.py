"""Runs commands on the machine that runs the tests, and says what it lacks for booting others."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

TOOLS = ("debootstrap", "systemd-nspawn", "nsenter", "ip", "nft", "xfs_io", "losetup", "mkfs.ext4", "curl")


def missing_tools() -> str:
    """Why no machine can be booted here; empty if one can."""
    if os.geteuid() != 0:
        return "only root can boot a Debian under systemd-nspawn"
    tools = [tool for tool in TOOLS if shutil.which(tool) is None]
    return f"not installed: {', '.join(tools)}" if tools else ""


def call(*command: str | Path, check: bool = True, timeout: float = 300) -> str:
    """Runs a command here and returns what it printed; AssertionError with its output if it fails."""
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=timeout, check=False)
    if check and done.returncode:
        raise AssertionError(f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def wait_until(true: Callable[[], object], seconds: float, what: str) -> float:
    """Waits until it is true and returns the seconds it took; AssertionError when it takes too long."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() < began + seconds, f"after {seconds:.0f} s it is not so that {what}"
        time.sleep(0.5)
    return time.monotonic() - began

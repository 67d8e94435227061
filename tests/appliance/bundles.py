"""Builds the bundle that fits a machine which tests boot here."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from tests.appliance.machine import CACHE, ROOT

RELEASES = ("bookworm", "trixie")
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def bundle_for(release: str, folder: Path) -> Path:
    """A bundle of this checkout; what it fetches is kept for the next run. Skips the test without internet."""
    tar = folder / f"phaselog-bundle-test-{release}.tar"
    command = [sys.executable, str(ROOT / "provisioning/make-bundle"), "--release", release]
    command += ["--arch", _ARCHITECTURES[platform.machine()], "--output", str(tar)]
    environment = {**os.environ, "XDG_CACHE_HOME": str(CACHE)}
    made = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if "is this machine on the internet?" in made.stderr:
        pytest.skip("a bundle is built where there is internet")
    assert made.returncode == 0, made.stderr
    return tar

"""Gives tests a machine of each release that the one command has made a logger, with a simulated PAC3100 to read."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from machine import ROOT, Machine, a_machine, missing_tools

RELEASES = {"bookworm": 12, "trixie": 13}
PROJECT = "/root/phaselog"
MODBUS = 5020
#: Seconds between two commits, and so the most that a power cut may cost.
COMMIT_EVERY = 5
CONFIG = """
[site]
name = "Chapada"
timezone = "America/Cuiaba"

[store]
kind = "mariadb"
commit_every = "{commit_every}s"

[[line]]
name = "net"
host = "{host}"
tcp_port = {port}

[[meter]]
name = "turbine"
model = "siemens-pac3100"
line = "net"
unit = 126
every = "1s"
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.appliance)
            item.add_marker(pytest.mark.timeout(1800))


def releases() -> list[object]:
    return [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in RELEASES]


@contextmanager
def simulated_meter(address: str) -> Iterator[None]:
    """A PAC3100 on the other side of the machine's wire."""
    command = [sys.executable, "-m", "collector", "simulate", "siemens-pac3100", "--unit=126"]
    with subprocess.Popen([*command, f"--tcp={address}:{MODBUS}"], cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()


@dataclass
class Logger:
    """A machine that the installer has set up."""

    machine: Machine
    installed: subprocess.CompletedProcess[str]
    seconds: float  #: the whole run of the installer
    waited: float  #: from its end to readings in the database and on the page

    def install(self, options: str = "", *, check: bool = True) -> subprocess.CompletedProcess[str]:
        """The installer once more."""
        return self.machine.run(f"cd {PROJECT} && ./install_and_config.sh {options}", check=check, timeout=1200)

    def changed(self, options: str = "") -> int:
        """How many tasks of the playbook changed something in another run."""
        return changes(self.install(options).stdout)

    def readings(self) -> int:
        """How many there are in the database."""
        return int(self.machine.sql("SELECT COUNT(*) FROM phaselog.reading"))

    def live(self) -> dict[str, object]:
        """What the page's JSON says, asked from outside."""
        return ask(self.machine.address, "/api/live")

    def logs(self) -> bool:
        """True once a reading is stored that is not older than a few commits."""
        newest = self.machine.run(
            'mariadb -N -e "SELECT TIMESTAMPDIFF(SECOND, MAX(time), UTC_TIMESTAMP()) FROM phaselog.reading"',
            check=False,
        ).stdout.strip()
        return newest not in ("", "NULL") and int(newest) <= 3 * COMMIT_EVERY


def changes(output: str) -> int:
    """The number of changed tasks in the installer's closing line."""
    found = re.search(r"changed=(\d+)", output)
    assert found, output
    return int(found[1])


def ask(address: str, path: str) -> dict[str, object]:
    """The JSON at this address; an empty one while nobody answers."""
    done = subprocess.run(
        ["curl", "-sS", "--max-time", "5", f"http://{address}{path}"], capture_output=True, check=False
    )
    return dict(json.loads(done.stdout)) if done.returncode == 0 and done.stdout.startswith(b"{") else {}


@contextmanager
def a_logger(
    release: str, number: int, folder: Path, *, disk_mb: int | None = None, options: str = ""
) -> Iterator[Logger]:
    """A minimal machine, the one command, and readings of a meter."""
    with a_machine(release, number, folder, disk_mb=disk_mb) as machine, simulated_meter(machine.outside):
        machine.copy_project(PROJECT)
        machine.write("/root/site.toml", CONFIG.format(host=machine.outside, port=MODBUS, commit_every=COMMIT_EVERY))
        began = time.monotonic()
        done = machine.run(
            f"cd {PROJECT} && SUDO_USER=maria ./install_and_config.sh --config /root/site.toml {options}",
            check=False, timeout=1500,
        )  # fmt: skip
        seconds = time.monotonic() - began
        print(f"\n== {release}: {seconds:.0f} s\n{done.stdout}{done.stderr}")
        assert done.returncode == 0, machine.run("tail -n 100 /var/log/phaselog-install.log", check=False).stdout
        logger = Logger(machine, done, seconds, 0.0)
        logger.waited = machine.wait_until(
            lambda: logger.readings() > 0 and "voltage_l1_n" in json.dumps(logger.live()), 120, "readings are there"
        )
        yield logger


@pytest.fixture(scope="session", params=releases())
def logger(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Logger]:
    """The logger that most tests share, one of each release; its /var/lib is a disk that can be cut off."""
    if reason := missing_tools():
        pytest.skip(reason)
    number = RELEASES[request.param]
    folder = Path(os.environ.get("PHASELOG_MACHINES", "/var/tmp")) / f"phaselog-{os.getpid()}-{number}"
    with a_logger(request.param, number, folder, disk_mb=4096) as made:
        yield made

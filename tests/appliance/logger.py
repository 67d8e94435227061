"""Makes a booted Debian a logger by the one command, with a simulated PAC3100 to read, and asks it how it is."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.appliance.machine import ROOT, Machine, a_machine

PROJECT = "/root/phaselog"
MODBUS = 5020
#: Seconds between two commits, and so the most that a power cut may cost.
COMMIT_EVERY = 5
#: What the tests expect to run: by itself, after whatever has happened.
UNITS = (
    "mariadb.service",
    "phaselog-collector.service",
    "phaselog-status.socket",
    "phaselog-status.service",
    "phaselog-maintain.timer",
    "phaselog-insight.timer",
    "phaselog-alerts.service",
)
#: The booted systems have neither NTP nor a clock chip; the kernel's clock is this machine's, and is told to be right.
CONFIG = """
[site]
name = "Chapada"
timezone = "America/Cuiaba"

[store]
kind = "mariadb"
commit_every = "{commit_every}s"
compatible_meter = "turbine"

[clock]
trust = "system"

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

    def ask(self, path: str) -> dict[str, Any]:
        """What the page's program answers from outside, in JSON; nothing while nobody answers."""
        command = ["curl", "--silent", "--fail", "--max-time", "5", f"http://{self.machine.address}{path}"]
        done = subprocess.run(command, capture_output=True, check=False)
        return dict(json.loads(done.stdout)) if done.returncode == 0 else {}

    def logs(self) -> bool:
        """True while the newest stored reading is not older than a few commits."""
        age = self.machine.run(
            'mariadb -N -e "SELECT TIMESTAMPDIFF(SECOND, MAX(time), UTC_TIMESTAMP()) FROM phaselog.reading"',
            check=False,
        ).stdout.strip()
        return age not in ("", "NULL") and int(age) <= 3 * COMMIT_EVERY

    def now(self) -> str:
        """The machine's time in UTC, as the database writes it."""
        return self.machine.sql("SELECT UTC_TIMESTAMP(3)")

    def stored(self, until: str) -> tuple[str, str]:
        """How many readings there are up to this time, and a checksum of every value in them."""
        columns = self.machine.sql(
            "SET SESSION group_concat_max_len = 100000;"
            "SELECT GROUP_CONCAT(CONCAT('COALESCE(', column_name, ', \"-\")') ORDER BY ordinal_position)"
            " FROM information_schema.columns WHERE table_schema = 'phaselog' AND table_name = 'reading'"
        )
        found = self.machine.sql(
            f"SELECT COUNT(*), SUM(CRC32(CONCAT_WS(',', {columns}))) FROM phaselog.reading WHERE time <= '{until}'"
        )
        count, checksum = found.split()
        return count, checksum

    def states(self) -> dict[str, str]:
        """Unit -> active, failed, ..."""
        found = self.machine.run(f"systemctl is-active {' '.join(UNITS)}", check=False).stdout.split()
        return dict(zip(UNITS, found, strict=True))

    def well(self) -> bool:
        """True when all units run and readings arrive."""
        return set(self.states().values()) == {"active"} and self.logs()

    def stored_since(self, moment: datetime) -> bool:
        """True once a reading is stored that was made after this moment."""
        query = f"SELECT MAX(time) > '{moment:%F %T.%f}' FROM phaselog.reading"
        return self.machine.run(f'mariadb -N -e "{query}"', check=False).stdout.strip() == "1"

    def wait_until_well(self, seconds: float) -> float:
        """Waits until all units run and a reading is stored that was made from now on; the seconds it took."""
        moment = datetime.now(UTC)
        try:
            return self.machine.wait_until(
                lambda: self.well() and self.stored_since(moment), seconds, "everything runs and readings arrive"
            )
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.states()}\n{self.machine.journal(*UNITS)[-6000:]}") from None


def changes(output: str) -> int:
    """The number of changed tasks in the installer's closing line."""
    found = re.search(r"changed=(\d+)", output)
    assert found, output
    return int(found[1])


@contextmanager
def simulated_meter(address: str) -> Iterator[None]:
    """A PAC3100 at the other end of the machine's wire."""
    command = [sys.executable, "-m", "collector", "simulate", "siemens-pac3100", "--unit=126"]
    with subprocess.Popen([*command, f"--tcp={address}:{MODBUS}"], cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()


@contextmanager
def a_logger(release: str, *, disk_mb: int, memory_mb: int) -> Iterator[Logger]:
    """A minimal machine, the one command, and readings of a meter."""
    with a_machine(release, disk_mb=disk_mb, memory_mb=memory_mb) as machine, simulated_meter(machine.wire.outside):
        machine.copy_project(PROJECT)
        config = CONFIG.format(host=machine.wire.outside, port=MODBUS, commit_every=COMMIT_EVERY)
        machine.write("/root/site.toml", config)
        began = time.monotonic()
        done = machine.run(
            f"cd {PROJECT} && SUDO_USER=maria ./install_and_config.sh --config /root/site.toml",
            check=False, timeout=1500,
        )  # fmt: skip
        seconds = time.monotonic() - began
        print(f"\n== {release}: {seconds:.0f} s\n{done.stdout}{done.stderr}")
        assert done.returncode == 0, machine.run("tail -n 60 /var/log/phaselog-install.log", check=False).stdout
        logger = Logger(machine, done, seconds, 0.0)
        logger.waited = machine.wait_until(
            lambda: logger.readings() > 0 and "voltage_l1_n" in json.dumps(logger.ask("/api/live")),
            120, "readings are stored and shown",
        )  # fmt: skip
        yield logger


def visible_from_outside(address: str, port: int) -> bool:
    """True if something answers there."""
    with suppress(OSError), socket.create_connection((address, port), timeout=1.5):
        return True
    return False

"""Makes up a Raspberry Pi that is well, as files under a folder and programs on a PATH of its own."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from collector.config.places import APPLIANCE_CONFIG
from collector.config.settings import ApplianceSettings, Settings, StoreSettings
from collector.doctor import appliance as rooms
from collector.model.finding import Finding

UNITS = (
    "mariadb.service",
    "phaselog-collector.service",
    "phaselog-status.socket",
    "phaselog-maintain.timer",
    "phaselog-insight.timer",
    "phaselog-alerts.service",
    "phaselog-backup.timer",
    "phaselog-restore-test.timer",
    "phaselog-maintain.service",
    "phaselog-status.service",
)
GRANTS = {
    "phaselog-collector": """GRANT USAGE ON *.* TO `phaselog-collector`@`localhost` IDENTIFIED VIA unix_socket
GRANT SELECT ON `phaselog`.* TO `phaselog-collector`@`localhost`
GRANT SELECT, INSERT, UPDATE ON `phaselog`.`reading` TO `phaselog-collector`@`localhost`
GRANT SELECT, INSERT, UPDATE, DELETE ON `phaselog`.`reading_1m` TO `phaselog-collector`@`localhost`""",
    "phaselog-status": """GRANT USAGE ON *.* TO `phaselog-status`@`localhost` IDENTIFIED VIA unix_socket
GRANT SELECT, SHOW VIEW ON `phaselog`.* TO `phaselog-status`@`localhost`
GRANT INSERT, UPDATE, DELETE ON `phaselog`.`page_session` TO `phaselog-status`@`localhost`
GRANT UPDATE ON `phaselog`.`alert` TO `phaselog-status`@`localhost`
GRANT INSERT ON `phaselog`.`alert_test` TO `phaselog-status`@`localhost`
GRANT INSERT ON `phaselog`.`event` TO `phaselog-status`@`localhost`""",
    "phaselog-insight": """GRANT USAGE ON *.* TO `phaselog-insight`@`localhost` IDENTIFIED VIA unix_socket
GRANT SELECT ON `phaselog`.* TO `phaselog-insight`@`localhost`
GRANT SELECT, INSERT, UPDATE, DELETE ON `phaselog`.`energy_day` TO `phaselog-insight`@`localhost`""",
    "phaselog-alerts": """GRANT USAGE ON *.* TO `phaselog-alerts`@`localhost` IDENTIFIED VIA unix_socket
GRANT SELECT ON `phaselog`.* TO `phaselog-alerts`@`localhost`
GRANT INSERT, UPDATE ON `phaselog`.`alert` TO `phaselog-alerts`@`localhost`
GRANT UPDATE ON `phaselog`.`alert_test` TO `phaselog-alerts`@`localhost`""",
    "phaselog-maintain": """GRANT USAGE ON *.* TO `phaselog-maintain`@`localhost` IDENTIFIED VIA unix_socket
GRANT ALL PRIVILEGES ON `phaselog`.* TO `phaselog-maintain`@`localhost`""",
    "phaselog-backup": """GRANT USAGE ON *.* TO `phaselog-backup`@`localhost` IDENTIFIED VIA unix_socket
GRANT SELECT, LOCK TABLES, SHOW VIEW ON `phaselog`.* TO `phaselog-backup`@`localhost`
GRANT INSERT ON `phaselog`.`event` TO `phaselog-backup`@`localhost`
GRANT ALL PRIVILEGES ON `phaselog\\_restore\\_test`.* TO `phaselog-backup`@`localhost`""",
}
MOUNTS = """22 1 179:2 / / rw,noatime shared:1 - ext4 /dev/mmcblk0p2 rw
30 22 0:25 / /run rw shared:5 - tmpfs tmpfs rw
"""
NO_SOCKETS = "  sl  local_address rem_address   st tx_queue\n"


class Appliance:
    """One machine; what a test wants to be ill, it changes before `look`."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = folder / "root"
        self.programs = folder / "programs"
        self.programs.mkdir()
        monkeypatch.setenv("PATH", f"{self.programs}:/usr/bin:/bin")
        monkeypatch.setattr("collector.doctor.program._ALSO", "")
        monkeypatch.setattr("collector.doctor.accounts.os.geteuid", lambda: 0)
        monkeypatch.setattr("collector.doctor.accounts._known", lambda: list(GRANTS))
        monkeypatch.setattr(rooms, "backup_directory", lambda config: self.root / "var/lib/phaselog-backup")
        self.settings = Settings(APPLIANCE_CONFIG, store=StoreSettings(kind="mariadb"), appliance=ApplianceSettings())
        self.units = dict.fromkeys(UNITS[:-2], "active") | dict.fromkeys(UNITS[-2:], "inactive")
        self.failed = ""
        self.grants = dict(GRANTS)
        self.backup: dict[str, object] = {
            "folder": "/mnt/phaselog-backup", "file": "x.sql.gz", "time": self.ago(5), "size": 12_000_000,
            "verified": True, "tested": self.ago(24 * 10), "tested_file": "x.sql.gz",
        }  # fmt: skip
        self.program("runuser", 'shift; export WHO="$1"; shift 2; exec "$@"')
        self._files()

    @staticmethod
    def ago(hours: float) -> int:
        return int((time.time() - hours * 3600) * 1000)

    def _files(self) -> None:
        self.write("boot/firmware/config.txt", "")
        self.write("proc/self/mountinfo", MOUNTS)
        self.write("proc/meminfo", "MemTotal: 930000 kB\nMemAvailable: 500000 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n")
        self.write("proc/swaps", "Filename Type Size\n")
        self.write("proc/net/tcp", NO_SOCKETS)
        self.write("sys/class/watchdog/watchdog0/state", "active\n")
        self.write("sys/class/rtc/rtc0/name", "rtc-ds1307 1-0068\n")
        self.write("sys/devices/platform/soc/soc:firmware/get_throttled", "0\n")
        self.write("sys/devices/mmcblk0p2/x", "")
        self.link("sys/dev/block/179:2", "sys/devices/mmcblk0p2")
        self.write("sys/fs/ext4/mmcblk0p2/errors_count", "0\n")
        self.write("sys/fs/ext4/mmcblk0p2/lifetime_write_kbytes", "123456789\n")
        self.write("opt/phaselog/releases/0.1-ab12-3.11/bin/phaselog", "").chmod(0o755)
        self.write("opt/phaselog/releases/0.1-ab12-3.11/bin/python", "")
        self.write("opt/phaselog/releases/0.1-ab12-3.11/pyvenv.cfg", "home = /usr/bin\nversion = 3.11.2\n")
        self.link("opt/phaselog/current", "opt/phaselog/releases/0.1-ab12-3.11")
        self.write("usr/bin/python3.11", "")
        self.link("usr/bin/python3", "usr/bin/python3.11")
        self.write("var/lib/systemd/timers/stamp-phaselog-maintain.timer", "")
        self.write("var/lib/apt/periodic/upgrade-stamp", "")

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def link(self, name: str, target: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.symlink_to(self.root / target)

    def program(self, name: str, script: str) -> None:
        path = self.programs / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def _systemctl(self) -> None:
        blocks = "\n\n".join(
            f"Id={name}\nLoadState={'not-found' if state == 'missing' else 'loaded'}\n"
            f"ActiveState={'inactive' if state == 'missing' else state}\nSubState=x\nUnitFileState=enabled\n"
            f"Result={'exit-code' if state == 'failed' else 'success'}\nNRestarts=0\n"
            f"ExecMainExitTimestamp={'Sat 2026-11-21 01:30:12 UTC' if 'maintain' in name else ''}"
            for name, state in self.units.items()
        )
        self.program(
            "systemctl",
            f"case \"$*\" in\n*--failed*) printf '%s' '{self.failed}';;\n"
            f"*RuntimeWatchdogUSec*) echo ${{WATCHDOG:-14s}};;\n*) cat <<'END'\n{blocks}\nEND\nesac",
        )

    def _mariadb(self) -> None:
        cases = "\n".join(f"{name}) cat <<'END'\n{grants}\nEND\n;;" for name, grants in self.grants.items())
        self.program("mariadb", f'case "$WHO" in\n{cases}\n*) echo "Access denied" >&2; exit 1;;\nesac')

    def look(self) -> list[Finding]:
        """Everything the doctor finds on it."""
        if not (self.programs / "systemctl").exists():
            self._systemctl()
        if not (self.programs / "mariadb").exists():
            self._mariadb()
        if self.backup:
            self.write("var/lib/phaselog-backup/status.json", json.dumps(self.backup))
        return list(rooms.appliance(self.settings, self.root))

    def found(self, subject: str) -> list[Finding]:
        return [finding for finding in self.look() if finding.subject == subject]

"""Stores to be tested: a MariaDB server in a temporary folder, and a box that opens and closes what a test needs."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from collector.config.settings import SiteSettings, StoreSettings
from collector.model.ports import StoreMaintainer, StoreReader, StoreWriter
from collector.store.factory import open_maintainer, open_reader, open_writer

#: 2026-03-02 00:00:00 UTC.
START = 1772409600000


@dataclass
class Server:
    """A MariaDB server in a temporary folder."""

    folder: Path
    options: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> str:
        return str(self.folder / "s")

    def install(self) -> None:
        subprocess.run(
            ["mariadb-install-db", "--no-defaults", f"--datadir={self.folder / 'data'}", "--skip-test-db",
             "--auth-root-authentication-method=normal", *self._user()],
            check=True, capture_output=True,
        )  # fmt: skip

    def _user(self) -> list[str]:
        return ["--user=root"] if os.geteuid() == 0 else []

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                ["mariadbd", "--no-defaults", "--skip-networking", f"--datadir={self.folder / 'data'}",
                 f"--socket={self.socket}", "--innodb-buffer-pool-size=64M", *self._user(), *self.options],
                stdout=log, stderr=log,
            )  # fmt: skip
        deadline = time.monotonic() + 60
        while subprocess.run(self.client("SELECT 1"), check=False, capture_output=True).returncode:
            assert self.process.poll() is None, (self.folder / "log").read_text(errors="replace")[-2000:]
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.1)

    def client(self, sql: str) -> list[str]:
        return ["mariadb", "--no-defaults", "-N", "-uroot", f"--socket={self.socket}", "-e", sql]

    def sql(self, sql: str) -> str:
        return subprocess.run(self.client(sql), check=True, capture_output=True, text=True).stdout

    def load_zones(self) -> None:
        zones = subprocess.run(
            ["mariadb-tzinfo-to-sql", "--skip-write-binlog", "/usr/share/zoneinfo"], capture_output=True, check=False
        ).stdout
        into = ["mariadb", "--no-defaults", "-uroot", f"--socket={self.socket}", "mysql"]
        subprocess.run(into, input=zones, check=True, capture_output=True)

    def stop(self, number: int = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(timeout=60)
            self.process = None


@dataclass
class Box:
    """A fresh store. `now`: what the writer takes for the system clock: long ago, so that only readings tell time."""

    settings: StoreSettings
    site: SiteSettings = field(default_factory=SiteSettings)
    now: int = 0
    opened: list[StoreWriter | StoreReader | StoreMaintainer] = field(default_factory=list)
    server_sql: Callable[[str], str] = lambda sql: ""
    moduli: dict[tuple[str, str], float] = field(default_factory=dict)

    def migrate(self, columns: dict[str, list[str]], now: int = START) -> list[str]:
        return list(self.maintainer().migrate(columns, now))

    def writer(self) -> StoreWriter:
        self.opened.append(writer := open_writer(self.settings, self.site, self.moduli, lambda: self.now))
        return writer

    def reader(self) -> StoreReader:
        self.opened.append(reader := open_reader(self.settings, self.site))
        return reader

    def maintainer(self) -> StoreMaintainer:
        self.opened.append(maintainer := open_maintainer(self.settings, self.site))
        return maintainer

    def close(self) -> None:
        for each in self.opened:
            each.close()
        self.opened.clear()

    def at(self, timezone: str) -> Box:
        self.site = replace(self.site, timezone=timezone)
        return self

"""Keeps the processes of a trial together: what one of them starts, all of them end."""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from types import FrameType
from typing import IO

import click

from collector.errors import PhaselogError, UsageError

_CONFIG = """\
# Written by `phaselog try`; change it and start again, it is only written when it is missing.
[site]
name = "Trial"
timezone = "{zone}"

[store]
kind = "sqlite"
path = "phaselog.sqlite"
commit_every = "5s"

[page]
port = {port}

[[line]]
name = "rs485"
port = "{wire}"
baud = 19200
frame = "8N2"

[[meter]]
name = "turbine"
model = "siemens-pac3100"
line = "rs485"
unit = 126
every = "1s"
nominal_voltage = 220
nominal_frequency = 60
"""

#: prctl(2): the signal a process gets when its parent dies.
_PR_SET_PDEATHSIG = 1
#: An orderly end takes at most this long, s; a commit is in it.
_PATIENCE = 10.0
#: s after the start, and between two of them, that a trial computes what its readings mean.
_INSIGHT_FIRST, _INSIGHT_EVERY = 20.0, 60.0


@dataclass(frozen=True, slots=True)
class Trial:
    """Where a trial keeps its things."""

    folder: Path
    port: int

    @property
    def config(self) -> Path:
        """The configuration file."""
        return self.folder / "phaselog.toml"

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.folder / "phaselog.sqlite"

    @property
    def wire(self) -> Path:
        """The pseudo-terminal that stands for the RS-485 adapter."""
        return self.folder / "meter-rs485"

    def prepare(self) -> None:
        """Writes the configuration if it is missing; raises UsageError where the trial cannot run."""
        _assure_free(self.port)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if not self.config.exists():
                text = _CONFIG.format(zone=_local_zone(), port=self.port, wire=self.wire)
                self.config.write_text(text, encoding="utf-8")
        except OSError as error:
            raise UsageError(f"{self.folder}: {error.strerror}", "name another folder with --folder") from None

    def lock(self) -> IO[str]:
        """Holds the folder while the file is open; raises UsageError when another trial holds it."""
        lock = (self.folder / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            said = f"another trial runs in {self.folder}"
            raise UsageError(said, "end it, or name another folder with --folder and another --port") from None
        return lock

    def first_values(self) -> bool:
        """True as soon as the page has a value to show."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/live", timeout=2) as answer:
                return bool(_values(json.load(answer)))
        except urllib.error.HTTPError as error:
            # With [page] login = "always" the values are for those who log in.
            return error.code == HTTPStatus.UNAUTHORIZED
        except (urllib.error.URLError, OSError, ValueError):
            return False

    def code(self) -> str:
        """A one-time code to log in with; empty when somebody has a password already."""
        made = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "collector", "user", "code", "--if-needed", str(self.config)],
            capture_output=True,
            text=True,
            check=False,
        )
        return made.stdout.strip()


def _values(live: object) -> bool:
    """Whether there is any number in the page's newest values."""
    meters = live.get("meters", []) if isinstance(live, dict) else []
    return any(meter.get("values") for meter in meters if isinstance(meter, dict))


def _assure_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise UsageError(
                f"port {port} cannot be used: {error.strerror}", "choose another one with --port"
            ) from None


def _local_zone() -> str:
    """The zone of this machine, where it says so in a name that Phaselog can use."""
    target = os.path.realpath("/etc/localtime")
    zone = target.partition("/zoneinfo/")[2]
    return zone if zone and "/" in zone else "UTC"


def _die_with_parent() -> None:
    """Runs in the child between fork and exec: a killed trial leaves nothing behind."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Household:
    """The processes of a trial; leaving the `with` block ends all of them."""

    def __init__(self, trial: Trial) -> None:
        self._trial = trial
        self._members: dict[str, subprocess.Popen[bytes]] = {}
        self._lock: IO[str] | None = None
        self._insight: subprocess.Popen[bytes] | None = None
        self._next_insight = time.monotonic() + _INSIGHT_FIRST

    def __enter__(self) -> Household:
        self._lock = self._trial.lock()
        # SIGINT too: a shell starts background jobs with it ignored.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _as_interrupt)
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def start(self) -> None:
        """Starts meter, collector, page and alerts, in this order."""
        trial = self._trial
        trial.wire.unlink(missing_ok=True)
        self._start("meter", "simulate", "siemens-pac3100", "--port", str(trial.wire))
        # Before anybody looks at the store: a page that finds no tables says so for two minutes.
        self._spawn("migrate", "db", "migrate", str(trial.config)).wait()
        self._start("collector", "run", str(trial.config))
        self._start("page", "page", str(trial.config), "--port", str(trial.port))
        self._start("alerts", "alert", str(trial.config))

    def _start(self, name: str, *arguments: str) -> None:
        self._members[name] = self._spawn(name, *arguments)
        click.echo(f"started {name} (its log: {self._log(name)})")

    def _spawn(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        with self._log(name).open("wb") as output:
            # A session of its own: Ctrl-C reaches this process only, which ends the others in order.
            return subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", "collector", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509  # no threads run here yet
            )

    def _compute_now_and_then(self) -> None:
        """On the appliance a timer does it; how it ends is in its log, and harms nobody."""
        if time.monotonic() >= self._next_insight and (self._insight is None or self._insight.poll() is not None):
            self._insight = self._spawn("insight", "insight", str(self._trial.config))
            self._next_insight = time.monotonic() + _INSIGHT_EVERY

    def _log(self, name: str) -> Path:
        return self._trial.folder / f"{name}.log"

    def watch(self) -> None:
        """Raises PhaselogError when one of them died, with its last words."""
        self._compute_now_and_then()
        for name, process in self._members.items():
            if process.poll() is not None:
                words = self._log(name).read_text(encoding="utf-8", errors="replace").strip().splitlines()[-5:]
                said = "\n  ".join(words) or "it said nothing"
                raise PhaselogError(
                    f"{name} ended by itself with {process.returncode}:\n  {said}", f"see {self._log(name)}"
                )

    def end(self) -> None:
        """Ends all of them, the page first and the meter last, so that nobody complains about the others."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        members = [*([self._insight] if self._insight else []), *reversed(self._members.values())]
        deadline = time.monotonic() + _PATIENCE
        for process in members:
            process.terminate()
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._members.clear()
        self._trial.wire.unlink(missing_ok=True)
        if self._lock:
            self._lock.close()


def _as_interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt

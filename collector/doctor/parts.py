"""Knows what goes into the support bundle and how to get each part of it while the others fail."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from collector import __version__
from collector.config.places import backup_directory, runtime_directory, state_directory
from collector.doctor.program import NotTold, told
from collector.model.backup import BACKUP_STATUS_FILE
from collector.model.status import STATUS_FILE

#: Log lines that are taken along.
LOG_LINES = 2000
_UNITS = ("phaselog-*", "mariadb.service", "chrony.service", "systemd-timesyncd.service")

Part = Callable[[], Iterator[str]]


def parts(config: Path) -> Mapping[str, Part]:
    """File name in the bundle -> what gives its lines; any of them may raise."""
    return {
        "versions.txt": _versions,
        "config.toml": lambda: _file(config),
        "effective.json": lambda: _effective(config),
        "status.json": lambda: _file(runtime_directory(config) / STATUS_FILE),
        "backup.json": lambda: _file(backup_directory(config) / BACKUP_STATUS_FILE),
        "services.txt": lambda: _said("systemctl", "status", "--no-pager", "--full", "--lines=5", "--all", *_UNITS),
        "journal.txt": _journal,
        "kernel.txt": _kernel,
        "machine.txt": _machine,
        "disks.txt": _disks,
        "ports.txt": _ports,
        "waiting.txt": lambda: _waiting(config),
        "install.txt": lambda: _tail(Path("/var/log/phaselog-install.log"), 500),
        # The last: it asks database, page and, while no collector runs, meters.
        "doctor.txt": lambda: _findings(config),
    }


def _file(path: Path) -> Iterator[str]:
    yield path.read_text(encoding="utf-8", errors="replace")


def _tail(path: Path, lines: int) -> Iterator[str]:
    yield from path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]


def _said(*command: str) -> Iterator[str]:
    yield told(*command, patience=20, refused=True)


def _versions() -> Iterator[str]:
    from collector.doctor.software import versions  # noqa: PLC0415  # a package that is missing costs one part only

    yield f"Phaselog {__version__}"
    yield f"Python {platform.python_version()} at {sys.prefix}"
    yield platform.platform()
    yield from (f"{name} {number}" for name, number in versions().items())
    yield from _file(Path("/etc/os-release"))
    yield from _file(Path("/proc/device-tree/model")) if Path("/proc/device-tree/model").exists() else ()


def _effective(config: Path) -> Iterator[str]:
    """The configuration as the program sees it, with all defaults."""
    from dataclasses import asdict  # noqa: PLC0415

    from collector.config.load import load  # noqa: PLC0415
    from collector.devices import catalogue  # noqa: PLC0415

    yield json.dumps(asdict(load(config, catalogue.OFFERS)), default=str, indent=1)


def _findings(config: Path) -> Iterator[str]:
    from collector.doctor.examine import examine  # noqa: PLC0415

    for finding in examine(config):
        advice = f" -> {finding.advice}" if finding.advice else ""
        yield f"{finding.state.value:9} {finding.subject}: {finding.seen}{advice}"


def _journal() -> Iterator[str]:
    units = [word for unit in _UNITS for word in ("-u", unit)]
    yield from _said("journalctl", "--no-pager", "-o", "short-iso", "-n", str(LOG_LINES), *units)


def _kernel() -> Iterator[str]:
    """The kernel's last words: card errors, lost adapters, under-voltage. Only some users may read them."""
    try:
        yield "\n".join(told("dmesg", patience=10).splitlines()[-400:])
    except NotTold as error:
        yield str(error)
        yield from _said("journalctl", "--no-pager", "-k", "-o", "short-iso", "-n", "400")


def _machine() -> Iterator[str]:
    for path in ("/proc/uptime", "/proc/loadavg", "/proc/meminfo", "/proc/swaps", "/proc/pressure/io"):
        yield f"== {path}"
        yield from _file(Path(path)) if Path(path).exists() else ("not there",)
    for command in (("ps", "-eo", "pid,uid,rss,stat,etime,comm", "--sort=-rss"), ("vcgencmd", "get_throttled")):
        yield f"== {' '.join(command)}"
        yield from _tolerant(*command)


def _disks() -> Iterator[str]:
    for command in (("df", "-hT"), ("df", "-i"), ("lsblk", "-o", "NAME,SIZE,TYPE,FSTYPE,MOUNTPOINTS,RO")):
        yield f"== {' '.join(command)}"
        yield from _tolerant(*command)
    yield "== /proc/self/mounts"
    yield from _file(Path("/proc/self/mounts"))


def _tolerant(*command: str) -> Iterator[str]:
    try:
        yield told(*command, patience=8, refused=True)
    except NotTold as error:
        yield str(error)


def _ports() -> Iterator[str]:
    from collector.sources.ports import ports  # noqa: PLC0415

    for port in ports():
        yield f"{port.device} {port.description} {' '.join(port.names)}"
    yield from (str(path) for path in sorted(Path("/dev").glob("serial/by-*/*")))


def _waiting(config: Path) -> Iterator[str]:
    """Names and sizes of what waits; never what is in it."""
    for folder in (state_directory(config), runtime_directory(config)):
        yield f"== {folder}"
        for path in sorted(folder.rglob("*"))[:200]:
            about = path.lstat()
            yield f"{about.st_size:>12} {about.st_mtime:.0f} {path.relative_to(folder)}"

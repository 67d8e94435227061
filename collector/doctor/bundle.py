"""Packs the support bundle: what is needed to help from afar, without secrets, also when everything else is down."""

from __future__ import annotations

import io
import json
import platform
import shutil
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

from collector import __version__
from collector.config.places import runtime_directory, state_directory
from collector.doctor.disk import nearest_folder
from collector.doctor.scrub import scrub
from collector.doctor.software import versions
from collector.errors import UsageError
from collector.model.status import STATUS_FILE

#: Log lines that are taken along.
LOG_LINES = 2000


def write_bundle(config: Path, target: Path) -> Iterator[str]:
    """Writes a .tar.gz and yields the name of each part; a part that cannot be had says why instead of failing."""
    parts: dict[str, Callable[[], str]] = {
        "versions.txt": _versions,
        "config.toml": lambda: config.read_text(encoding="utf-8", errors="replace"),
        "effective.json": lambda: _effective(config),
        "status.json": lambda: (runtime_directory(config) / STATUS_FILE).read_text(encoding="utf-8"),
        "doctor.txt": lambda: "\n".join(_finding_lines(config)),
        "machine.txt": lambda: _machine(state_directory(config)),
        "journal.txt": _journal,
    }
    try:
        with tarfile.open(target, "w:gz") as bundle:
            target.chmod(0o600)
            for name, make in parts.items():
                _add(bundle, name, scrub(_attempt(make)))
                yield name
    except OSError as error:
        raise UsageError(f"{target}: {error.strerror}", "name another file with --output") from None


def _attempt(make: Callable[[], str]) -> str:
    try:
        return make()
    except Exception as error:  # the bundle is wanted most when something unforeseen is broken
        return f"not available: {type(error).__name__}: {error}\n"


def _add(bundle: tarfile.TarFile, name: str, text: str) -> None:
    data = text.encode()
    entry = tarfile.TarInfo(f"phaselog-report/{name}")
    entry.size, entry.mtime, entry.mode = len(data), int(time.time()), 0o600
    bundle.addfile(entry, io.BytesIO(data))


def _versions() -> str:
    system = f"Python {platform.python_version()}\n{platform.platform()}\n"
    packages = "\n".join(f"{name} {number}" for name, number in versions().items())
    return f"Phaselog {__version__}\n{system}{packages}\n"


def _finding_lines(config: Path) -> Iterator[str]:
    from collector.doctor.examine import examine  # noqa: PLC0415  # a missing package must not cost the whole bundle

    for finding in examine(config):
        advice = f" -> {finding.advice}" if finding.advice else ""
        yield f"{finding.state.value:9} {finding.subject}: {finding.seen}{advice}"


def _effective(config: Path) -> str:
    """The configuration as the program sees it, with all defaults."""
    from collector.config.load import load  # noqa: PLC0415
    from collector.devices import catalogue  # noqa: PLC0415

    return json.dumps(asdict(load(config, catalogue.names())), default=str, indent=1) + "\n"


def _machine(state: Path) -> str:
    memory = Path("/proc/meminfo").read_text(encoding="utf-8").splitlines()[:3]
    load = Path("/proc/loadavg").read_text(encoding="utf-8").strip()
    uptime = Path("/proc/uptime").read_text(encoding="utf-8").split()[0]
    usage = shutil.disk_usage(nearest_folder(state))
    disk = json.dumps({"total": usage.total, "used": usage.used, "free": usage.free})
    return "\n".join([*memory, f"load {load}", f"uptime {uptime} s", f"disk {disk}", ""])


def _journal() -> str:
    found = shutil.which("journalctl")
    if not found:
        return "journalctl is not installed here\n"
    command = [found, "--no-pager", "-o", "short-iso", "-n", str(LOG_LINES), "-u", "phaselog-*"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)  # noqa: S603
    return done.stdout or done.stderr

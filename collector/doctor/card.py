"""Looks at the card or disk that the system lies on, and at memory (proc_pid_mountinfo(5), kernel ext4 sysfs)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from collector.config.duration import written_octets
from collector.model.finding import Finding, attention, fine, wrong

#: Below this share of the memory, programs are about to be killed.
_SCARCE = 0.08
#: More swapped out than this, and the card is worn by it.
_SWAPPED = 200_000_000
_REPLACE = "take a backup and replace the card: `phaselog restore` brings everything back"


@dataclass(frozen=True, slots=True)
class Mounted:
    """What a folder lies on. `writable`: of the file system itself; a unit may see it read-only all the same."""

    number: str  #: MAJOR:MINOR
    kind: str
    writable: bool


def mounted(folder: str, root: Path) -> Mounted | None:
    """The file system under the folder, found without touching it: an automounted stick must not be waited for."""
    best, found = "", None
    for line in (root / "proc/self/mountinfo").read_text(encoding="utf-8").splitlines():
        before, _, after = line.partition(" - ")
        words, rest = before.split(), after.split()
        point = words[4].rstrip("/")
        if (folder == point or folder.startswith(f"{point}/")) and len(point) >= len(best):
            best, found = point, Mounted(words[2], rest[0], "ro" not in rest[2].split(","))
    return found


def card(root: Path) -> Iterator[Finding]:
    """Errors that the kernel has met on the root file system."""
    found = mounted("/", root)
    if found is None:
        return
    name = (root / "sys/dev/block" / found.number).resolve().name
    errors = _number(root / "sys/fs/ext4" / name / "errors_count")
    subject = "card" if name.startswith("mmcblk") else "disk of the system"
    if not found.writable:
        yield wrong(subject, f"{name} has become read-only: nothing can be stored", f"restart; {_REPLACE}")
    elif errors:
        yield wrong(subject, f"{name}: the file system has met {errors} errors", f"dmesg tells which; {_REPLACE}")
    elif errors is None:
        yield fine(subject, f"{name} ({found.kind}), writable")
    else:
        yield fine(subject, f"{name} ({found.kind}), writable, no errors{_worn(root, name)}")


def _worn(root: Path, name: str) -> str:
    written = _number(root / "sys/fs/ext4" / name / "lifetime_write_kbytes")
    return f", {written_octets(round(written * 1024, -9))} written in its life" if written else ""


def _number(file: Path) -> int | None:
    try:
        return int(file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def memory(root: Path) -> Iterator[Finding]:
    """What is left of memory, what was swapped out."""
    sizes = {}
    for line in (root / "proc/meminfo").read_text(encoding="ascii").splitlines():
        name, _, rest = line.partition(":")
        sizes[name] = int(rest.split()[0]) * 1024
    total, free = sizes["MemTotal"], sizes["MemAvailable"]
    swapped = sizes.get("SwapTotal", 0) - sizes.get("SwapFree", 0)
    seen = f"{written_octets(round(free, -6))} of {written_octets(round(total, -6))} available"
    if swapped:
        seen += f", {written_octets(round(swapped, -6))} swapped out"
    advice = "see what takes it: systemd-cgtop -m, or ps --sort=-rss aux"
    scarce = free < _SCARCE * total or (swapped > _SWAPPED and _on_card(root))
    yield attention("memory", seen, advice) if scarce else fine("memory", seen)


def _on_card(root: Path) -> bool:
    """Swap in compressed memory wears nothing."""
    lines = (root / "proc/swaps").read_text(encoding="utf-8").splitlines()[1:]
    return any(line and "zram" not in line.split()[0] for line in lines)

"""Looks at the board: its watchdog, its power supply, its clock chip (Raspberry Pi firmware, kernel sysfs)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from collector.config.duration import seconds
from collector.config.settings import ApplianceSettings
from collector.doctor.program import NotTold, told
from collector.model.finding import Finding, attention, fine, skipped, wrong

#: The Pi's watchdog counts to 15 s at most; asked for more, it is silently not started (systemd issue 27427).
LONGEST = 15.0
#: Bits of get_throttled: now; the same 16 bits higher: since boot.
_STRAINS = {0: "the voltage is too low", 1: "the clock is held down", 2: "it is throttled", 3: "it is too hot"}


def is_pi(root: Path) -> bool:
    """Whether this is a Raspberry Pi with its boot partition where it should be."""
    return (root / "boot/firmware/config.txt").exists()


def watchdog(root: Path) -> Iterator[Finding]:
    """Does somebody restart a machine that hangs."""
    if (root / "run/systemd/container").exists() or not any((root / "sys/class/watchdog").glob("watchdog*")):
        if is_pi(root):
            yield attention(
                "watchdog", "the board's watchdog is not there", "sudo ./install_and_config.sh, then restart"
            )
        else:
            yield skipped("watchdog", "this machine has none")
        return
    try:
        said = told("systemctl", "show", "--property=RuntimeWatchdogUSec", "--value")
    except NotTold as error:
        yield skipped("watchdog", str(error))
        return
    yield _watched(said, is_pi(root))


def _watched(said: str, pi: bool) -> Finding:
    after = _span(said)
    advice = "RuntimeWatchdogSec=14 in /etc/systemd/system.conf.d: sudo ./install_and_config.sh, then restart"
    if not after:
        return attention("watchdog", "is not used: a machine that hangs stays so", advice)
    if pi and after > LONGEST:
        return attention("watchdog", f"is asked for {said}, more than this board can count, so it is off", advice)
    return fine("watchdog", f"restarts a machine that hangs for {said}")


def _span(said: str) -> float:
    """systemd's way to write a time (`14s`, `1min 30s`, `infinity`) in s; 0 for none."""
    try:
        return sum(seconds(part) for part in said.split())
    except ValueError:
        return 0.0


def power(root: Path) -> Iterator[Finding]:
    """Is the power supply of a Pi strong enough: cards die of weak ones."""
    if not is_pi(root):
        return
    try:
        bits = _throttled(root)
    except (NotTold, ValueError) as error:
        yield skipped("power", str(error))
        return
    now = [words for bit, words in _STRAINS.items() if bits >> bit & 1]
    before = [words for bit, words in _STRAINS.items() if bits >> (bit + 16) & 1]
    advice = "use the official power supply and a short cable; cards die of weak power"
    if now:
        yield (wrong if bits & 1 else attention)("power", f"{', '.join(now)}, at this moment", advice)
    elif before:
        yield attention("power", f"since boot: {', '.join(before)}", advice)
    else:
        yield fine("power", "strong enough since boot")


def _throttled(root: Path) -> int:
    """The firmware's word; its file is for everybody, the program only for group video."""
    for file in sorted((root / "sys/devices/platform").glob("soc*/*firmware/get_throttled")):
        return int(file.read_text(encoding="ascii").strip(), 16)
    return int(told("vcgencmd", "get_throttled").rpartition("=")[2], 16)


def clock_chip(appliance: ApplianceSettings, root: Path) -> Iterator[Finding]:
    """Does the machine know the time after a power cut."""
    chips = sorted((root / "sys/class/rtc").glob("rtc*"))
    if chips:
        name = (chips[0] / "name").read_text(encoding="utf-8").split() if (chips[0] / "name").exists() else []
        yield fine("clock chip", name[0] if name else chips[0].name)
    elif appliance.clock_chip != "none":
        seen = f"the configuration promises a {appliance.clock_chip}, and none answers"
        yield wrong("clock chip", seen, "look at its wires and battery; sudo ./install_and_config.sh, then restart")
    elif not appliance.internet and not appliance.time_servers:
        advice = "add a DS3231 and clock_chip to [appliance]; until then `sudo phaselog clock set` after each power cut"
        yield attention("clock chip", "none, and no internet: after a power cut times are estimated", advice)
    else:
        yield fine("clock chip", "none: after a power cut the time comes from the network")

"""Looks at the units: do ours run, do they start at boot, did the nightly work end well, has anything else failed."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from collector.doctor.program import NotTold, told
from collector.model.finding import Finding, attention, fine, skipped, wrong

#: What must run and start at boot.
LASTING = (
    "mariadb.service",
    "phaselog-collector.service",
    "phaselog-status.socket",
    "phaselog-maintain.timer",
    "phaselog-insight.timer",
    "phaselog-alerts.service",
    "phaselog-backup.timer",
    "phaselog-restore-test.timer",
)
#: What runs now and then; the page itself starts at the first visit.
PASSING = ("phaselog-maintain.service", "phaselog-status.service")
_PROPERTIES = "Id,LoadState,ActiveState,SubState,UnitFileState,Result,NRestarts,ExecMainExitTimestamp"
#: systemd notes there when the timer elapsed last, over reboots.
_STAMP = "var/lib/systemd/timers/stamp-phaselog-maintain.timer"
_IDLE_DAYS = 3
_REPAIR = "sudo ./install_and_config.sh puts it right"
#: A collector that was restarted this often (since boot) has a trouble of its own.
_RESTARTS = 3

Unit = Mapping[str, str]


def units(root: Path) -> Iterator[Finding]:
    """One line if all is well, else one for each unit that is not."""
    try:
        shown = _parsed(told("systemctl", "show", f"--property={_PROPERTIES}", *LASTING, *PASSING))
        failed = told("systemctl", "list-units", "--failed", "--plain", "--no-legend")
    except NotTold as error:
        yield skipped("services", str(error))
        return
    troubles = [*_lasting(shown), *_restarts(shown), *_failed(failed)]
    yield from troubles or [fine("services", f"{len(LASTING)} units run and start at boot")]
    yield _maintenance(shown.get("phaselog-maintain.service", {}), root / _STAMP)


def _parsed(text: str) -> dict[str, Unit]:
    """`systemctl show` of several units: blocks of KEY=VALUE, an empty line between them."""
    blocks = (dict(line.partition("=")[::2] for line in block.splitlines()) for block in text.split("\n\n"))
    return {block["Id"]: block for block in blocks if "Id" in block}


def _lasting(shown: Mapping[str, Unit]) -> Iterator[Finding]:
    for name in LASTING:
        unit = shown.get(name, {})
        subject = f"service {name.removesuffix('.service')}"
        state = unit.get("ActiveState", "unknown")
        if unit.get("LoadState") != "loaded":
            yield wrong(subject, f"is {unit.get('LoadState', 'not known')}", _REPAIR)
        elif state == "activating":
            yield attention(subject, f"is starting ({unit.get('SubState')})", f"journalctl -u {name}, if it stays so")
        elif state != "active":
            why = unit.get("Result", "")
            seen = f"is {state}" + (f" ({why})" if why not in ("", "success") else "")
            yield wrong(subject, seen, f"sudo systemctl start {name}; journalctl -u {name}")
        elif unit.get("UnitFileState") not in ("enabled", "enabled-runtime", "static", "alias"):
            yield wrong(subject, "does not start at the next boot", f"sudo systemctl enable {name}")


def _restarts(shown: Mapping[str, Unit]) -> Iterator[Finding]:
    count = shown.get("phaselog-collector.service", {}).get("NRestarts", "0")
    if count.isdigit() and int(count) >= _RESTARTS:
        advice = "journalctl -u phaselog-collector tells why"
        yield attention("service phaselog-collector", f"was restarted {count} times since boot", advice)


def _failed(listed: str) -> Iterator[Finding]:
    for line in listed.splitlines():
        name = line.split()[0] if line.split() else ""
        if name and name not in LASTING and name != "phaselog-maintain.service":
            advice = f"systemctl status {name}; when it is mended: sudo systemctl reset-failed {name}"
            yield attention(f"service {name.removesuffix('.service')}", "has failed", advice)


def _maintenance(unit: Unit, stamp: Path) -> Finding:
    """The nightly work on the schema and old readings."""
    log = "journalctl -u phaselog-maintain"
    if unit.get("ActiveState") == "failed":
        return wrong("maintenance", f"the last run failed ({unit.get('Result')})", log)
    try:
        days = (time.time() - stamp.stat().st_mtime) / 86400
    except FileNotFoundError:
        return fine("maintenance", "has not run yet: it comes at night")
    if days > _IDLE_DAYS:
        return attention(
            "maintenance", f"ran last {days:.0f} days ago", f"systemctl status phaselog-maintain.timer; {log}"
        )
    ended = unit.get("ExecMainExitTimestamp", "")
    return fine("maintenance", f"last run {ended}, went well" if ended else "due once a day, has not run since boot")

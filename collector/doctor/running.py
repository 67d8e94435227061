"""Looks at what runs: the collector by the status it writes, the page by asking it."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from collector.config.settings import Settings
from collector.doctor.finding import Finding, attention, fine, wrong
from collector.model.status import STATUS_FILE, CollectorStatus, MeterStatus, SpoolStatus, WriterStatus

#: The collector writes its status every second; older than this (s), it does not run.
FRESH = 15.0


def status(runtime: Path) -> CollectorStatus | None:
    """What the running collector says of itself; None when none runs here."""
    path = runtime / STATUS_FILE
    try:
        # The file's own time: it does not depend on whether the collector knows the time of day.
        if time.time() - path.stat().st_mtime > FRESH:
            return None
        return CollectorStatus.from_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def collector(now: CollectorStatus | None, settings: Settings) -> Iterator[Finding]:
    """Is it running, is the store keeping up, does anything wait."""
    if now is None:
        yield wrong(
            "collector", "does not run", f"phaselog run {settings.path}  (or: systemctl start phaselog-collector)"
        )
        return
    yield fine("collector", f"runs (process {now.pid}, version {now.version})")
    yield _writer(now.writer)
    yield _spool(now.spool)


def _writer(writer: WriterStatus) -> Finding:
    if writer.state in ("ok", "draining"):
        rest = "; catching up" if writer.state == "draining" else ""
        return fine("writing", f"{writer.committed} readings stored since start{rest}")
    return wrong("writing", f"store {writer.state}: {writer.last_error}", writer.hint or "see the store's line")


def _spool(spool: SpoolStatus) -> Finding:
    seen = f"{spool.in_hand} readings in hand, {spool.on_disk} waiting on disk"
    if spool.full or spool.dropped:
        advice = "bring the database back; what was dropped is lost"
        return wrong("spool", f"{seen}, {spool.dropped} dropped{', full' if spool.full else ''}", advice)
    if spool.on_disk:
        return attention("spool", seen, "they go to the database as soon as it takes them")
    return fine("spool", seen)


def meter(found: MeterStatus, now: int) -> Finding:
    """One meter, as the collector sees it. `now`: the collector's own time, UTC ms."""
    subject = f"meter {found.name}"
    if found.state == "starting":
        return attention(subject, "the collector has not read it yet", "wait a moment")
    if found.state != "ok" or found.last_reading is None:
        return wrong(subject, f"{found.state}: {found.last_error}", "look at the wire, the address and the speed")
    age = (now - found.last_reading) / 1000
    seen = f"last reading {max(0.0, age):.1f} s ago, {found.readings} since start, {found.missed} slots missed"
    if age > 3 * found.every + 2:
        return wrong(subject, seen, "look at the wire, the address and the speed")
    return fine(subject, seen)


def page(settings: Settings) -> Iterator[Finding]:
    """Asks the page how it is."""
    host = "127.0.0.1" if settings.page.host in ("0.0.0.0", "::") else settings.page.host  # noqa: S104
    where = f"http://{f'[{host}]' if ':' in host else host}:{settings.page.port}"
    try:
        with urllib.request.urlopen(f"{where}/healthz", timeout=5) as answer:  # noqa: S310
            json.load(answer)
        yield fine("page", f"answers at {where}")
    except urllib.error.HTTPError as error:
        yield attention("page", f"{where} answers, but it is not well (HTTP {error.code})", "see the other lines")
    except (OSError, ValueError) as error:
        yield attention("page", f"does not answer at {where} ({_reason(error)})", f"phaselog page {settings.path}")


def _reason(error: Exception) -> str:
    inner = getattr(error, "reason", error)
    return getattr(inner, "strerror", None) or str(inner)

"""Judges what is known at this moment without looking further: the collector's own status and the store's answer."""

from __future__ import annotations

from collections.abc import Iterator

from collector import BUILD_DATE
from collector.config.settings import Settings
from collector.doctor.disk import disk
from collector.errors import StoreError
from collector.model.finding import Finding, attention, fine, skipped, wrong
from collector.model.status import ClockStatus, CollectorStatus, LineStatus, MeterStatus, SpoolStatus, WriterStatus

_HINTS = {
    "silent": "look at power and wiring of the meter, its unit number and the speed of the line",
    "failing": "answers come but are not believed: look at the wiring, the termination and the model",
}


def judge(settings: Settings, status: CollectorStatus | None, problem: StoreError | None) -> Iterator[Finding]:
    """What runs, what is read, what is stored. `problem`: why the store could not be asked."""
    yield from collector(settings, status)
    if status:
        yield from _lines(settings, status)
        yield clock(status.clock)
    yield wrong("store", str(problem).rstrip("."), problem.hint) if problem else fine("store", "answers")
    yield disk(settings)


def collector(settings: Settings, status: CollectorStatus | None) -> Iterator[Finding]:
    """Is it running, does it keep up with storing, does anything wait."""
    if status is None:
        start = f"sudo systemctl start phaselog-collector, or by hand: phaselog run {settings.path.name}"
        yield wrong("collector", "does not run", start)
        return
    yield fine("collector", f"runs (process {status.pid}, version {status.version})")
    yield _writer(status.writer)
    yield _spool(status.spool)


def _writer(writer: WriterStatus) -> Finding:
    advice = writer.hint or "see the store's line"
    why = f": {writer.last_error}" if writer.last_error else ""
    if writer.state == "ok":
        return fine("storing", f"{writer.committed} readings stored since start")
    if writer.state == "draining":
        return attention("storing", "readings that waited are being stored", "nothing: it catches up by itself")
    if writer.state == "down":
        return attention("storing", f"the store is down, readings wait in the spool{why}", advice)
    words = {"refused": "the store refuses readings", "outdated": "the store's schema is outdated"}
    return wrong("storing", f"{words.get(writer.state, writer.state)}, they wait in the spool{why}", advice)


def _spool(spool: SpoolStatus) -> Finding:
    seen = f"{spool.in_hand} readings in hand, {spool.on_disk} waiting on disk"
    if spool.full or spool.dropped:
        advice = "bring the database back; what was given up is lost, see the events"
        return wrong("spool", f"{seen}, {spool.dropped} given up{', full' if spool.full else ''}", advice)
    if spool.on_disk:
        return attention("spool", seen, "they go to the database as soon as it takes them")
    return fine("spool", seen)


def _lines(settings: Settings, status: CollectorStatus) -> Iterator[Finding]:
    """What the collector says of every line and meter that is configured."""
    lines, meters = {line.name: line for line in status.lines}, {meter.name: meter for meter in status.meters}
    alone = not any(meter.state in ("ok", "starting") for meter in status.meters)
    for line in settings.lines:
        if line.name in lines:
            yield _line(lines[line.name])
        for meter in settings.meters_on(line.name):
            if line.name in lines and not lines[line.name].open and meter.name in meters:
                yield skipped(f"meter {meter.name}", f"line {line.name} is not open")
            elif meter.name in meters:
                yield _meter(meters[meter.name], status.time, alone)
            else:
                yield skipped(f"meter {meter.name}", "new in the configuration: systemctl restart phaselog-collector")


def _line(line: LineStatus) -> Finding:
    subject = f"line {line.name}"
    if not line.alive:
        return wrong(subject, "hangs", "the watchdog restarts the collector by itself")
    if not line.open:
        seen = (line.last_error or f"{line.target} is not open").rstrip(".")
        return wrong(subject, seen, line.hint or "look at adapter and cable; `phaselog ports` lists what is there")
    return fine(subject, f"{line.target}, in use {line.utilisation:.0%}")


def _meter(meter: MeterStatus, now: int, alone: bool) -> Finding:
    """One meter. `now`: the collector's own time, UTC ms. `alone`: no other one answers either."""
    subject = f"meter {meter.name}"
    if meter.state == "starting":
        return skipped(subject, "has not been read yet")
    trouble = wrong if alone else attention
    if meter.state != "ok" or meter.last_reading is None:
        why = f", {meter.last_error}" if meter.last_error else ""
        return trouble(subject, f"{meter.state}{why}".rstrip("."), _HINTS.get(meter.state, _HINTS["silent"]))
    age = (now - meter.last_reading) / 1000
    seen = f"last reading {max(0.0, age):.1f} s ago, {meter.readings} since start, {meter.missed} slots missed"
    if age > 3 * meter.every + 2:
        return trouble(subject, seen, _HINTS["silent"])
    return fine(subject, seen)


def clock(found: ClockStatus) -> Finding:
    """Is the time of day known."""
    if found.trusted:
        return fine("clock", f"trusted, from {found.source}")
    advice = "connect it to the internet (NTP), add a clock chip, or `phaselog clock set`"
    return attention("clock", f"not trusted yet (Phaselog itself is of {BUILD_DATE}): times will be estimated", advice)

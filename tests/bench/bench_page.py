"""Measures the page: a year's history in the server, and what the first paint transfers."""

from __future__ import annotations

import math
import re
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from collector.config.settings import LineSettings, MeterSettings, Settings, SiteSettings, StoreSettings
from collector.doctor.page_doctor import PageDoctor
from collector.model.reading import Reading
from collector.service.maintain import columns_of
from collector.store.factory import open_accounts, open_alert_desk, open_maintainer, open_reader, open_writer
from collector.web.app import create_app
from collector.web.site import Stores
from tests.bench.figures import Figure

END = 1_795_219_200_000  # 2026-11-21 UTC, ms
DAY = 86_400_000
QUANTITIES = ("active_power_total", "voltage_l1_n", "frequency")


def _readings(days: float, every: int) -> Iterator[Reading]:
    """A wave of a day with energy that counts it, one reading every `every` ms."""
    energy = 0.0
    for time_ms in range(int(END - days * DAY), END, every):
        power = 3000 + 2000 * math.sin(time_ms / DAY * 2 * math.pi)
        energy += power * every / 3_600_000
        values = {"active_power_total": power, "voltage_l1_n": 220 + power / 1000, "frequency": 60.0}
        yield Reading("turbine", time_ms, {**values, "active_energy_import": energy})


def _settings(folder: Path) -> Settings:
    return Settings(
        path=folder / "phaselog.toml",
        site=SiteSettings("Bench", "America/Cuiaba"),
        store=StoreSettings(path=folder / "bench.sqlite"),
        lines=(LineSettings("net", host="127.0.0.1"),),
        meters=(MeterSettings("turbine", "siemens-pac3100", "net"),),
    )


def _fill(settings: Settings) -> None:
    """A year as retention leaves it: rollups of a year, raw rows of the last 90 days (here one in five minutes)."""
    maintainer = open_maintainer(settings.store, settings.site)
    maintainer.migrate(columns_of(settings), END)
    writer = open_writer(settings.store, settings.site)
    batch: list[Reading] = []
    for reading in _readings(366, 300_000):
        batch.append(reading)
        if len(batch) == 20_000:
            writer.commit(batch, catching_up=True)
            batch = []
    writer.commit(batch, catching_up=True)
    while writer.roll_up():
        pass
    writer.close()
    maintainer.retain(END, 90, 730)
    maintainer.close()


def figures() -> list[Figure]:
    """Median of a year's page, and the bytes of the first paint."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = _settings(folder)
        _fill(settings)
        app = create_app(
            settings,
            Stores(
                lambda: open_reader(settings.store, settings.site),
                lambda: open_accounts(settings.store),
                lambda: open_alert_desk(settings.store),
            ),
            folder / "run",
            PageDoctor(settings),
        )
        client = app.test_client()
        query = "&".join(f"quantity={quantity}" for quantity in QUANTITIES)
        address = f"/api/series?meter=turbine&{query}&from={END - 365 * DAY}&to={END}"
        durations = []
        for _ in range(12):
            started = time.perf_counter()
            answer = client.get(address)
            durations.append((time.perf_counter() - started) * 1000)
            assert answer.status_code == 200, answer.text
        points = len(answer.json["times"])  # type: ignore[index]
        note = f"{len(QUANTITIES)} quantities, {points} points, median of 10"
        year = Figure("history: a year, in the server", statistics.median(durations[2:]), "ms", most=100, note=note)
        return [year, _first_paint(client)]


def _first_paint(client: object) -> Figure:
    """The page `/` and everything it names, as a browser that takes gzip gets it."""
    accept = {"Accept-Encoding": "gzip"}
    get = client.get  # type: ignore[attr-defined]
    page = get("/", headers={})
    named = set(re.findall(r'(?:src|href)="(/[^"#]+\.(?:js|css|svg|png|ico|woff2)[^"]*)"', page.text))
    named |= set(re.findall(r'"(/static/[^"]+\.js[^"]*)"', page.text))
    total = len(get("/", headers=accept).data) + len(get("/api/live", headers=accept).data)
    total += sum(len(get(address, headers=accept).data) for address in named)
    note = f"page, newest values and {len(named)} files, compressed where the server does"
    return Figure("first paint: bytes transferred", total / 1000, "kB", most=120, note=note)

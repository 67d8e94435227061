"""One collector hears and asks every kind of meter at once, and what it stores is what the meters measured."""

from __future__ import annotations

import json
import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from conftest import SITE, Box, end, wait_for
from mqtt_broker import Device, Mosquitto, free_port

from collector.devices import catalogue
from collector.sources.simulator.by_model import serve_model

#: Meters on serial lines: model -> a quantity that each of them has, and what it is in the simulated plant.
SERIAL = {
    "generic-iec62056-21": ("voltage_l1_n", 220),
    "generic-iec62056-21-push": ("voltage_l1_n", 220),
    "generic-sml": ("voltage_l1_n", 220),
    "generic-dsmr": ("voltage_l1_n", 220),
    "generic-dlt645-1997": ("voltage_l1_n", 220),
    "generic-dlt645-2007": ("voltage_l1_n", 220),
    "circutor-cvmk": ("voltage_l1_n", 220),
}


@pytest.fixture
def meters(tmp_path: Path) -> Iterator[Path]:
    """A folder with a line for each of them."""
    with ExitStack() as stack:
        for model in SERIAL:
            stack.enter_context(closing(serve_model(catalogue.load(model), tmp_path / model)))
        yield tmp_path


def configured(box: Box, broker: Mosquitto, udp_port: int) -> None:
    text = SITE.format(database=box.database)
    for model in SERIAL:
        every = "10s" if model == "generic-iec62056-21" else "2s"
        text += f'[[line]]\nname = "{model}"\nport = "{box.folder / model}"\n'
        text += f'[[meter]]\nname = "{model}"\nmodel = "{model}"\nline = "{model}"\nevery = "{every}"\n'
    text += f'[[line]]\nname = "broker"\nmqtt = "127.0.0.1:{broker.port}"\n'
    text += '[[meter]]\nname = "plug"\nmodel = "tasmota-energy"\nline = "broker"\ntopic = "tele/plug"\nevery = "1s"\n'
    text += f'[[line]]\nname = "probes"\nudp_port = {udp_port}\n'
    text += '[[meter]]\nname = "probe"\nmodel = "kerrucent-probe"\nline = "probes"\naddress = "b8:27:eb:12:34:56"\n'
    box.write(text)


@pytest.mark.slow
def test_every_kind_of_meter_is_recorded(box: Box, meters: Path, tmp_path: Path) -> None:
    broker, udp_port = Mosquitto(tmp_path), free_port()
    broker.start()
    configured(box, broker, udp_port)
    running = box.start("run", str(box.config))
    plug = Device(broker)
    probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:

        def all_there() -> bool:
            plug.publish("tele/plug/SENSOR", json.dumps({"ENERGY": {"Voltage": 231, "Power": 40, "Total": 12.5}}))
            probe.sendto(b"b8:27:eb:12:34:56/0.5/229.5/12/110/23/115", ("127.0.0.1", udp_port))
            time.sleep(0.5)
            return set(latest(box)) == {*SERIAL, "plug", "probe"}

        wait_for(all_there, 60, f"readings of all meters; log: {box.log}")
    finally:
        end(running)
        plug.close()
        probe.close()
        broker.stop()
    values = latest(box)
    for model, (quantity, about) in SERIAL.items():
        assert values[model][quantity] == pytest.approx(about, rel=0.06), model
        assert not values[model]["flags"], model
    assert (values["plug"]["voltage_l1_n"], values["plug"]["active_power_total"]) == (231, 40)
    assert values["plug"]["active_energy_import"] == 12_500
    assert (values["probe"]["voltage_l1_n"], values["probe"]["current_l1"]) == (229.5, 0.5)
    assert "Traceback" not in box.log


def latest(box: Box) -> dict[str, dict[str, float | None]]:
    """The newest reading of each meter; nothing while there is no database yet."""
    if not box.database.exists():
        return {}
    with closing(sqlite3.connect(f"file:{box.database}?mode=ro", uri=True)) as database:
        database.row_factory = sqlite3.Row
        query = "SELECT m.name AS meter, r.* FROM reading r JOIN meter m ON m.id = r.meter_id ORDER BY r.time"
        try:
            return {row["meter"]: dict(row) for row in database.execute(query)}
        except sqlite3.OperationalError:
            return {}


@pytest.mark.slow
@pytest.mark.parametrize("model", SERIAL)
def test_scan_finds_it_and_read_reads_it(box: Box, meters: Path, model: str) -> None:
    """From an unknown line to values, with nothing but what scan prints."""
    found = box.phaselog("scan", "--port", str(meters / model), "--json")
    assert found.returncode == 0, found.stderr
    (match,) = [json.loads(line) for line in found.stdout.splitlines()]
    assert match["candidates"][0]["model"] == model
    box.write(match["config"])
    read = box.phaselog("read", str(box.config), "--json")
    assert read.returncode == 0, read.stderr
    quantity, about = SERIAL[model]
    assert json.loads(read.stdout)["values"][quantity] == pytest.approx(about, rel=0.06)

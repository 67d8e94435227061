"""The commands that speak to a meter, on a real pseudo-terminal with a simulated PAC3100 behind it."""

from __future__ import annotations

import json
import re
import socket
import sqlite3
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest

from tests.integration.command_line import phaselog

PHASELOG = [sys.executable, "-m", "collector"]


@pytest.fixture(autouse=True)
def _own_state(tmp_path, monkeypatch):
    """Nothing is left in the home folder of whoever runs the tests."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)


@pytest.fixture(scope="module")
def wire(tmp_path_factory) -> Path:
    """A simulated PAC3100, unit 126, 19200 8N2, as `phaselog simulate` makes it."""
    link = tmp_path_factory.mktemp("line") / "meter-rs485"
    with subprocess.Popen([*PHASELOG, "simulate", "siemens-pac3100", "--port", str(link)]) as process:
        end = time.monotonic() + 30
        while not link.exists():
            assert process.poll() is None
            assert time.monotonic() < end
            time.sleep(0.05)
        yield link
        process.terminate()
        process.wait(10)


@pytest.fixture
def config(tmp_path: Path, wire: Path) -> Path:
    path = tmp_path / "phaselog.toml"
    path.write_text(
        f"""
[site]
timezone = "America/Cuiaba"
[store]
kind = "sqlite"
path = "readings.sqlite"
commit_every = "1s"
[page]
port = 1
[[line]]
name = "rs485"
port = "{wire}"
[[meter]]
name = "turbine"
model = "siemens-pac3100"
line = "rs485"
unit = 126
"""
    )
    return path


@pytest.mark.slow
def test_read_prints_a_table_with_units_and_aligned_points(config):
    lines = phaselog("read", str(config)).stdout.splitlines()
    voltages = [line for line in lines if line.lstrip().startswith("voltage_l")]
    assert len(voltages) == 6
    assert all(line.endswith(" V") for line in voltages)
    assert len({line.index(".") for line in lines if line.startswith("  ") and "." in line}) == 1
    assert any("frequency" in line and "Hz" in line for line in lines)


@pytest.mark.slow
def test_read_json_is_one_object_a_line(config):
    lines = phaselog("read", str(config), "turbine", "--count", "3", "--json").stdout.splitlines()
    readings = [json.loads(line) for line in lines]
    assert len(readings) == 3
    assert all(set(reading) == {"meter", "time", "values", "flags"} for reading in readings)
    assert all(reading["meter"] == "turbine" and 45 < reading["values"]["frequency"] < 65 for reading in readings)
    assert [r["time"] for r in readings] == sorted(r["time"] for r in readings)


@pytest.mark.slow
def test_read_of_another_address_is_no_answer(config):
    config.write_text(config.read_text().replace("unit = 126", "unit = 7"))
    done = phaselog("read", str(config), expected=3)
    assert done.stderr.startswith("error: ")
    assert "hint: " in done.stderr


def test_read_of_an_unknown_meter_names_the_known_ones(config):
    done = phaselog("read", str(config), "turbin", expected=6)
    assert done.stderr == 'error: no meter is called "turbin"\nhint: configured: turbine\n'


@pytest.mark.slow
def test_scan_finds_the_meter_and_its_model(wire):
    lines = phaselog("scan", "--port", str(wire), "--units", "125-127", "--json").stdout.splitlines()
    found = [json.loads(line) for line in lines]
    assert [one["unit"] for one in found] == [126]
    assert found[0]["candidates"][0]["model"] == "siemens-pac3100"


@pytest.mark.slow
def test_scan_finds_speed_and_frame_and_prints_what_to_configure(wire, tmp_path):
    text = phaselog("scan", "--port", str(wire), "--units", "126").stdout
    config = tmp_path / "phaselog.toml"
    config.write_text(text[text.index("[[line]]") :])
    assert json.loads(phaselog("check", str(config), "--json").stdout)["lines"][0]["baud"] == 19200
    assert json.loads(phaselog("read", str(config), "--json").stdout)["values"]["frequency"]


def test_plan_shows_requests_and_the_limit(config):
    data = json.loads(phaselog("plan", str(config), "--json").stdout)
    requests = data["lines"][0]["meters"][0]["requests"]
    assert (requests[0]["address"], requests[0]["count"]) == (1, 40), "offsets 1 to 40 are one request, not twenty"
    assert 0 < data["lines"][0]["utilisation"] < 0.2
    text = phaselog("plan", str(config)).stdout
    assert "the wire is busy" in text


def test_check_says_what_will_be_logged(config):
    done = phaselog("check", str(config))
    assert "no mistake" in done.stdout
    assert "turbine: siemens-pac3100, unit 126, every 1s" in done.stdout


def test_doctor_finds_meter_and_what_is_missing(config):
    done = phaselog("doctor", str(config), "--json", expected=1)
    findings = {finding["subject"]: finding for finding in json.loads(done.stdout)}
    assert findings["configuration"]["state"] == "fine"
    assert findings["meter turbine"]["state"] == "fine", findings["meter turbine"]
    assert findings["collector"]["state"] == "wrong"
    assert "phaselog run" in findings["collector"]["advice"]
    assert findings["store"]["state"] == "wrong"


def test_doctor_names_the_mistakes_of_a_configuration(tmp_path):
    path = tmp_path / "bad.toml"
    path.write_text("[sit]\n")
    done = phaselog("doctor", str(path), expected=1)
    assert 'did you mean "site"?' in done.stdout


@pytest.mark.slow
def test_from_the_first_table_to_the_exported_line(config):
    assert phaselog("db", "migrate", str(config)).stdout
    assert "current" in phaselog("db", "status", str(config)).stdout
    with subprocess.Popen([*PHASELOG, "run", str(config)], stderr=subprocess.PIPE, text=True) as collector:
        time.sleep(4)
        doctor = subprocess.run([*PHASELOG, "doctor", str(config)], capture_output=True, text=True, check=False)
        collector.terminate()
        _, said = collector.communicate(timeout=60)
    assert collector.returncode == 0, said
    assert "meter turbine: last reading" in doctor.stdout, doctor.stdout
    done = phaselog("export", str(config), "--from", "2026-01-01", "--quantity", "frequency")
    header, *lines = done.stdout.splitlines()
    assert header == "time,time_utc,meter,flags,frequency"
    assert len(lines) >= 2
    time_, utc, meter, _, frequency = lines[0].split(",")
    assert time_.endswith("-04:00")
    assert utc.endswith("Z")
    assert meter == "turbine"
    assert 45 < float(frequency) < 65
    assert f"{len(lines)} readings exported" in done.stderr
    status = json.loads(phaselog("db", "status", str(config), "--json").stdout)
    assert status["readings"] == len(lines)
    page = (Path(__file__).parents[2] / "docs/how-to/look-at-data.md").read_text()
    query = re.search(r"```sql\n(SELECT datetime.*?)```", page, flags=re.DOTALL)[1]
    with sqlite3.connect(f"file:{config.parent}/readings.sqlite?mode=ro", uri=True) as database:
        assert len(database.execute(query).fetchall()) == min(10, len(lines)), "the query of the documentation works"


def test_export_refuses_what_makes_no_sense(config):
    assert "no date" in phaselog("export", str(config), "--from", "yesterday", expected=6).stderr
    done = phaselog("export", str(config), "--from", "2026-01-01", "--quantity", "frequenzy", expected=6)
    assert '"frequency"' in done.stderr


def test_the_bundle_works_when_everything_is_down(tmp_path):
    path, target = tmp_path / "phaselog.toml", tmp_path / "report.tar.gz"
    store = '[store]\nkind = "mariadb"\nhost = "localhost"\ntcp_port = 1\nuser = "maria"\n'
    path.write_text("# the router is 10.9.8.7\n" + store + '[[line]]\nname = "a"\nport = "/dev/none"\n')
    phaselog("report", str(path), "--output", str(target))
    with tarfile.open(target) as bundle:
        texts = {member.name: bundle.extractfile(member).read().decode() for member in bundle.getmembers()}
    assert {Path(name).name for name in texts} >= {"versions.txt", "config.toml", "doctor.txt", "machine.txt"}
    assert "Phaselog" in texts["phaselog-report/versions.txt"]
    everything = "\n".join(texts.values())
    assert "10.9.8.7" not in everything
    assert '"maria"' not in everything
    assert target.stat().st_mode & 0o077 == 0, "only its owner may read it"


def test_clock_status_and_set(config):
    assert "clock" in phaselog("clock", "status", str(config)).stdout
    assert json.loads(phaselog("clock", "status", str(config), "--json").stdout)["trusted"] in (True, False)
    assert "no date" in phaselog("clock", "set", "noon", str(config), expected=6).stderr
    phaselog("clock", "set", "1970-01-01", str(config), expected=6)


@pytest.mark.slow
def test_a_recording_is_played_back(tmp_path):
    """The example frame of the Siemens manual (A5E02091800B-01, page 75): 232.4, 231.4 and 231.6 V."""
    recording = tmp_path / "heard.jsonl"
    request, reply = "01040001000621c8", "01040c43687022436760dc43679ca541d7"
    recording.write_text(json.dumps({"request": request, "reply": reply}) + "\n")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--tcp", str(port), "--framing", "rtu", "--replay", str(recording)]
    command = [*PHASELOG, "simulate", "siemens-pac3100", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert "unit 1" in process.stdout.readline()
        with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
            client.send(bytes.fromhex(request))
            assert client.recv(64).hex() == reply
        process.terminate()
    assert process.returncode == 0


def test_simulate_refuses_what_no_line_can_be():
    assert "--baud" in phaselog("simulate", "siemens-pac3100", "--port", "x", "--baud", "19201", expected=6).stderr
    assert "either" in phaselog("simulate", "siemens-pac3100", expected=6).stderr
    assert "address" in phaselog("simulate", "siemens-pac3100", "--tcp", "http", expected=6).stderr

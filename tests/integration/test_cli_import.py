"""The rows of the earlier logger come in from its CSV export, once, at the right time."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.command_line import phaselog


@pytest.fixture
def config(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    path = tmp_path / "phaselog.toml"
    path.write_text("""
[site]
timezone = "America/Cuiaba"
[store]
kind = "sqlite"
path = "readings.sqlite"
[[line]]
name = "rs485"
port = "/dev/none"
[[meter]]
name = "turbine"
model = "siemens-pac3100"
line = "rs485"
unit = 126
""")
    return path


@pytest.mark.slow
def test_a_csv_export_comes_in_once_and_at_site_time(config, tmp_path):
    from collector.store.views import ANCESTOR_COLUMNS

    rows = []
    for second in range(3):
        values = [f"{220 + number}.5" for number in range(len(ANCESTOR_COLUMNS))]
        rows.append(";".join(f'"{word}"' for word in [f"2019-03-01 12:00:0{second}", *values]))
    export = tmp_path / "multimedidor.csv"
    export.write_text("\n".join(rows) + "\nnonsense\n")
    done = phaselog("db", "import-multimedidor", str(config), "--csv", str(export))
    assert done.stdout == "4 rows read: 3 stored for turbine, 0 were there already, 1 refused\n"
    again = phaselog("db", "import-multimedidor", str(config), "--csv", str(export))
    assert "0 stored for turbine, 3 were there already" in again.stdout
    first = next(iter(ANCESTOR_COLUMNS.values()))
    csv = phaselog("export", str(config), "--from", "2019-03-01", "--to", "2019-03-02", "--quantity", first).stdout
    assert csv.splitlines()[1].startswith("2019-03-01T12:00:00.000-04:00,2019-03-01T16:00:00.000Z,turbine,,220.5")


def test_without_a_file_it_needs_mariadb(config):
    assert "--csv" in phaselog("db", "import-multimedidor", str(config), expected=6).stderr


@pytest.mark.slow
def test_a_file_that_is_not_there(config, tmp_path):
    done = phaselog("db", "import-multimedidor", str(config), "--csv", str(tmp_path / "none.csv"), expected=6)
    assert done.stderr.startswith("error: ")

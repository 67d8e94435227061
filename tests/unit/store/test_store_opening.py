"""Opening a store: what is missing is said, and the driver is loaded only when it is wanted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from collector.config.settings import SiteSettings, StoreSettings
from collector.errors import SchemaOutdated, StoreDown, StoreError, StoreRefused
from collector.store.factory import open_maintainer, open_reader, open_writer
from collector.store.migrations import Migration, migrations, unapplied

SITE = SiteSettings()


def test_sqlite_needs_no_mariadb_driver(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from collector.config.settings import *; from collector.store.factory import *;"
        f"open_maintainer(StoreSettings(path=pathlib.Path({str(tmp_path / 'r')!r})), SiteSettings()).migrate({{}}, 0);"
        "assert 'mariadb' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[3])


def test_a_missing_driver_is_said_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mariadb", None)
    with pytest.raises(StoreError, match="package mariadb") as raised:
        open_writer(StoreSettings(kind="mariadb"), SITE)
    assert "pip install -c requirements.txt .[mariadb]" in raised.value.hint


def test_a_missing_password_file_is_said(tmp_path: Path) -> None:
    pytest.importorskip("mariadb", reason="no Python package mariadb here: pip install -c requirements.txt .[mariadb]")
    with pytest.raises(StoreRefused, match="password file"):
        open_reader(StoreSettings(kind="mariadb", password_file=tmp_path / "none"), SITE)


def test_no_file_yet(tmp_path: Path) -> None:
    settings = StoreSettings(path=tmp_path / "none.sqlite")
    with pytest.raises(StoreDown, match="does not exist"):
        open_reader(settings, SITE)
    with pytest.raises(SchemaOutdated, match="does not exist"):
        open_writer(settings, SITE)
    assert open_maintainer(settings, SITE).pending({}, 0) == [f"create {settings.path}"]
    assert not (tmp_path / "none.sqlite").exists()


def test_a_file_that_is_something_else(tmp_path: Path) -> None:
    path = tmp_path / "letter.sqlite"
    path.write_text("Dear reader, " * 1000)
    with pytest.raises(StoreRefused, match="no SQLite database") as raised:
        open_maintainer(StoreSettings(path=path), SITE).migrate({}, 0)
    assert raised.value.hint


def test_every_migration_is_numbered_once_and_runs_twice(tmp_path: Path) -> None:
    for kind in ("sqlite", "mariadb"):
        numbers = [migration.number for migration in migrations(kind)]
        assert numbers == sorted(set(numbers))
        assert numbers == [migration.number for migration in migrations("mariadb")]
        for migration in migrations(kind):
            assert all("IF NOT EXISTS" in statement for statement in migration.statements)


def test_a_changed_or_a_newer_migration_is_refused() -> None:
    (first, *_) = migrations("sqlite")
    assert unapplied("sqlite", {first.number: first.checksum}) == migrations("sqlite")[1:]
    with pytest.raises(StoreRefused, match="was changed"):
        unapplied("sqlite", {first.number: Migration(1, "x", "y").checksum})
    with pytest.raises(StoreRefused, match="newer Phaselog"):
        unapplied("sqlite", {9999: ""})

"""The support bundle is there when everything else is not, never hangs, and tells nothing about anybody."""

from __future__ import annotations

import io
import os
import stat
import subprocess
import tarfile
import time
from pathlib import Path

import pytest

from collector.doctor import bundle
from collector.doctor.bundle import collect, packed, put
from collector.errors import UsageError

SECRETS = """
[store]
kind = "mariadb"
host = "db.example.org"
user = "maria"
mysql_readers = [
  "maria",
  "jose",
]

[backup]
copy_to = "keeper@nas:/backup"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "phaselog.toml"
    path.write_text(SECRETS)
    return path


def test_nobody_is_named_in_it(config):
    texts = dict(collect(config))
    assert "[store]" in texts["config.toml"]
    for name, text in texts.items():
        for word in ('maria"', "jose", "keeper", "db.example.org"):
            assert word not in text, f"{word} in {name}"


@pytest.mark.parametrize("content", [b"this is = = no TOML [", b"\xff\xfe\x00", None])
def test_broken_or_missing_configuration_no_program_no_system(tmp_path, nothing, content):
    path = tmp_path / "phaselog.toml"
    if content is not None:
        path.write_bytes(content)
    nothing()
    texts = dict(collect(path))
    assert "Phaselog" in texts["versions.txt"]
    assert "not installed here" in texts["services.txt"]
    assert "wrong" in texts["doctor.txt"]
    assert "Traceback" not in "".join(texts.values())


def test_programs_of_the_system_have_their_say(config, appliance):
    appliance.program("systemctl", "echo '● phaselog-collector.service - failed'; exit 3")
    appliance.program("journalctl", "echo 'Nov 21 01:00:00 phaselog[1]: connecting from 10.0.0.7 password=s3cret'")
    texts = dict(collect(config))
    assert "phaselog-collector.service - failed" in texts["services.txt"]
    assert "connecting from <ip> password=<removed>" in texts["journal.txt"]


def test_a_part_that_hangs_costs_its_time_and_keeps_what_came_before(monkeypatch, tmp_path):
    def hangs():
        yield "the first line"
        time.sleep(30)

    monkeypatch.setattr(bundle, "PATIENCE", 0.3)
    monkeypatch.setattr(bundle, "parts", lambda config: {"slow.txt": hangs, "quick.txt": lambda: iter(["there"])})
    began = time.monotonic()
    texts = dict(collect(tmp_path))
    assert time.monotonic() - began < 25
    assert "the first line" in texts["slow.txt"]
    assert "took longer" in texts["slow.txt"]
    assert texts["quick.txt"] == "there\n"


def test_it_can_be_unpacked_and_is_for_its_owner_only(tmp_path):
    target = put(packed([("a.txt", "text")]), tmp_path / "x.tar.gz")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with tarfile.open(fileobj=io.BytesIO(target.read_bytes())) as found:
        assert found.getnames() == ["phaselog-report/a.txt"]


def test_an_older_bundle_that_others_could_read_becomes_private(tmp_path):
    target = tmp_path / "x.tar.gz"
    target.write_text("old")
    target.chmod(0o644)
    put(b"new", target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_where_it_cannot_be_written_another_folder_is_taken(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(Path, "cwd", lambda: tmp_path / "file")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert put(b"x", None).parent == tmp_path
    with pytest.raises(UsageError, match="Not a directory"):
        put(b"x", tmp_path / "file" / "y")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")
def test_a_full_disk_leaves_no_half_bundle(tmp_path, monkeypatch):
    small, other = tmp_path / "small", tmp_path / "other"
    small.mkdir(), other.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", small], check=False)
    if mounted.returncode:
        pytest.skip("this machine lets nobody mount a tmpfs")
    try:
        monkeypatch.setattr(Path, "cwd", lambda: small)
        monkeypatch.setattr(Path, "home", lambda: other)
        data = os.urandom(100_000)
        assert put(data, None).parent == other
        assert list(small.iterdir()) == []
        with pytest.raises(UsageError, match="No space left"):
            put(data, small / "given.tar.gz")
    finally:
        subprocess.run(["umount", small], check=False)

"""The user-data file that people copy to a card makes a logger at the first start, with a bundle or from an address."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from tests.appliance.bundles import bundle_for
from tests.appliance.card import USER_DATA, a_card, see_a_logger, wait_for
from tests.appliance.machine import ROOT, Machine

pytestmark = [pytest.mark.appliance, pytest.mark.timeout(1800)]


def setup_script() -> str:
    files = yaml.safe_load(USER_DATA.read_text())["write_files"]
    return next(file["content"] for file in files if file["path"].endswith("/phaselog-setup"))


@pytest.mark.skipif(not shutil.which("shellcheck"), reason="shellcheck is not installed")
def test_the_script_in_user_data_is_clean(tmp_path: Path) -> None:
    (tmp_path / "setup").write_text(setup_script())
    checked = subprocess.run(["shellcheck", str(tmp_path / "setup")], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_the_commented_configuration_is_one_when_its_marks_are_removed(tmp_path: Path) -> None:
    before, _, rest = USER_DATA.read_text().partition("  # - path: /etc/phaselog/phaselog.toml\n")
    sample, _, after = rest.partition("\n  - path: /usr/local/sbin")
    lines = [line.replace("  # ", "  ", 1) if line.strip() != "#" else "" for line in sample.splitlines()]
    whole = (
        before + "  - path: /etc/phaselog/phaselog.toml\n" + "\n".join(lines) + "\n  - path: /usr/local/sbin" + after
    )
    files = {file["path"]: file["content"] for file in yaml.safe_load(whole)["write_files"]}
    (tmp_path / "phaselog.toml").write_text(files["/etc/phaselog/phaselog.toml"])
    command = [sys.executable, "-m", "collector", "check", str(tmp_path / "phaselog.toml")]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


@contextmanager
def served(file: Path, address: str) -> Iterator[None]:
    """The file at an address that the card can reach."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(file.parent))
    with ThreadingHTTPServer((address, 8080), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield
        server.shutdown()


def give_address(card: Machine, file: Path, sha256: str) -> None:
    """What a user does: writes the address into the marked lines."""
    text = USER_DATA.read_text().replace(
        'RELEASE_URL=""', f'RELEASE_URL="http://{card.wire.outside}:8080/{file.name}"', 1
    )
    text = text.replace('RELEASE_SHA256=""', f'RELEASE_SHA256="{sha256}"', 1)
    card.write("/var/lib/cloud/seed/nocloud/user-data", text)


def test_a_release_is_fetched_as_soon_as_its_address_answers(tmp_path: Path) -> None:
    bundle = bundle_for("trixie", tmp_path)
    with a_card("trixie") as card, bundle.open("rb") as file:
        give_address(card, bundle, hashlib.file_digest(file, "sha256").hexdigest())
        card.start()
        wait_for(card, "cannot fetch http", 120)
        card.run("cloud-init status --wait", check=False, timeout=60)  # the first start is not held up by us
        with served(bundle, card.wire.outside):
            wait_for(card, "set up on", 900)
        see_a_logger(card)


def test_another_file_than_the_expected_is_never_unpacked(tmp_path: Path) -> None:
    forged = tmp_path / "served/phaselog.tar.gz"
    forged.parent.mkdir()
    with tarfile.open(forged, "w:gz") as tar:
        tar.add(USER_DATA, "phaselog/install_and_config.sh")
    with a_card("trixie") as card:
        give_address(card, forged, "0" * 64)
        with served(forged, card.wire.outside):
            card.start()
            wait_for(card, "is not RELEASE_SHA256", 240)
        assert "source" not in card.run("ls /opt/phaselog").stdout

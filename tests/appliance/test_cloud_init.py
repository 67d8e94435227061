"""The user-data file that people copy to a card makes a logger at the first start, with a bundle or from an address."""

from __future__ import annotations

import hashlib
import platform
import shutil
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from tests.appliance.isolated import HOST, Isolated, booted, copy_of, install, missing_here

PROJECT = Path(__file__).parents[2]
USER_DATA = PROJECT / "provisioning/cloud-init/user-data"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
RELEASES = ("bookworm", "trixie")

pytestmark = [pytest.mark.appliance, pytest.mark.slow, pytest.mark.timeout(1500)]
needs_boot = pytest.mark.skipif(bool(missing_here()), reason=missing_here())


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
    checked = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


@pytest.fixture(scope="module", params=RELEASES)
def card(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A root with cloud-init and our user-data in its NoCloud seed, not started yet."""
    root = copy_of(request.param, tmp_path_factory.mktemp("card"))
    install(root, "cloud-init", "iproute2", "openssh-client")
    seed = root / "var/lib/cloud/seed/nocloud"
    seed.mkdir(parents=True)
    (seed / "meta-data").write_text("instance-id: first-start\n")
    shutil.copy(USER_DATA, seed)
    yield root
    shutil.rmtree(root)


@pytest.fixture
def fresh(card: Path, tmp_path: Path) -> Iterator[Path]:
    root = tmp_path / card.name
    subprocess.run(["cp", "-a", "--reflink=auto", str(card), str(root)], check=True)
    yield root
    shutil.rmtree(root)


def wait_for(system: Isolated, what: str, limit: float) -> None:
    """Until the console's line says so, which is what a person sees."""
    until = time.monotonic() + limit
    while what not in (said := system.run("cat /etc/issue.d/phaselog.issue").stdout):
        log = system.run("tail -n 40 /var/log/phaselog-setup.log /var/log/phaselog-install.log").stdout
        assert time.monotonic() < until, f"{said}\n{log}"
        time.sleep(2)


def see_a_logger(system: Isolated) -> None:
    assert system.run("systemctl is-active phaselog-collector mariadb").stdout.split() == ["active", "active"]
    assert system.run("systemctl is-enabled phaselog-setup").stdout.strip() == "disabled", "it does not come again"
    assert "set up on" in system.run("cat /etc/motd.d/phaselog").stdout
    assert system.run("mariadb --skip-column-names -e 'SELECT COUNT(*) FROM phaselog.quantity'").stdout.strip() > "0"
    assert system.run("cloud-init status --wait").stdout.strip().endswith("done")


@pytest.fixture(scope="module")
def bundle(card: Path) -> Path:
    tar = card.parent / f"phaselog-bundle-test-{card.name}.tar"
    command = [sys.executable, str(PROJECT / "provisioning/make-bundle"), "--release", card.name]
    command += ["--arch", ARCHITECTURES[platform.machine()], "--output", str(tar)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if "is this machine on the internet?" in made.stderr:
        pytest.skip("a bundle is built where there is internet")
    assert made.returncode == 0, made.stderr
    return tar


@needs_boot
def test_a_bundle_on_the_boot_partition_makes_a_logger_without_network(fresh: Path, bundle: Path) -> None:
    (fresh / "boot/firmware").mkdir(parents=True)
    shutil.copy(bundle, fresh / "boot/firmware")
    with booted(fresh) as system:
        wait_for(system, "set up on", 900)
        see_a_logger(system)


@contextmanager
def served(file: Path) -> Iterator[None]:
    """The file at an address that the card can reach once it is joined."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(file.parent))
    with ThreadingHTTPServer((HOST, 8080), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield
        server.shutdown()


def give_address(root: Path, file: Path, sha256: str) -> None:
    """What a user does: writes the address into the marked lines."""
    seed = root / "var/lib/cloud/seed/nocloud/user-data"
    text = seed.read_text().replace('RELEASE_URL=""', f'RELEASE_URL="http://{HOST}:8080/{file.name}"', 1)
    seed.write_text(text.replace('RELEASE_SHA256=""', f'RELEASE_SHA256="{sha256}"', 1))


@needs_boot
@pytest.mark.parametrize("card", ["trixie"], indirect=True)
def test_a_release_is_fetched_as_soon_as_there_is_a_network(fresh: Path, bundle: Path) -> None:
    with bundle.open("rb") as file:
        give_address(fresh, bundle, hashlib.file_digest(file, "sha256").hexdigest())
    with booted(fresh) as system:
        wait_for(system, "cannot fetch http", 120)
        assert "done" in system.run("cloud-init status --wait").stdout, "the first start is not held up"
        system.join()
        with served(bundle):
            wait_for(system, "set up on", 900)
        see_a_logger(system)


@needs_boot
@pytest.mark.parametrize("card", ["trixie"], indirect=True)
def test_another_file_than_the_expected_is_never_unpacked(fresh: Path, tmp_path: Path) -> None:
    forged = tmp_path / "served/phaselog.tar.gz"
    forged.parent.mkdir()
    with tarfile.open(forged, "w:gz") as tar:
        tar.add(PROJECT / "README.md", "phaselog/install_and_config.sh")
    give_address(fresh, forged, "0" * 64)
    with booted(fresh) as system:
        system.join()
        with served(forged):
            wait_for(system, "is not RELEASE_SHA256", 240)
        assert "source" not in system.run("ls /opt/phaselog").stdout

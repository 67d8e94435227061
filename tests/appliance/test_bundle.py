"""A bundle makes a logger of a minimal system that has no network at all."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.appliance.isolated import Isolated, booted, copy_of, missing_here

PROJECT = Path(__file__).parents[2]
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}

pytestmark = [
    pytest.mark.appliance,
    pytest.mark.slow,
    pytest.mark.timeout(1500),
    pytest.mark.skipif(bool(missing_here()), reason=missing_here()),
]


@pytest.fixture(scope="module", params=["bookworm", "trixie"])
def bundle(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    tar = tmp_path_factory.mktemp("bundle") / f"phaselog-bundle-test-{request.param}.tar"
    command = [sys.executable, str(PROJECT / "provisioning/make-bundle"), "--release", request.param]
    command += ["--arch", ARCHITECTURES[platform.machine()], "--output", str(tar)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if "is this machine on the internet?" in made.stderr:
        pytest.skip("a bundle is built where there is internet")
    assert made.returncode == 0, made.stderr
    return tar


@pytest.fixture(scope="module")
def island(bundle: Path) -> Iterator[Isolated]:
    """A booted minimal system with nothing but the unpacked bundle: no network, no lists of packages."""
    release = bundle.stem.rpartition("-")[2]
    root = copy_of(release, bundle.parent)
    shutil.rmtree(root / "var/lib/apt/lists")
    subprocess.run(["tar", "-xf", str(bundle), "-C", str(root / "root")], check=True)
    bundle.unlink()
    with booted(root) as system:
        yield system
    shutil.rmtree(root)


def test_the_whole_appliance_is_installed_without_network(island: Isolated) -> None:
    assert island.run("cat /proc/net/route | wc -l").stdout.strip() == "1", "there is no route"
    sources = island.run("cat /etc/apt/sources.list; ls /etc/apt/sources.list.d").stdout
    installed = island.run("cd ~/phaselog && ./install_and_config.sh")
    sys.stdout.write(installed.stdout)
    assert installed.returncode == 0, installed.stdout + installed.stderr
    assert island.run("systemctl is-active phaselog-collector mariadb").stdout.split() == ["active", "active"]
    assert (
        "1.1.14"
        in island.run("/opt/phaselog/current/bin/python -c 'import mariadb, cv2; print(mariadb.__version__)'").stdout
    )
    assert island.run("cat /etc/apt/sources.list; ls /etc/apt/sources.list.d").stdout == sources, (
        "the system's own sources"
    )


def test_a_second_run_without_network_changes_nothing(island: Isolated) -> None:
    again = island.run("cd ~/phaselog && ./install_and_config.sh")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "changed=0" in again.stdout, island.run("grep -B6 ^changed /var/log/phaselog-install.log | tail -60").stdout


def test_everything_of_the_list_can_be_installed_from_the_bundle(island: Isolated) -> None:
    script = r"""
        set -e; cd ~/phaselog/bundle; . /etc/os-release; mkdir -p /run/try/lists/partial
        echo "deb [trusted=yes] file:$PWD/debs ./" >/run/try/sources.list
        printf 'Dir::Etc::SourceList "/run/try/sources.list";\nDir::Etc::SourceParts "/dev/null";\n' >/run/try/apt.conf
        printf 'Dir::State::Lists "/run/try/lists";\nAPT::Sandbox::User "root";\n' >>/run/try/apt.conf
        export APT_CONFIG=/run/try/apt.conf
        apt-get update -qq
        names=$(sed -nE "s/^([a-z][^ ]*)( \[$VERSION_CODENAME\])?$/\1/p" ../provisioning/packages.txt)
        apt-get install --simulate -q --no-install-recommends $names
    """
    tried = island.run(script)
    assert tried.returncode == 0, tried.stdout + tried.stderr


def test_a_damaged_bundle_is_refused_before_anything_is_installed(island: Isolated) -> None:
    victim = "$(ls ~/phaselog/bundle/debs/*.deb | head -n 1)"
    damaged = island.run(f"printf x >> {victim}; cd ~/phaselog && ./install_and_config.sh")
    assert damaged.returncode != 0
    assert "bundle" in damaged.stdout + damaged.stderr
